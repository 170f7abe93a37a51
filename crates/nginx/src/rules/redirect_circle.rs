//! Servers that send visitors to each other.

use crate::map::{Map, Set};

use super::Found;
use crate::{Config, ItemId, Server, words::joined};

rule! {
    /// Servers redirect to each other in a circle.
    ///
    /// ## Why it matters
    /// Browsers give up with "too many redirects": one server adds www, the other takes it away.
    ///
    /// ## How to fix
    /// Decide for one name, and redirect only from the others.
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
    ///     return 301 http://app.test$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test www.app.test;
    ///     return 301 https://app.test$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 https://app.test$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     root /srv/app;
    /// }
    /// ```
    RULE: "redirect-circle", severity: Failed, title: "Redirects go in a circle",
        docs: "return", seed: "A11 A-cause", run: run
}

type Corner<'c> = (bool, &'c str);

fn run(config: &Config<'_>, found_here: &mut Found) {
    // Which server answers (https?, host): the first that has the name on the usual port.
    let mut answers: Map<Corner<'_>, &Server> = Map::new();
    for server in config.servers() {
        for listen in server.listens.iter().filter(|listen| listen.port == if listen.ssl { 443 } else { 80 }) {
            for host in server.hosts() {
                answers.change((listen.ssl, host), server, |_| {});
            }
        }
    }
    let hosts: Set<&str> = answers.keys().map(|(_, host)| *host).collect();
    // Where each corner is sent.
    let mut next: Map<Corner<'_>, (Corner<'_>, ItemId)> = Map::new();
    for ((tls, host), server) in answers.iter() {
        let scheme = if *tls { "https" } else { "http" };
        let Some(redirect) = server.redirect_for(scheme, host).filter(|redirect| redirect.keeps_path()) else { continue };
        let name = server.names.first().map(|name| name.name.as_str());
        let Some(target) = redirect.resolve(scheme, host, name).filter(|target| target.port.is_none()) else { continue };
        let to_tls = target.scheme == "https";
        if let Some(known) = hosts.get(target.host.as_str()).filter(|known| answers.contains_key(&(to_tls, **known))) {
            next.insert((*tls, host), ((to_tls, known), redirect.directive));
        }
    }
    let mut starts: Vec<_> = next.keys().copied().collect();
    crate::order::sort(&mut starts);
    // Each corner has one way out: following it meets every circle once.
    let mut seen: Map<Corner<'_>, usize> = Map::new();
    for (round, start) in starts.into_iter().enumerate() {
        let mut path = Vec::new();
        let mut at = start;
        while let (None, Some((to, directive))) = (seen.get(&at), next.get(&at)) {
            seen.insert(at, round);
            path.push((at, *directive));
            at = *to;
        }
        if seen.get(&at) != Some(&round) {
            continue;
        }
        let Some(from) = path.iter().position(|(corner, _)| *corner == at) else { continue };
        let circle = path.get(from..).unwrap_or_default();
        // One server that sends a name to itself is another rule's.
        let Some(((_, first), true)) = circle.first().map(|first| (*first, circle.len() > 1)) else { continue };
        let names: Vec<String> = circle
            .iter()
            .map(|((tls, host), _)| format!("{}://{host}", if *tls { "https" } else { "http" }))
            .chain(std::iter::once(format!("{}://{}", if at.0 { "https" } else { "http" }, at.1)))
            .collect();
        let directive = config.get(first);
        let mut draft = directive.found(format_args!("{}.", joined(&names, " → ")))
            .means("Browsers give up with \"too many redirects\".")
            .by_hand("Decide for one name, and redirect only from the others.");
        for (_, other) in circle.iter().skip(1).filter(|(_, other)| *other != first) {
            draft = draft.related(config.get(*other).head_span(), "and back from here");
        }
        found_here.add(draft);
    }
}
