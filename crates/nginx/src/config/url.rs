//! Addresses as nginx reads them in `proxy_pass`, `upstream` and `listen`, with its own words for what is wrong.

use super::ip;
use crate::words;

/// Where an address is read: the details differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum For {
    /// `proxy_pass`, after the scheme: a path may follow.
    Target,
    /// `server` of an upstream, `fastcgi_pass`.
    Backend,
    /// `listen`: a port may stand alone.
    Listen,
}

/// What nginx says about an address that it cannot read: `invalid port`. It says nothing about names, which it looks up.
pub(crate) fn fault(address: &str, purpose: For) -> Option<&'static str> {
    if let Some(path) = address.strip_prefix("unix:") {
        let path = if purpose == For::Target { path.split(':').next().unwrap_or_default() } else { path };
        return match path.len() {
            0 => Some("no path in the unix domain socket"),
            108.. => Some("too long path in the unix domain socket"),
            _ => None,
        };
    }
    if address.starts_with('[') { six(address, purpose) } else { four(address, purpose) }
}

fn six(address: &str, purpose: For) -> Option<&'static str> {
    let Some((inner, after)) = address.strip_prefix('[').and_then(|rest| rest.split_once(']')) else {
        return Some("invalid host");
    };
    let rest = match after.find('/') {
        Some(_) if purpose != For::Target => return Some("invalid host"),
        Some(at) => after.get(..at).unwrap_or_default(),
        None => after,
    };
    if !rest.is_empty() {
        let Some(port) = rest.strip_prefix(':') else { return Some("invalid host") };
        if let Some(fault) = port_fault(port) {
            return Some(fault);
        }
    }
    if inner.is_empty() {
        return Some("no host");
    }
    ip::v6(inner).is_none().then_some("invalid IPv6 address")
}

fn four(address: &str, purpose: For) -> Option<&'static str> {
    let end = match address.find(['/', '?']) {
        Some(_) if purpose != For::Target => return Some("invalid host"),
        Some(at) => at,
        None => address.len(),
    };
    let authority = address.get(..end).unwrap_or_default();
    let host = match authority.split_once(':') {
        Some((host, port)) => {
            if let Some(fault) = port_fault(port) {
                return Some(fault);
            }
            host
        }
        None if purpose == For::Listen => {
            let digits = authority.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
            if digits {
                return port_fault(authority);
            }
            authority
        }
        None => authority,
    };
    host.is_empty().then_some("no host")
}

/// A port, or a range of ports.
fn port_fault(text: &str) -> Option<&'static str> {
    let number = |text: &str| {
        let plain = !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { words::number(text).filter(|port| (1..=65535).contains(port)) } else { None }
    };
    match text.split_once('-') {
        Some((first, last)) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first > last => Some("invalid port range"),
            (Some(_), Some(_)) => None,
            _ => Some("invalid port"),
        },
        None => number(text).is_none().then_some("invalid port"),
    }
}

/// `10.0.0.0/8`, `2001:db8::/32`, `192.0.2.1`: a network as nginx reads it.
pub(crate) fn is_network(text: &str) -> bool {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let most = match ip::any(address) {
        Some(ip) if ip.is_ipv4() => 32,
        Some(_) => 128,
        // Leading zeros and nothing at all are the same to nginx.
        _ if octets(address) => 32,
        _ => return false,
    };
    bits.is_none_or(|bits| {
        !bits.is_empty()
            && bits.bytes().all(|b| b.is_ascii_digit())
            && words::number(bits).is_some_and(|bits| bits <= most)
    })
}

fn octets(text: &str) -> bool {
    text.split('.').count() == 4
        && text.split('.').all(|part| {
            part.len() < 10
                && part.bytes().all(|b| b.is_ascii_digit())
                && (part.is_empty() || words::number(part).is_some_and(|n| n < 256))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nginx_s_own_words() {
        assert_eq!(fault("127.0.0.1:8000/app", For::Target), None);
        assert_eq!(fault("127.0.0.1:8000/app", For::Backend), Some("invalid host"));
        assert_eq!(fault("127.0.0.1:99999", For::Target), Some("invalid port"));
        assert_eq!(fault(":8000", For::Target), Some("no host"));
        assert_eq!(fault("", For::Target), Some("no host"));
        assert_eq!(fault("unix:", For::Target), Some("no path in the unix domain socket"));
        assert_eq!(fault("[::1", For::Target), Some("invalid host"));
        assert_eq!(fault("[::1]:x", For::Listen), Some("invalid port"));
        assert_eq!(fault("8083-8081", For::Listen), Some("invalid port range"));
        assert_eq!(fault("0", For::Listen), Some("invalid port"));
        assert!(is_network("10.0.0.0/8") && is_network("::1") && !is_network("10.0.0.0/33") && !is_network("10.0.0"));
    }
}
