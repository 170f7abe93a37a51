//! The certificate alone, without the one that signed it.

use super::Found;
use crate::{Config, fix, search::Search};

rule! {
    /// nginx is given certbot's `cert.pem`, which lacks the certificate that signed it.
    ///
    /// ## Why it matters
    /// Some browsers fetch what is missing; curl, phones and other servers refuse the connection.
    ///
    /// ## How to fix
    /// Use `fullchain.pem`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/cert.pem;
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
    RULE: "certificate-without-chain", severity: Failed, title: "The chain is left out",
        docs: "https://nginx.org/en/docs/http/configuring_https_servers.html#chains", seed: "A9 A10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for certificate in config.all("ssl_certificate") {
        let path = certificate.arg(0);
        let Some(folder) = path.strip_suffix("/cert.pem").or(path.strip_suffix("/chain.pem")) else { continue };
        if !folder.has("/letsencrypt/") {
            continue;
        }
        found_here.add(
            certificate.found(format_args!("{path} lacks a part of the chain."))
                .means("curl, phones and other servers refuse the connection; some browsers do not.")
                .safe("Use fullchain.pem.", fix::replace_arg(certificate, 0, format_args!("{folder}/fullchain.pem"))),
        );
    }
}
