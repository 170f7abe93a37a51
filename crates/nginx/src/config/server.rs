//! Servers with their sockets and names, and upstreams.

use super::{Config, Context, Directive, ItemId, Listen, Redirect};
use crate::search::Search;

/// One name of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerName {
    /// The directive.
    pub directive: ItemId,
    /// Which of its arguments, from 0.
    pub arg: usize,
    /// As written, in lower case; a regular expression keeps its `~`.
    pub name: String,
}

impl ServerName {
    /// A plain host name: no wildcard, no regular expression, no variable, not `_`.
    pub fn is_host(&self) -> bool {
        let name = &self.name;
        name.contains('.')
            && !name.starts_with(['.', '~'])
            && !name.contains(['*', '$', '/', ':', '{', '<'])
            && name.len() < 254
    }
}

/// How long the fixed part is where a host fits `*.x` or `.x` as a wildcard; that `.x` is x too is for the caller. Both are
/// in lower case.
pub(crate) fn in_front(wildcard: &str, host: &str) -> Option<usize> {
    let suffix = wildcard.strip_prefix('*').or_else(|| wildcard.starts_with('.').then_some(wildcard))?;
    (suffix.starts_with('.') && host.len() > suffix.len() && host.ends_with(suffix)).then_some(suffix.len())
}

/// What certbot calls the certificate of this path: `a.test` of `/etc/letsencrypt/live/a.test-0001/fullchain.pem`, which
/// is the second of that name.
pub(crate) fn lineage(path: &str) -> Option<&str> {
    let folder = path.cut("/letsencrypt/live/")?.1.split('/').next()?;
    Some(match folder.rsplit_once('-') {
        Some((name, number)) if number.len() == 4 && number.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => folder,
    })
}

/// How long the fixed part is where a host fits `x.*`. Both are in lower case.
pub(crate) fn at_the_end(wildcard: &str, host: &str) -> Option<usize> {
    let prefix = wildcard.strip_suffix('*').filter(|it| it.ends_with('.') && !it.starts_with(['*', '.']))?;
    (host.len() > prefix.len() && host.starts_with(prefix)).then_some(prefix.len())
}

/// An HTTP server.
#[derive(Debug, Clone)]
pub struct Server {
    /// Its block; the outside of the file for a bare server body.
    pub block: ItemId,
    /// Its sockets.
    pub listens: Vec<Listen>,
    /// Its names.
    pub names: Vec<ServerName>,
    pub(super) hosts: Vec<String>,
    pub(super) redirects: Vec<Redirect>,
    /// A bare body of which `listen` may not have been pasted.
    pub bare: bool,
}

impl Server {
    /// Plain host names.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.hosts.iter().map(String::as_str)
    }

    /// Does it speak TLS on some socket?
    pub fn has_tls(&self) -> bool {
        self.listens.iter().any(|listen| listen.ssl)
    }

    /// Does it speak plain HTTP on some socket?
    pub fn has_plain(&self) -> bool {
        self.listens.iter().any(|listen| !listen.ssl)
    }

    /// Default on some socket.
    pub fn is_default(&self) -> bool {
        self.listens.iter().any(|listen| listen.default_server)
    }

    /// How people call it: its first name, or where it listens.
    pub fn title(&self) -> String {
        match (self.names.first(), self.listens.first()) {
            (Some(name), _) if !name.name.is_empty() => name.name.clone(),
            (_, Some(listen)) => format!("the server on {}", listen.words()),
            _ => "the server".into(),
        }
    }
}

/// A group of backends.
#[derive(Debug, Clone)]
pub struct Upstream {
    /// Its block.
    pub block: ItemId,
    /// Its name.
    pub name: String,
    /// Each `server` in it: the directive and its address.
    pub servers: Vec<(ItemId, String)>,
}

pub(super) fn servers(config: &Config<'_>) -> Vec<Server> {
    let blocks = config.all("server").filter(|block| block.inside() == Context::SERVER && block.is_block());
    let bare = config.roots().filter(|root| root.inside() == Context::SERVER);
    let mut all: Vec<Server> = blocks.chain(bare).map(|block| server(block)).collect();
    crate::order::sort_by(&mut all, |a, b| a.block.cmp(&b.block));
    all
}

fn server(block: Directive<'_>) -> Server {
    let mut listens = Vec::new();
    let mut any = false;
    for directive in block.find("listen") {
        any = true;
        listens.extend(Listen::of(directive));
    }
    let ssl_on = block.scalar("ssl").is_some_and(|ssl| ssl.arg_is(0, "on")) && directives_know_ssl(block.config());
    let bare = block.is_root();
    if !any && !bare && block.unseen_include().is_none() {
        listens.push(Listen::IMPLICIT);
    }
    for listen in &mut listens {
        listen.ssl |= ssl_on;
    }
    let mut names = Vec::new();
    for directive in block.find("server_name") {
        for (arg, name) in directive.args().enumerate() {
            let name = if name.starts_with('~') { name.to_owned() } else { name.to_ascii_lowercase() };
            names.push(super::ServerName { directive: directive.id(), arg, name });
        }
    }
    let hosts = names.iter().filter(|name| name.is_host()).map(|name| name.name.clone()).collect();
    Server { block: block.id(), listens, names, hosts, redirects: super::redirect::redirects(block), bare }
}

/// `ssl on` still worked before 1.25.1.
fn directives_know_ssl(config: &Config<'_>) -> bool {
    config.version < crate::Version::new(25, 1)
}

pub(super) fn upstreams(config: &Config<'_>) -> Vec<Upstream> {
    config
        .all("upstream")
        .filter(|block| block.inside() == Context::UPSTREAM)
        .map(|block| Upstream {
            block: block.id(),
            name: block.arg(0).to_owned(),
            servers: block.find("server").map(|server| (server.id(), server.arg(0).to_owned())).collect(),
        })
        .collect()
}
