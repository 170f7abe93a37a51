//! A block without its `}`.

use super::{Found, short};
use crate::{Config, Span, finding::found, syntax::FaultKind};

rule! {
    /// A block is opened and never closed.
    ///
    /// ## Why it matters
    /// nginx refuses the file and names its last line, wherever the brace is missing.
    ///
    /// ## How to fix
    /// Put the `}` where the block was meant to end.
    ///
    /// ```nginx fires
    /// server {
    ///     location / {
    ///         return 204;
    ///     location /a {
    ///         return 204;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location / {
    ///         return 204;
    ///     }
    /// }
    /// ```
    RULE: "unclosed-brace", severity: Failed, title: "A block is never closed",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let unclosed = config.faults().filter(|(_, fault)| fault.kind == FaultKind::UnclosedBrace);
    // Lines are counted for each: more than are shown would take for ever on a line of nothing but braces.
    for (file, fault) in unclosed.take(crate::lint::MOST) {
        let name = config.files.text(fault.span).trim_end_matches('{').trim_end();
        let (text, base) = config.files.source_text(fault.span.start).unwrap_or_default();
        let start = fault.span.start.saturating_sub(base) as usize;
        let line = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let indent: String = text.get(line..start).unwrap_or_default().chars().take_while(|c| c.is_whitespace()).collect();
        let at_end = fault.fix_at == file.end;
        let newline = if at_end && text.ends_with('\n') { "" } else { "\n" };
        let after = if at_end { "\n" } else { "" };
        found_here.add(
            found(fault.span, format_args!("\"{}\" opens a block that is never closed.", short(name)))
                .means(format_args!("The missing \"}}\" belongs on line {}.", config.line(Span::at(fault.fix_at))))
                .related(Span::at(fault.fix_at), "the \"}\" belongs here")
                .review("Close the block here.", vec![(Span::at(fault.fix_at), format!("{newline}{indent}}}{after}"))])
                .unread("unexpected end of file, expecting \"}\""),
        );
    }
}
