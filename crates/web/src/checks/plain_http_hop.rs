//! A redirect leaves HTTPS for plain HTTP.

use domain::{HttpUrl, Scheme};
use findings::{Said, Verdict, found, not_tested, pass};

use crate::{
    End, Observation, Trail,
    words::{curl, groups, list, short, subject},
};

use super::internal_location_leaks;

findings::check! {
    /// A redirect leads from HTTPS to plain HTTP.
    ///
    /// ## Why it matters
    /// For that hop anyone on the way can read and change what is sent, and browsers may show a warning. A site that
    /// redirects on to HTTPS afterwards does not undo this.
    ///
    /// ## How to fix
    /// Let the redirect name the https URL. When the application builds it, tell it the visitor's scheme with
    /// `X-Forwarded-Proto`.
    CHECK: Check<Observation> = "plain-http-hop",
        section: Redirects, severity: Failed,
        title: "A redirect leaves HTTPS", healthy: "Redirects stay on HTTPS",
        source: "Seed A11, A17; hstspreload redirects.insecure", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if seen.corners.is_empty() {
        return Vec::new();
    }
    if !seen.trails.iter().any(|trail| trail.hops.iter().any(|hop| hop.url.scheme() == Scheme::Https)) {
        return vec![not_tested(subject(seen), "No answer came over HTTPS, so no redirect could leave it.")];
    }
    let downgrades = seen.trails.iter().flat_map(|trail| downgrades(seen, trail));
    let downgrades = groups(downgrades.map(|(from, to, trail)| (from, (to, trail))));
    if downgrades.is_empty() {
        return vec![pass(subject(seen), "No redirect leads from HTTPS to plain HTTP.")];
    }
    downgrades.iter().map(|(from, members)| say(from, members).into()).collect()
}

/// The steps of a trail that leave HTTPS. Where an internal address leaks, that is the problem, not the scheme.
fn downgrades<'t>(seen: &Observation, trail: &'t Trail) -> Vec<(&'t HttpUrl, &'t HttpUrl, &'t Trail)> {
    let last = match &trail.end {
        End::Loop(url) | End::Unseen { url, .. } => Some(url),
        End::Answer(_) | End::BadLocation | End::TooMany => None,
    };
    let nexts = trail.hops.iter().skip(1).map(|hop| &hop.url).chain(last);
    trail
        .hops
        .iter()
        .zip(nexts)
        .filter(|(hop, next)| hop.url.scheme() == Scheme::Https && next.scheme() == Scheme::Http)
        .filter(|(hop, _)| {
            hop.location.as_deref().is_none_or(|l| internal_location_leaks::leak(seen, &hop.url, l).is_none())
        })
        .map(|(hop, next)| (&hop.url, next, trail))
        .collect()
}

fn say(from: &HttpUrl, members: &[(&HttpUrl, &Trail)]) -> Said {
    let to = list(members.iter().map(|(to, _)| short(to.as_str())));
    let starts = list(members.iter().map(|(_, trail)| short(trail.from.as_str())));
    let said = found(short(from.as_str()), format!("{} redirects to {to}.", short(from.as_str())))
        .means(format!(
            "Visitors who start at {starts} leave the protected connection on the way: others on their network can \
             read and change that step."
        ))
        .fix_code(
            "Let the redirect name the https URL. If the application builds it, tell it that visitors use HTTPS (in \
             Flask with ProxyFix, x_proto=1); if it is in nginx, change http:// to https:// in the rule.",
            "proxy_set_header Host $host;\nproxy_set_header X-Forwarded-Proto $scheme;",
        )
        .prove(
            format!("{} | grep -i '^location'", curl(from)),
            "A Location that starts with https://, or no Location at all",
        );
    members.iter().fold(said, |said, (_, trail)| said.evidence("Redirects", trail.arrows()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, passes};

    #[test]
    fn a_step_back_to_http_fires_even_when_it_ends_on_https() {
        let finding = fires(
            CHECK,
            "https example.com     203.0.113.7 301 http://www.example.com/
             http  www.example.com 203.0.113.7 301 https://www.example.com/
             https www.example.com 203.0.113.7 200",
        );
        assert_eq!(finding.subject, "https://example.com/");
        assert_eq!(finding.seen, "https://example.com/ redirects to http://www.example.com/.");
        assert!(finding.evidence[0].value.ends_with("→ http://www.example.com/ → https://www.example.com/"));
    }

    #[test]
    fn a_step_that_could_not_be_followed_counts_too() {
        fires(CHECK, "https example.com 203.0.113.7 302 http://example.com/login");
    }

    #[test]
    fn ordinary_upgrades_and_other_hosts_pass() {
        passes(
            CHECK,
            "http  example.com     203.0.113.7 301 https://example.com/
             https example.com     203.0.113.7 308 https://www.example.com/
             https www.example.com 203.0.113.7 302 https://login.example.net/
             page  https://login.example.net/ 200",
        );
    }

    #[test]
    fn a_leaked_internal_address_is_told_by_its_own_check() {
        passes(CHECK, "https example.com 203.0.113.7 302 http://127.0.0.1:8000/login");
    }

    #[test]
    fn without_https_there_is_nothing_to_leave() {
        is_not_tested(CHECK, "http example.com 203.0.113.7 200\nhttps example.com 203.0.113.7 refused");
    }
}
