//! `if` with more than a decision in it.

use super::Found;
use crate::{Config, directives::Context};

rule! {
    /// An `if` in a location holds more than `return`, `rewrite` or `set`.
    ///
    /// ## Why it matters
    /// nginx treats the `if` as a location of its own: directives around it may no longer count, in ways that surprise.
    ///
    /// ## How to fix
    /// Use `map`, `try_files` or separate locations; keep `return`, `rewrite` and `set` in an `if`.
    ///
    /// ```nginx fires
    /// server {
    ///     location / {
    ///         proxy_set_header Host $host;
    ///         if ($arg_debug) { add_header X-Debug yes; }
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location / {
    ///         if ($arg_debug) { return 403; }
    ///         if ($host = a) { set $b 1; rewrite ^ /x last; }
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    RULE: "if-in-location", severity: Note, title: "More than a decision in if",
        docs: "if", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for block in config.all("if").filter(|block| block.inside() == Context::LOCATION_IF) {
        let mut inner = block.children();
        let Some(odd) = inner.find(|inner| !matches!(inner.name(), "return" | "rewrite" | "set" | "break" | "if" | "access_log" | "limit_rate")) else {
            continue;
        };
        found_here.add(
            odd.found(format_args!("\"{}\" stands in an \"if\" of a location.", odd.name()))
                .means("nginx treats the if as a location of its own: what stands around it may no longer count.")
                .related(block.head_span(), "the condition")
                .by_hand("Use map, try_files or a location of its own."),
        );
    }
}
