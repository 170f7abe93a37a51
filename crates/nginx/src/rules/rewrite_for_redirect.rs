//! A redirect written as `rewrite`.

use super::{Found, without_scheme};
use crate::{Config, search::Search};

rule! {
    /// A `rewrite` matches everything and redirects to another address.
    ///
    /// ## Why it matters
    /// nginx runs a regular expression for what `return` says at once, and the query is easily lost or doubled.
    ///
    /// ## How to fix
    /// `return 301 https://app.test$request_uri;`
    ///
    /// ```nginx fires
    /// server {
    ///     rewrite ^(.*)$ https://app.test$1 permanent;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     rewrite ^ https://$host$request_uri? permanent;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     return 301 https://app.test$request_uri;
    ///     location /a { rewrite ^/a/(.*)$ https://app.test/$1 permanent; }
    /// }
    /// ```
    RULE: "rewrite-for-redirect", severity: Note, title: "return says this at once",
        docs: "return", seed: "A11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("rewrite").filter(|directive| (2..=3).contains(&directive.arg_count())) {
        let pattern = directive.arg(0);
        let target = directive.arg(1);
        let whole = matches!(pattern, "^" | "^(.*)$" | "^(.*)" | "(.*)" | "^/(.*)$" | "^/(.*)" | ".*" | "^.*$" | "^/");
        if !whole || !(target.starts_with("http://") || target.starts_with("https://") || target.starts_with("$scheme://")) {
            continue;
        }
        let code = if directive.arg_is(2, "permanent") { 301 } else { 302 };
        let bare = target.trim_end_matches('?');
        let (kept, host) = match bare.strip_suffix("$request_uri") {
            Some(host) => (true, host),
            None if pattern.has("/(") => (bare.ends_with("/$1"), bare.strip_suffix("/$1").unwrap_or(bare)),
            None => (bare.ends_with("$1"), bare.strip_suffix("$1").unwrap_or(bare)),
        };
        let quoted = config.files.text(directive.arg_span(1)).starts_with(['"', '\'']);
        let draft = directive.found("This rewrite matches every request and redirects it.")
            .means("nginx runs a regular expression for what return says at once.");
        let slashless = !without_scheme(host).contains('/') && !host.has("$1");
        found_here.add(if kept && slashless && !quoted && !bare.ends_with("$request_uri") | target.ends_with('?') {
            draft.safe("Write it as return.", vec![(directive.head_span(), format!("return {code} {host}$request_uri"))])
        } else {
            draft.by_hand("Write it as return.")
        });
    }
}
