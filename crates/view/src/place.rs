//! Where the page is: the address bar read and written.

/// What an address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The empty form.
    Home,
    /// A check.
    Check {
        /// The name as it stands in the address.
        domain: String,
        /// Where the visitor expects it to lead.
        expect: Option<String>,
        /// What the visitor expects of paths: `/login=200, /about=Contact`.
        path: Option<String>,
        /// Whether subdomains are looked at, too.
        subdomains: bool,
    },
}

impl Place {
    /// Reads path and query: `/check/example.com?expect=192.0.2.1`, `/check?domain=example.com`, `/example.com`.
    pub fn read(path: &str, query: &str) -> Place {
        let value = |name: &str| {
            let query = query.strip_prefix('?').unwrap_or(query);
            let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            pair.map(|text| decoded(&text.replace('+', " "))).filter(|text| !text.trim().is_empty())
        };
        let named = match path.strip_prefix("/check") {
            Some("" | "/") => value("domain"),
            Some(rest) => rest.strip_prefix('/').map(decoded),
            None => path.strip_prefix('/').filter(|rest| rest.contains('.') && !rest.contains('/')).map(decoded),
        };
        match named.filter(|name| !name.is_empty()) {
            Some(domain) => Place::Check {
                domain,
                expect: value("expect"),
                path: value("path"),
                subdomains: value("subdomains").as_deref() == Some("1"),
            },
            None => Place::Home,
        }
    }

    /// The one address of this place.
    pub fn address(&self) -> String {
        match self {
            Place::Home => "/".into(),
            Place::Check { domain, .. } => {
                let query = self.query();
                let mark = if query.is_empty() { "" } else { "?" };
                format!("/check/{}{mark}{}", encoded(domain), query.trim_start_matches('&'))
            }
        }
    }

    /// What is asked besides the name, as the address and the API say it: `&expect=192.0.2.1&subdomains=1`.
    pub fn query(&self) -> String {
        let Place::Check { expect, path, subdomains, .. } = self else { return String::new() };
        let mut query = String::new();
        for (name, value) in [("expect", expect), ("path", path)] {
            if let Some(value) = value {
                query.push('&');
                query.push_str(name);
                query.push('=');
                query.push_str(&encoded(value));
            }
        }
        if *subdomains {
            query.push_str("&subdomains=1");
        }
        query
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986 §2.3, the comma and the colon.
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~,:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    out
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if let ([b'%', high, low, ..], true) = (rest, rest.len() > 2)
            && let (Some(high), Some(low)) = (char::from(*high).to_digit(16), char::from(*low).to_digit(16))
        {
            bytes.push(u8::try_from(high * 16 + low).unwrap_or(b'?'));
            rest = rest.get(3..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(domain: &str, expect: Option<&str>) -> Place {
        Place::Check { domain: domain.into(), expect: expect.map(str::to_owned), path: None, subdomains: false }
    }

    #[test]
    fn addresses_are_read() {
        assert_eq!(Place::read("/", ""), Place::Home);
        assert_eq!(Place::read("/check", ""), Place::Home);
        assert_eq!(Place::read("/check/", "?domain="), Place::Home);
        assert_eq!(Place::read("/checks/x", ""), Place::Home);
        assert_eq!(Place::read("/check/example.com", ""), check("example.com", None));
        assert_eq!(Place::read("/check", "?a=b&domain=m%C3%BCnchen.de"), check("münchen.de", None));
        assert_eq!(Place::read("/check/example.com", "?expect=192.0.2.1"), check("example.com", Some("192.0.2.1")));
        assert_eq!(Place::read("/example.com", ""), check("example.com", None));
        assert_eq!(Place::read("/check/100%", ""), check("100%", None));
        assert_eq!(Place::read("/check/%zz%e", ""), check("%zz%e", None));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let more = |path: Option<&str>| Place::Check {
            domain: "example.com".into(),
            expect: Some("192.0.2.1".into()),
            path: path.map(str::to_owned),
            subdomains: true,
        };
        for place in [
            check("example.com", None),
            check("münchen.de", Some("2001:db8::1, 192.0.2.1")),
            check("a/b?c#d&e%", None),
            more(None),
            more(Some("/login=200, /a?b&c=Contact us")),
        ] {
            let address = place.address();
            let (path, query) = address.split_once('?').unwrap_or((&address, ""));
            assert_eq!(Place::read(path, query), place, "{address}");
        }
    }
}
