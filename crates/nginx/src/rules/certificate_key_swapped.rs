//! Certificate and key in each other's place.

use super::Found;
use crate::{Config};

rule! {
    /// The key stands where the certificate belongs, or the reverse.
    ///
    /// ## Why it matters
    /// nginx refuses to start.
    ///
    /// ## How to fix
    /// `ssl_certificate` is `fullchain.pem`, `ssl_certificate_key` is `privkey.pem`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/privkey.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/fullchain.pem;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/keystore/app.crt;
    ///     ssl_certificate_key /etc/ssl/keystore/app.key;
    /// }
    /// ```
    RULE: "certificate-key-swapped", severity: Failed, title: "Certificate and key are swapped",
        docs: "ssl_certificate", seed: "A9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let file = |path: &str| path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    for certificate in config.all("ssl_certificate") {
        let Some(key) = certificate.parent().and_then(|block| block.first("ssl_certificate_key")) else { continue };
        let (cert_file, key_file) = (file(certificate.arg(0)), file(key.arg(0)));
        let looks_key = |name: &str| name.starts_with("privkey") || name.ends_with(".key") || name == "key.pem";
        let looks_cert = |name: &str| name.starts_with("fullchain") || name.ends_with(".crt") || name.starts_with("cert");
        let key_first = looks_key(&cert_file) && !looks_key(&key_file);
        let certificate_second = looks_cert(&key_file) && !looks_cert(&cert_file);
        if !key_first && !certificate_second {
            continue;
        }
        let swap = looks_key(&cert_file) && looks_cert(&key_file);
        let draft = certificate.found(format_args!("The certificate is said to be {cert_file}, its key {key_file}."))
            .means("nginx finds no certificate there and refuses to start.")
            .related(key.head_span(), "the key")
            .warned("cannot load certificate: PEM_read_bio_X509_AUX() failed (no start line)");
        found_here.add(if swap {
            draft.safe(
                "Swap the two paths.",
                vec![(certificate.arg_span(0), key.arg(0).to_owned()), (key.arg_span(0), certificate.arg(0).to_owned())],
            )
        } else {
            draft.by_hand("Name the certificate first and the key second.")
        });
    }
}
