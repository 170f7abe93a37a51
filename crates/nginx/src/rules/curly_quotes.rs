//! The quotes of a word processor.

use super::{Found, by_directive, short};
use crate::{Config, Span, finding::found, syntax::{FaultKind, is_curly}};

rule! {
    /// A value stands in the quotes of a word processor or a web page: `“…”`.
    ///
    /// ## Why it matters
    /// They are letters to nginx: the value begins and ends with them, and a space inside ends it.
    ///
    /// ## How to fix
    /// Write straight quotes.
    ///
    /// ```nginx fires
    /// server {
    ///     add_header X-Robots-Tag “noindex, nofollow”;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     return 200 "He said “yes”";
    /// }
    /// ```
    RULE: "curly-quotes", severity: Failed, title: "Quotes of a word processor",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for spans in by_directive(config, FaultKind::Curly) {
        let (Some(first), Some(last)) = (spans.first(), spans.last()) else { continue };
        let whole = first.to(*last);
        let mark = if config.files.text(whole).contains('"') { "'" } else { "\"" };
        let straight = |span: &Span| {
            let text = config.files.text(*span);
            let mark = |there| if there { mark } else { "" };
            (*span, [mark(text.starts_with(is_curly)), text.trim_matches(is_curly), mark(text.ends_with(is_curly))].concat())
        };
        let edits = spans.iter().map(straight).collect();
        found_here.add(
            found(whole, format_args!("{} stands in curly quotes.", short(config.files.text(whole))))
                .means("They are letters to nginx, and not quotes.")
                .safe("Write straight quotes.", edits)
                .unread("invalid number of arguments"),
        );
    }
}
