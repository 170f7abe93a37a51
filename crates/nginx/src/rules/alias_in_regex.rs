//! An alias that is one file for all.

use super::Found;
use crate::{Config, Location};

rule! {
    /// An `alias` in a location with a regular expression uses nothing of what the expression caught.
    ///
    /// ## Why it matters
    /// nginx then answers every request of the location with one and the same path.
    ///
    /// ## How to fix
    /// Catch the rest of the path and append it: `location ~ ^/files/(.*)$ { alias /srv/files/$1; }`.
    ///
    /// ```nginx fires
    /// location ~ ^/files/ {
    ///     alias /srv/files/;
    /// }
    /// ```
    /// ```nginx quiet
    /// location ~ ^/files/(.*)$ {
    ///     alias /srv/files/$1;
    /// }
    /// location ~ ^/logo\.(png|svg)$ {
    ///     alias /srv/img/logo.png;
    /// }
    /// ```
    RULE: "alias-in-regex", severity: Failed, title: "The alias ignores the path",
        docs: "alias", seed: "B12", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for alias in config.all("alias") {
        let Some(block) = alias.parent() else { continue };
        if Location::of(block).is_none_or(|location| !location.is_regex()) {
            continue;
        }
        let value = alias.arg(0);
        if value.contains('$') || !value.ends_with('/') {
            continue;
        }
        found_here.add(
            alias.found(format_args!("Every request of this location is answered with {value}."))
                .means("In a location with a regular expression, nginx appends nothing to the alias.")
                .related(block.head_span(), "the location")
                .by_hand("Catch the rest of the path with (.*) and end the alias with $1."),
        );
    }
}
