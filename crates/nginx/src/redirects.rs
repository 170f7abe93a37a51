//! The redirect map: what answers at every corner (http and https of each name), where it sends visitors, and how many
//! redirects lie between them and a page.

use serde::{Deserialize, Serialize};

use crate::{Config, Outcome, Patterns, Place, Request, config::is_covered, route};

/// All corners of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedirectMap {
    /// http and https of each name, in the order in which the names stand in the text.
    pub corners: Vec<Corner>,
    /// Circles, each as indexes of the corners that it goes through.
    pub loops: Vec<Vec<usize>>,
    /// Names that were left out because there are too many.
    pub names_left_out: usize,
}

/// One scheme of one name, on its usual port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corner {
    /// `http` or `https`.
    pub scheme: String,
    /// The name; empty for "any other name" where the text names none.
    pub host: String,
    /// What answers a request for `/`.
    pub answer: Answer,
    /// The redirect's status.
    pub code: Option<u16>,
    /// Where it redirects, as a URL or as far as it is known.
    pub target: Option<String>,
    /// The corner that it redirects to; `None` when it does not, or leads elsewhere.
    pub to: Option<usize>,
    /// Does a deeper path survive the redirect?
    pub keeps_path: Option<bool>,
    /// Redirects until something else answers; `None` in a circle, or when nobody knows.
    pub hops: Option<usize>,
    /// The corner at which a visitor ends; `None` when it is not among these.
    pub ends_at: Option<usize>,
    /// In a sentence: `the app at 127.0.0.1:8000`.
    pub words: String,
    /// The server or location that answers.
    pub place: Option<Place>,
}

/// What answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// A redirect.
    Redirect,
    /// An application behind nginx.
    App,
    /// Files.
    Files,
    /// A text of the configuration.
    Text,
    /// nginx's own error page.
    Error,
    /// Nobody: the connection or the handshake is refused.
    Closed,
    /// Only the real request knows.
    Undecided,
}

/// Names that are drawn.
const MOST_NAMES: usize = 100;

/// Redirects that browsers follow.
const MOST_HOPS: usize = 20;

/// A name that no configuration has.
const OTHER: &str = "any-other-name.invalid";

/// Draws the redirect map of a configuration.
pub fn redirect_map(config: &Config<'_>, patterns: &dyn Patterns) -> RedirectMap {
    let mut hosts: Vec<&str> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for server in config.servers() {
        for host in server.hosts() {
            if seen.insert(host) {
                hosts.push(host);
            }
        }
    }
    // A redirect to a name that a wildcard answers leads on.
    let mut led: Vec<String> = Vec::new();
    for redirect in config.servers().iter().flat_map(|server| server.redirects()) {
        let target = redirect.resolve("http", "", None).map(|target| target.host).unwrap_or_default();
        if !hosts.contains(&target.as_str())
            && !led.contains(&target)
            && is_covered(config, &target)
            && led.len() < MOST_NAMES
        {
            led.push(target);
        }
    }
    hosts.extend(led.iter().map(String::as_str));
    let names_left_out = hosts.len().saturating_sub(MOST_NAMES);
    hosts.truncate(MOST_NAMES);
    if hosts.is_empty() && !config.servers().is_empty() {
        hosts.push("");
    }
    let names: Vec<(bool, &str)> = hosts.iter().flat_map(|host| [(false, *host), (true, *host)]).collect();
    let at = |https: bool, host: &str| names.iter().position(|name| *name == (https, host));
    let mut loops: Vec<Vec<usize>> = Vec::new();
    let corners = names.iter().map(|(https, host)| corner(config, patterns, *https, host, &at, &mut loops)).collect();
    RedirectMap { corners, loops, names_left_out }
}

fn request(https: bool, host: &str, path: &str) -> Request {
    let host = if host.is_empty() { OTHER } else { host };
    Request {
        https,
        host: host.to_owned(),
        port: if https { 443 } else { 80 },
        path: path.to_owned(),
        sni: None,
        method: "GET".to_owned(),
        arrives_at: None,
        headers: None,
        files: None,
    }
}

fn corner(
    config: &Config<'_>,
    patterns: &dyn Patterns,
    https: bool,
    host: &str,
    at: &dyn Fn(bool, &str) -> Option<usize>,
    loops: &mut Vec<Vec<usize>>,
) -> Corner {
    let own = at(https, host);
    let mut corner = Corner {
        scheme: if https { "https" } else { "http" }.to_owned(),
        host: host.to_owned(),
        answer: Answer::Undecided,
        code: None,
        target: None,
        to: None,
        keeps_path: None,
        hops: None,
        ends_at: None,
        words: String::new(),
        place: None,
    };
    let mut asked = request(https, host, "/");
    let mut visited: Vec<(Request, Option<usize>)> = Vec::new();
    let mut here = own;
    loop {
        let way = route(config, &asked, patterns);
        // Within one corner, what counts is what leaves it or answers in it.
        let first = visited.iter().all(|(_, corner)| *corner == own) && here == own;
        visited.push((asked.clone(), here));
        let next = match &way.outcome {
            Outcome::Redirect { to, known: true, .. } => follow(&asked, to),
            _ => None,
        };
        let to = next.as_ref().and_then(|next| if usual(next) { at(next.https, name(next)) } else { None });
        let last = visited.len() > MOST_HOPS;
        if first && (last || next.is_none() || to != own || visited.iter().any(|(old, _)| Some(old) == next.as_ref())) {
            corner.words = words(&way.outcome);
            corner.answer = answer(&way.outcome);
            corner.place = way.location.or(way.server);
            if let Outcome::Redirect { code, to: target, .. } = &way.outcome {
                corner.code = Some(*code);
                corner.target = Some(target.clone());
                corner.to = to;
                corner.keeps_path = keeps_path(config, patterns, &asked);
            }
        }
        let Some(next) = next else {
            // The target of a redirect to somewhere unknown is one hop away all the same.
            let open = matches!(way.outcome, Outcome::Redirect { .. } | Outcome::Undecided { .. });
            corner.hops = (!open).then(|| visited.len() - 1);
            corner.ends_at = if open { None } else { here };
            return corner;
        };
        if let Some(start) = visited.iter().position(|(old, _)| *old == next) {
            let mut circle: Vec<usize> =
                visited.get(start..).unwrap_or_default().iter().filter_map(|(_, corner)| *corner).collect();
            circle.dedup();
            rotate(&mut circle);
            if !circle.is_empty() && !loops.contains(&circle) {
                loops.push(circle);
            }
            return corner;
        }
        if to.is_none() {
            // It leads out of the configuration.
            corner.hops = Some(visited.len());
            return corner;
        }
        if last {
            // The path grows from turn to turn: the corners of the last one.
            let corners: Vec<usize> = visited.iter().filter_map(|(_, corner)| *corner).collect();
            if let (Some((end, before)), Some(_)) = (corners.split_last(), here)
                && let Some(from) = before.iter().rposition(|corner| corner == end)
            {
                let mut circle = before.get(from..).unwrap_or_default().to_vec();
                rotate(&mut circle);
                if !loops.contains(&circle) {
                    loops.push(circle);
                }
            }
            return corner;
        }
        here = to;
        asked = next;
    }
}

/// A circle begins with its least corner, so that it is told once.
fn rotate(circle: &mut [usize]) {
    if let Some(least) = circle.iter().enumerate().min_by_key(|(_, corner)| **corner).map(|(at, _)| at) {
        circle.rotate_left(least);
    }
}

/// The request that a browser makes next; `None` when the target is no URL.
fn follow(from: &Request, to: &str) -> Option<Request> {
    let lower = to.get(..to.len().min(8)).unwrap_or(to).to_ascii_lowercase();
    let next = if lower.starts_with("http://") || lower.starts_with("https://") {
        Request::parse(to).ok()?
    } else if to.starts_with("//") {
        let scheme = if from.https { "https:" } else { "http:" };
        Request::parse(&format!("{scheme}{to}")).ok()?
    } else if to.starts_with('/') {
        Request { path: Request::parse(to).ok()?.path, ..from.clone() }
    } else {
        return None;
    };
    Some(next)
}

fn usual(request: &Request) -> bool {
    request.port == if request.https { 443 } else { 80 }
}

fn name(request: &Request) -> &str {
    if request.host == OTHER { "" } else { &request.host }
}

fn keeps_path(config: &Config<'_>, patterns: &dyn Patterns, asked: &Request) -> Option<bool> {
    const DEEP: &str = "/lockstep/any-page?a=b";
    let deep = Request { path: DEEP.to_owned(), ..asked.clone() };
    match route(config, &deep, patterns).outcome {
        Outcome::Redirect { to, known: true, .. } => Some(to.ends_with(DEEP)),
        _ => None,
    }
}

fn answer(outcome: &Outcome) -> Answer {
    match outcome {
        Outcome::Redirect { .. } => Answer::Redirect,
        Outcome::Proxy { .. } | Outcome::Handler { .. } => Answer::App,
        Outcome::File { .. } | Outcome::Listing { .. } => Answer::Files,
        Outcome::Answer { .. } => Answer::Text,
        Outcome::Error { .. } => Answer::Error,
        Outcome::Closed | Outcome::HandshakeFails { .. } | Outcome::NothingListens { .. } => Answer::Closed,
        Outcome::Undecided { .. } => Answer::Undecided,
    }
}

fn words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Redirect { code, to, .. } => format!("{code} to {to}"),
        Outcome::Proxy { to, .. } => format!("the app at {to}"),
        Outcome::Handler { name, to } => format!("{name} {to}").trim_end().to_owned(),
        Outcome::File { path, .. } => format!("the file {path}"),
        Outcome::Listing { path, .. } => format!("a list of {path}"),
        Outcome::Answer { code, .. } => format!("{code} from nginx"),
        Outcome::Error { code, .. } => format!("error {code} from nginx"),
        Outcome::Closed => "closed without an answer".to_owned(),
        Outcome::HandshakeFails { because } | Outcome::NothingListens { because } | Outcome::Undecided { because } => {
            because.clone()
        }
    }
}

#[cfg(all(test, feature = "fancy-regex"))]
mod tests {
    use super::*;
    use crate::{Fancy, Source};

    fn map(text: &str) -> RedirectMap {
        redirect_map(&Config::read(&[Source { name: "", text }], None, true), &Fancy::default())
    }

    const TLS: &str = "ssl_certificate /a; ssl_certificate_key /b;";

    #[test]
    fn corners_lead_to_the_app() {
        let map = map(&format!(
            "server {{ listen 80; server_name a.test www.a.test; return 301 https://$host$request_uri; }}
             server {{ listen 443 ssl; server_name www.a.test; {TLS} return 301 https://a.test/; }}
             server {{ listen 443 ssl; server_name a.test; {TLS} location / {{ proxy_pass http://127.0.0.1:8000; }} }}"
        ));
        let told: Vec<_> = map
            .corners
            .iter()
            .map(|corner| (corner.scheme.as_str(), corner.host.as_str(), corner.hops, corner.keeps_path))
            .collect();
        assert_eq!(
            told,
            [
                ("http", "a.test", Some(1), Some(true)),
                ("https", "a.test", Some(0), None),
                ("http", "www.a.test", Some(2), Some(true)),
                ("https", "www.a.test", Some(1), Some(false)),
            ]
        );
        assert_eq!(map.corners[2].to, Some(3));
        assert_eq!(map.corners[2].ends_at, Some(1));
        assert!(map.loops.is_empty());
    }

    #[test]
    fn circles_are_found_once() {
        let map = map(&format!(
            "server {{ listen 80; server_name a.test; return 301 https://a.test$request_uri; }}
             server {{ listen 80; server_name www.a.test; return 301 http://a.test$request_uri; }}
             server {{ listen 443 ssl; server_name a.test; {TLS} return 301 http://a.test$request_uri; }}"
        ));
        assert_eq!(map.loops, [vec![0, 1]]);
        assert_eq!(map.corners[2].hops, None);
        assert_eq!(map.corners[2].answer, Answer::Redirect);
        assert_eq!(map.corners[3].answer, Answer::Redirect);
    }

    #[test]
    fn a_redirect_within_the_corner_is_no_circle() {
        let map = map(
            "server { listen 80; server_name a.test; location = / { return 302 /app/; } location / { root /srv; } }",
        );
        assert!(map.loops.is_empty());
        assert_eq!(map.corners[0].answer, Answer::Files);
        assert_eq!(map.corners[0].hops, Some(1));
        assert_eq!(map.corners[1].answer, Answer::Closed);
    }
}
