//! A redirect names an address that only the server itself can reach.

use std::net::IpAddr;

use domain::{DomainName, HttpUrl, Scheme};
use findings::{Said, Verdict, found, not_tested, pass};

use crate::{
    Observation,
    location::place,
    words::{curl, groups, list, names, short, subject, verb},
};

findings::check! {
    /// A redirect sends visitors to an internal name, address or port.
    ///
    /// ## Why it matters
    /// The visitor's browser cannot reach what lives behind the proxy: it shows an error, or the wrong machine.
    ///
    /// ## How to fix
    /// Tell the application the public host with `proxy_set_header Host $host`, or let nginx rewrite the redirect.
    CHECK: Check<Observation> = "internal-location-leaks",
        section: Redirects, severity: Failed,
        title: "Redirect shows an internal address", healthy: "Redirects name public addresses",
        source: "Seed A17, C9; nginx proxy_redirect", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if seen.corners.is_empty() {
        return Vec::new();
    }
    let redirects: Vec<(HttpUrl, &str)> = redirects(seen);
    if redirects.is_empty() {
        let answered = seen.corners.iter().any(|corner| corner.first.seen().is_some());
        return match answered {
            true => vec![pass(subject(seen), "No entrance redirects to another URL.")],
            false => vec![not_tested(subject(seen), "No entrance answered, so there were no redirects to read.")],
        };
    }
    let leaks = redirects.iter().filter_map(|(url, location)| Some((leak(seen, url, location)?, (url, *location))));
    let leaks = groups(leaks);
    if leaks.is_empty() {
        return vec![pass(subject(seen), "Every redirect names a host that visitors can reach.")];
    }
    leaks.iter().map(|(leak, members)| say(leak, members).into()).collect()
}

/// Every redirect that was seen: first answers, trails, and the path that nobody has.
fn redirects(seen: &Observation) -> Vec<(HttpUrl, &str)> {
    let firsts = seen.corners.iter().filter_map(|corner| Some((corner.url(), corner.first.seen()?)));
    let deep = seen.deep.iter().filter_map(|deep| Some((deep.url.clone(), deep.first.seen()?)));
    let firsts = firsts.chain(deep).filter(|(_, response)| response.is_redirect());
    let firsts = firsts.filter_map(|(url, response)| Some((url, response.location.as_deref()?)));
    let hops = seen.trails.iter().flat_map(|trail| trail.hops.iter().skip(1));
    let hops = hops.filter_map(|hop| Some((hop.url.clone(), hop.location.as_deref()?)));
    let mut all: Vec<(HttpUrl, &str)> = Vec::new();
    for redirect in firsts.chain(hops) {
        if !all.contains(&redirect) {
            all.push(redirect);
        }
    }
    all
}

/// What a visitor cannot reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Leak {
    /// A loopback, private or otherwise internal address.
    Address(IpAddr),
    /// A name without a dot, or an unexpanded variable.
    Name(String),
    /// A port on the site's own name that belongs to the application or to the other scheme.
    Port(String, u16),
    /// A unix socket.
    Socket(String),
}

/// Ports on which applications listen behind a proxy; on these even `https://` is taken for a leak.
const APP_PORTS: &[u16] = &[3000, 4000, 5000, 5001, 8000, 8001, 8002, 8003, 8008, 8010, 8080, 8081, 8888, 9000];

/// What is internal about a redirect of one of the hosts looked at. What other sites write is theirs to mend.
pub(super) fn leak(seen: &Observation, asked: &HttpUrl, location: &str) -> Option<Leak> {
    if !is_own(seen, asked.host()) {
        return None;
    }
    let Some(place) = place(asked, location) else {
        return location.trim_start().starts_with("unix:").then(|| Leak::Socket(short(location.trim())));
    };
    let host = place.host.as_str();
    if host.is_empty() {
        return None; // no URL at all: `redirect-leads-nowhere`
    }
    if host == "unix" || host.ends_with(".sock") {
        return Some(Leak::Socket(short(location.trim())));
    }
    if let Ok(address) = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        return (!domain::is_global(address)).then_some(Leak::Address(address));
    }
    if host == "localhost" || host.ends_with(".localhost") || !host.contains('.') {
        return Some(Leak::Name(short(host)));
    }
    let port = place.port?;
    let odd = match place.scheme {
        Scheme::Http => true,
        Scheme::Https => port == 80 || APP_PORTS.contains(&port),
    };
    (odd && is_own(seen, host)).then(|| Leak::Port(short(host), port))
}

fn is_own(seen: &Observation, host: &str) -> bool {
    host.parse::<DomainName>().is_ok_and(|host| names(seen).iter().any(|name| host.is_within(name)))
}

/// The URLs that redirect there. A page that nobody has is another one in each check: it is only named as such, and only
/// where the front page does not redirect there too.
fn entrances(members: &[(&HttpUrl, &str)]) -> String {
    let is_front = |of: &HttpUrl| members.iter().any(|(url, _)| url.path() == "/" && url.origin() == of.origin());
    let named = members.iter().filter_map(|(url, _)| match url.path().starts_with("/lockstep-") {
        true if is_front(url) => None,
        true => Some(format!("{}/…", url.origin())),
        false => Some(short(url.as_str())),
    });
    list(named)
}

fn say(leak: &Leak, members: &[(&HttpUrl, &str)]) -> Said {
    let from = entrances(members);
    let location = members.first().map(|(_, location)| short(location)).unwrap_or_default();
    let (what, means) = match leak {
        Leak::Address(address) => (
            format!("{address}, an address inside a machine or a private network"),
            "Browsers look for that address on the visitor's own machine or network and show an error.".to_owned(),
        ),
        Leak::Name(name) if name == "_" || name.contains('$') => (
            format!("\"{name}\", which is a word of the configuration and not a host"),
            "Browsers cannot find a host of that name and show an error.".to_owned(),
        ),
        Leak::Name(name) => (
            format!("\"{name}\", a name that only your server knows"),
            "Browsers cannot find a host of that name and show an error.".to_owned(),
        ),
        Leak::Port(_, port @ (80 | 443)) => (
            format!("port {port}, which is not for {}", if *port == 80 { "https" } else { "http" }),
            "Browsers show an error: the port does not speak the protocol that the redirect names.".to_owned(),
        ),
        Leak::Port(_, port) => (
            format!("port {port}, which belongs to what runs behind the web server"),
            format!("Visitors are sent past the web server to port {port}: a dead end, or a connection without HTTPS."),
        ),
        Leak::Socket(_) => (
            "a unix socket, which only programs on the server can open".to_owned(),
            "Browsers cannot open it and show an error.".to_owned(),
        ),
    };
    let said = found(from.clone(), format!("{from} {} to {location}: {what}.", verb(&from, "redirects", "redirect")))
        .means(means);
    let said = match leak {
        Leak::Name(name) if name == "_" || name.contains('$') => said.fix_code(
            "Let the redirect use the host that the visitor asked for: $host, not $server_name or a quoted variable.",
            "return 301 https://$host$request_uri;",
        ),
        Leak::Port(_, 80 | 443) => said.fix_code(
            "Leave the port out of the redirect: $host has none, $http_host and $server_port have.",
            "return 301 https://$host$request_uri;",
        ),
        Leak::Port(..) => said.fix_code(
            "Where nginx builds the redirect, let it leave its own port out; where the application does, pass it the \
             public host without the port.",
            "port_in_redirect off;\nproxy_set_header Host $host;\nproxy_set_header X-Forwarded-Proto $scheme;",
        ),
        Leak::Address(_) | Leak::Name(_) | Leak::Socket(_) => said.fix_code(
            "Pass the public host to the application where nginx hands requests over, then reload nginx. If the \
             application still writes the internal address, remove \"proxy_redirect off;\" so that nginx corrects it.",
            "proxy_set_header Host $host;\nproxy_set_header X-Forwarded-Proto $scheme;",
        ),
    };
    let said = match members.first() {
        Some((url, _)) => said.prove(
            format!("{} | grep -i '^location'", curl(url)),
            format!("A Location such as https://{}/…, without a port or an internal name", url.host()),
        ),
        None => said,
    };
    members.iter().fold(said, |said, (url, location)| said.evidence(format!("Location from {url}"), *location))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, passes};

    fn redirecting(location: &str) -> String {
        format!("https example.com 203.0.113.7 302 {location}")
    }

    #[test]
    fn what_only_the_server_can_reach_fires() {
        for (location, part) in [
            ("http://127.0.0.1:8000/login", "127.0.0.1, an address inside"),
            ("http://10.0.0.5/", "10.0.0.5, an address inside"),
            ("http://[::1]:5000/", "::1, an address inside"),
            ("http://localhost:5000/", "\"localhost\", a name that only your server knows"),
            ("http://app/login", "\"app\", a name"),
            ("http://flask_app/login", "\"flask_app\", a name"),
            ("https://_/", "a word of the configuration"),
            ("https://$host/", "a word of the configuration"),
            ("http://unix:/run/gunicorn.sock/login", "a unix socket"),
            ("http://gunicorn.sock/login", "a unix socket"),
            ("http://example.com:8000/login", "port 8000"),
            ("https://example.com:8000/login", "port 8000"),
            ("http://example.com:443/", "port 443"),
            ("http://www.example.com:8080/", "port 8080"),
        ] {
            let finding = fires(CHECK, &redirecting(location));
            assert!(finding.seen.contains(part), "{location}: {}", finding.seen);
            assert_eq!(finding.evidence[0].value, location);
        }
    }

    #[test]
    fn the_other_schemes_port_is_a_slip_in_the_redirect() {
        let finding = fires(CHECK, "http example.com 203.0.113.7 301 https://example.com:80/");
        assert!(finding.seen.ends_with("port 80, which is not for https."), "{}", finding.seen);
        assert_eq!(finding.fix.unwrap().code.as_deref(), Some("return 301 https://$host$request_uri;"));
    }

    #[test]
    fn a_page_that_nobody_has_makes_no_subject_of_its_own() {
        let finding = fires(
            CHECK,
            "http example.com 203.0.113.7 301 https://_/\ndeep example.com 203.0.113.7 301 https://_/NONCE",
        );
        assert_eq!(finding.subject, "http://example.com/");
        let finding = fires(
            CHECK,
            "http example.com 203.0.113.7 301 https://example.com/\ndeep example.com 203.0.113.7 301 https://_/NONCE",
        );
        assert_eq!(finding.subject, "http://example.com/…");
    }

    #[test]
    fn public_places_pass() {
        for location in [
            "https://www.example.com/",
            "/login",
            "//www.example.com/",
            "https://example.com:443/",
            "https://example.com:8443/console", // TLS on a port of its own can be meant
            "http://203.0.114.9/",              // odd, but reachable
            "https://status.example.net:8080/", // another site's ports are its own business
            "https://login.example.net/?next=http%3A%2F%2F127.0.0.1%3A8000",
        ] {
            passes(CHECK, &redirecting(location));
        }
        passes(CHECK, "https example.com 203.0.113.7 200");
        is_not_tested(CHECK, "https example.com 203.0.113.7 refused");
    }

    #[test]
    fn what_another_site_leaks_is_not_ours() {
        passes(CHECK, "https example.com 203.0.113.7 302 https://other.net/\npage https://other.net/ 302 http://app/");
    }

    #[test]
    fn one_leak_at_many_addresses_is_one_row() {
        let finding = fires(
            CHECK,
            "http  example.com 203.0.113.7 302 http://127.0.0.1:8000/
             https example.com 203.0.113.7 302 http://127.0.0.1:8000/
             https example.com 203.0.113.8 302 http://127.0.0.1:8000/",
        );
        assert_eq!(finding.subject, "http://example.com/ and https://example.com/");
    }
}
