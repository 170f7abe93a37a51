//! A backend that the visitor chooses.

use super::Found;
use crate::{Config, config::variables_in, finding::found, search::Search};

rule! {
    /// The host of a `proxy_pass` comes from the request.
    ///
    /// ## Why it matters
    /// Anybody can make nginx fetch from any host, services inside your network included.
    ///
    /// ## How to fix
    /// Write the host, or choose it with a `map` that lists what is allowed.
    ///
    /// ```nginx fires
    /// server {
    ///     location /fetch { proxy_pass http://$arg_host; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location ~ ^/p/([^/]+)/(.*)$ { proxy_pass http://$1/$2; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location / { proxy_pass http://$http_host; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     set $backend 127.0.0.1;
    ///     location / { proxy_pass http://$backend:8000; }
    ///     location /a { proxy_pass http://127.0.0.1:8000$request_uri; }
    ///     location ~ ^/b/(.*)$ { proxy_pass http://127.0.0.1:8000/$1; }
    /// }
    /// ```
    RULE: "backend-from-visitor", severity: Warning, title: "Visitors choose the backend",
        docs: "proxy_pass", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("proxy_pass") {
        let span = directive.arg_span(0);
        let text = config.files.text(span);
        let Some((_, rest)) = text.cut("://") else { continue };
        // A path may follow without a slash of its own.
        let path = ["$request_uri", "$uri", "$document_uri", "$is_args", "$args"];
        let path = path.iter().filter_map(|name| rest.place(name)).min().unwrap_or(rest.len());
        let end = rest.find(['/', '?']).unwrap_or(rest.len()).min(path);
        let host = rest.get(..end).unwrap_or_default();
        let chosen = variables_in(host).into_iter().find(|(_, name)| {
            let prefix = ["arg_", "http_", "cookie_"].iter().any(|prefix| name.starts_with(prefix));
            prefix || *name == "host" || name.bytes().all(|b| b.is_ascii_digit())
        });
        let Some((_, name)) = chosen else { continue };
        // `$host` only takes values that a server with names lets through.
        let named = directive.server().and_then(|block| config.server_of(block).map(|server| server.hosts().next().is_some())).unwrap_or(false);
        if name == "host" && named {
            continue;
        }
        found_here.add(
            found(span, format_args!("\"${name}\" comes from the request and names the backend."))
                .means("Anybody can make nginx fetch from any host, services inside your network included.")
                .by_hand("Write the host, or let a map choose from a list."),
        );
    }
}
