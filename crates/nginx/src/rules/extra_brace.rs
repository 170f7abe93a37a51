//! A `}` too many.

use super::Found;
use crate::{Config, finding::found, syntax::FaultKind};

rule! {
    /// A `}` closes nothing, or closes a block too early.
    ///
    /// ## Why it matters
    /// nginx refuses the file, often at a line far from the brace.
    ///
    /// ## How to fix
    /// Take the brace away.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    /// }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    /// }
    /// ```
    RULE: "extra-brace", severity: Failed, title: "A closing brace too many",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::ExtraBrace) {
        found_here.add(
            found(fault.span, "This \"}\" has no \"{\" of its own.")
                .means("nginx stops reading here.")
                .review("Take the brace away.", vec![(fault.span, String::new())])
                .unread("unexpected \"}\""),
        );
    }
}
