//! OCSP stapling that has nothing to staple.

use super::Found;
use crate::{Config, fix, search::Search};

rule! {
    /// OCSP stapling is on with a certificate of Let's Encrypt, which no longer offers OCSP.
    ///
    /// ## Why it matters
    /// nginx logs "ssl_stapling ignored, no OCSP responder" at each start; nothing else changes.
    ///
    /// ## How to fix
    /// Take `ssl_stapling` and `ssl_stapling_verify` away.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
    ///     ssl_stapling on;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/app.crt;
    ///     ssl_certificate_key /etc/ssl/app.key;
    ///     ssl_stapling on;
    /// }
    /// ```
    RULE: "stapling-without-use", severity: Note, title: "Nothing left to staple",
        docs: "ssl_stapling", seed: "A14", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for stapling in config.all("ssl_stapling").filter(|stapling| stapling.arg_is(0, "on") && !stapling.is_built_in()) {
        let Some(block) = stapling.parent() else { continue };
        let certificates = block.list("ssl_certificate");
        if certificates.is_empty() || !certificates.iter().all(|one| one.arg(0).has("/letsencrypt/")) {
            continue;
        }
        let mut edits = fix::remove(stapling);
        if let Some(verify) = block.first("ssl_stapling_verify") {
            edits.extend(fix::remove(verify));
        }
        found_here.add(
            stapling.found("OCSP stapling is on, and Let's Encrypt no longer offers OCSP.")
                .means("nginx logs a warning at each start; nothing else changes.")
                .warned("\"ssl_stapling\" ignored, no OCSP responder URL in the certificate")
                .safe("Take it away.", edits),
        );
    }
}
