//! A `location` that nginx cannot read, or that stands where it can never match.

use super::Found;
use crate::{Config, Location, Modifier, config::is_placeholder, directives::{Context, nearest}, fix};

rule! {
    /// A location has an unknown sign before its path, or lies inside one whose paths it does not share.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// The signs are `=`, `^~`, `~` and `~*`. A location inside another begins with the path of the outer one.
    ///
    /// ```nginx fires
    /// server {
    ///     location *~ \.png$ { expires 7d; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location /api/ {
    ///         location /static/ { expires 7d; }
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location ~* \.png$ { expires 7d; }
    ///     location =/ { return 204; }
    ///     location /api/ {
    ///         location /api/v1/ { return 204; }
    ///         location ~ \.json$ { return 204; }
    ///     }
    /// }
    /// ```
    RULE: "bad-location", severity: Failed, title: "nginx refuses this location",
        docs: "location", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("location").filter(|directive| directive.context().is(Context::SERVER.or(Context::LOCATION))) {
        let open = directive.words().iter().any(|word| !word.closed);
        if open || directive.has_placeholder() || !(1..=2).contains(&directive.arg_count()) {
            continue;
        }
        let Some(own) = Location::of(directive) else {
            let sign = directive.arg(0);
            let draft = directive.arg_found(0, format_args!("\"{sign}\" is not a sign of a location."))
                .refused(format_args!("invalid location modifier \"{sign}\""));
            let meant = match sign {
                "*~" => Some("~*"),
                "~^" => Some("^~"),
                "==" => Some("="),
                other => nearest(other, &["=", "^~", "~*"]),
            };
            found_here.add(match meant {
                Some(meant) => draft.review(format_args!("Write \"{meant}\"."), fix::replace_arg(directive, 0, meant)),
                None => draft.by_hand("Use =, ^~, ~ or ~*, and quotes around a path that holds spaces."),
            });
            continue;
        };
        let Some(outer) = directive.parent().filter(|parent| parent.is("location")) else { continue };
        let Some(around) = Location::of(outer).filter(|around| !is_placeholder(&around.path)) else { continue };
        let (inner_path, outer_path) = (&own.path, &around.path);
        let (seen, refused) = if around.modifier == Modifier::Exact {
            ("An exact location holds no other location.", format!("location \"{inner_path}\" cannot be inside the exact location \"{outer_path}\""))
        } else if around.modifier == Modifier::Named {
            ("A named location holds no other location.", format!("location \"{inner_path}\" cannot be inside the named location \"{outer_path}\""))
        } else if own.modifier == Modifier::Named {
            ("A named location stands directly in a server.", format!("named location \"{inner_path}\" can be on the server level only"))
        } else if !own.is_regex() && !inner_path.starts_with(outer_path.as_str()) {
            ("This path does not begin with the path of the location around it.", format!("location \"{inner_path}\" is outside location \"{outer_path}\""))
        } else {
            continue;
        };
        found_here.add(
            directive.found(seen)
                .related(outer.head_span(), "the location around it")
                .by_hand("Move it out of the other location.")
                .refused(refused),
        );
    }
}
