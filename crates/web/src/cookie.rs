//! What a `Set-Cookie` header says about a cookie, its value apart (RFC 6265bis §5.6).

use domain::{DomainName, HttpUrl, Scheme};

use crate::{Observation, finals};

/// The longest attribute value that browsers take (RFC 6265bis §5.6, step 6).
const ATTRIBUTE: usize = 1024;

/// A cookie as an answer sets it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    /// `SameSite`, in lower case.
    pub(crate) same_site: Option<String>,
    /// `Path`, when it starts with a slash.
    pub(crate) path: Option<String>,
    /// `Domain`, in lower case and without a dot in front, when it is not empty.
    pub(crate) domain: Option<String>,
    /// Whether it takes a cookie away rather than to set one.
    pub(crate) removes: bool,
}

impl Cookie {
    /// Reads a header; the cookie's value may have been taken out with its `=`. `None` when it has no name.
    pub(crate) fn parse(header: &str) -> Option<Cookie> {
        let (pair, attributes) = header.split_once(';').unwrap_or((header, ""));
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        let mut cookie = Cookie { name: trim(name).to_owned(), ..Cookie::default() };
        if cookie.name.is_empty() {
            return None;
        }
        for attribute in attributes.split(';') {
            let (key, value) = attribute.split_once('=').unwrap_or((attribute, ""));
            let (key, value) = (trim(key).to_ascii_lowercase(), trim(value));
            if value.len() > ATTRIBUTE {
                continue;
            }
            match key.as_str() {
                "secure" => cookie.secure = true,
                "httponly" => cookie.http_only = true,
                "samesite" => cookie.same_site = Some(value.to_ascii_lowercase()),
                "path" => cookie.path = value.starts_with('/').then(|| value.to_owned()),
                "domain" => {
                    let domain = value.strip_prefix('.').unwrap_or(value).to_ascii_lowercase();
                    cookie.domain = (!domain.is_empty()).then_some(domain);
                }
                "max-age" => cookie.removes |= value == "0" || value.starts_with('-'),
                // What servers write to take a cookie away; other dates need no reading here.
                "expires" => cookie.removes |= value.contains("1970"),
                _ => {}
            }
        }
        Some(cookie)
    }

    /// Whether its name is one that frameworks give to what keeps a person logged in.
    pub(crate) fn is_session(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        let name = ["__host-", "__secure-"].iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name);
        SESSIONS.contains(&name) || name.ends_with("_session") || name.starts_with("wordpress_logged_in_")
    }

    /// Why browsers do not keep it, if they do not (RFC 6265bis §5.7).
    pub(crate) fn refusal(&self, host: &str) -> Option<&'static str> {
        let name = self.name.to_ascii_lowercase();
        let is_of_host = |domain: &str| match (host.parse::<DomainName>(), domain.parse::<DomainName>()) {
            (Ok(host), Ok(domain)) => host.is_within(&domain),
            _ => host == domain,
        };
        if name.starts_with("__host-") && !self.secure {
            Some("its name starts with __Host-, which asks for Secure")
        } else if name.starts_with("__host-") && (self.domain.is_some() || self.path.as_deref() != Some("/")) {
            Some("its name starts with __Host-, which asks for Path=/ and no Domain")
        } else if name.starts_with("__secure-") && !self.secure {
            Some("its name starts with __Secure-, which asks for Secure")
        } else if self.same_site.as_deref() == Some("none") && !self.secure {
            Some("it says SameSite=None, which asks for Secure")
        } else if self.domain.as_deref().is_some_and(|domain| !is_of_host(domain)) {
            Some("its Domain is not the host that sets it")
        } else {
            None
        }
    }
}

/// Names in lower case: Flask and Flask-Login, Django, Express, PHP, Java, ASP.NET, Rails, and common ones of hand-made
/// logins.
const SESSIONS: &[&str] = &[
    "session",
    "remember_token",
    "sessionid",
    "connect.sid",
    "phpsessid",
    "jsessionid",
    "asp.net_sessionid",
    ".aspnetcore.session",
    "_session_id",
    "session_id",
    "session-id",
    "sid",
    "auth_token",
    "access_token",
    "jwt",
];

fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// A cookie and the answer that sets it.
pub(crate) struct Set {
    pub(crate) url: HttpUrl,
    pub(crate) cookie: Cookie,
}

/// The cookies that the site's own names set over https: with the first answers and the final ones. Each once.
pub(crate) fn set(seen: &Observation) -> Vec<Set> {
    let firsts = seen.corners.iter().filter_map(|corner| Some((corner.url(), corner.first.seen()?)));
    let finals = finals::of(seen).into_iter().map(|end| (end.url, end.response));
    let mut sets: Vec<Set> = Vec::new();
    for (url, response) in firsts.chain(finals) {
        let is_own = crate::content::is_own(seen, &url) && finals::wall(response).is_none();
        if url.scheme() != Scheme::Https || !is_own {
            continue;
        }
        for (_, value) in response.headers.iter().filter(|(name, _)| name == "set-cookie") {
            if let Some(cookie) = Cookie::parse(value).filter(|cookie| !cookie.removes)
                && !sets.iter().any(|set| set.url == url && set.cookie == cookie)
            {
                sets.push(Set { url: url.clone(), cookie });
            }
        }
    }
    sets
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cookie(header: &str) -> Cookie {
        Cookie::parse(header).unwrap()
    }

    #[test]
    fn headers_are_read_as_rfc_6265bis_says() {
        let plain = |name: &str| Cookie { name: name.into(), ..Cookie::default() };
        for (header, expected) in [
            ("SID=31d4d96e407aad42", plain("SID")),
            ("SID", plain("SID")),
            (" lang = en-US ", plain("lang")),
            ("a=b=c;d", plain("a")),
            ("a;Secure", Cookie { secure: true, ..plain("a") }),
            ("a=b; SECURE=false; httponly", Cookie { secure: true, http_only: true, ..plain("a") }),
            ("a=b;;; \t;Secure", Cookie { secure: true, ..plain("a") }),
            ("a=b; Path=/x; Path=/y", Cookie { path: Some("/y".into()), ..plain("a") }),
            ("a=b; Path=/x; Path=y", plain("a")),
            ("a=b; Domain=.Example.COM", Cookie { domain: Some("example.com".into()), ..plain("a") }),
            ("a=b; Domain=", plain("a")),
            ("a=b; SameSite=Lax; samesite = None", Cookie { same_site: Some("none".into()), ..plain("a") }),
            ("a=; Max-Age=0", Cookie { removes: true, ..plain("a") }),
            (
                "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly",
                Cookie { removes: true, http_only: true, ..plain("a") },
            ),
            ("a=b; Max-Age=3600; Expires=Wed, 21 Oct 2026 07:28:00 GMT", plain("a")),
        ] {
            assert_eq!(Cookie::parse(header), Some(expected), "{header}");
        }
        for nameless in ["", "=value", " ; Secure", "=; Path=/"] {
            assert_eq!(Cookie::parse(nameless), None, "{nameless}");
        }
        let long = format!("a=b; Path=/{}", "x".repeat(ATTRIBUTE));
        assert_eq!(cookie(&long).path, None);
    }

    #[test]
    fn sessions_are_known_by_name() {
        for name in
            ["session", "sessionid", "remember_token", "connect.sid", "PHPSESSID", "__Host-session", "_myapp_session"]
        {
            assert!(cookie(name).is_session(), "{name}");
        }
        for name in ["csrftoken", "XSRF-TOKEN", "lang", "_ga", "sessions_seen", "theme"] {
            assert!(!cookie(name).is_session(), "{name}");
        }
    }

    #[test]
    fn browsers_refuse_what_breaks_its_own_rules() {
        for header in [
            "__Host-a; Path=/",
            "__Host-a; Secure",
            "__Host-a; Secure; Path=/x",
            "__Host-a; Secure; Path=/; Domain=example.com",
            "__secure-a",
            "a; SameSite=None",
            "a; Domain=example.net",
        ] {
            assert!(cookie(header).refusal("www.example.com").is_some(), "{header}");
        }
        for header in [
            "__Host-a; Secure; Path=/",
            "__Secure-a; Secure",
            "a; SameSite=None; Secure",
            "a; Domain=.example.com",
            "a",
        ] {
            assert_eq!(cookie(header).refusal("www.example.com"), None, "{header}");
        }
    }

    proptest! {
        #[test]
        fn any_header_is_read(header in "(=|;| |\t|Secure|Path|Domain|é|\\PC){0,40}") {
            if let Some(cookie) = Cookie::parse(&header) {
                prop_assert!(!cookie.name.is_empty() && !cookie.name.contains(['=', ';']));
                let _ = cookie.refusal("example.com");
            }
        }

        #[test]
        fn what_is_written_is_read_back(
            name in "[a-z_][a-z0-9_.-]{0,10}", value in "[!-:<-~]{0,10}", secure: bool, http_only: bool,
            path in proptest::option::of("/[a-z/]{0,8}"), same_site in proptest::option::of("(lax|strict|none)"),
        ) {
            let mut header = format!("{name}={value}");
            if let Some(path) = &path { header += &format!("; Path={path}"); }
            if http_only { header += "; HttpOnly"; }
            if let Some(same_site) = &same_site { header += &format!(";samesite={same_site}"); }
            if secure { header += "; Secure"; }
            let expected = Cookie { name, secure, http_only, same_site, path, ..Cookie::default() };
            prop_assert_eq!(Cookie::parse(&header), Some(expected));
        }
    }
}
