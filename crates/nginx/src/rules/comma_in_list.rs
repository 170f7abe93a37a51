//! A comma between values.

use super::{Found, short};
use crate::{Config, fix};

rule! {
    /// Values are separated by commas.
    ///
    /// ## Why it matters
    /// nginx separates values by spaces: the comma becomes a part of the name, and the name never matches.
    ///
    /// ## How to fix
    /// Take the comma away.
    ///
    /// ```nginx fires
    /// server {
    ///     server_name app.test, www.app.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     server_name app.test www.app.test;
    ///     add_header Cache-Control "no-cache, no-store";
    /// }
    /// ```
    RULE: "comma-in-list", severity: Warning, title: "A comma becomes part of it",
        docs: "server_name", seed: "A4 C9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for name in ["server_name", "index", "try_files", "gzip_types"] {
        for directive in config.all(name) {
            for (at, value) in directive.args().enumerate().filter(|(_, value)| value.ends_with(',') && value.len() > 1) {
                found_here.add(
                    directive.arg_found(at, format_args!("The comma is a part of \"{}\".", short(value)))
                        .means("nginx separates values by spaces: this one never matches.")
                        .safe("Take the comma away.", fix::replace_arg(directive, at, value.trim_end_matches(','))),
                );
            }
        }
    }
}
