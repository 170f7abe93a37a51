//! A comment that silences nothing.

use super::{ALL, Found, by_id, short};
use crate::{Config, directives::nearest, finding::found, fix};

rule! {
    /// A `lockstep:ignore` comment names no rule.
    ///
    /// ## Why it matters
    /// It silences nothing: what it was written for is still told, or will be.
    ///
    /// ## How to fix
    /// Write the rule's name as it stands beside the finding.
    ///
    /// ```nginx fires
    /// server {
    ///     server_tokens on; # lockstep:ignore server-token-on a test server
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     server_tokens on; # lockstep:ignore server-tokens-on a test server
    /// }
    /// ```
    RULE: "ignore-without-rule", severity: Note, title: "A comment silences nothing",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for (_, span) in fix::ignores(config) {
        let name = config.files.text(span);
        if by_id(name).is_some() {
            continue;
        }
        let names: Vec<&str> = ALL.iter().map(|rule| rule.about().id).collect();
        let draft = found(span, format_args!("\"{}\" is no rule.", short(name))).means("The comment silences nothing.");
        found_here.add(match nearest(name, &names) {
            Some(near) => draft.safe(format_args!("Did you mean \"{near}\"?"), vec![(span, near.into())]),
            None => draft,
        });
    }
}
