//! A certificate without its key.

use super::{Found, short};
use crate::{Config, finding::{Noticed, Step}, fix, search::Search};

rule! {
    /// A server has a certificate and no key for it.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Name the key; certbot keeps it beside the certificate as `privkey.pem`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
    /// }
    /// ```
    RULE: "certificate-key-missing", severity: Failed, title: "A certificate without its key",
        docs: "ssl_certificate_key", seed: "A9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let block = config.get(server.block);
        let certificates = block.list("ssl_certificate");
        let keys = block.list("ssl_certificate_key");
        let Some(certificate) = certificates.get(keys.len()) else { continue };
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        let path = certificate.arg(0);
        let folder = path.rsplit_once('/').map(|(folder, _)| folder);
        let draft = certificate.found(format_args!("{} has no key beside it.", short(path)))
            .absent()
            .refused(format_args!("no \"ssl_certificate_key\" is defined for certificate \"{path}\""))
            .noticed(Noticed::Together(Step::Inherited, None));
        found_here.add(match folder.filter(|_| path.has("/letsencrypt/live/")) {
            Some(folder) => draft.safe(
                "Name the key that certbot keeps beside it.",
                fix::add_after(*certificate, &[format!("ssl_certificate_key {folder}/privkey.pem;")]),
            ),
            None => draft.by_hand("Name the key."),
        });
    }
}
