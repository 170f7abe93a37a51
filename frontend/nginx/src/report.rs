//! The findings as a text to take along.

use findings::State;
use nginx::{Linted, Safety};

use crate::{ask::Given, card::place, diff, panel::verdict};

/// Which kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For an issue or a chat.
    Markdown,
    /// For a program.
    Json,
}

impl Form {
    pub(crate) fn read(name: &str) -> Option<Form> {
        match name {
            "markdown" => Some(Form::Markdown),
            "json" => Some(Form::Json),
            _ => None,
        }
    }
}

/// Writes it.
pub(crate) fn text(form: Form, files: &[Given], linted: &Linted) -> String {
    match form {
        Form::Markdown => markdown(files, linted),
        Form::Json => serde_json::to_string_pretty(linted).unwrap_or_default(),
    }
}

fn markdown(files: &[Given], linted: &Linted) -> String {
    let mut out = format!("## {}\n\nnginx {}, read by Lockstep\n", verdict(linted).1, linted.version);
    for finding in &linted.findings {
        let state: State = finding.severity.into();
        let word = if finding.refused { "Refused" } else { state.word() };
        out.push_str(&format!("\n### {word}: {} ({})\n\n{}", finding.title, place(&finding.place), finding.seen));
        if !finding.means.is_empty() {
            out.push_str(&format!(" {}", finding.means));
        }
        out.push('\n');
        if let Some(words) = &finding.nginx {
            out.push_str(&format!("\nnginx says: {}\n", code(words)));
        }
        let Some(fix) = &finding.fix else { continue };
        let look = if fix.safety == Safety::Review && !fix.edits.is_empty() { " (look at it first)" } else { "" };
        out.push_str(&format!("\nFix{look}: {}\n", fix.text));
        for (at, file) in files.iter().enumerate() {
            let edits: Vec<nginx::Edit> = fix.edits.iter().filter(|edit| edit.source as usize == at).cloned().collect();
            if edits.is_empty() {
                continue;
            }
            let rows = diff::of_edits(&file.text, &edits);
            let mut lines = String::new();
            for row in &rows {
                let sign = if row.kind == diff::Kind::Gone { '-' } else { '+' };
                lines.push_str(&format!("{sign}{}\n", row.text));
            }
            let fence = fence(&lines);
            out.push_str(&format!("\n{fence}diff\n{lines}{fence}\n"));
        }
    }
    if !linted.undecided.is_empty() {
        out.push_str(&format!("\nNot judged: {} rules, because files were not pasted.\n", linted.undecided.len()));
    }
    out
}

/// Inline code, whatever is in it.
fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// A fence that nothing in the text can close.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}
