//! A `{` after a directive that has no block.

use super::Found;
use crate::{
    Config,
    finding::found,
    syntax::{FaultKind, Terminator},
};

rule! {
    /// A `{` stands where a `;` belongs.
    ///
    /// ## Why it matters
    /// nginx refuses the file.
    ///
    /// ## How to fix
    /// End the directive with `;`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80 {
    ///     root /srv;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     root /srv;
    /// }
    /// ```
    RULE: "unexpected-block", severity: Failed, title: "A brace where \";\" belongs",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for (file, fault) in config.faults().filter(|(_, fault)| fault.kind == FaultKind::UnexpectedBlock) {
        let at = file.tree.nodes.partition_point(|node| {
            file.tree.words_of(node).first().is_some_and(|word| word.span.start < fault.span.start)
        });
        let node = at.checked_sub(1).and_then(|at| file.tree.nodes.get(at));
        let name = node
            .and_then(|node| file.tree.words_of(node).first())
            .map(|word| config.files.text(word.span))
            .unwrap_or_default();
        let matched = node.is_some_and(|node| node.terminator == Terminator::Block);
        let draft = found(fault.span, format_args!("\"{name}\" ends with \"{{\" and has no block."))
            .means("nginx refuses the file here.")
            .unread(format_args!("directive \"{name}\" is not terminated by \";\""));
        found_here.add(if matched {
            draft.by_hand("End it with \";\" and take the \"}\" of the block away.")
        } else {
            draft.review("End it with \";\".", vec![(fault.span, ";".into())])
        });
    }
}
