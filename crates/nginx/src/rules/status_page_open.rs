//! A status page that everybody can read.

use super::Found;
use crate::{Address, Config, fix};

rule! {
    /// `stub_status` is served to everybody.
    ///
    /// ## Why it matters
    /// It tells strangers how busy the server is.
    ///
    /// ## How to fix
    /// Allow only yourself: `allow 127.0.0.1; deny all;`
    ///
    /// ```nginx fires
    /// server {
    ///     location /nginx_status { stub_status; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location /nginx_status {
    ///         stub_status;
    ///         allow 127.0.0.1;
    ///         deny all;
    ///     }
    /// }
    /// server {
    ///     listen 127.0.0.1:8081;
    ///     location /nginx_status { stub_status; }
    /// }
    /// ```
    RULE: "status-page-open", severity: Warning, title: "The status page is open",
        docs: "stub_status", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("stub_status") {
        let Some(block) = directive.parent() else { continue };
        let closed = !block.list("deny").is_empty()
            || block.scalar("auth_basic").is_some_and(|auth| !auth.arg_is(0, "off"))
            || block.scalar("auth_request").is_some();
        let local = directive.server().and_then(|block| config.server_of(block)).is_some_and(|server| {
            !server.listens.is_empty()
                && server.listens.iter().all(|listen| match &listen.address {
                    Address::V4(ip) => ip.is_loopback() || ip.is_private(),
                    Address::V6(ip) => ip.is_loopback(),
                    Address::Unix(_) => true,
                    _ => false,
                })
        });
        if closed || local {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        found_here.add(
            directive.found("Everybody can read nginx's own counters here.")
                .absent()
                .means("They tell strangers how busy the server is.")
                .review("Let only this machine ask.", fix::add_after(directive, &["allow 127.0.0.1;".into(), "allow ::1;".into(), "deny all;".into()])),
        );
    }
}
