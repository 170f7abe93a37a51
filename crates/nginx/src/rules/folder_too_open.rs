//! A folder that holds more than a site.

use super::Found;
use crate::{Config, Location, Modifier};

rule! {
    /// `root` or `alias` serves a folder of the system.
    ///
    /// ## Why it matters
    /// Whatever lies below it can be fetched: keys, passwords, configuration.
    ///
    /// ## How to fix
    /// Serve a folder that holds the site and nothing else.
    ///
    /// ```nginx fires
    /// server {
    ///     root /;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location /files/ { alias /etc/; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     root /srv/www;
    ///     location /static/ { alias /var/www/app/static/; }
    ///     location = /hosts { alias /etc/hosts; }
    /// }
    /// ```
    RULE: "folder-too-open", severity: Failed, title: "A system folder is served",
        docs: "root", seed: "C10", run: run
}

/// With everything below them.
const TREES: [&str; 8] = ["/etc", "/root", "/proc", "/sys", "/dev", "/boot", "/var/log", "/etc/nginx"];
/// Only themselves: sites do live further down.
const TOPS: [&str; 7] = ["", "/home", "/var", "/usr", "/opt", "/srv/..", "/var/lib"];

fn run(config: &Config<'_>, found_here: &mut Found) {
    for name in ["root", "alias"] {
        for directive in config.all(name) {
            let value = directive.arg(0);
            let exact = directive.parent().and_then(|block| Location::of(block)).is_some_and(|own| own.modifier == Modifier::Exact);
            if !value.starts_with('/') || value.contains('$') || (exact && name == "alias") {
                continue;
            }
            let folder = value.trim_end_matches('/');
            let below = TREES.iter().any(|tree| folder == *tree || folder.strip_prefix(tree).is_some_and(|rest| rest.starts_with('/')));
            if !below && !TOPS.contains(&folder) {
                continue;
            }
            found_here.add(
                directive.found(format_args!("\"{value}\" holds much more than a site."))
                    .means("Whatever lies below it can be fetched, keys and passwords included.")
                    .by_hand("Serve a folder that holds the site and nothing else."),
            );
        }
    }
}
