//! Where a server sends its visitors without asking the application.

use super::{Config, Directive, ItemId, Location, Modifier, Server, variables_in};
use crate::{search::Search, words};

/// When a redirect applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// To every request of the server (other locations apart, when it stands in `location /`).
    Always,
    /// `if ($host = name)`
    HostIs(String),
    /// `if ($host != name)`
    HostIsNot(String),
    /// `if ($scheme = http)` or `if ($scheme != https)`
    PlainHttp,
    /// Something else: it may or may not apply.
    Unknown,
}

/// A `return 30x …` or a redirecting `rewrite`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The directive.
    pub directive: ItemId,
    /// 301, 302, 303, 307, 308.
    pub code: u16,
    /// As written.
    pub target: String,
    /// When.
    pub condition: Condition,
    /// It stands in `location /` and not on the server itself.
    pub in_location: bool,
}

/// Scheme, host and the rest of a redirect's target, for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// `http` or `https`.
    pub scheme: String,
    /// Lower case, without a port.
    pub host: String,
    /// A port that is not the scheme's own.
    pub port: Option<u16>,
    /// Path and query as written: `$request_uri`, `/new`.
    pub rest: String,
}

impl Redirect {
    /// Where a request for `scheme://host/` is sent; `None` when variables leave it open.
    pub fn resolve(&self, scheme: &str, host: &str, server_name: Option<&str>) -> Option<Target> {
        let target = self.target.as_str();
        if target.starts_with('/') {
            return Some(Target { scheme: scheme.into(), host: host.into(), port: None, rest: target.to_owned() });
        }
        let (to_scheme, rest) = target.cut("://")?;
        let to_scheme = match to_scheme {
            "$scheme" | "${scheme}" => scheme.to_owned(),
            literal => literal.to_ascii_lowercase(),
        };
        if to_scheme != "http" && to_scheme != "https" {
            return None;
        }
        let own_name = variables_in(rest).first().filter(|(at, _)| *at == 0).map(|(_, name)| *name);
        let swapped;
        let rest = match own_name {
            Some(name @ ("host" | "http_host" | "server_name")) => {
                let written = if rest.starts_with("${") { name.len() + 3 } else { name.len() + 1 };
                let value = if name == "server_name" { server_name? } else { host };
                swapped = format!("{value}{}", rest.get(written..)?);
                swapped.as_str()
            }
            _ => rest,
        };
        let end = rest.find(['/', '$', '?']).unwrap_or(rest.len());
        let (authority, rest) = rest.split_at_checked(end)?;
        if authority.is_empty() {
            return None; // a variable names the host
        }
        let (name, port) = match authority.rsplit_once(':') {
            Some((name, port)) if !name.is_empty() => (name, Some(words::port(port)?)),
            _ => (authority, None),
        };
        let own = if to_scheme == "https" { 443 } else { 80 };
        Some(Target {
            scheme: to_scheme,
            host: name.to_ascii_lowercase(),
            port: port.filter(|port| *port != own),
            rest: rest.to_owned(),
        })
    }

    /// Is the path of the request kept?
    pub fn keeps_path(&self) -> bool {
        ["$request_uri", "${request_uri}", "$uri", "$1", "$document_uri"].iter().any(|name| self.target.has(name))
    }
}

impl Server {
    /// Redirects that apply to the whole server or to `location /`, in the order in which nginx asks them.
    pub fn redirects(&self) -> &[Redirect] {
        &self.redirects
    }

    /// The redirect that every request for `host` on this scheme meets, and whether it stands in `location /`.
    pub fn redirect_for(&self, scheme: &str, host: &str) -> Option<&Redirect> {
        self.redirects.iter().find(|redirect| match &redirect.condition {
            Condition::Always => true,
            Condition::HostIs(name) => name == host,
            Condition::HostIsNot(name) => name != host,
            Condition::PlainHttp => scheme == "http",
            Condition::Unknown => false,
        })
    }

    /// Does a request for an ACME challenge meet a location of its own?
    pub fn challenge_location<'c>(&self, config: &'c Config<'c>) -> Option<Directive<'c>> {
        let block = config.get(self.block);
        block.find("location").find(|location| {
            Location::of(*location).is_some_and(|location| match location.modifier {
                Modifier::Prefix | Modifier::PrefixFirst | Modifier::Exact => location.path.starts_with("/.well-known"),
                Modifier::Regex | Modifier::RegexAnyCase => location.path.has("well-known"),
                Modifier::Named => false,
            })
        })
    }
}

/// What [`Server::redirects`] tells.
pub(super) fn redirects(block: Directive<'_>) -> Vec<Redirect> {
    let mut found = Vec::new();
    collect(block, false, &mut found);
    let settled = found.iter().any(|redirect| redirect.condition == Condition::Always);
    if !settled
        && let Some(root) = block.find("location").find(|location| {
            Location::of(*location).is_some_and(|location| location.is_prefix() && location.path == "/")
        })
    {
        collect(root, true, &mut found);
    }
    found
}

fn collect(block: Directive<'_>, in_location: bool, found: &mut Vec<Redirect>) {
    for directive in block.children() {
        let name = directive.name();
        match name {
            "return" | "rewrite" => found.extend(redirect(directive, Condition::Always, in_location)),
            "if" => {
                let condition = condition(directive);
                for inner in directive.children() {
                    found.extend(redirect(inner, condition.clone(), in_location));
                }
            }
            _ => {}
        }
        if found.last().is_some_and(|last| last.condition == Condition::Always) {
            return;
        }
    }
}

fn redirect(directive: Directive<'_>, condition: Condition, in_location: bool) -> Option<Redirect> {
    let (code, target) = match directive.name() {
        "return" => match directive.arg_count() {
            1 if directive.arg(0).has("://") => (302, directive.arg(0)),
            2 => (words::port(directive.arg(0))?, directive.arg(1)),
            _ => return None,
        },
        "rewrite" => {
            let everything = matches!(
                directive.arg(0),
                "^" | "^(.*)$" | "^/(.*)$" | "^(.*)" | "^/(.*)" | ".*" | "^.*" | "^.*$" | "(.*)" | "/(.*)$"
            );
            let code = match directive.arg(2) {
                "permanent" => 301,
                "redirect" => 302,
                _ if directive.arg(1).has("://") => 302,
                _ => return None,
            };
            let condition = if everything { condition } else { Condition::Unknown };
            return Some(Redirect {
                directive: directive.id(),
                code,
                target: directive.arg(1).to_owned(),
                condition,
                in_location,
            });
        }
        _ => return None,
    };
    matches!(code, 301 | 302 | 303 | 307 | 308).then(|| Redirect {
        directive: directive.id(),
        code,
        target: target.to_owned(),
        condition,
        in_location,
    })
}

/// `($host = www.example.com)` as certbot writes it, and its relatives.
fn condition(block: Directive<'_>) -> Condition {
    let mut joined = String::new();
    for arg in block.args() {
        joined.push_str(arg);
        joined.push(' ');
    }
    let inner = joined.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let mut words = inner.split_whitespace();
    let (Some(what), Some(sign), Some(value), None) = (words.next(), words.next(), words.next(), words.next()) else {
        return Condition::Unknown;
    };
    match (what, sign) {
        ("$host" | "$http_host", "=") => Condition::HostIs(value.to_ascii_lowercase()),
        ("$host" | "$http_host", "!=") => Condition::HostIsNot(value.to_ascii_lowercase()),
        ("$scheme", "=") if value == "http" => Condition::PlainHttp,
        ("$scheme", "!=") if value == "https" => Condition::PlainHttp,
        ("$https", "=" | "!=") => match (sign, value) {
            ("!=", "on") => Condition::PlainHttp,
            _ => Condition::Unknown,
        },
        ("$server_port", "=") if value == "80" => Condition::PlainHttp,
        ("$server_port", "!=") if value == "443" => Condition::PlainHttp,
        ("$https", _) => Condition::Unknown,
        _ => Condition::Unknown,
    }
}
