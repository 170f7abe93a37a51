//! A site that answers for all names.

use super::Found;
use crate::{Config, Version};

rule! {
    /// The default server of a TLS port is a site of its own.
    ///
    /// ## Why it matters
    /// A visitor who comes with another name gets this site's certificate, and a warning with it.
    ///
    /// ## How to fix
    /// A server of its own: `listen 443 ssl default_server; ssl_reject_handshake on;`
    ///
    /// ```nginx fires 1.22 everything
    /// server {
    ///     listen 443 ssl default_server;
    ///     server_name a.test;
    ///     ssl_certificate /a.pem;
    ///     ssl_certificate_key /a.key;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name b.test;
    ///     ssl_certificate /b.pem;
    ///     ssl_certificate_key /b.key;
    /// }
    /// ```
    /// ```nginx quiet 1.22 everything
    /// server {
    ///     listen 443 ssl default_server;
    ///     ssl_reject_handshake on;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name b.test;
    ///     ssl_certificate /b.pem;
    ///     ssl_certificate_key /b.key;
    /// }
    /// ```
    /// ```nginx quiet 1.22 everything
    /// server {
    ///     listen 443 ssl default_server;
    ///     server_name a.test;
    ///     ssl_certificate /a.pem;
    ///     ssl_certificate_key /a.key;
    /// }
    /// ```
    RULE: "default-server-is-a-site", severity: Note, title: "This site answers all names",
        docs: "ssl_reject_handshake", seed: "A12 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if !config.everything || config.version < Version::new(19, 4) {
        return;
    }
    for server in config.servers().iter().filter(|server| server.hosts().next().is_some()) {
        let Some(listen) = server.listens.iter().find(|listen| listen.ssl && listen.default_server) else { continue };
        // With one site, its certificate is the only one there is.
        let others = config.servers().iter().any(|other| {
            other.block != server.block && other.listens.iter().any(|own| own.socket() == listen.socket()) && other.hosts().next().is_some()
        });
        let Some(directive) = listen.directive.filter(|_| others).map(|id| config.get(id)) else { continue };
        found_here.add(
            directive.found(format_args!("Names that no server has are answered by {}.", server.title()))
                .means("Whoever comes with such a name gets its certificate, and a warning with it.")
                .by_hand("Give the port a default server of its own with ssl_reject_handshake on;"),
        );
    }
}
