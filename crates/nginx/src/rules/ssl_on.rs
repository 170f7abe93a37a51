//! `ssl on`, of which newer releases know nothing.

use super::Found;
use crate::{Config, Version, fix};

rule! {
    /// `ssl on` turns TLS on for every port of a server; from 1.25.1 on it no longer exists.
    ///
    /// ## Why it matters
    /// It makes port 80 of the same server speak TLS too, and an upgrade of nginx refuses it.
    ///
    /// ## How to fix
    /// Take it away and write `listen 443 ssl;`.
    ///
    /// ```nginx fires 1.22
    /// server {
    ///     listen 443;
    ///     ssl on;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
    /// }
    /// ```
    RULE: "ssl-on", severity: Warning, title: "ssl on is gone",
        docs: "https://nginx.org/en/docs/http/configuring_https_servers.html", seed: "A10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if config.version >= Version::new(25, 1) {
        return; // unknown-directive says so
    }
    for ssl in config.all("ssl").filter(|ssl| ssl.arg_is(0, "on")) {
        let Some(block) = ssl.parent() else { continue };
        let mut edits = fix::remove(ssl);
        for listen in block.find("listen").filter(|listen| !listen.args().any(|arg| arg == "ssl")) {
            if listen.arg(0).ends_with("443") {
                edits.extend(fix::add_arg(listen, "ssl"));
            }
        }
        found_here.add(
            ssl.found("TLS is turned on for every port of this server.")
                .means("From nginx 1.25.1 on this line is refused, and the site stays down after an upgrade.")
                .warned("the \"ssl\" directive is deprecated, use the \"listen ... ssl\" directive instead")
                .safe("Put \"ssl\" into the \"listen\" lines.", edits),
        );
    }
}
