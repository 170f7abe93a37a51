//! A text mini-language for tests: a small web, written line by line, becomes an observation.
//!
//! ```text
//! http  example.com 203.0.113.7 301 https://example.com/     an entrance and its first response
//! https example.com 203.0.113.7 200 | server: nginx | title: Welcome
//! https www.example.com 203.0.113.7 refused                  an entrance whose port did not answer
//! https example.com 2001:db8::7 open closed                  the port answered, HTTP did not
//! page  https://example.com/login 200                        what else can be reached by redirects
//! deep  example.com 203.0.113.7 301 https://example.com/NONCE
//! read  https://example.com/ 200 | content-type: text/html   a page that was read; without a status it is a fine one
//! uses  https://example.com/ image http://x.example/a 404    what it names by http, and what answers over https
//! asset https://example.com/ style /a.css 404 | server: nginx    a file of the page, and what it answers
//! nobody https://example.com/ 404 | title: Not Found         what a path that nobody has answers there
//! health https://example.com/ 200                            what /health answers there
//! upgrades https://example.com/                              its policy has all of that asked for over https
//! unpinned https://example.com/ https://x.example/a.js       a script of another site without a checksum
//! shared https://example.com/ ORIGIN credentials             what it says to scripts of another site
//! misnamed https://example.com/ 200 | title: Welcome         what the same connection answers for a name nobody has
//! stranger 203.0.113.7 301 https://STRANGER/                what that name gets over plain HTTP at an address
//! plain http://example.com/ script http://x.example/a.js     the page of a site without https, and what it names
//! ```
//!
//! After a bar follow headers, and `title:`, `body:` and `millis:`. Redirects are followed through what is written here.

use domain::{DomainName, HttpUrl, Scheme, Time};
use findings::{Check, Finding, State, judge};
use network::{Saw, Unseen};

use crate::{
    Asset, Brief, Corner, Deep, End, HOP_LIMIT, Hop, NO_ADDRESS, Observation, Page, Reference, Response, Shared, Trail,
    Use, Via,
};

/// The path and query that nobody has.
pub(crate) const NONCE: &str = "lockstep-0123456789abcdef/a?b=c%20d";

/// Reads a case.
pub(crate) fn observe(text: &str) -> Observation {
    let mut seen = Observation {
        seen_at: Time::from_unix(1_795_242_600),
        corners: vec![],
        trails: vec![],
        deep: vec![],
        pages: vec![],
        plain: None,
        stranger: None,
    };
    let mut pages: Vec<(HttpUrl, Saw<Response>)> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (words, extras) = line.split_once(" | ").unwrap_or((line, ""));
        let words: Vec<&str> = words.split_whitespace().collect();
        match words.as_slice() {
            [scheme @ ("http" | "https"), host, address, rest @ ..] => {
                let scheme = if *scheme == "https" { Scheme::Https } else { Scheme::Http };
                let (port, first) = match rest {
                    ["open", why] => (Saw::Seen(()), Saw::Unseen(unseen(why))),
                    [word, ..] if word.parse::<u16>().is_err() => {
                        (Saw::Unseen(unseen(word)), Saw::Unseen(unseen(word)))
                    }
                    _ => (Saw::Seen(()), Saw::Seen(response(rest, extras))),
                };
                let (host, address) = (host.parse().unwrap(), address.parse().unwrap());
                seen.corners.push(Corner { scheme, host, address, via: Via::Socket, port, first, trail: None });
            }
            ["page", url, rest @ ..] => {
                let page = match rest {
                    [word] if word.parse::<u16>().is_err() => Saw::Unseen(unseen(word)),
                    _ => Saw::Seen(response(rest, extras)),
                };
                pages.push((HttpUrl::parse(url).unwrap(), page));
            }
            ["deep", host, address, rest @ ..] => {
                let host: DomainName = host.parse().unwrap();
                let url = HttpUrl::root(Scheme::Http, &host).with_path(&format!("/{NONCE}"));
                let first = match rest {
                    [word] if word.parse::<u16>().is_err() => Saw::Unseen(unseen(word)),
                    _ => Saw::Seen(response(rest, extras)),
                };
                seen.deep.push(Deep { url, address: address.parse().unwrap(), first });
            }
            ["read", url, rest @ ..] => {
                let page = page(&mut seen, url);
                match rest {
                    [] => {}
                    [word] if word.parse::<u16>().is_err() => {
                        page.answer = Saw::Unseen(unseen(word));
                        page.html = false;
                    }
                    _ => {
                        let brief = brief(&response(rest, extras));
                        page.html = brief.content_type.as_deref().is_none_or(|it| it.contains("html"));
                        page.answer = Saw::Seen(brief);
                    }
                }
            }
            ["uses", url, kind, to, rest @ ..] => {
                let page = page(&mut seen, url);
                let twin = rest.first().map(|word| match word.parse() {
                    Ok(status) => Saw::Seen(status),
                    Err(_) => Saw::Unseen(unseen(word)),
                });
                let r#use = kind_of(kind);
                page.http_links += u32::from(r#use == Use::Link);
                page.references.push(Reference { r#use, url: HttpUrl::parse(to).unwrap(), within: None, twin });
            }
            ["asset", url, kind, path, rest @ ..] => {
                let page = page(&mut seen, url);
                let answer = match rest {
                    [word] if word.parse::<u16>().is_err() => Saw::Unseen(unseen(word)),
                    _ => Saw::Seen(brief(&response(rest, extras))),
                };
                page.assets.push(Asset { r#use: kind_of(kind), url: page.url.with_path(path), answer });
            }
            ["nobody", url, rest @ ..] => {
                let first = match rest {
                    [word] if word.parse::<u16>().is_err() => Saw::Unseen(unseen(word)),
                    _ => Saw::Seen(response(rest, extras)),
                };
                let page = page(&mut seen, url);
                let address = page.address.unwrap();
                let url = page.url.with_path("/lockstep-0123456789abcdef");
                page.nobody = Some(Box::new(Deep { url, address, first }));
            }
            ["health", url, rest @ ..] => {
                let answer = match rest {
                    [word] if word.parse::<u16>().is_err() => Saw::Unseen(unseen(word)),
                    _ => Saw::Seen(brief(&response(rest, extras))),
                };
                page(&mut seen, url).health = Some(answer);
            }
            ["upgrades", url] => page(&mut seen, url).upgrades = true,
            ["unpinned", url, script] => page(&mut seen, url).unpinned.push(HttpUrl::parse(script).unwrap()),
            ["shared", url, rest @ ..] => {
                let origin = "https://lockstep-0123456789abcdef.invalid".to_owned();
                let allowed = rest.first().map(|it| if *it == "ORIGIN" { origin.clone() } else { (*it).to_owned() });
                let credentials = rest.get(1) == Some(&"credentials");
                page(&mut seen, url).shared = Some(Saw::Seen(Shared { origin, allowed, credentials }));
            }
            ["misnamed", url, rest @ ..] => {
                let first = match rest {
                    [word] if word.parse::<u16>().is_err() => Saw::Unseen(unseen(word)),
                    _ => Saw::Seen(response(rest, extras)),
                };
                let page = page(&mut seen, url);
                let url = HttpUrl::parse("https://lockstep-0123456789abcdef.invalid/").unwrap();
                page.misnamed = Some(Box::new(Deep { url, address: page.address.unwrap(), first }));
            }
            ["stranger", address, rest @ ..] => {
                let first = match rest {
                    [word] if word.parse::<u16>().is_err() => Saw::Unseen(unseen(word)),
                    _ => Saw::Seen(response(rest, extras)),
                };
                let url = HttpUrl::parse("http://lockstep-0123456789abcdef.invalid/").unwrap();
                seen.stranger = Some(Box::new(Deep { url, address: address.parse().unwrap(), first }));
            }
            ["plain", url, rest @ ..] => {
                let url = HttpUrl::parse(url).unwrap();
                let fine = brief(&response(&["200"], "content-type: text/html"));
                let mut page = Page { html: true, whole: true, ..Page::unread(url, None, Saw::Seen(fine)) };
                if let [kind, to, rest @ ..] = rest {
                    let twin = rest.first().map(|word| Saw::Seen(word.parse().unwrap()));
                    let url = HttpUrl::parse(to).unwrap();
                    page.references.push(Reference { r#use: kind_of(kind), url, within: None, twin });
                }
                seen.plain = Some(Box::new(page));
            }
            _ => panic!("not a line of a case: {line}"),
        }
    }
    for index in 0..seen.corners.len() {
        if let Some(trail) = walk(&seen.corners, &pages, &seen.corners[index]) {
            seen.corners[index].trail = Some(seen.trails.len());
            seen.trails.push(trail);
        }
    }
    seen
}

fn kind_of(word: &str) -> Use {
    use serde::{Deserialize, de::value::StrDeserializer};
    Use::deserialize(StrDeserializer::<serde::de::value::Error>::new(word)).unwrap()
}

/// The page read at this URL.
fn page<'s>(seen: &'s mut Observation, url: &str) -> &'s mut Page {
    let url = HttpUrl::parse(url).unwrap();
    if let Some(at) = seen.pages.iter().position(|page| page.url == url) {
        return &mut seen.pages[at];
    }
    let fine = Brief { status: 200, content_type: Some("text/html".into()), nosniff: false, server: None };
    let address = seen.corners.iter().find(|corner| corner.host.as_str() == url.host()).map(|corner| corner.address);
    seen.pages.push(Page { html: true, whole: true, ..Page::unread(url, address, Saw::Seen(fine)) });
    seen.pages.last_mut().unwrap()
}

fn brief(response: &Response) -> Brief {
    Brief {
        status: response.status,
        content_type: response.header("content-type").map(str::to_owned),
        nosniff: response.header("x-content-type-options") == Some("nosniff"),
        server: response.server.clone(),
    }
}

fn response(words: &[&str], extras: &str) -> Response {
    let mut it = Response {
        status: words[0].parse().unwrap(),
        location: words
            .get(1)
            .map(|location| location.replace("NONCE", NONCE).replace("STRANGER", "lockstep-0123456789abcdef.invalid")),
        server: None,
        hsts: vec![],
        headers: vec![],
        title: None,
        start: String::new(),
        length: 0,
        millis: 12,
    };
    for extra in extras.split(" | ").filter(|extra| !extra.is_empty()) {
        let (name, value) = extra.split_once(':').unwrap();
        let value = value.trim().to_owned();
        match name.trim() {
            "title" => it.title = Some(value),
            "body" => it.start = value,
            "millis" => it.millis = value.parse().unwrap(),
            name => {
                match name {
                    "server" => it.server = Some(value.clone()),
                    "location" => it.location = Some(value.clone()),
                    "strict-transport-security" => it.hsts.push(value.clone()),
                    _ => {}
                }
                it.headers.push((name.to_owned(), value));
            }
        }
    }
    it
}

fn unseen(word: &str) -> Unseen {
    match word {
        "refused" => Unseen::Refused,
        "timed-out" => Unseen::TimedOut,
        "reset" => Unseen::Reset,
        "closed" => Unseen::Closed,
        "unreachable" => Unseen::Unreachable,
        "deadline" => Unseen::Deadline,
        "no-vantage" => Unseen::NoVantage,
        "platform-cannot" => Unseen::PlatformCannot,
        "no-address" => Unseen::Failed(NO_ADDRESS.into()),
        "failed" => Unseen::Failed("no secure connection came about".into()),
        _ => panic!("not a reason: {word}"),
    }
}

fn walk(corners: &[Corner], pages: &[(HttpUrl, Saw<Response>)], corner: &Corner) -> Option<Trail> {
    let mut response = corner.first.seen()?.clone();
    let mut url = corner.url();
    let mut trail = Trail { from: url.clone(), hops: vec![], end: End::TooMany };
    loop {
        trail.hops.push(Hop {
            url: url.clone(),
            address: Some(corner.address),
            status: response.status,
            location: response.location.clone(),
            hsts: response.hsts.first().cloned(),
            server: response.server.clone(),
            millis: response.millis,
        });
        if !response.is_redirect() {
            trail.end = End::Answer(Box::new(response));
            return Some(trail);
        }
        let Some(next) = response.location.as_deref().and_then(|location| url.join(location)) else {
            trail.end = End::BadLocation;
            return Some(trail);
        };
        if trail.hops.iter().any(|hop| hop.url == next) {
            trail.end = End::Loop(next);
            return Some(trail);
        }
        if trail.hops.len() > HOP_LIMIT {
            return Some(trail);
        }
        let of_corner = |same_address: bool| {
            let mut all = corners.iter().filter(|c| c.url() == next);
            all.find(|c| !same_address || c.address == corner.address).map(|c| c.first.clone())
        };
        let of_page = || pages.iter().find(|(url, _)| *url == next).map(|(_, page)| page.clone());
        match of_corner(true).or_else(|| of_corner(false)).or_else(of_page) {
            Some(Saw::Seen(found)) => response = found,
            Some(Saw::Unseen(why)) => {
                trail.end = End::Unseen { url: next, why };
                return Some(trail);
            }
            None => {
                trail.end = End::Unseen { url: next, why: Unseen::TimedOut };
                return Some(trail);
            }
        }
        url = next;
    }
}

/// What a check says about a case.
pub(crate) fn judged(check: Check<Observation>, text: &str) -> Vec<Finding> {
    judge(&[check], &observe(text))
}

/// The one finding of a case in which the check fires.
#[track_caller]
pub(crate) fn fires(check: Check<Observation>, text: &str) -> Finding {
    let severity = State::from(check.about.severity);
    let mut findings = judged(check, text);
    assert_eq!(findings.len(), 1, "{findings:#?}");
    let finding = findings.remove(0);
    assert_eq!(finding.state, severity, "{finding:#?}");
    assert!(!finding.means.is_empty() && finding.fix.is_some() && finding.prove.is_some(), "{finding:#?}");
    finding
}

/// A case that the check looked at and found right.
#[track_caller]
pub(crate) fn passes(check: Check<Observation>, text: &str) -> Finding {
    let mut findings = judged(check, text);
    assert_eq!(findings.iter().map(|f| f.state).collect::<Vec<_>>(), [State::Passed], "{findings:#?}");
    findings.remove(0)
}

/// A case in which there was nothing to see.
#[track_caller]
pub(crate) fn is_not_tested(check: Check<Observation>, text: &str) -> Finding {
    let mut findings = judged(check, text);
    assert_eq!(findings.iter().map(|f| f.state).collect::<Vec<_>>(), [State::NotTested], "{findings:#?}");
    findings.remove(0)
}

/// A case in which the question does not arise.
#[track_caller]
pub(crate) fn is_silent(check: Check<Observation>, text: &str) {
    assert_eq!(judged(check, text), []);
}
