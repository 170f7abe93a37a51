//! A redirect that looks at the wrong connection.

use super::Found;
use crate::{Condition, Config};

rule! {
    /// nginx stands behind something that ends TLS, and redirects by the scheme of its own connection.
    ///
    /// ## Why it matters
    /// To nginx every request looks like plain HTTP: it redirects for ever.
    ///
    /// ## How to fix
    /// Decide by `$http_x_forwarded_proto`, with a `map`, or let the proxy in front redirect.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     set_real_ip_from 173.245.48.0/20;
    ///     real_ip_header CF-Connecting-IP;
    ///     if ($scheme = http) { return 301 https://$host$request_uri; }
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     set_real_ip_from 10.0.0.0/8;
    ///     if ($http_x_forwarded_proto = http) { return 301 https://$host$request_uri; }
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    RULE: "redirect-behind-proxy", severity: Warning, title: "The redirect cannot see HTTPS",
        docs: "real_ip_header", seed: "A7 A17 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let tls: crate::map::Set<&str> =
        config.servers().iter().filter(|server| server.has_tls()).flat_map(|server| server.hosts()).collect();
    for server in config.servers().iter().filter(|server| !server.has_tls() && server.has_plain()) {
        let block = config.get(server.block);
        let behind = block.scalar("real_ip_header").or(block.scalar("set_real_ip_from"));
        let Some(behind) = behind else { continue };
        // With a TLS server for the same name the proxy in front may well come over HTTPS.
        let also_tls = server.hosts().any(|host| tls.contains(host));
        if also_tls {
            continue;
        }
        let Some(redirect) = server.redirects().iter().find(|redirect| redirect.condition == Condition::PlainHttp) else { continue };
        let directive = config.get(redirect.directive);
        found_here.add(
            directive.found("nginx stands behind a proxy, and this redirect looks at its own connection.")
                .means("To nginx every request looks like plain HTTP: it redirects for ever.")
                .related(behind.head_span(), "a proxy stands in front")
                .by_hand("Decide by $http_x_forwarded_proto, or let the proxy in front redirect."),
        );
    }
}
