//! The cookies of one walk along redirects, as far as a browser's behaviour there depends on them.

use domain::{DomainName, HttpUrl, Scheme};

/// The most cookies held, and the longest one.
const COOKIES: usize = 20;
const LENGTH: usize = 4096;

/// A jar lives for one walk and is never kept.
pub(crate) struct Jar {
    open: bool,
    offered: bool,
    version: u32,
    cookies: Vec<Cookie>,
}

struct Cookie {
    /// The host that set it, or the domain it named.
    domain: DomainName,
    /// Whether it goes to hosts below the domain, too.
    below: bool,
    secure: bool,
    name: String,
    value: String,
}

impl Jar {
    /// A jar that takes nothing and only notices that it was offered something.
    pub(crate) fn closed() -> Jar {
        Jar { open: false, offered: false, version: 0, cookies: Vec::new() }
    }

    /// A jar that works.
    pub(crate) fn open() -> Jar {
        Jar { open: true, ..Jar::closed() }
    }

    /// Whether it takes what it is offered.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Whether any response set a cookie.
    pub(crate) fn was_offered(&self) -> bool {
        self.offered
    }

    /// Changes with the content.
    pub(crate) fn version(&self) -> u32 {
        self.version
    }

    /// Puts the `Set-Cookie` values of a response in.
    pub(crate) fn put(&mut self, url: &HttpUrl, values: &[String]) {
        self.offered |= !values.is_empty();
        let Ok(host) = url.host().parse::<DomainName>() else { return };
        if !self.open {
            return;
        }
        for value in values.iter().filter(|value| value.len() <= LENGTH).take(COOKIES) {
            if let Some(cookie) = parse(&host, value) {
                self.replace(cookie);
            }
        }
    }

    fn replace(&mut self, cookie: Cookie) {
        let is_full = self.cookies.len() >= COOKIES;
        match self.cookies.iter_mut().find(|held| held.name == cookie.name && held.domain == cookie.domain) {
            Some(held) if held.value == cookie.value => return,
            Some(held) => *held = cookie,
            None if is_full => return,
            None => self.cookies.push(cookie),
        }
        self.version = self.version.saturating_add(1);
    }

    /// The `Cookie` header for a request, if there is anything to say.
    pub(crate) fn header(&self, url: &HttpUrl) -> Option<String> {
        let host = url.host().parse::<DomainName>().ok()?;
        let fits = |cookie: &&Cookie| {
            (if cookie.below { host.is_within(&cookie.domain) } else { host == cookie.domain })
                && (!cookie.secure || url.scheme() == Scheme::Https)
        };
        let pairs: Vec<String> =
            self.cookies.iter().filter(fits).map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Reads one `Set-Cookie` value (RFC 6265 §5.2), path and time apart: a walk is short and starts at the root.
fn parse(host: &DomainName, value: &str) -> Option<Cookie> {
    let mut parts = value.split(';');
    let (name, value) = parts.next()?.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    let is_sendable = |text: &str| text.bytes().all(|b| (0x21..0x7f).contains(&b) || b == b' ');
    if name.is_empty() || !is_sendable(name) || !is_sendable(value) {
        return None;
    }
    let mut cookie =
        Cookie { domain: host.clone(), below: false, secure: false, name: name.to_owned(), value: value.to_owned() };
    for attribute in parts {
        let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
        match key.trim().to_ascii_lowercase().as_str() {
            "secure" => cookie.secure = true,
            "domain" => {
                let domain: DomainName = value.trim().trim_start_matches('.').parse().ok()?;
                // A host may speak for its own domain only; a single label is nobody's.
                if !host.is_within(&domain) || domain.labels().count() < 2 {
                    return None;
                }
                cookie.domain = domain;
                cookie.below = true;
            }
            _ => {}
        }
    }
    Some(cookie)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> HttpUrl {
        HttpUrl::parse(text).unwrap()
    }

    #[test]
    fn cookies_go_back_where_they_came_from() {
        let mut jar = Jar::open();
        let values =
            ["a=1; Path=/", "b=2; Domain=.example.com", "c=3; Secure", "d=4; Domain=other.net", "e=5; Domain=com"];
        jar.put(&url("https://www.example.com/"), &values.map(str::to_owned));
        assert_eq!(jar.header(&url("https://www.example.com/x")).as_deref(), Some("a=1; b=2; c=3"));
        assert_eq!(jar.header(&url("http://www.example.com/")).as_deref(), Some("a=1; b=2"));
        assert_eq!(jar.header(&url("https://example.com/")).as_deref(), Some("b=2"));
        assert_eq!(jar.header(&url("https://other.net/")), None);
    }

    #[test]
    fn the_version_changes_with_the_content_only() {
        let mut jar = Jar::open();
        let mut put = |value: &str| {
            jar.put(&url("https://example.com/"), &[value.to_owned()]);
            jar.version()
        };
        assert_eq!([put("a=1"), put("a=1"), put("a=2"), put("bad"), put("x=\u{1}")], [1, 1, 2, 2, 2]);
    }

    #[test]
    fn a_closed_jar_only_notices() {
        let mut jar = Jar::closed();
        jar.put(&url("https://example.com/"), &["a=1".to_owned()]);
        assert!(jar.was_offered());
        assert_eq!((jar.header(&url("https://example.com/")), jar.version()), (None, 0));
    }
}
