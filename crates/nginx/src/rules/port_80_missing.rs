//! A name that nobody answers on port 80.

use super::{Found, list};
use crate::{Config, words::joined};

rule! {
    /// A name has HTTPS and no server on port 80.
    ///
    /// ## Why it matters
    /// Whoever types the name without https gets another site or an error; renewal by HTTP challenge fails.
    ///
    /// ## How to fix
    /// Add a port-80 server that redirects to HTTPS.
    ///
    /// ```nginx fires everything
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     root /srv/app;
    /// }
    /// ```
    /// ```nginx quiet everything
    /// server {
    ///     listen 80 default_server;
    ///     return 301 https://$host$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     root /srv/app;
    /// }
    /// ```
    RULE: "port-80-missing", severity: Note, title: "No server on port 80",
        docs: "listen", seed: "A3 A7", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if !config.sees_all_servers() {
        return;
    }
    let plain: Vec<&crate::Server> = config
        .servers()
        .iter()
        .filter(|server| server.listens.iter().any(|listen| !listen.ssl && listen.port == 80))
        .collect();
    // The default server of port 80 answers every name.
    if plain.iter().any(|server| !server.redirects().is_empty() && server.hosts().next().is_none()) {
        return;
    }
    let known: crate::map::Set<&str> = plain.iter().flat_map(|server| server.hosts()).collect();
    let wild = plain.iter().any(|server| server.names.iter().any(|name| name.name.starts_with(['*', '.', '~'])));
    for server in config.servers().iter().filter(|server| server.has_tls() && !server.has_plain()) {
        let missing: Vec<&str> = server.hosts().filter(|host| !known.contains(host)).collect();
        let usual = server.listens.iter().any(|listen| listen.port == 443);
        if missing.is_empty() || wild || !usual {
            continue;
        }
        let names = joined(&missing, " ");
        found_here.add(
            config.get(server.block).found(format_args!("No server on port 80 has the name {}.", list(&missing)))
                .means("Whoever types the name without https gets another site or an error.")
                .by_hand(
                    format_args!("Add: server {{ listen 80; listen [::]:80; server_name {names}; return 301 https://$host$request_uri; }}")),
        );
    }
}
