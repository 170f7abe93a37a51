//! Text glued to a closing quote.

use super::Found;
use crate::{Config, Span, finding::found, syntax::FaultKind};

rule! {
    /// Something follows a closing quote without a space.
    ///
    /// ## Why it matters
    /// nginx accepts only a space, `;`, `{` or `)` after a closing quote and refuses the file.
    ///
    /// ## How to fix
    /// Put a space after the quote, or a backslash before a quote that belongs to the value.
    ///
    /// ```nginx fires
    /// server {
    ///     return 200 'it's me';
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     return 200 "it's me";
    /// }
    /// ```
    RULE: "text-after-quote", severity: Failed, title: "Text right after a quote",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::AfterQuote) {
        let next = config.files.text(fault.span);
        found_here.add(
            found(fault.span, format_args!("\"{next}\" follows a closing quote without a space."))
                .means("nginx refuses the file here.")
                .review("Separate the two values, if two are meant.", vec![(Span::at(fault.span.start), " ".into())])
                .unread(format_args!("unexpected \"{next}\"")),
        );
    }
}
