//! A character that looks like a space, or like nothing.

use super::{Found, by_directive};
use crate::{Config, Span, finding::found, syntax::FaultKind};

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
    for spans in by_directive(config, FaultKind::Invisible) {
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { continue };
        let sign = |span: &Span| config.files.text(*span).chars().next().unwrap_or(' ');
        let space = |c: char| matches!(c, '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}');
        let edits = spans.iter().map(|span| (*span, if space(sign(span)) { " ".into() } else { String::new() })).collect();
        let code = u32::from(sign(first));
        let seen = match spans.len() {
            1 => format!("An invisible character (U+{code:04X}) stands here."),
            more => format!("{more} invisible characters (U+{code:04X}) stand here."),
        };
        found_here.add(
            found(first.to(*last), seen)
                .means("nginx takes it for a letter of the word that it is part of.")
                .safe("Replace it.", edits)
                .unread("unknown directive"),
        );
    }
}
