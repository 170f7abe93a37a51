//! A `listen` directive as the socket that nginx opens.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::{Directive, ItemId, ip};
use crate::words;

/// Which address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Address {
    /// `80`, `*:80`, `0.0.0.0:80`.
    Any4,
    /// `[::]:80`.
    Any6,
    /// `127.0.0.1:80`.
    V4(Ipv4Addr),
    /// `[::1]:80`.
    V6(Ipv6Addr),
    /// `localhost:80`: resolved when nginx starts.
    Host(String),
    /// `unix:/run/nginx.sock`
    Unix(String),
}

/// One socket of one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listen {
    /// The directive; `None` when the server has none and nginx listens on port 80.
    pub directive: Option<ItemId>,
    /// Normalised: `80` and `0.0.0.0:80` are one.
    pub address: Address,
    /// 0 for a unix socket.
    pub port: u16,
    /// TLS is spoken here.
    pub ssl: bool,
    /// HTTP/3 is spoken here.
    pub quic: bool,
    /// `http2` as a parameter.
    pub http2: bool,
    /// `default_server` or `default`.
    pub default_server: bool,
    /// `proxy_protocol`
    pub proxy_protocol: bool,
}

impl Listen {
    /// What nginx does without a `listen`.
    pub(crate) const IMPLICIT: Listen = Listen {
        directive: None,
        address: Address::Any4,
        port: 80,
        ssl: false,
        quic: false,
        http2: false,
        default_server: false,
        proxy_protocol: false,
    };

    /// `None` when the value is not an address, or a placeholder.
    pub(super) fn of(directive: Directive<'_>) -> Option<Listen> {
        let (address, port) = parse_address(directive.arg(0))?;
        let has = |name: &str| directive.args().skip(1).any(|arg| arg == name);
        Some(Listen {
            directive: Some(directive.id()),
            address,
            port,
            ssl: has("ssl") || has("quic"),
            quic: has("quic"),
            http2: has("http2"),
            default_server: has("default_server") || has("default"),
            proxy_protocol: has("proxy_protocol"),
        })
    }

    /// IPv6.
    pub fn is_v6(&self) -> bool {
        matches!(self.address, Address::Any6 | Address::V6(_))
    }

    /// Two servers with the same socket share it: names decide between them.
    pub fn socket(&self) -> (&Address, u16, bool) {
        (&self.address, self.port, self.quic)
    }

    /// As nginx writes it in its messages.
    pub fn nginx_words(&self) -> String {
        match &self.address {
            Address::Any4 => format!("0.0.0.0:{}", self.port),
            _ => self.words(),
        }
    }

    /// For a sentence: `port 443`, `[::]:443`, `127.0.0.1:8080`.
    pub fn words(&self) -> String {
        match &self.address {
            Address::Any4 => format!("port {}", self.port),
            Address::Any6 => format!("[::]:{}", self.port),
            Address::V4(ip) => format!("{}:{}", ip::v4_words(*ip), self.port),
            Address::V6(ip) => format!("[{}]:{}", ip::v6_words(*ip), self.port),
            Address::Host(host) => format!("{host}:{}", self.port),
            Address::Unix(path) => format!("unix:{path}"),
        }
    }
}

/// As nginx reads the first value of `listen`.
pub(crate) fn parse_address(value: &str) -> Option<(Address, u16)> {
    if let Some(path) = value.strip_prefix("unix:") {
        return (!path.is_empty()).then(|| (Address::Unix(path.to_owned()), 0));
    }
    if let Some(rest) = value.strip_prefix('[') {
        let (inner, after) = rest.split_once(']')?;
        let port = match after.strip_prefix(':') {
            Some(port) => parse_port(port)?,
            None if after.is_empty() => 80,
            None => return None,
        };
        let ip = ip::v6(inner)?;
        let address = if ip.is_unspecified() { Address::Any6 } else { Address::V6(ip) };
        return Some((address, port));
    }
    let (host, port) = match value.rsplit_once(':') {
        Some((host, port)) => (host, parse_port(port)?),
        None if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') => {
            ("*", parse_port(value)?)
        }
        None => (value, 80),
    };
    let address = match host {
        "" => return None,
        "*" => Address::Any4,
        "localhost" => Address::V4(Ipv4Addr::LOCALHOST),
        _ => match ip::v4(host) {
            Some(ip) if ip.is_unspecified() => Address::Any4,
            Some(ip) => Address::V4(ip),
            // `80x` is no host that anybody has.
            None if host.starts_with(|c: char| c.is_ascii_digit()) && !host.contains('.') => return None,
            None if host.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_') => {
                Address::Host(host.to_ascii_lowercase())
            }
            None => return None,
        },
    };
    Some((address, port))
}

/// A port, or the first of a range.
fn parse_port(text: &str) -> Option<u16> {
    let first = match text.split_once('-') {
        Some((first, last)) => {
            words::port(last)?;
            first
        }
        None => text,
    };
    words::port(first).filter(|port| *port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_socket_has_one_form() {
        for any in ["80", "*:80", "0.0.0.0:80", "0.0.0.0"] {
            assert_eq!(parse_address(any), Some((Address::Any4, 80)), "{any}");
        }
        assert_eq!(parse_address("[::]:443"), Some((Address::Any6, 443)));
        assert_eq!(parse_address("127.0.0.1:8000"), Some((Address::V4(Ipv4Addr::LOCALHOST), 8000)));
        assert_eq!(parse_address("localhost:8000"), Some((Address::V4(Ipv4Addr::LOCALHOST), 8000)));
        assert_eq!(parse_address("8000-8010"), Some((Address::Any4, 8000)));
        for bad in ["443ssl", "99999", "a b", "[::", "80:", "0", ""] {
            assert!(parse_address(bad).is_none_or(|(address, _)| matches!(address, Address::Host(_))), "{bad}");
        }
    }
}
