//! Who answers a name on a port, and where redirects lead from there: the graph in which circles are looked for.

use super::{Config, Directive, ItemId, Location, Modifier, Redirect, Server, in_front};
use crate::{
    lint::MOST,
    map::{Map, Set},
    search::Search,
};

/// A name on a port, and the path that is asked for; `None` when variables leave it open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Corner {
    pub(crate) tls: bool,
    pub(crate) port: u16,
    pub(crate) host: String,
    path: Option<String>,
}

impl Corner {
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// `https://a.test`, with a port that is not the usual one.
    pub(crate) fn words(&self) -> String {
        let scheme = self.scheme();
        match (self.host.as_str(), self.port) {
            (ANY_NAME, _) => "every name".to_owned(),
            (host, port) if port == usual(self.tls) => format!("{scheme}://{host}"),
            (host, port) => format!("{scheme}://{host}:{port}"),
        }
    }

    fn same_place(&self, other: &Corner) -> bool {
        (self.tls, self.port, &self.host) == (other.tls, other.port, &other.host)
    }
}

/// A redirect that is met.
#[derive(Debug, Clone)]
pub(crate) struct Hop<'c> {
    pub(crate) from: Corner,
    pub(crate) server: &'c Server,
    pub(crate) redirect: &'c Redirect,
}

/// A name that no configuration has.
const ANY_NAME: &str = "any-name.invalid";

/// In place of a name: somebody is called by a pattern.
const PATTERN: &str = "~";

/// Redirects that browsers follow.
const MOST_HOPS: usize = 20;

fn usual(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

/// Every name on every port.
#[derive(Debug)]
pub(crate) struct Corners<'c> {
    config: &'c Config<'c>,
    /// Names, and tails such as `.a.test`, by the port on which they are answered; the empty name is the default.
    servers: Map<(bool, u16, &'c str), (&'c Server, bool)>,
    /// Names of this configuration, and not of another site.
    own: Set<&'c str>,
    sees_all: bool,
}

impl<'c> Corners<'c> {
    pub(crate) fn new(config: &'c Config<'c>) -> Corners<'c> {
        let mut corners = Corners { config, servers: Map::new(), own: Set::new(), sees_all: config.sees_all_servers() };
        // Where nobody is sent anywhere, nobody asks who answers.
        let redirects = config.servers().iter().any(|server| !server.redirects().is_empty());
        for server in config.servers().iter().filter(|_| redirects) {
            for listen in server.listens.iter().filter(|listen| !listen.quic) {
                let at = (listen.ssl, listen.port);
                // The first is the default, unless another is marked; of equal names the first counts.
                corners.servers.change((at.0, at.1, ""), (server, listen.default_server), |(known, marked)| {
                    if listen.default_server && !*marked {
                        (*known, *marked) = (server, true);
                    }
                });
                server.hosts().for_each(|host| corners.own.insert(host));
                for name in &server.names {
                    let own = name.name.as_str();
                    let tail = own.strip_prefix('*').unwrap_or(own);
                    match own {
                        "" => {}
                        _ if own.starts_with('~') || own.ends_with('*') => {
                            corners.servers.change((at.0, at.1, PATTERN), (server, false), |_| {});
                        }
                        _ => {
                            corners.servers.change((at.0, at.1, tail), (server, false), |_| {});
                            if let Some(bare) = own.strip_prefix('.') {
                                corners.servers.change((at.0, at.1, bare), (server, false), |_| {});
                            }
                        }
                    }
                }
            }
        }
        corners
    }

    /// The server that answers; `None` when nobody does, or when a pattern may.
    pub(crate) fn answers(&self, tls: bool, port: u16, host: &str) -> Option<&'c Server> {
        let named = |name: &str| self.servers.get(&(tls, port, name)).map(|(server, _)| *server);
        let tails = || host.match_indices('.').filter_map(|(at, _)| host.get(at..)).find_map(named);
        // Another site's name is not answered here, nor is one that a server may have which was not pasted.
        let default = host == ANY_NAME || (self.sees_all && self.own.contains(host));
        let default = || named("").filter(|_| default && !self.servers.contains_key(&(tls, port, PATTERN)));
        named(host).or_else(tails).or_else(default)
    }

    /// Where visitors begin: each name of each server, and one for those that answer for others.
    pub(crate) fn starts(&self) -> Vec<Corner> {
        let mut starts: Vec<Corner> = Vec::new();
        for server in self.config.servers().iter().filter(|server| !server.redirects().is_empty()) {
            let mut hosts: Vec<String> = server.hosts().map(str::to_owned).collect();
            if hosts.is_empty() {
                let wild = server.names.iter().map(|name| name.name.as_str()).find(|name| name.starts_with(['*', '.']));
                hosts.push(wild.map_or_else(
                    || ANY_NAME.to_owned(),
                    |wild| format!("any.{}", wild.trim_start_matches(['*', '.'])),
                ));
            }
            for listen in server.listens.iter().filter(|listen| !listen.quic) {
                let corner = |host: &String| Corner {
                    tls: listen.ssl,
                    port: listen.port,
                    host: host.clone(),
                    path: Some("/".to_owned()),
                };
                starts.extend(hosts.iter().map(corner));
            }
        }
        starts
    }

    /// The redirect that a visitor meets, and where it leads.
    pub(crate) fn next(&self, from: &Corner) -> Option<(Hop<'c>, Corner)> {
        let server = self.answers(from.tls, from.port, &from.host)?;
        let redirect = server.redirect_for(from.scheme(), &from.host)?;
        let block = self.config.get(server.block);
        if redirect.in_location && !lands_in_root(block, from.path.as_deref()?) {
            return None;
        }
        let name = server.names.first().map(|name| name.name.as_str());
        let target = redirect.resolve(from.scheme(), &from.host, name).filter(|target| !target.host.contains('*'))?;
        let tls = target.scheme == "https";
        let relative = redirect.target.starts_with('/');
        let port = target.port.unwrap_or(if relative { from.port } else { usual(tls) });
        let to = Corner { tls, port, host: target.host, path: path(&target.rest, from.path.as_deref()) };
        Some((Hop { from: from.clone(), server, redirect }, to))
    }

    /// The redirects that a visitor goes through for ever, if he does.
    pub(crate) fn circle(&self, start: Corner) -> Option<Vec<Hop<'c>>> {
        let mut hops: Vec<Hop<'c>> = Vec::new();
        let mut at = start;
        while hops.len() <= MOST_HOPS {
            let (hop, to) = self.next(&at)?;
            hops.push(hop);
            if let Some(back) = hops.iter().position(|hop| hop.from == to) {
                return hops.get(back..).map(<[_]>::to_vec);
            }
            at = to;
        }
        // The path grows from turn to turn.
        let back = hops.iter().rposition(|hop| hop.from.same_place(&at))?;
        hops.get(back..).map(<[_]>::to_vec)
    }

    /// Every circle once.
    pub(crate) fn circles(&self) -> Vec<Vec<Hop<'c>>> {
        let mut circles: Vec<Vec<Hop<'c>>> = Vec::new();
        let mut told: Vec<ItemId> = Vec::new();
        for start in self.starts() {
            let Some(circle) = self.circle(start) else { continue };
            let Some(least) = circle.iter().map(|hop| hop.redirect.directive).min() else { continue };
            if !told.contains(&least) {
                told.push(least);
                circles.push(circle);
            }
            if told.len() > MOST {
                break; // nobody is told of more
            }
        }
        circles
    }
}

/// Does a wildcard among the names answer this host?
pub(crate) fn is_covered(config: &Config<'_>, host: &str) -> bool {
    config.servers().iter().flat_map(|server| &server.names).any(|name| in_front(&name.name, host).is_some())
}

/// What is asked for next; `None` when a variable decides.
fn path(rest: &str, before: Option<&str>) -> Option<String> {
    let mut path = rest.to_owned();
    for (name, value) in [
        ("$is_args", Some("")),
        ("$args", Some("")),
        ("$query_string", Some("")),
        ("/$1", before),
        ("${request_uri}", before),
        ("$request_uri", before),
        ("$document_uri", before),
        ("$uri", before),
        ("$1", before),
    ] {
        if path.has(name) {
            path = path.swapped(name, value?);
        }
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    if path.contains('$') {
        return None;
    }
    Some(if path.is_empty() { "/" } else { path }.to_owned())
}

/// Is this path answered by `location /`? Patterns are not tried: one that may match takes it.
fn lands_in_root(block: Directive<'_>, path: &str) -> bool {
    !block.find("location").any(|location| {
        Location::of(location).is_some_and(|own| match own.modifier {
            Modifier::Exact => own.path == path,
            Modifier::Prefix | Modifier::PrefixFirst => own.path != "/" && path.starts_with(&own.path),
            // A dot, or a folder of a name, is not in "/".
            Modifier::Regex | Modifier::RegexAnyCase => {
                let named = own.path.trim_start_matches(['^', '/']).starts_with(|c: char| c.is_ascii_alphanumeric());
                path != "/" || !(own.path.has("\\.") || named)
            }
            Modifier::Named => false,
        })
    })
}
