//! Port 443 without TLS.

use super::Found;
use crate::{Config, fix};

rule! {
    /// A server listens on port 443 without `ssl`.
    ///
    /// ## Why it matters
    /// nginx speaks plain HTTP on the port where browsers expect TLS: "this site can't provide a secure connection".
    ///
    /// ## How to fix
    /// Add `ssl` to the `listen` line.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443;
    ///     server_name app.test;
    ///     ssl_certificate /etc/letsencrypt/live/app.test/fullchain.pem;
    ///     ssl_certificate_key /etc/letsencrypt/live/app.test/privkey.pem;
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
    RULE: "plain-http-on-443", severity: Failed, title: "Port 443 speaks plain HTTP",
        docs: "https://nginx.org/en/docs/http/configuring_https_servers.html", seed: "A10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let block = config.get(server.block);
        let certificate = !block.list("ssl_certificate").is_empty();
        for listen in server.listens.iter().filter(|listen| !listen.ssl) {
            let Some(directive) = listen.directive.map(|id| config.get(id)) else { continue };
            // 8443 behind a load balancer may be plain on purpose; with a certificate beside it, it is not.
            if !(listen.port == 443 || (listen.port == 8443 && certificate)) || listen.proxy_protocol && !certificate {
                continue;
            }
            // "ssl" belongs to the socket: one server that says it says it for all. (Nobody has thousands of servers, and
            // each would be held against each.)
            if config.servers().len() < 5_000 && config.servers().iter().any(|other| other.listens.iter().any(|one| one.ssl && one.socket() == listen.socket())) {
                continue;
            }
            if !certificate && let Some(include) = block.unseen_include() {
                found_here.undecided(include);
                continue;
            }
            // Without a certificate, adding ssl would be the next error.
            let edits = if certificate { fix::add_arg(directive, "ssl") } else { Vec::new() };
            let draft = directive.found(format_args!("nginx speaks plain HTTP on {}.", listen.words()))
                .absent()
                .means("Browsers expect TLS there and say that the site cannot provide a secure connection.");
            found_here.add(if certificate {
                draft.safe("Add \"ssl\".", edits)
            } else {
                draft.review("Add \"ssl\", and a certificate.", edits)
            });
        }
    }
}
