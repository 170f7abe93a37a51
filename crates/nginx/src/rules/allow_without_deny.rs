//! `allow` that forbids nothing.

use super::Found;
use crate::{Config, fix};

rule! {
    /// A block has `allow` and no `deny`.
    ///
    /// ## Why it matters
    /// Whom no line names is let in: `allow` alone restricts nothing.
    ///
    /// ## How to fix
    /// End the list with `deny all;`
    ///
    /// ```nginx fires
    /// server {
    ///     location /admin {
    ///         allow 10.0.0.0/8;
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location /admin {
    ///         allow 10.0.0.0/8;
    ///         deny all;
    ///     }
    ///     location /x { allow all; }
    /// }
    /// ```
    RULE: "allow-without-deny", severity: Warning, title: "allow alone forbids nothing",
        docs: "allow", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut last = None;
    for directive in config.all("allow").filter(|directive| !directive.is_built_in()) {
        let Some(block) = directive.parent() else { continue };
        if last.replace(block.id()) == Some(block.id()) || block.first("deny").is_some() {
            continue;
        }
        let rules: Vec<_> = block.find("allow").collect();
        if rules.iter().any(|rule| rule.arg_is(0, "all")) {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        let Some(end) = rules.last() else { continue };
        found_here.add(
            end.found("This block lets some in and keeps nobody out.")
                .means("Whom no line names is let in as well.")
                .safe("Keep out everybody else.", fix::add_after(*end, &["deny all;".into()])),
        );
    }
}
