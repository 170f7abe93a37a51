//! http:// in what nginx itself writes into pages.

use super::{Found, short};
use crate::{Config, directives::Context, search::Search};

rule! {
    /// nginx writes an `http://` address into pages or headers of a site that has HTTPS.
    ///
    /// ## Why it matters
    /// Browsers block scripts and styles that come over plain HTTP.
    ///
    /// ## How to fix
    /// Write `https://`.
    ///
    /// ```nginx fires
    /// server {
    ///     add_header Content-Security-Policy "script-src http://cdn.test" always;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     add_header Content-Security-Policy "script-src https://cdn.test" always;
    ///     sub_filter 'http://old.test' 'https://old.test';
    /// }
    /// ```
    RULE: "mixed-content", severity: Note, title: "http:// in pages or headers",
        docs: "add_header", seed: "A16", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let headers = config.all("add_header").filter(|header| {
        ["content-security-policy", "link", "content-location"].iter().any(|name| header.arg(0).eq_ignore_ascii_case(name))
    });
    for directive in headers.chain(config.all("sub_filter").filter(|filter| filter.context().is(Context::HTTP.or(Context::SERVER).or(Context::LOCATION)))) {
        let value = directive.arg(1);
        let local = ["http://localhost", "http://127.", "http://www.w3.org"];
        if value.has("http://") && !local.iter().any(|name| value.has(name)) {
            found_here.add(
                directive.arg_found(1, format_args!("nginx writes {}.", short(value)))
                    .means("Browsers block scripts and styles that come over plain HTTP on an HTTPS page.")
                    .by_hand("Write https://."),
            );
        }
    }
}
