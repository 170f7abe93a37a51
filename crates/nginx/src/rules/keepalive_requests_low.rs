//! Connections that are closed early.

use super::Found;
use crate::{Config, directives::Context, fix, words::number};

rule! {
    /// `keepalive_requests` is lower than its default.
    ///
    /// ## Why it matters
    /// A page with many files needs several connections, each with its own handshake.
    ///
    /// ## How to fix
    /// Take it away: the default is 1000 (100 before 1.19.10).
    ///
    /// ```nginx fires
    /// server {
    ///     keepalive_requests 10;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     keepalive_requests 1000;
    /// }
    /// ```
    RULE: "keepalive-requests-low", severity: Note, title: "Connections are closed early",
        docs: "keepalive_requests", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let here = Context::HTTP.or(Context::SERVER).or(Context::LOCATION);
    for directive in config.all("keepalive_requests").filter(|directive| directive.context().is(here)) {
        let Some(count) = number(directive.arg(0)).filter(|count| *count < 100) else { continue };
        found_here.add(
            directive.found(format_args!("A connection is closed after {count} requests."))
                .means("A page with many files needs several connections, each with its own handshake.")
                .safe("Take it away: the default is enough.", fix::remove(directive)),
        );
    }
}
