//! One server for both ports that always redirects to HTTPS.

use super::{Found, redirect_to_itself::is_both_ports};
use crate::{Config, config::{Corners, Hop}, fix};

rule! {
    /// One server listens on 80 and 443 and redirects every request to HTTPS.
    ///
    /// ## Why it matters
    /// Requests that come over HTTPS are redirected too: "too many redirects".
    ///
    /// ## How to fix
    /// Give port 80 a server of its own that redirects.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 https://$host$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     if ($scheme = http) { return 301 https://$host$request_uri; }
    /// }
    /// ```
    RULE: "redirect-loop-on-both-ports", severity: Failed, title: "HTTPS is redirected to HTTPS",
        docs: "return", seed: "A7 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for circle in Corners::new(config).circles() {
        let [Hop { from, server, redirect }] = circle.as_slice() else { continue };
        if !is_both_ports(from.tls, server, redirect) {
            continue;
        }
        let block = config.get(server.block);
        let directive = config.get(redirect.directive);
        // A server of its own for port 80; here the plain ports and the redirect go.
        let mut edits = fix::remove(directive);
        let mut lines = vec!["server {".to_owned()];
        for listen in server.listens.iter().filter(|listen| !listen.ssl) {
            let Some(listen) = listen.directive.map(|id| config.get(id)) else { continue };
            lines.push(format!("    {};", listen.head()));
            edits.extend(fix::remove(listen));
        }
        if let Some(names) = server.names.first().map(|name| config.get(name.directive)) {
            lines.push(format!("    {};", names.head()));
        }
        lines.push(format!("    {};", directive.head()));
        lines.push("}".into());
        if !server.bare {
            edits.extend(fix::add_before(block, &lines));
        }
        found_here.add(
            directive.found("This server answers both http and https, and redirects both to https.")
                .means("Requests that come over HTTPS are redirected to where they are: \"too many redirects\".")
                .review("Give port 80 a server of its own.", if server.bare { Vec::new() } else { edits }),
        );
    }
}
