//! Two locations for the same path.

use crate::map::Map;

use super::Found;
use crate::{Config, ItemId, Location, Modifier};

rule! {
    /// Two locations of one server are for the same path.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration. `location /x` and `location ^~ /x` count as the same.
    ///
    /// ## How to fix
    /// Merge them, or take one away.
    ///
    /// ```nginx fires
    /// server {
    ///     location /static/ { alias /srv/a/; }
    ///     location ^~ /static/ { alias /srv/b/; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location /static/ { alias /srv/a/; }
    ///     location = /static/ { return 404; }
    ///     location ~ /static/ { return 404; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server_name app.test;
    /// location / { return 301 https://app.test$request_uri; }
    /// server_name app.test;
    /// location / { proxy_pass http://unix:/run/app.sock; include proxy_params; }
    /// ```
    RULE: "duplicate-location", severity: Failed, title: "Two locations for one path",
        docs: "location", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut first: Map<(Option<ItemId>, u8, String), ItemId> = Map::new();
    for directive in config.all("location") {
        let Some(location) = Location::of(directive) else { continue };
        let kind = match location.modifier {
            Modifier::Exact => 0,
            Modifier::Prefix | Modifier::PrefixFirst => 1,
            // nginx accepts these twice.
            Modifier::Named | Modifier::Regex | Modifier::RegexAnyCase => continue,
        };
        let parent = directive.parent();
        // Pieces of several servers, as `nginx -T | sed` cuts them out, have a name and locations each.
        if parent.is_some_and(|parent| parent.is_root() && parent.find("server_name").nth(1).is_some()) {
            continue;
        }
        let key = (parent.map(|parent| parent.id()), kind, location.path.clone());
        let Some(earlier) = first.get(&key).map(|id| config.get(*id)) else {
            first.insert(key, directive.id());
            continue;
        };
        found_here.add(
            directive.found(format_args!("\"{}\" has a location on line {} already.", location.path, config.line(earlier.span())))
                .related(earlier.head_span(), "the other location")
                .by_hand("Merge the two.")
                .refused(format_args!("duplicate location \"{}\"", location.path)),
        );
    }
}
