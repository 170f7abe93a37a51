//! A TLS server without a certificate.

use crate::map::Map;

use super::Found;
use crate::{Config, Server, finding::found, fix};

rule! {
    /// A server listens with `ssl` and has no certificate.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration when no server of that port has one; otherwise this server answers with
    /// another server's certificate.
    ///
    /// ## How to fix
    /// Name the certificate and its key.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
    /// }
    /// server {
    ///     listen 443 ssl default_server;
    ///     ssl_reject_handshake on;
    /// }
    /// ```
    RULE: "certificate-missing", severity: Failed, title: "TLS without a certificate",
        docs: "ssl_certificate", seed: "A9 A10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    // The default server of each socket: marked as such, or the first.
    let mut defaults: Map<_, (bool, &Server)> = Map::new();
    for server in config.servers() {
        for listen in server.listens.iter().filter(|listen| listen.ssl) {
            defaults.change(listen.socket(), (listen.default_server, server), |default| {
                if listen.default_server && !default.0 {
                    *default = (true, server);
                }
            });
        }
    }
    for server in config.servers() {
        let block = config.get(server.block);
        let Some(listen) = server.listens.iter().find(|listen| listen.ssl) else { continue };
        let rejects = block.scalar("ssl_reject_handshake").is_some_and(|directive| directive.arg(0) == "on");
        if rejects || !block.list("ssl_certificate").is_empty() {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(&include);
            continue;
        }
        // nginx asks the port's default server first; when it has a certificate, the others may do without.
        let default = defaults.get(&listen.socket());
        let covered = default.is_some_and(|(_, other)| {
            other.block != server.block && !config.get(other.block).list("ssl_certificate").is_empty()
        });
        let at = listen.directive.map_or_else(|| block.head_span(), |id| config.get(id).head_span());
        let name = server.hosts().next().unwrap_or("example.com");
        let lines = vec![
            format!("ssl_certificate /etc/letsencrypt/live/{name}/fullchain.pem;"),
            format!("ssl_certificate_key /etc/letsencrypt/live/{name}/privkey.pem;"),
        ];
        let edits = match block.find("server_name").last() {
            Some(names) => fix::add_after(&names, &lines),
            None => fix::add_inside(&block, &lines),
        };
        let draft = found(at, format!("{} speaks TLS on {} and names no certificate.", server.title(), listen.words()))
            .review("Name the certificate that certbot made for it (certbot certificates shows the path).", edits);
        found_here.add(if covered {
            draft.means("Visitors get the certificate of another server on this port, and a warning with it.")
        } else {
            draft
                .means("nginx refuses the whole configuration because of it.")
                .refused(if listen.directive.is_none_or(|id| !config.get(id).args().any(|arg| arg == "ssl" || arg == "quic")) {
                    "no \"ssl_certificate\" is defined for the \"ssl\" directive"
                } else {
                    "no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive"
                })
        });
    }
}
