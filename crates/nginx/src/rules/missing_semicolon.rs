//! A directive without its `;`.

use super::{Found, short};
use crate::{Config, Span, directives::Context, finding::found, syntax::FaultKind};

rule! {
    /// A directive does not end with `;`, so nginx reads the next line as a part of it.
    ///
    /// ## Why it matters
    /// nginx keeps running with the old configuration, or refuses to start, and names a line further down.
    /// Some directives swallow the next line without any message.
    ///
    /// ## How to fix
    /// Put a `;` at the end of the line.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80
    ///     server_name app.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443
    ///         ssl;
    ///     server_name app.test;
    /// }
    /// ```
    RULE: "missing-semicolon", severity: Failed, title: "A semicolon is missing",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::MissingSemicolon) {
        let head = config.files.text(fault.span);
        let mut draft = found(fault.span, format_args!("\"{}\" has no \";\" at its end.", short(head)))
            .means("nginx reads what follows as more values of this directive.")
            .safe("Put a \";\" at the end of the line.", vec![(Span::at(fault.fix_at), ";".into())]);
        match fault.noticed {
            Some(next) => {
                let name = config.files.text(next);
                draft = draft.related(next, format_args!("\"{name}\" is read as a value"));
                let own = head.split_whitespace().next().unwrap_or_default();
                if !fault.readable {
                    draft = draft.swallowed(match own {
                        "listen" | "access_log" | "error_log" => format!("invalid parameter \"{name}\""),
                        _ if raw(config, fault.span) => "invalid number of the map parameters".into(),
                        _ => format!("invalid number of arguments in \"{own}\" directive"),
                    });
                }
            }
            None => draft = draft.unread("unexpected \"}\" or unexpected end of file, expecting \";\" or \"}\""),
        }
        found_here.add(draft);
    }
}

/// In the body of a `map` and its like?
fn raw(config: &Config<'_>, span: Span) -> bool {
    let Some(file) = config.files.file_at(span.start) else { return false };
    let at = file.tree.nodes.partition_point(|node| {
        file.tree.words_of(node).first().is_some_and(|word| word.span.start < span.start)
    });
    file.tree.nodes.get(at).is_some_and(|node| node.context == Context::RAW)
}
