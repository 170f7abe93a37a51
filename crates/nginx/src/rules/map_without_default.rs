//! A `map` that is silent about the rest.

use super::Found;
use crate::{Config, config::variables_in};

rule! {
    /// A `map` decides where a request goes and has no `default`.
    ///
    /// ## Why it matters
    /// For everything else the variable is empty: `proxy_pass http://;` or a folder that is not meant.
    ///
    /// ## How to fix
    /// Add `default …;`
    ///
    /// ```nginx fires everything
    /// map $host $backend {
    ///     a.test 127.0.0.1:8001;
    /// }
    /// server {
    ///     location / { proxy_pass http://$backend; }
    /// }
    /// ```
    /// ```nginx quiet everything
    /// map $host $backend {
    ///     default 127.0.0.1:8000;
    ///     a.test 127.0.0.1:8001;
    /// }
    /// map $uri $new {
    ///     /old /new;
    /// }
    /// server {
    ///     location / { proxy_pass http://$backend; }
    ///     if ($new) { return 301 $new; }
    /// }
    /// ```
    RULE: "map-without-default", severity: Note, title: "The map has no default",
        docs: "map", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for block in config.all("map").filter(|block| block.arg_count() == 2) {
        let name = block.arg(1).trim_start_matches('$').to_ascii_lowercase();
        let entries: Vec<_> = block.children().collect();
        if entries.is_empty() || entries.iter().any(|entry| matches!(entry.name(), "default" | "include" | "~.*" | "~.")) {
            continue;
        }
        let user = ["proxy_pass", "root", "alias"].into_iter().flat_map(|user| config.all(user)).find(|user| {
            variables_in(config.files.text(user.arg_span(0))).iter().any(|(_, own)| own.eq_ignore_ascii_case(&name))
        });
        let Some(user) = user else { continue };
        found_here.add(
            block.found(format_args!("\"${name}\" is empty for whatever this map does not name."))
                .means(format_args!("\"{}\" then has nowhere to go.", user.name()))
                .related(user.head_span(), "used here")
                .by_hand("Say what counts for the rest: default …;"),
        );
    }
}
