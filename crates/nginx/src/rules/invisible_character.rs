//! A character that looks like a space, or like nothing.

use super::Found;
use crate::{Config, finding::found, syntax::FaultKind};

rule! {
    /// A character from a web page or a word processor looks like a space, and is a letter to nginx.
    ///
    /// ## Why it matters
    /// nginx reads it as a part of the next word and calls a good directive unknown.
    ///
    /// ## How to fix
    /// Replace it with an ordinary space.
    ///
    /// ```nginx fires
    /// server {
    ///   listen 80;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    /// }
    /// ```
    RULE: "invisible-character", severity: Failed, title: "An invisible character nginx reads",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for (_, fault) in config.faults().filter(|(_, fault)| fault.kind == FaultKind::Invisible) {
        let c = config.files.text(fault.span).chars().next().unwrap_or(' ');
        let space = matches!(c, '\u{a0}' | '\u{202f}' | '\u{3000}');
        found_here.add(
            found(fault.span, format_args!("An invisible character (U+{:04X}) stands here.", u32::from(c)))
                .means("nginx takes it for a letter and does not know the word that it is part of.")
                .safe("Replace it.", vec![(fault.span, if space { " ".into() } else { String::new() })])
                .unread("unknown directive"),
        );
    }
}
