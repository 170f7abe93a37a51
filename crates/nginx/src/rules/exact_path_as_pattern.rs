//! A pattern for a single path.

use super::Found;
use crate::{Config, Location, Modifier, search::Search};

rule! {
    /// A location has a regular expression that matches one path only.
    ///
    /// ## Why it matters
    /// `location =` finds it at once, and no other pattern can come before it.
    ///
    /// ## How to fix
    /// Write `location = /path`.
    ///
    /// ```nginx fires
    /// server {
    ///     location ~ ^/health$ { return 204; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location = /health { return 204; }
    ///     location ~ ^/(a|b)$ { return 204; }
    ///     location ~* ^/x$ { return 204; }
    /// }
    /// ```
    RULE: "exact-path-as-pattern", severity: Note, title: "A pattern for one path",
        docs: "location", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("location").filter(|directive| directive.arg_count() == 2) {
        let Some(own) = Location::of(directive).filter(|own| own.modifier == Modifier::Regex) else { continue };
        let Some(inner) = own.path.strip_prefix('^').and_then(|rest| rest.strip_suffix('$')) else { continue };
        let path = inner.swapped("\\.", ".").swapped("\\-", "-");
        let plain = path.starts_with('/') && !inner.swapped("\\.", "").swapped("\\-", "").contains(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_')));
        if !plain {
            continue;
        }
        found_here.add(
            directive.found(format_args!("This expression matches \"{path}\" and nothing else."))
                .means("location = finds it at once, and no other pattern can come before it.")
                .review("Write it as an exact location.", vec![(directive.arg_span(0).to(directive.arg_span(1)), format!("= {path}"))]),
        );
    }
}
