//! A redirect that leads to no place at all.

use domain::{DomainName, HttpUrl};
use findings::{Said, Verdict, found, not_tested, pass};
use network::Unseen;

use crate::{
    Deep, End, NO_ADDRESS, Observation, Trail, location,
    words::{curl, groups, list, names, redirect_block, short, subject},
};

use super::internal_location_leaks;

findings::check! {
    /// A redirect names no place to go to, or a name of the site that leads to no address.
    ///
    /// ## Why it matters
    /// Browsers show an error or an empty page. The site behind may be fine; nobody gets there by this entrance.
    ///
    /// ## How to fix
    /// Let the redirect name the full https URL of a host that is in DNS.
    CHECK: Check<Observation> = "redirect-leads-nowhere",
        section: Redirects, severity: Failed,
        title: "A redirect leads nowhere", healthy: "Redirects lead somewhere",
        source: "RFC 9110 §15.4, §10.2.2; seed A11", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if seen.corners.is_empty() {
        return Vec::new();
    }
    if seen.trails.is_empty() {
        return vec![not_tested(subject(seen), "No entrance answered, so there were no redirects to follow.")];
    }
    let nowhere = groups(seen.trails.iter().filter_map(|trail| Some((nowhere(seen, trail)?, trail))));
    let glued = groups(seen.deep.iter().filter_map(|deep| Some((glued(seen, deep)?, deep))));
    if nowhere.is_empty() && glued.is_empty() {
        let some = seen.trails.iter().any(|trail| trail.hops.len() > 1);
        let words = if some { "Every redirect names a place to go to." } else { "No entrance redirects." };
        return vec![pass(subject(seen), words)];
    }
    let nowhere = nowhere.iter().map(|((from, what), trails)| say(seen, from, what, trails));
    nowhere.chain(glued.iter().map(|(_, deeps)| say_glued(seen, deeps))).map(Verdict::from).collect()
}

/// Why a redirect goes nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Nowhere {
    /// There is no `Location`, or an empty one.
    Nothing,
    /// A name of the site that leads to no address.
    NoAddress(String),
    /// It is not a URL.
    NotAUrl(String),
}

/// The redirect at which a trail ends, when it goes nowhere. Another site's missing names are not ours to judge, and
/// what an application calls by a scheme of its own (`app://`) can be meant.
fn nowhere(seen: &Observation, trail: &Trail) -> Option<(HttpUrl, Nowhere)> {
    let last = trail.hops.last()?;
    let what = match &trail.end {
        End::BadLocation => match last.location.as_deref().map(str::trim) {
            None | Some("") => Nowhere::Nothing,
            Some(location) => {
                let lower = location.to_ascii_lowercase();
                let is_web = lower.starts_with("http:") || lower.starts_with("https:") || !lower.contains(':');
                let is_told = internal_location_leaks::leak(seen, &last.url, location).is_some();
                (is_web && !is_told).then(|| Nowhere::NotAUrl(short(location)))?
            }
        },
        End::Unseen { url, why: Unseen::Failed(why) } if why == NO_ADDRESS && is_ours(seen, url.host()) => {
            Nowhere::NoAddress(url.host().to_owned())
        }
        _ => return None,
    };
    Some((last.url.clone(), what))
}

/// The name of the site that a redirect of a page writes together with the page.
fn glued(seen: &Observation, deep: &Deep) -> Option<String> {
    let place = location::of(deep.first.seen()?, &deep.url)?;
    location::glued(&place, &deep.url).filter(|host| is_ours(seen, host)).map(str::to_owned)
}

/// A name looked at, the twin of one, or a name below one.
fn is_ours(seen: &Observation, host: &str) -> bool {
    let Ok(host) = host.parse::<DomainName>() else { return false };
    names(seen).iter().any(|name| host.is_within(name) || name.without_www().is_some_and(|apex| host.is_within(&apex)))
}

fn say(seen: &Observation, from: &HttpUrl, what: &Nowhere, trails: &[&Trail]) -> Said {
    let url = short(from.as_str());
    let fact = match what {
        Nowhere::Nothing => format!("{url} answers with a redirect that does not say where to."),
        Nowhere::NoAddress(host) => format!("{url} redirects to {host}, and that name leads to no address."),
        Nowhere::NotAUrl(location) => format!("{url} redirects to \"{location}\", which is not a URL."),
    };
    let starts = list(trails.iter().map(|trail| short(trail.from.as_str())));
    let said = found(url, fact).means(format!("Visitors who start at {starts} see an error instead of the site."));
    let said = match what {
        Nowhere::NoAddress(host) => said.fix(format!(
            "Either add an address record for {host} at your DNS provider, or redirect to the name that has one."
        )),
        Nowhere::Nothing | Nowhere::NotAUrl(_) => {
            said.fix_code("Let the redirect name the full URL, then reload nginx.", redirect_block(seen))
        }
    };
    let said = said.prove(
        format!("{} | grep -i '^location'", curl(from)),
        format!("A Location such as https://{}/, whose host is in DNS", from.host()),
    );
    trails.iter().fold(said, |said, trail| said.evidence("Redirects", trail.arrows()))
}

fn say_glued(seen: &Observation, deeps: &[&Deep]) -> Said {
    let hosts = list(deeps.iter().map(|deep| deep.url.host()));
    let location = |deep: &Deep| deep.first.seen().and_then(|first| first.location.clone()).unwrap_or_default();
    let example = deeps.first().map(|deep| (short(deep.url.as_str()), short(&location(deep)))).unwrap_or_default();
    let said = found(
        hosts,
        format!("{} redirects to {}: the slash between host and page is missing.", example.0, example.1),
    )
    .means("The front page is reached; whoever follows an http link or bookmark to any other page sees an error.")
    .fix_code(
        "$request_uri begins with the slash; $1 of a rewrite does not. Redirect in this way, then reload nginx.",
        redirect_block(seen),
    );
    let said = match deeps.first() {
        Some(deep) => said.prove(
            format!("{} | grep -i '^location'", curl(&deep.url.with_path("/a/b?c=d"))),
            "A Location that ends in /a/b?c=d, with a slash behind the host",
        ),
        None => said,
    };
    deeps.iter().fold(said, |said, deep| said.evidence(format!("Location from {}", deep.url), location(deep)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, is_silent, passes};

    #[test]
    fn redirects_without_a_place_fire() {
        let finding = fires(CHECK, "http example.com 203.0.113.7 301");
        assert_eq!(finding.seen, "http://example.com/ answers with a redirect that does not say where to.");
        for location in ["https://", "https://exa^mple.com/", "http:///"] {
            let finding = fires(CHECK, &format!("http example.com 203.0.113.7 301 {location}"));
            assert!(finding.seen.contains("not a URL"), "{}", finding.seen);
        }
    }

    #[test]
    fn a_name_of_the_site_that_is_not_in_dns_fires() {
        let case = "http  example.com     203.0.113.7 301 https://www.example.com/
                    page  https://www.example.com/ no-address";
        let finding = fires(CHECK, case);
        assert_eq!(
            finding.seen,
            "http://example.com/ redirects to www.example.com, and that name leads to no address."
        );
        assert_eq!(finding.evidence[0].value, "http://example.com/ → https://www.example.com/");
    }

    #[test]
    fn a_missing_slash_behind_the_host_fires() {
        let deep = |location: &str| {
            format!(
                "http example.com 203.0.113.7 301 https://example.com\nhttps example.com 203.0.113.7 200
                 deep example.com 203.0.113.7 301 {location}"
            )
        };
        let finding = fires(CHECK, &deep("https://example.comlockstep-0123456789abcdef/a?b=c%20d"));
        assert_eq!(finding.subject, "example.com");
        assert!(finding.seen.ends_with("/a?b=c%20d: the slash between host and page is missing."), "{}", finding.seen);
        passes(CHECK, &deep("https://example.com/NONCE"));
        passes(CHECK, &deep("https://example.netlockstep-0123456789abcdef/a"));
    }

    #[test]
    fn places_schemes_of_applications_and_other_sites_pass() {
        passes(CHECK, "http example.com 203.0.113.7 301 https://example.com/\nhttps example.com 203.0.113.7 200");
        passes(CHECK, "http example.com 203.0.113.7 302 exampleapp://open");
        passes(CHECK, "http example.com 203.0.113.7 302 https://other.net/\npage https://other.net/ no-address");
        passes(CHECK, "https example.com 203.0.113.7 301 https://example.com/login"); // that it does not answer is another matter
        passes(CHECK, "https example.com 203.0.113.7 301 unix:/run/gunicorn.sock");
        passes(CHECK, "https example.com 203.0.113.7 200");
        is_not_tested(CHECK, "https example.com 203.0.113.7 refused");
        is_silent(CHECK, "");
    }
}
