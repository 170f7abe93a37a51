//! Too many or too few values.

use super::{Found, is_judged};
use crate::{Config, directives};

rule! {
    /// A directive has too many or too few values.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Give it as many values as it takes. A value with spaces needs quotes.
    ///
    /// ```nginx fires
    /// server {
    ///     client_max_body_size 20 m;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     client_max_body_size 20m;
    /// }
    /// ```
    RULE: "wrong-argument-count", severity: Failed, title: "Wrong number of values",
        docs: "https://nginx.org/en/docs/dirindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let context = directive.context();
        let count = directive.arg_count();
        let rows = directive.name_id().rows();
        let block = directive.is_block();
        let mut rows = rows
            .iter()
            .filter(|row| row.exists_in(config.version) && row.contexts().is(context) && row.fits_terminator(block));
        let Some(first) = rows.clone().next() else { continue };
        if rows.any(|row| row.takes(count)) {
            continue;
        }
        let name = directive.name();
        let has = match count {
            0 => "no value".to_owned(),
            1 => "1 value".to_owned(),
            n => format!("{n} values"),
        };
        let mut draft = directive.found(format_args!("\"{name}\" has {has}. It takes {}.", first.counts()))
            .unread(format_args!("invalid number of arguments in \"{name}\" directive"))
            .doc(directives::doc(name, context));
        if count == 2 && first.takes(1) && matches!(directive.arg(1), "k" | "K" | "m" | "M" | "g" | "G" | "s" | "h" | "d" | "ms") {
            let joined = crate::Span::new(directive.arg_span(0).end, directive.arg_span(1).start);
            draft = draft.safe("Write the number and its unit as one word.", vec![(joined, String::new())]);
        }
        if directive.arg_is(0, "=") {
            let sign = crate::Span::new(directive.arg_span(0).start, directive.arg_span(1).start);
            draft = draft.safe("Take the \"=\" away.", vec![(sign, String::new())]);
        } else if count == 1 && name.ends_with("_header") {
            draft = draft.by_hand("Write its value. A shell takes $host and its like out of a heredoc, unless it begins with <<'EOF'.");
        }
        found_here.add(draft);
    }
}
