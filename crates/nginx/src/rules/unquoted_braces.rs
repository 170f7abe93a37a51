//! A pattern with braces outside of quotes.

use super::{Found, short};
use crate::{Config, Span, finding::{Noticed, found}, search::Search, syntax::FaultKind};

rule! {
    /// A pattern holds `{2,5}` and is not quoted.
    ///
    /// ## Why it matters
    /// nginx takes the `{` for the beginning of a block, and refuses the file.
    ///
    /// ## How to fix
    /// Put the pattern in quotes.
    ///
    /// ```nginx fires
    /// server {
    ///     location ~ ^/user/[0-9]{2,5}$ { return 204; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     if ($uri ~ ^/(a{3})$) { return 403; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location ~ "^/user/[0-9]{2,5}$" { return 204; }
    /// }
    /// ```
    RULE: "unquoted-braces", severity: Failed, title: "Quote a pattern with braces",
        docs: "location", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::Braces) {
        let text = config.files.text(fault.span);
        // `if ($uri ~ ^/a{3}$)`: the last bracket is the condition's.
        let count = |sign: char| text.matches(sign).count();
        let beyond = u32::from(text.ends_with(')') && count(')') > count('('));
        let span = Span::new(fault.span.start, fault.span.end - beyond);
        let mark = if text.contains('"') { "'" } else { "\"" };
        let Some((before, rest)) = text.cut("{") else { continue };
        let draft = found(span, format_args!("The pattern {} holds \"{{\" and is not quoted.", short(config.files.text(span))))
            .means("nginx takes the \"{\" for the beginning of a block.")
            .safe("Quote the pattern.", vec![(Span::at(span.start), mark.into()), (Span::at(span.end), mark.into())]);
        found_here.add(match beyond {
            0 => draft.unread(format_args!("unknown directive \"{rest}\"")),
            _ => draft
                .refused(format_args!("invalid condition \"{before}\""))
                .noticed(Noticed::Sign(span.start + u32::try_from(before.len()).unwrap_or(0))),
        });
    }
}
