//! A certificate that renewal does not replace.

use super::Found;
use crate::{Config, fix, search::Search};

rule! {
    /// nginx is given one numbered file of certbot's archive.
    ///
    /// ## Why it matters
    /// certbot writes the next certificate under another number: nginx keeps the old one until it expires.
    ///
    /// ## How to fix
    /// Use the path under `/etc/letsencrypt/live/`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/letsencrypt/archive/app.test/fullchain1.pem;
    ///     ssl_certificate_key /etc/letsencrypt/archive/app.test/privkey1.pem;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
    /// }
    /// ```
    RULE: "certificate-in-archive", severity: Warning, title: "Renewal will not reach nginx",
        docs: "ssl_certificate", seed: "A6 A9 A14", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("ssl_certificate").chain(config.all("ssl_certificate_key")) {
        let path = directive.arg(0);
        let Some((before, rest)) = path.cut("/letsencrypt/archive/") else { continue };
        let Some((lineage, file)) = rest.split_once('/') else { continue };
        let file = file.strip_suffix(".pem").unwrap_or(file).trim_end_matches(|c: char| c.is_ascii_digit());
        let live = format!("{before}/letsencrypt/live/{lineage}/{file}.pem");
        found_here.add(
            directive.found(format_args!("{path} is one numbered file."))
                .means("The renewed certificate gets another number; nginx keeps this one until it expires.")
                .safe(format_args!("Use {live}."), fix::replace_arg(directive, 0, &*live)),
        );
    }
}
