//! A resolver out on the internet.

use super::Found;
use crate::{Config};

rule! {
    /// `resolver` names a public DNS service.
    ///
    /// ## Why it matters
    /// Each lookup leaves the machine unencrypted, and whoever forges an answer leads requests elsewhere.
    ///
    /// ## How to fix
    /// Use the resolver of this machine, `127.0.0.53` or what `/etc/resolv.conf` names.
    ///
    /// ```nginx fires
    /// server {
    ///     resolver 8.8.8.8;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     resolver 127.0.0.53 valid=30s;
    ///     location / { resolver 10.0.0.2; }
    /// }
    /// ```
    RULE: "resolver-elsewhere", severity: Note, title: "Lookups leave this machine",
        docs: "resolver", seed: "", run: run
}

const PUBLIC: [&str; 10] =
    ["8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "208.67.222.222", "208.67.220.220", "149.112.112.112", "[2606:4700:4700::1111]", "[2001:4860:4860::8888]"];

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("resolver").filter(|directive| !directive.is_built_in()) {
        let Some((at, value)) = directive.args().enumerate().find(|(_, value)| PUBLIC.contains(&value.strip_suffix(":53").unwrap_or(value))) else { continue };
        found_here.add(
            directive.arg_found(at, format_args!("nginx asks {value}, out on the internet."))
                .means("Each lookup leaves the machine unencrypted; a forged answer leads requests elsewhere.")
                .by_hand("Use the resolver of this machine: /etc/resolv.conf names it."),
        );
    }
}
