//! What can be copied, and the buttons that say what they copy.

use findings::{Fix, Prove};

use crate::markup::Html;

/// A button that copies `text`. `what` is visible, `of` tells one button from another.
pub(crate) fn copy(html: &mut Html, what: &str, of: &str, text: &str) {
    let name = [what, " ", of].concat();
    let attributes = [("type", "button"), ("class", "copy"), ("data-copy", text), ("aria-label", name.trim())];
    html.el("button", &attributes, |html| html.text(what));
}

/// A line or block to paste.
fn code(html: &mut Html, text: &str, what: &str, of: &str) {
    html.of("div", "code", |html| {
        html.el("pre", &[], |html| html.line("code", "", text));
        copy(html, &["Copy ", what].concat(), of, text);
    });
}

/// What to change.
pub(crate) fn fix(html: &mut Html, fix: &Fix, of: &str) {
    html.prose("p", "", &fix.text);
    if let Some(text) = &fix.code {
        code(html, text, if text.trim().contains('\n') { "lines" } else { "line" }, of);
    }
}

/// The command that proves it, and what it should print.
pub(crate) fn prove(html: &mut Html, prove: &Prove, of: &str) {
    let tool = prove.command.split_whitespace().find(|word| *word != "sudo").unwrap_or_default();
    code(html, &prove.command, &[tool, " command"].concat(), of);
    if !prove.expect.is_empty() {
        html.of("p", "expect", |html| {
            html.line("span", "dim", "Should print: ");
            html.prose("span", "", &prove.expect);
        });
    }
}
