//! A whole configuration without `events`.

use super::Found;
use crate::{Config, directives::Context, finding::{Noticed, Step, found}, fix, search::Search};

rule! {
    /// A whole configuration has no `events` block.
    ///
    /// ## Why it matters
    /// nginx refuses to start without one, even an empty one.
    ///
    /// ## How to fix
    /// Add `events {}` at the top.
    ///
    /// ```nginx fires
    /// http {
    ///     server { listen 80; }
    /// }
    /// ```
    /// ```nginx quiet
    /// events {}
    /// http {
    ///     server { listen 80; }
    /// }
    /// ```
    RULE: "events-missing", severity: Failed, title: "The events block is missing",
        docs: "events", seed: "A5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let Some(root) = config.roots().find(|root| root.context() == Context::MAIN && root.first("http").is_some()) else { return };
    if root.first("events").is_some() {
        return;
    }
    let unseen = config.unresolved().iter().map(|include| config.get(include.include)).find(|include| {
        include.parent() == Some(root) && !include.arg(0).has("modules")
    });
    if let Some(include) = unseen {
        found_here.undecided(include);
        return;
    }
    let Some(http) = root.first("http") else { return };
    found_here.add(
        found(http.name_span(), "This configuration has \"http\" and no \"events\".")
            .means("nginx refuses to start without it.")
            .safe("Add an empty \"events\" block.", fix::add_before(http, &["events {}".into()]))
            .refused("no \"events\" section in configuration")
            .noticed(Noticed::Together(Step::Started, None)),
    );
}
