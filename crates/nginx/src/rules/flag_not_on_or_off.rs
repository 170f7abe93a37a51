//! A switch that is neither on nor off.

use super::{Found, is_judged};
use crate::{
    Config, config::is_placeholder,
    directives::{self, Kind},
};

rule! {
    /// A directive that is a switch has a value other than `on` or `off`.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Write `on` or `off`.
    ///
    /// ```nginx fires
    /// server {
    ///     gzip yes;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     gzip on;
    /// }
    /// ```
    RULE: "flag-not-on-or-off", severity: Failed, title: "Neither on nor off",
        docs: "https://nginx.org/en/docs/dirindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let context = directive.context();
        let mut rows = directive.name_id().rows().iter().filter(|row| row.contexts().is(context) && row.exists_in(config.version));
        let Some(row) = rows.next() else { continue };
        if row.kind != Kind::Flag || row.third || directive.arg_count() != 1 {
            continue;
        }
        let value = directive.arg(0);
        if value.eq_ignore_ascii_case("on") || value.eq_ignore_ascii_case("off") || is_placeholder(value) {
            continue;
        }
        let name = directive.name();
        let mut draft = directive.arg_found(0, format_args!("\"{name}\" is \"{value}\"; it can only be on or off."))
            .refused(format_args!("invalid value \"{value}\" in \"{name}\" directive, it must be \"on\" or \"off\""))
            .doc(directives::doc(name, context));
        let meant = match value.to_ascii_lowercase().as_str() {
            "yes" | "true" | "1" | "enable" | "enabled" => Some("on"),
            "no" | "false" | "0" | "disable" | "disabled" => Some("off"),
            _ => None,
        };
        if let Some(meant) = meant {
            draft = draft.instead(directive, 0, meant);
        }
        found_here.add(draft);
    }
}
