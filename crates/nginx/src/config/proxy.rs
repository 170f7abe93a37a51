//! The target of a `proxy_pass`.

use super::Config;

/// `http://127.0.0.1:8000/app`, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyTarget {
    /// `https`
    pub tls: bool,
    /// Host or upstream name, lower case, brackets kept; empty for a unix socket.
    pub host: String,
    /// As written.
    pub port: Option<u16>,
    /// The socket's path.
    pub unix: Option<String>,
    /// What replaces the matched part of the request: `/`, `/app/`. `None` when the request is passed as it came.
    pub uri: Option<String>,
    /// Where the URI part begins in the value, in bytes.
    pub uri_at: usize,
}

impl ProxyTarget {
    /// `None` when the value is not `http://` or `https://`, or a variable decides.
    pub fn of(value: &str) -> Option<ProxyTarget> {
        let lower = value.get(..value.len().min(8)).unwrap_or(value).to_ascii_lowercase();
        let (tls, skip) = if lower.starts_with("http://") {
            (false, 7)
        } else if lower.starts_with("https://") {
            (true, 8)
        } else {
            return None;
        };
        let rest = value.get(skip..)?;
        if let Some(path) = rest.strip_prefix("unix:") {
            let end = path.find(':').unwrap_or(path.len());
            let uri = path.get(end + 1..).map(str::to_owned);
            return Some(ProxyTarget {
                tls,
                host: String::new(),
                port: None,
                unix: path.get(..end).map(str::to_owned),
                uri_at: skip + "unix:".len() + end,
                uri,
            });
        }
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let authority = rest.get(..end)?;
        if authority.contains('$') {
            return None;
        }
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, crate::words::port(port)),
            _ => (authority, None),
        };
        let uri = rest.get(end..).filter(|uri| !uri.is_empty()).map(str::to_owned);
        Some(ProxyTarget { tls, host: host.to_ascii_lowercase(), port, unix: None, uri, uri_at: skip + end })
    }

    /// A backend of this machine or its private network, as the guides have it: not somebody else's site.
    pub fn is_own(&self, config: &Config<'_>) -> bool {
        self.unix.is_some()
            || config.upstream(&self.host).is_some()
            || !self.host.contains('.')
            || super::ip::v4(&self.host).is_some()
    }

    /// The port that is dialled.
    pub fn effective_port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 443 } else { 80 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_taken_apart() {
        let of = |value| ProxyTarget::of(value).unwrap();
        let plain = of("http://127.0.0.1:8000");
        assert_eq!((plain.host.as_str(), plain.port, plain.uri), ("127.0.0.1", Some(8000), None));
        let slash = of("http://127.0.0.1:8000/");
        assert_eq!((slash.uri.as_deref(), slash.uri_at), (Some("/"), 21));
        let unix = of("http://unix:/run/gunicorn.sock:/app");
        assert_eq!((unix.unix.as_deref(), unix.uri.as_deref()), (Some("/run/gunicorn.sock"), Some("/app")));
        assert_eq!(of("http://unix:/run/gunicorn.sock").uri, None);
        assert_eq!(of("https://[::1]:8443/x").host, "[::1]");
        assert_eq!(ProxyTarget::of("127.0.0.1:8000"), None);
        assert_eq!(ProxyTarget::of("http://$backend"), None);
    }
}
