//! A TLS server without a certificate.

use crate::map::Map;

use super::Found;
use crate::{Config, Directive, Listen, Server, finding::{Noticed, Step, found}, fix};

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
    // The default server of each socket: marked as such, or the first, TLS or not. nginx asks it for the certificate as
    // soon as any server speaks TLS there.
    let mut sockets: Map<_, Socket<'_>> = Map::new();
    for server in config.servers() {
        for listen in &server.listens {
            let first = Socket { default: server, marked: listen.default_server, tls: None };
            sockets.change(listen.socket(), first, |socket| {
                if listen.default_server && !socket.marked {
                    (socket.default, socket.marked) = (server, true);
                }
                if listen.ssl && socket.tls.is_none() {
                    socket.tls = Some(listen);
                }
            });
        }
    }
    for server in config.servers() {
        let block = config.get(server.block);
        if has_certificate(block) || rejects(block) {
            continue;
        }
        // As the default of a socket on which somebody speaks TLS, or as one that speaks TLS itself.
        let asked = server.listens.iter().find_map(|listen| {
            let socket = sockets.get(&listen.socket())?;
            let tls = socket.tls?;
            (socket.default.block == server.block).then_some((listen, tls))
        });
        let own = server.listens.iter().find(|listen| listen.ssl);
        let Some((listen, tls)) = asked.or(own.map(|listen| (listen, listen))) else { continue };
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        let default = sockets.get(&listen.socket()).map(|socket| config.get(socket.default.block));
        // Another server answers for it; where that one only refuses, each has to have its own.
        let covered = asked.is_none() && default.is_some_and(|other| has_certificate(other));
        let at = listen.directive.map_or_else(|| block.head_span(), |id| config.get(id).head_span());
        let name = server.hosts().next().unwrap_or("example.com");
        let lines = vec![
            format!("ssl_certificate /etc/letsencrypt/live/{name}/fullchain.pem;"),
            format!("ssl_certificate_key /etc/letsencrypt/live/{name}/privkey.pem;"),
        ];
        let edits = match block.find("server_name").last() {
            Some(names) => fix::add_after(names, &lines),
            None => fix::add_inside(block, &lines),
        };
        let seen = if listen.ssl {
            format!("{} speaks TLS on {} and names no certificate.", server.title(), listen.words())
        } else {
            format!("{} is the default on {}, where another server speaks TLS, and names no certificate.", server.title(), listen.words())
        };
        let mut draft = found(at, seen)
            .absent()
            .review("Name the certificate that certbot made for it (certbot certificates shows the path).", edits);
        if let Some(other) = tls.directive.filter(|id| Some(*id) != listen.directive) {
            draft = draft.related(config.get(other).head_span(), "TLS is spoken here");
        }
        let by_listen = tls.directive.is_some_and(|id| config.get(id).args().any(|arg| arg == "ssl" || arg == "quic"));
        found_here.add(if covered {
            draft.means("Visitors get the certificate of another server on this port, and a warning with it.")
        } else {
            draft
                .refused(if by_listen {
                    "no \"ssl_certificate\" is defined for the \"listen ... ssl\" directive"
                } else {
                    "no \"ssl_certificate\" is defined for the \"ssl\" directive"
                })
                .noticed(Noticed::Together(Step::Certificates, Some(block.open().map_or(0, |open| open.start))))
        });
    }
}

struct Socket<'a> {
    default: &'a Server,
    marked: bool,
    tls: Option<&'a Listen>,
}

fn has_certificate(block: Directive<'_>) -> bool {
    !block.list("ssl_certificate").is_empty()
}

fn rejects(block: Directive<'_>) -> bool {
    block.scalar("ssl_reject_handshake").is_some_and(|directive| directive.arg_is(0, "on"))
}
