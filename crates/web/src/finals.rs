//! Where the entrances end: the final answers, and how a check of the application asks about all of them at once.

use std::net::IpAddr;

use domain::{HttpUrl, Scheme};
use findings::{Said, Verdict, not_tested, pass};

use crate::{
    End, Observation, Response, Trail, Via,
    words::{groups, list, short, status, subject},
};

/// A response that is not a redirect, at the end of one or more entrances.
#[derive(Debug, Clone)]
pub(crate) struct Final<'o> {
    /// The URL that gave it.
    pub(crate) url: HttpUrl,
    /// The address that gave it; `None` when the platform asked for us.
    pub(crate) address: Option<IpAddr>,
    /// What it was.
    pub(crate) response: &'o Response,
}

/// Final answers with one fault, and how to speak of them.
pub(crate) struct Faulty<'f, 'o> {
    /// The subject of the finding.
    pub(crate) subject: String,
    /// `Visitors`, or those of them who meet it.
    pub(crate) whom: &'static str,
    /// The answers that have the fault; at least one.
    pub(crate) finals: &'f [&'f Final<'o>],
}

impl Faulty<'_, '_> {
    /// The URLs that have the fault.
    pub(crate) fn urls(&self) -> String {
        list(self.finals.iter().map(|f| short(f.url.as_str())))
    }

    /// The addresses that have the fault.
    pub(crate) fn places(&self) -> String {
        places(self.finals)
    }

    /// What the first of them says in `Server`.
    pub(crate) fn server(&self) -> Option<&str> {
        self.finals.iter().find_map(|f| f.response.server.as_deref())
    }

    /// The URL to try afterwards.
    pub(crate) fn url(&self) -> &str {
        self.finals.first().map_or("", |f| f.url.as_str())
    }
}

/// Every final answer once, in the order of the corners.
pub(crate) fn of(seen: &Observation) -> Vec<Final<'_>> {
    let mut finals: Vec<Final<'_>> = Vec::new();
    for corner in &seen.corners {
        let end = match (corner.first.seen(), seen.trail(corner)) {
            (Some(first), _) if !first.is_redirect() => {
                let address = (corner.via == Via::Socket).then_some(corner.address);
                Final { url: corner.url(), address, response: first }
            }
            (_, Some(trail)) => match trail.answer() {
                Some((url, response)) => {
                    let address = trail.hops.last().and_then(|hop| hop.address);
                    Final { url: url.clone(), address, response }
                }
                None => continue,
            },
            _ => continue,
        };
        let same =
            |f: &Final<'_>| f.url == end.url && f.address == end.address && f.response.status == end.response.status;
        if !finals.iter().any(same) {
            finals.push(end);
        }
    }
    finals
}

/// Of these, the answers over HTTPS; all of them when nothing answers over HTTPS.
pub(crate) fn prefer_https(mut finals: Vec<Final<'_>>) -> Vec<Final<'_>> {
    if finals.iter().any(|f| f.url.scheme() == Scheme::Https) {
        finals.retain(|f| f.url.scheme() == Scheme::Https);
    }
    finals
}

/// Asks one question of final answers: those with the same fault become one finding.
pub(crate) fn ask<K: PartialEq>(
    seen: &Observation,
    finals: &[Final<'_>],
    fault: impl Fn(&Response) -> Option<K>,
    say: impl Fn(&K, &Faulty<'_, '_>) -> Said,
) -> Vec<Verdict> {
    // What does not depend on the kind of fault is compiled once, for faults that are numbers.
    let mut faults: Vec<K> = Vec::new();
    let mut numbers: Vec<Option<usize>> = Vec::new();
    for it in finals {
        numbers.push(fault(it.response).map(|fault| {
            let known = faults.iter().position(|known| *known == fault);
            known.unwrap_or_else(|| {
                faults.push(fault);
                faults.len() - 1
            })
        }));
    }
    sort_out(seen, finals, &numbers, &|number, faulty| faults.get(number).map(|fault| say(fault, faulty)))
}

fn sort_out(
    seen: &Observation,
    finals: &[Final<'_>],
    faults: &[Option<usize>],
    say: &dyn Fn(usize, &Faulty<'_, '_>) -> Option<Said>,
) -> Vec<Verdict> {
    if seen.corners.is_empty() {
        return Vec::new();
    }
    if finals.is_empty() {
        return vec![not_tested(subject(seen), why_none(seen))];
    }
    let open = finals.iter().zip(faults).filter(|(f, _)| f.response.shows_the_site());
    let judged: Vec<&Final<'_>> = open.clone().map(|(f, _)| f).collect();
    if judged.is_empty() {
        let why = match finals.iter().find_map(|f| wall(f.response)) {
            Some(who) => format!("{who} answers in place of the site, to tell people from programs"),
            None => format!("We were asked to slow down ({})", status(TOO_MANY)),
        };
        return vec![not_tested(subject(seen), format!("{why}; the site itself was not seen."))];
    }
    let faulty = groups(open.filter_map(|(f, fault)| Some(((*fault)?, f))));
    if faulty.is_empty() {
        return vec![pass(subject(seen), answers(&judged))];
    }
    let alone = faulty.len() == 1;
    let said = faulty.iter().filter_map(|(fault, members)| {
        let whom = if members.len() == judged.len() { "Visitors" } else { "Visitors who are led there" };
        let mut faulty = Faulty { subject: String::new(), whom, finals: members };
        let urls = faulty.urls();
        faulty.subject = if alone { urls } else { format!("{urls} at {}", faulty.places()) };
        say(*fault, &faulty)
    });
    said.map(Verdict::Found).collect()
}

/// `https://example.com/ answers 200 OK at 203.0.113.7 and 2001:db8::7.`
fn answers(finals: &[&Final<'_>]) -> String {
    let said = groups(finals.iter().map(|f| ((f.url.as_str(), f.response.status), *f)));
    let mut sentences: Vec<String> = said
        .iter()
        .take(4)
        .map(|((url, code), members)| format!("{} answers {} at {}.", short(url), status(*code), places(members)))
        .collect();
    if finals.iter().any(|f| matches!(f.response.status, 401 | 403 | 404)) {
        sentences.push("That is an answer: what \"/\" shows is up to the application.".into());
    }
    sentences.join(" ")
}

/// The addresses of final answers.
fn places(finals: &[&Final<'_>]) -> String {
    list(finals.iter().map(|f| match f.address {
        Some(address) => address.to_string(),
        None => "the content delivery network".into(),
    }))
}

/// Why there is no final answer at all.
fn why_none(seen: &Observation) -> String {
    let from_corner = || {
        let corner = seen.corners.iter().find(|corner| corner.scheme == Scheme::Https).or(seen.corners.first())?;
        Some(format!("at {}, {}", corner.subject(), corner.first.unseen()?.clause()))
    };
    let why = broken_off(seen).or_else(from_corner).unwrap_or_else(|| "nothing answered".into());
    format!("No page was reached: {why}.")
}

/// That the ways come to an end, and the longest of them; or that none could be followed so far.
pub(crate) fn way(seen: &Observation, longest_is: &str) -> Verdict {
    let has_end = seen.trails.iter().any(|trail| trail.answer().is_some());
    let longest = seen.trails.iter().map(Trail::redirects).max().unwrap_or_default();
    match (broken_off(seen), longest) {
        (Some(why), _) if !has_end => not_tested(subject(seen), format!("No way could be followed to its end: {why}.")),
        (_, 0) => pass(subject(seen), "No entrance redirects."),
        (_, 1) => pass(subject(seen), format!("{longest_is} 1 redirect.")),
        (_, n) => pass(subject(seen), format!("{longest_is} {n} redirects.")),
    }
}

/// Why the first trail that did not end with an answer did not.
fn broken_off(seen: &Observation) -> Option<String> {
    seen.trails.iter().find_map(|trail| match &trail.end {
        End::Answer(_) => None,
        End::BadLocation => Some("a redirect names no place to go to".to_owned()),
        End::Loop(_) => Some("the redirects never come to an end".to_owned()),
        End::TooMany => Some("there are too many redirects to follow".to_owned()),
        End::Unseen { url, why } => Some(format!("at {}, {}", short(url.as_str()), why.clause())),
    })
}

/// With it a server says that it has had enough of us, which says nothing of the site.
const TOO_MANY: u16 = 429;

impl Response {
    /// Whether it is the site's, and not that of a wall before it, or of a limit on how often it may be asked.
    pub fn shows_the_site(&self) -> bool {
        wall(self).is_none() && self.status != TOO_MANY
    }
}

/// Who stands before the site with a test for robots, when that is what answered. What is behind is not seen.
pub(crate) fn wall(response: &Response) -> Option<&'static str> {
    let has = |name: &str, value: &str| response.header(name).is_some_and(|v| v.eq_ignore_ascii_case(value));
    let title = response.title.as_deref().unwrap_or_default();
    let from_cloudflare = response.server.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("cloudflare"));
    if has("cf-mitigated", "challenge")
        || (from_cloudflare && title == "Just a moment...")
        || (from_cloudflare && title == "Attention Required! | Cloudflare")
    {
        return Some("Cloudflare's bot check");
    }
    if has("x-vercel-mitigated", "challenge") {
        return Some("Vercel's bot check");
    }
    if has("x-amzn-waf-action", "challenge") || has("x-amzn-waf-action", "captcha") {
        return Some("AWS's bot check");
    }
    if title.starts_with("Sucuri WebSite Firewall") {
        return Some("Sucuri's firewall");
    }
    let testcookie = response.start.contains("/aes.js") && response.start.contains("slowAES.decrypt");
    testcookie.then_some("A bot check of the hosting company")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::observe;

    #[test]
    fn each_address_counts_once_and_redirects_lead_to_their_end() {
        let seen = observe(
            "http example.com 203.0.113.7 301 https://example.com/
             https example.com 203.0.113.7 200
             https example.com 2001:db8::7 404",
        );
        let finals = of(&seen);
        assert_eq!(finals.len(), 2);
        assert_eq!(
            answers(&finals.iter().collect::<Vec<_>>()),
            "https://example.com/ answers 200 OK at 203.0.113.7. https://example.com/ answers 404 Not Found at \
             2001:db8::7. That is an answer: what \"/\" shows is up to the application."
        );
    }

    #[test]
    fn only_bot_checks_are_walls() {
        let first = |line: &str| observe(line).corners[0].first.seen().unwrap().clone();
        assert!(wall(&first("https example.com 203.0.113.7 403 | cf-mitigated: challenge")).is_some());
        assert!(
            wall(&first("https example.com 203.0.113.7 403 | server: cloudflare | title: Just a moment...")).is_some()
        );
        assert!(wall(&first("https example.com 203.0.113.7 403 | server: cloudflare")).is_none());
        assert!(wall(&first("https example.com 203.0.113.7 200 | title: Just a moment...")).is_none());
    }
}
