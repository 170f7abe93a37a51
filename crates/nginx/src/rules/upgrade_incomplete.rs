//! WebSockets that are passed by half.

use super::{Found, list};
use crate::{Config, Version, fix};

rule! {
    /// `Upgrade` is passed to the application, and what belongs to it is not.
    ///
    /// ## Why it matters
    /// The WebSocket cannot be opened: nginx speaks HTTP/1.0 to the application, or drops `Connection`.
    ///
    /// ## How to fix
    /// Add `proxy_http_version 1.1;` and `proxy_set_header Connection "upgrade";`
    ///
    /// ```nginx fires 1.22
    /// server {
    ///     location /ws {
    ///         proxy_pass http://127.0.0.1:8000;
    ///         proxy_set_header Upgrade $http_upgrade;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet 1.22
    /// server {
    ///     location /ws {
    ///         proxy_pass http://127.0.0.1:8000;
    ///         proxy_http_version 1.1;
    ///         proxy_set_header Upgrade $http_upgrade;
    ///         proxy_set_header Connection "upgrade";
    ///     }
    /// }
    /// ```
    /// ```nginx quiet mainline
    /// server {
    ///     location /ws {
    ///         proxy_pass http://127.0.0.1:8000;
    ///         proxy_set_header Upgrade $http_upgrade;
    ///         proxy_set_header Connection "upgrade";
    ///     }
    /// }
    /// ```
    RULE: "upgrade-incomplete", severity: Warning, title: "WebSockets are passed by half",
        docs: "https://nginx.org/en/docs/http/websocket.html", seed: "C9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for pass in config.all("proxy_pass") {
        let Some(block) = pass.parent() else { continue };
        let headers = block.list("proxy_set_header");
        let Some(upgrade) = headers.iter().find(|header| header.arg(0).eq_ignore_ascii_case("upgrade") && !header.arg(1).is_empty()) else {
            continue;
        };
        let mut lines = Vec::new();
        let mut names = Vec::new();
        // HTTP/1.1 to backends is the default from 1.29.7 on.
        let version = block.scalar("proxy_http_version");
        if version.is_none() && config.version < Version::new(29, 7) {
            lines.push("proxy_http_version 1.1;".to_owned());
            names.push("proxy_http_version 1.1");
        }
        if !headers.iter().any(|header| header.arg(0).eq_ignore_ascii_case("connection")) {
            lines.push("proxy_set_header Connection \"upgrade\";".to_owned());
            names.push("the header Connection");
        }
        if lines.is_empty() {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        let draft = upgrade.found(format_args!("Upgrade is passed on, and {} is missing.", list(&names)))
            .absent()
            .means("The application cannot open a WebSocket.");
        found_here.add(if upgrade.is_built_in() {
            draft
        } else {
            draft.safe("Add what belongs to it.", fix::add_after(*upgrade, &lines))
        });
    }
}
