//! Plain HTTP to another machine.

use super::Found;
use crate::{Config, ProxyTarget, config::ip};

rule! {
    /// `proxy_pass` sends requests to a public address without TLS.
    ///
    /// ## Why it matters
    /// Whoever sits between can read and change them, passwords included.
    ///
    /// ## How to fix
    /// Use `https://`, or a private address.
    ///
    /// ```nginx fires
    /// server {
    ///     location / { proxy_pass http://93.184.216.34:8000; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location / { proxy_pass http://10.0.0.5:8000; }
    ///     location /a { proxy_pass https://93.184.216.34; }
    ///     location /b { proxy_pass http://127.0.0.1:8000; }
    /// }
    /// ```
    RULE: "proxy-to-public-address", severity: Note, title: "Plain HTTP leaves this machine",
        docs: "proxy_pass", seed: "B7 C8", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("proxy_pass") {
        let Some(target) = ProxyTarget::of(directive.arg(0)).filter(|target| !target.tls) else { continue };
        let Some(ip) = ip::v4(&target.host) else { continue };
        let [a, b, ..] = ip.octets();
        let carrier = a == 100 && (64..128).contains(&b);
        if ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified() || carrier || ip.is_documentation() {
            continue;
        }
        found_here.add(
            directive.arg_found(0, format_args!("Requests go to {} over the internet, unencrypted.", target.host))
                .means("Whoever sits between can read and change them.")
                .by_hand("Use https://, or a private address."),
        );
    }
}
