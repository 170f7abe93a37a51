//! A header of several lines.

use super::Found;
use crate::{Config, search::Search, words::joined};

rule! {
    /// The value of a header holds a line end.
    ///
    /// ## Why it matters
    /// HTTP/2 and HTTP/3 forbid it, and browsers refuse the answer or ignore the header.
    ///
    /// ## How to fix
    /// Write the value on one line.
    ///
    /// ```nginx fires
    /// server {
    ///     add_header Content-Security-Policy "default-src 'self';
    ///         img-src *";
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     add_header Content-Security-Policy "default-src 'self'; img-src *";
    /// }
    /// ```
    RULE: "header-over-lines", severity: Warning, title: "A header over several lines",
        docs: "add_header", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for name in ["add_header", "proxy_set_header", "add_trailer"] {
        for directive in config.all(name).filter(|directive| directive.words().iter().all(|word| word.closed)) {
            let value = directive.arg(1);
            if !value.contains(['\n', '\r']) {
                continue;
            }
            let span = directive.arg_span(1);
            let text = config.files.text(span);
            let joined = joined(&text.split('\n').map(str::trim).collect::<Vec<_>>(), " ");
            let draft = directive.found(format_args!("The value of \"{}\" goes over several lines.", directive.arg(0)))
                .means("HTTP/2 forbids line ends in headers: browsers refuse the answer or ignore the header.");
            found_here.add(if text.contains('\n') && !text.has("\\n") && !text.has("\\r") {
                draft.safe("Put it on one line.", vec![(span, joined)])
            } else {
                draft.by_hand("Put it on one line.")
            });
        }
    }
}
