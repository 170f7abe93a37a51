//! A certificate folder that is named after somebody else.

use super::Found;
use crate::{Config, config::lineage, words::joined};

rule! {
    /// certbot's folder is named after a domain that has nothing to do with the server's names.
    ///
    /// ## Why it matters
    /// The certificate most likely does not cover the site: browsers warn.
    ///
    /// ## How to fix
    /// `sudo certbot certificates` shows which certificate has which names.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /etc/letsencrypt/live/other.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/other.test/privkey.pem;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test api.app.test;
    ///     ssl_certificate /etc/letsencrypt/live/app.test-0001/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test-0001/privkey.pem;
    /// }
    /// ```
    RULE: "certificate-of-another-name", severity: Note, title: "A certificate for another name",
        docs: "ssl_certificate", seed: "A8 A9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers().iter().filter(|server| server.has_tls()) {
        let Some(certificate) = config.get(server.block).list("ssl_certificate").first().copied() else { continue };
        let path = certificate.arg(0);
        let Some(lineage) = lineage(path) else { continue };
        let hosts: Vec<&str> = server.hosts().collect();
        // A lineage may carry any name; one that shares no domain with the server is worth a look.
        let tail = |name: &str| {
            let labels: Vec<&str> = name.split('.').collect();
            labels.get(labels.len().saturating_sub(2)..).map(|tail| joined(tail, ".")).unwrap_or_default()
        };
        if hosts.is_empty() || !lineage.contains('.') || hosts.iter().any(|host| tail(host) == tail(lineage)) {
            continue;
        }
        found_here.add(
            certificate.found(format_args!("{} uses the certificate of {lineage}.", server.title()))
                .means("Unless that certificate has these names as well, browsers warn.")
                .by_hand("Compare with: sudo certbot certificates"),
        );
    }
}
