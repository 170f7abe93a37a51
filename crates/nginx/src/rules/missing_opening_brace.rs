//! A block directive without its `{`.

use super::{Found, short};
use crate::{Config, Span, finding::found, syntax::FaultKind};

rule! {
    /// A directive that needs a block has no `{`.
    ///
    /// ## Why it matters
    /// nginx refuses the file.
    ///
    /// ## How to fix
    /// Open the block with `{`.
    ///
    /// ```nginx fires
    /// server
    ///     listen 80;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    /// }
    /// ```
    RULE: "missing-opening-brace", severity: Failed, title: "An opening brace is missing",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::NoOpeningBrace) {
        let head = config.files.text(fault.span);
        let name = head.split_whitespace().next().unwrap_or_default().trim_end_matches(';');
        let semicolon = config.files.text(Span::new(fault.fix_at, fault.fix_at.saturating_add(1))) == ";";
        let edit = if semicolon {
            (Span::new(fault.fix_at, fault.fix_at.saturating_add(1)), " {".to_owned())
        } else {
            (Span::at(fault.fix_at), " {".to_owned())
        };
        found_here.add(
            found(fault.span, format_args!("\"{}\" has no \"{{\".", short(head)))
                .means(format_args!("\"{name}\" holds other directives between braces."))
                .review("Open the block.", vec![edit])
                .unread(format_args!("directive \"{name}\" has no opening \"{{\"")),
        );
    }
}
