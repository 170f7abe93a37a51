//! An http or https URL in its normalised form, cheap to take apart again.

use std::{fmt, net::IpAddr};

use serde::{Deserialize, Serialize};

/// The two schemes that Lockstep follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Plain HTTP, port 80 unless said otherwise.
    Http,
    /// HTTP over TLS, port 443 unless said otherwise.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }

    /// 80 or 443.
    pub fn port(self) -> u16 {
        match self {
            Scheme::Http => 80,
            Scheme::Https => 443,
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `scheme://host[:port]/path[?query]`, as the URL standard normalises it: lower-case host in `xn--` form, default
/// port left out, no userinfo, no fragment. Made only by [`HttpUrl::parse`], [`HttpUrl::join`] and [`HttpUrl::root`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// `scheme://host/`.
    pub fn root(scheme: Scheme, host: &crate::DomainName) -> HttpUrl {
        HttpUrl(format!("{scheme}://{host}/"))
    }

    /// The same entrance with another path and query, which must start with `/`.
    #[must_use]
    pub fn with_path(&self, path: &str) -> HttpUrl {
        HttpUrl(format!("{}{path}", self.origin()))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> Scheme {
        if self.0.starts_with("https:") { Scheme::Https } else { Scheme::Http }
    }

    /// `scheme://host[:port]`.
    pub fn origin(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let end = rest.find('/').unwrap_or(rest.len());
        self.0.get(..self.0.len() - rest.len() + end).unwrap_or(&self.0)
    }

    fn authority(&self) -> &str {
        self.origin().split_once("://").map_or("", |(_, rest)| rest)
    }

    /// The host as written: a name in ASCII, or an address (IPv6 in brackets).
    pub fn host(&self) -> &str {
        let authority = self.authority();
        match authority.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => authority,
        }
    }

    /// The host when it is an address rather than a name.
    pub fn address(&self) -> Option<IpAddr> {
        self.host().trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// The port, the scheme's own when the URL does not say.
    pub fn port(&self) -> u16 {
        self.explicit_port().unwrap_or_else(|| self.scheme().port())
    }

    /// The port if it is not the scheme's own.
    pub fn explicit_port(&self) -> Option<u16> {
        self.authority().strip_prefix(self.host())?.strip_prefix(':')?.parse().ok()
    }

    /// Path and query, starting with `/`.
    pub fn path(&self) -> &str {
        match self.0.get(self.origin().len()..) {
            Some(path) if !path.is_empty() => path,
            _ => "/",
        }
    }
}

#[cfg(feature = "parse")]
impl HttpUrl {
    /// Parses an absolute http or https URL; userinfo and fragment are dropped.
    pub fn parse(text: &str) -> Option<HttpUrl> {
        HttpUrl::from_url(url::Url::parse(text).ok()?)
    }

    /// Resolves a `Location` value against this URL (RFC 9110 §10.2.2, URL standard). `None` when the result is not
    /// an http or https URL or is longer than 8,192 bytes.
    pub fn join(&self, location: &str) -> Option<HttpUrl> {
        HttpUrl::from_url(url::Url::parse(&self.0).ok()?.join(location).ok()?)
    }

    fn from_url(mut url: url::Url) -> Option<HttpUrl> {
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
            return None;
        }
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        url.set_fragment(None);
        let text = String::from(url);
        (text.len() <= 8192).then_some(HttpUrl(text))
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
#[cfg(feature = "parse")]
mod tests {
    use super::*;

    fn url(text: &str) -> HttpUrl {
        HttpUrl::parse(text).unwrap()
    }

    #[test]
    fn takes_apart_what_it_put_together() {
        let it = url("HTTPS://User:pw@Example.COM:8443/a/b?c=d#e");
        assert_eq!(it.as_str(), "https://example.com:8443/a/b?c=d");
        assert_eq!((it.scheme(), it.host(), it.port(), it.path()), (Scheme::Https, "example.com", 8443, "/a/b?c=d"));
        let it = url("http://[2001:db8::1]");
        assert_eq!((it.host(), it.port(), it.path()), ("[2001:db8::1]", 80, "/"));
        assert_eq!(it.address(), Some("2001:db8::1".parse().unwrap()));
        assert_eq!(url("https://a.example:443/").explicit_port(), None);
        assert_eq!(url("http://a.example?x=/y:1").host(), "a.example");
    }

    #[test]
    fn locations_resolve_as_browsers_do() {
        let base = url("https://example.com/a/b?c");
        assert_eq!(base.join("/x").unwrap().as_str(), "https://example.com/x");
        assert_eq!(base.join("//www.example.com").unwrap().as_str(), "https://www.example.com/");
        assert_eq!(base.join("?q").unwrap().as_str(), "https://example.com/a/b?q");
        assert_eq!(base.join("http:\\\\evil.example\\p").unwrap().as_str(), "http://evil.example/p");
        for not_http in ["javascript:alert(1)", "ftp://example.com/", "data:,x", "http://", "https://exa mple/"] {
            assert_eq!(base.join(not_http), None, "{not_http}");
        }
        assert_eq!(base.join(&"a".repeat(9000)), None);
    }
}
