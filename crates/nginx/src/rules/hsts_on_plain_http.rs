//! HSTS where browsers ignore it.

use super::Found;
use crate::{Config, fix};

rule! {
    /// Strict-Transport-Security is sent over plain HTTP.
    ///
    /// ## Why it matters
    /// Browsers ignore it there: it protects nobody.
    ///
    /// ## How to fix
    /// Send it from the HTTPS server, and only there.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     add_header Strict-Transport-Security "max-age=31536000";
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     add_header Strict-Transport-Security "max-age=31536000" always;
    /// }
    /// ```
    RULE: "hsts-on-plain-http", severity: Warning, title: "HSTS over plain HTTP",
        docs: "add_header", seed: "A15", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for header in config.all("add_header").filter(|header| header.arg(0).eq_ignore_ascii_case("strict-transport-security")) {
        // Set for all servers in http it reaches the HTTPS ones too.
        let Some(block) = header.server() else { continue };
        let Some(server) = config.server_of(block) else { continue };
        if server.has_tls() || !server.has_plain() || block.scalar("real_ip_header").is_some() {
            continue;
        }
        found_here.add(
            header.found(format_args!("{} sends Strict-Transport-Security over plain HTTP.", server.title()))
                .means("Browsers ignore it there. It belongs into the HTTPS server.")
                .safe("Take it away here.", fix::remove(header)),
        );
    }
}
