//! A quote that stays open.

use super::{Found, short};
use crate::{Config, Span, finding::found, syntax::FaultKind};

rule! {
    /// A quote is opened and never closed.
    ///
    /// ## Why it matters
    /// nginx reads everything up to the next quote as one value, and complains somewhere else.
    ///
    /// ## How to fix
    /// Close the quote where the value ends.
    ///
    /// ```nginx fires
    /// server {
    ///     add_header X-Frame-Options "DENY;
    ///     listen 80;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     add_header Content-Security-Policy "default-src 'self';
    ///         img-src *";
    /// }
    /// ```
    RULE: "unclosed-quote", severity: Failed, title: "A quote is never closed",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::UnclosedQuote) {
        let value = config.files.text(fault.span);
        let mark = value.get(..1).unwrap_or("\"");
        found_here.add(
            found(fault.span, format_args!("{} opens a quote that never ends.", short(value)))
                .means("nginx takes the following lines for a part of this value.")
                .safe("Close the quote.", vec![(Span::at(fault.fix_at), mark.into())])
                .unread("unexpected end of file, expecting \";\" or \"}\""),
        );
    }
}
