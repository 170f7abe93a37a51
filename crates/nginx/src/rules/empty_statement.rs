//! `;` or `{` with nothing before it.

use super::Found;
use crate::{Config, finding::found, syntax::FaultKind};

rule! {
    /// A `;` or `{` has nothing before it: often `};` or `;;`.
    ///
    /// ## Why it matters
    /// nginx refuses the file, although other languages allow it.
    ///
    /// ## How to fix
    /// Take it away.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;;
    /// };
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    /// }
    /// ```
    RULE: "empty-statement", severity: Failed, title: "Nothing stands before this sign",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::NothingBefore) {
        let sign = config.files.text(fault.span);
        let draft = found(fault.span, format_args!("\"{sign}\" has nothing before it."))
            .means("nginx refuses the file here.")
            .unread(format_args!("unexpected \"{sign}\""));
        found_here.add(if sign == ";" {
            draft.safe("Take the \";\" away.", vec![(fault.span, String::new())])
        } else {
            draft.by_hand("Name the block before its brace.")
        });
    }
}
