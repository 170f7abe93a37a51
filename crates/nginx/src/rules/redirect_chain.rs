//! A redirect to a redirect.

use super::Found;
use crate::{Config, Server, map::Map};

rule! {
    /// A name is redirected to another that is redirected again.
    ///
    /// ## Why it matters
    /// Visitors wait for two round trips, and HSTS preload lists refuse `http://name` → `http://www.name`.
    ///
    /// ## How to fix
    /// Send each name straight to its last address.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 http://www.app.test$request_uri;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name www.app.test;
    ///     return 301 https://www.app.test$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test www.app.test;
    ///     return 301 https://www.app.test$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test;
    ///     ssl_certificate /a.pem;
    ///     ssl_certificate_key /a.key;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://$host$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a.pem;
    ///     ssl_certificate_key /a.key;
    ///     return 301 https://www.app.test$request_uri;
    /// }
    /// ```
    RULE: "redirect-chain", severity: Note, title: "A redirect to a redirect",
        docs: "return", seed: "A11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut answers: Map<(bool, &str), &Server> = Map::new();
    for server in config.servers() {
        for listen in server.listens.iter().filter(|listen| listen.port == if listen.ssl { 443 } else { 80 }) {
            for host in server.hosts() {
                answers.change((listen.ssl, host), server, |_| {}); // the first one answers
            }
        }
    }
    let mut corners: Vec<_> = answers.iter().map(|(corner, server)| (*corner, *server)).collect();
    crate::order::sort_by(&mut corners, |a, b| a.0.cmp(&b.0));
    let mut told = Vec::new();
    for ((tls, host), server) in corners {
        let scheme = if tls { "https" } else { "http" };
        let name = server.names.first().map(|name| name.name.as_str());
        let Some(redirect) = server.redirect_for(scheme, host).filter(|redirect| redirect.keeps_path()) else { continue };
        let Some(target) = redirect.resolve(scheme, host, name).filter(|target| target.port.is_none()) else { continue };
        // First to HTTPS, then to another name: browsers with HSTS need it in this order.
        if target.host == host && !tls && target.scheme == "https" {
            continue;
        }
        let Some(next) = answers.get(&(target.scheme == "https", target.host.as_str())) else { continue };
        let next_name = next.names.first().map(|name| name.name.as_str());
        let Some(again) = next.redirect_for(&target.scheme, &target.host).filter(|again| again.keeps_path()) else { continue };
        let Some(last) = again.resolve(&target.scheme, &target.host, next_name) else { continue };
        let circle = (last.host == host && last.scheme == scheme) || (last.host == target.host && last.scheme == target.scheme);
        if circle || told.contains(&redirect.directive) {
            continue;
        }
        told.push(redirect.directive);
        found_here.add(
            config.get(redirect.directive).found(format_args!("{scheme}://{host} → {}://{} → {}://{}.", target.scheme, target.host, last.scheme, last.host),
            )
            .means("Visitors wait for one round trip more than they need to.")
            .related(config.get(again.directive).head_span(), "redirected again here")
            .by_hand(format_args!("Send them straight to {}://{}.", last.scheme, last.host)),
        );
    }
}
