//! A `Location` value taken apart as text.
//!
//! The walker resolves locations by the URL standard; the checks run in the page too, where that library is not, and
//! need to name what a server wrote, broken or not.

use domain::{HttpUrl, Scheme};

use crate::Response;

/// Where a `Location` points, as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// http or https.
    pub(crate) scheme: Scheme,
    /// The host in lower case, brackets included; may be anything.
    pub(crate) host: String,
    /// The port when it is written and is not the scheme's own.
    pub(crate) port: Option<u16>,
    /// Path and query.
    pub(crate) path: String,
}

impl Place {
    /// Whether it is another scheme or another host than the URL's.
    pub(crate) fn is_elsewhere(&self, url: &HttpUrl) -> bool {
        self.scheme != url.scheme() || self.host != url.host()
    }
}

/// The host that a redirect meant when it wrote host and page without the slash between: `https://example.comlockstep-1/a`.
pub(crate) fn glued<'p>(place: &'p Place, asked: &HttpUrl) -> Option<&'p str> {
    let first = asked.path().split('/').nth(1).filter(|it| !it.is_empty())?;
    place.host.strip_suffix(first).filter(|host| !host.is_empty() && !host.ends_with(['.', '-']))
}

/// Where a redirect points; `None` when it is no redirect or its `Location` is no http or https URL.
pub(crate) fn of(response: &Response, asked: &HttpUrl) -> Option<Place> {
    if response.is_redirect() { place(asked, response.location.as_deref()?) } else { None }
}

/// Takes a `Location` value apart, relative to the URL that was asked for.
pub(crate) fn place(asked: &HttpUrl, location: &str) -> Option<Place> {
    let location = location.trim();
    let location = location.split('#').next().unwrap_or_default();
    let (scheme, rest) = match location.split_once(':') {
        Some((name, rest)) if name.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
        Some((name, rest)) if name.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
        Some((name, _)) if is_scheme(name) => return None,
        _ => (asked.scheme(), location),
    };
    let Some(rest) = rest.strip_prefix("//").or_else(|| rest.strip_prefix("\\\\")) else {
        let slash = if rest.starts_with('/') { "" } else { "/" };
        let path = format!("{slash}{rest}");
        return Some(Place { scheme, host: asked.host().to_owned(), port: asked.explicit_port(), path });
    };
    let end = rest.find(['/', '\\', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, port.parse().ok()),
        _ => (authority, None),
    };
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let port = port.filter(|port| *port != scheme.port());
    Some(Place { scheme, host: host.trim_end_matches('.').to_ascii_lowercase(), port, path })
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn taken(location: &str) -> Option<String> {
        let asked = HttpUrl::parse("http://example.com/a").unwrap();
        let place = place(&asked, location)?;
        let port = place.port.map(|port| format!(":{port}")).unwrap_or_default();
        Some(format!("{}://{}{port}{}", place.scheme, place.host, place.path))
    }

    #[test]
    fn locations_are_taken_as_written() {
        for (location, expected) in [
            ("https://Example.com", "https://example.com/"),
            ("HTTPS://example.com:443/x?y#z", "https://example.com/x?y"),
            ("http://example.com:8000/", "http://example.com:8000/"),
            ("https://user:pw@example.com./", "https://example.com/"),
            ("//www.example.com?q", "http://www.example.com/?q"),
            ("/login", "http://example.com/login"),
            ("login", "http://example.com/login"),
            ("?q=http://other/", "http://example.com/?q=http://other/"),
            ("http://unix:/run/gunicorn.sock/x", "http://unix/run/gunicorn.sock/x"),
            ("http://[::1]:8000/", "http://[::1]:8000/"),
            ("http://127.0.0.1:99999/", "http://127.0.0.1/"),
            ("https://_/", "https://_/"),
            ("https://$host/", "https://$host/"),
        ] {
            assert_eq!(taken(location).as_deref(), Some(expected), "{location}");
        }
        for location in ["javascript:alert(1)", "mailto:a@example.com", "unix:/run/gunicorn.sock"] {
            assert_eq!(taken(location), None, "{location}");
        }
    }

    #[test]
    fn a_missing_slash_is_seen_by_the_page_asked_for() {
        let asked = HttpUrl::parse("http://example.com/lockstep-1/a").unwrap();
        let meant = |location: &str| glued(&place(&asked, location).unwrap(), &asked).map(str::to_owned);
        assert_eq!(meant("https://example.comlockstep-1/a").as_deref(), Some("example.com"));
        for location in
            ["https://example.com/lockstep-1/a", "https://lockstep-1/", "https://x.lockstep-1/", "/lockstep-1"]
        {
            assert_eq!(meant(location), None, "{location}");
        }
        let front = HttpUrl::parse("http://example.com/").unwrap();
        assert_eq!(glued(&place(&front, "https://example.com").unwrap(), &front), None);
    }

    proptest! {
        #[test]
        fn agrees_with_the_url_standard_on_plain_urls(
            host in "[a-z]{1,8}(\\.[a-z]{2,5}){1,2}", port in proptest::option::of(1_u16..), path in "(/[a-z0-9]{0,5}){0,3}",
        ) {
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let text = format!("https://{host}{port}{path}");
            let asked = HttpUrl::parse("http://example.com/").unwrap();
            let resolved = asked.join(&text).unwrap();
            let place = place(&asked, &text).unwrap();
            prop_assert_eq!(resolved.host(), place.host);
            prop_assert_eq!(resolved.explicit_port(), place.port);
            prop_assert_eq!(resolved.path(), place.path);
        }

        #[test]
        fn any_text_has_an_answer(text in ".{0,60}") {
            let _ = taken(&text);
        }
    }
}
