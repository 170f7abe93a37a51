//! OCSP stapling that cannot look up names.

use super::Found;
use crate::{Config, fix, search::Search};

rule! {
    /// OCSP stapling is on and there is no `resolver`.
    ///
    /// ## Why it matters
    /// nginx cannot find the authority by name at run time and sends no staple; it says so in the log only.
    ///
    /// ## How to fix
    /// Name a resolver: the one in `/etc/resolv.conf`.
    ///
    /// ```nginx fires everything
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/app.crt;
    ///     ssl_certificate_key /etc/ssl/app.key;
    ///     ssl_stapling on;
    /// }
    /// ```
    /// ```nginx quiet everything
    /// server {
    ///     listen 443 ssl;
    ///     ssl_certificate /etc/ssl/app.crt;
    ///     ssl_certificate_key /etc/ssl/app.key;
    ///     ssl_stapling on;
    ///     resolver 127.0.0.53;
    /// }
    /// ```
    RULE: "stapling-without-resolver", severity: Note, title: "Stapling lacks a resolver",
        docs: "ssl_stapling", seed: "A14", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("ssl_stapling").filter(|directive| directive.arg_is(0, "on") && !directive.is_built_in()) {
        let Some(block) = directive.parent() else { continue };
        let inner = block.descendants().any(|other| other.is("resolver"));
        let ours = block.list("ssl_certificate");
        let lets_encrypt = !ours.is_empty() && ours.iter().all(|one| one.arg(0).has("/letsencrypt/"));
        let fixed = block.scalar("ssl_stapling_file").is_some() || block.scalar("ssl_stapling_responder").is_some();
        if inner || lets_encrypt || fixed || block.scalar("resolver").is_some() || !config.everything {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        found_here.add(
            directive.found("OCSP stapling is on, and nothing tells nginx whom to ask for addresses.")
                .means("nginx may send no staple, and says so in its log only.")
                .review("Name the resolver of this machine.", fix::add_after(directive, &["resolver 127.0.0.53;".into()])),
        );
    }
}
