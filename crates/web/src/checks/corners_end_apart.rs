//! The entrances of one site end at different places.

use domain::{DomainName, HttpUrl, Scheme};
use findings::{Said, Verdict, found, not_tested, pass};

use crate::{
    Corner, End, Observation,
    words::{groups, list, names, short, subject, verb},
};

use super::internal_location_leaks;

findings::check! {
    /// Entrances that should lead to one site end at different ones.
    ///
    /// ## Why it matters
    /// Which site people see depends on what they typed. Logins and cookies of one place do not count at the other,
    /// and search engines see two sites.
    ///
    /// ## How to fix
    /// Decide for one main address and redirect every other entrance to it. Serving both the bare name and www over
    /// HTTPS is fine too, as long as each entrance of a name ends at the same place.
    CHECK: Check<Observation> = "corners-end-apart",
        section: Redirects, severity: Warning,
        title: "Entrances end at different sites", healthy: "Entrances lead to one site",
        source: "Seed A11, A faq 1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if seen.corners.is_empty() {
        return Vec::new();
    }
    let ends = ends(seen);
    if ends.is_empty() {
        return vec![not_tested(subject(seen), "No entrance was followed to a page, so there was nothing to compare.")];
    }
    let mut verdicts: Vec<Verdict> = Vec::new();
    for host in names(seen) {
        let of_host: Vec<&(&Corner, &HttpUrl)> = ends.iter().filter(|(corner, _)| corner.host == *host).collect();
        let apart = groups(of_host.iter().map(|(corner, end)| (end.origin(), (*corner, *end))));
        if apart.len() > 1 {
            verdicts.push(say_host(host, &apart).into());
        }
    }
    if verdicts.is_empty() {
        verdicts.extend(strangers(&ends).map(Verdict::from));
    }
    if verdicts.is_empty() {
        let origins = list(ends.iter().map(|(_, end)| end.origin()));
        let several = groups(ends.iter().map(|(_, end)| (end.origin(), ()))).len() > 1;
        let words = if several {
            format!("The entrances are served at {origins}: each name leads to one place.")
        } else {
            format!("Every entrance that answers ends at {origins}.")
        };
        return vec![pass(subject(seen), words)];
    }
    verdicts
}

/// Where each entrance ends. An http entrance that answers by itself is left out: that it does not redirect is
/// another question, with its own check.
fn ends(seen: &Observation) -> Vec<(&Corner, &HttpUrl)> {
    let ends = seen.corners.iter().filter_map(|corner| {
        let stays = corner.scheme == Scheme::Http && !corner.first.seen()?.is_redirect();
        let url = match &seen.trail(corner)?.end {
            End::Answer(_) => seen.trail(corner)?.answer()?.0,
            // A port of its own is not visited; that the other entrances do not lead there is seen all the same. One that
            // nobody can have meant is told as such.
            End::Unseen { url, .. } if url.explicit_port().is_some() && is_own(seen, url.host()) => {
                internal_location_leaks::leak(seen, &corner.url(), url.as_str()).is_none().then_some(url)?
            }
            _ => return None,
        };
        (!stays).then_some((corner, url))
    });
    ends.collect()
}

fn is_own(seen: &Observation, host: &str) -> bool {
    names(seen).iter().any(|name| name.as_str() == host)
}

/// Apex and www that end at sites which have nothing to do with each other.
fn strangers(ends: &[(&Corner, &HttpUrl)]) -> Option<Said> {
    let (first, first_end) = ends.first()?;
    let (other, other_end) =
        ends.iter().find(|(corner, end)| corner.host != first.host && !are_related(first_end.host(), end.host()))?;
    Some(
        found(
            list([&first.host, &other.host]),
            format!(
                "{} ends at {}, but {} ends at {}.",
                first.host,
                first_end.origin(),
                other.host,
                other_end.origin()
            ),
        )
        .means("People see another site depending on whether they type www.")
        .fix(format!(
            "If that is not meant, compare the DNS records of {} and {}, and the server blocks that name them; then \
             redirect one to the other.",
            first.host, other.host
        ))
        .prove(
            format!("curl -sIL https://{} | grep -i -E '^(HTTP|location)'", other.host),
            format!("The last Location is on {}", first_end.origin()),
        )
        .evidence(first.url().to_string(), first_end.to_string())
        .evidence(other.url().to_string(), other_end.to_string()),
    )
}

/// Whether two hosts may belong to one site: one contains the other, or they share their last two labels. Without
/// a list of public suffixes this forgives too much rather than too little.
fn are_related(a: &str, b: &str) -> bool {
    let last_two = |host: &str| host.rsplit('.').take(2).map(str::to_owned).collect::<Vec<_>>();
    a == b || last_two(a) == last_two(b)
}

/// Entrances with one origin at their end.
type Led<'o> = (&'o str, Vec<(&'o Corner, &'o HttpUrl)>);

fn say_host(host: &DomainName, apart: &[Led<'_>]) -> Said {
    let led = |(origin, corners): &Led<'_>| {
        let entrances = list(corners.iter().map(|(corner, _)| format!("{} ({})", corner.url(), corner.address)));
        format!("{entrances} {} at {}", verb(&entrances, "ends", "end"), short(origin))
    };
    let ways: Vec<String> = apart.iter().map(led).collect();
    let origins: Vec<&str> = apart.iter().map(|(origin, _)| *origin).collect();
    let on_http = origins.iter().any(|origin| origin.starts_with("http://"));
    let means = if on_http {
        "Some visitors end on a connection without HTTPS, others with it, depending on how they come in."
    } else {
        "Which site people see, and whether they are logged in, depends on how they come in."
    };
    // The https end that most entrances already have is most likely the one that is meant.
    let main = apart
        .iter()
        .filter(|(origin, _)| origin.starts_with("https://"))
        // A port of its own was not visited.
        .max_by_key(|(origin, corners)| (origin.matches(':').count() == 1, corners.len()))
        .map_or("https://$host", |(origin, _)| origin);
    let said = found(host.to_string(), format!("{}.", ways.join("; ")))
        .means(means)
        .fix_code(
            format!(
                "Decide for one main address (most entrances end at {}) and redirect the others to it, in their own \
                 server blocks.",
                short(main)
            ),
            format!("return 301 {main}$request_uri;"),
        )
        .prove(
            format!("curl -sIL http://{host} | grep -i -E '^(HTTP|location)'"),
            format!("The same last Location for http and https: {}/", short(main)),
        );
    apart
        .iter()
        .flat_map(|(_, corners)| corners)
        .fold(said, |said, (corner, end)| said.evidence(format!("{} ends at", corner.subject()), end.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, passes};

    #[test]
    fn one_name_with_two_ends_fires() {
        let finding = fires(
            CHECK,
            "http  example.com     203.0.113.7 301 https://www.example.com/
             https example.com     203.0.113.7 200
             http  www.example.com 203.0.113.7 301 https://www.example.com/
             https www.example.com 203.0.113.7 200",
        );
        assert_eq!(finding.subject, "example.com");
        assert_eq!(
            finding.seen,
            "http://example.com/ (203.0.113.7) ends at https://www.example.com; https://example.com/ (203.0.113.7) \
             ends at https://example.com."
        );
    }

    #[test]
    fn a_redirect_that_stays_on_http_beside_https_fires() {
        let finding = fires(
            CHECK,
            "http  example.com     203.0.113.7 301 http://www.example.com/
             http  www.example.com 203.0.113.7 200
             https example.com     203.0.113.7 301 https://www.example.com/
             https www.example.com 203.0.113.7 200",
        );
        assert!(finding.means.contains("without HTTPS"));
    }

    #[test]
    fn a_port_that_only_http_leads_to_fires() {
        let to_8443 = "http example.com 203.0.113.7 301 https://example.com:8443/\n";
        let port = "page https://example.com:8443/ platform-cannot\n";
        let finding = fires(CHECK, &format!("{to_8443}https example.com 203.0.113.7 200\n{port}"));
        assert!(finding.seen.contains("http://example.com/ (203.0.113.7) ends at https://example.com:8443"));
        assert_eq!(finding.fix.unwrap().code.as_deref(), Some("return 301 https://example.com$request_uri;"));
        // Where all entrances lead there, the site lives there.
        passes(CHECK, &format!("{to_8443}https example.com 203.0.113.7 301 https://example.com:8443/\n{port}"));
        passes(CHECK, &format!("{to_8443}https example.com 203.0.113.7 200\n{port}").replace("8443", "8000"));
    }

    #[test]
    fn apex_and_www_at_unrelated_sites_fire() {
        let finding = fires(
            CHECK,
            "https example.com     203.0.113.7 200
             https www.example.com 203.0.113.9 302 https://parking.example.net/
             page  https://parking.example.net/ 200",
        );
        assert_eq!(finding.subject, "example.com and www.example.com");
    }

    #[test]
    fn one_canonical_host_or_both_served_pass() {
        for case in [
            "http  example.com     203.0.113.7 301 https://example.com/
             http  www.example.com 203.0.113.7 301 https://www.example.com/
             https example.com     203.0.113.7 200
             https www.example.com 203.0.113.7 200",
            "http  example.com     203.0.113.7 301 https://example.com/
             http  www.example.com 203.0.113.7 301 https://www.example.com/
             https example.com     203.0.113.7 200
             https www.example.com 203.0.113.7 301 https://example.com/",
            "http  example.com     203.0.113.7 301 https://www.example.com/
             http  www.example.com 203.0.113.7 301 https://www.example.com/
             https example.com     203.0.113.7 301 https://www.example.com/
             https www.example.com 203.0.113.7 302 https://www.example.com/login
             page  https://www.example.com/login 200",
            "https example.com 203.0.113.7 301 https://shop.other.net/\npage https://shop.other.net/ 200",
            "https example.com     203.0.113.7 200
             https www.example.com 203.0.113.7 301 https://app.example.com/
             page  https://app.example.com/ 200",
        ] {
            passes(CHECK, case);
        }
    }

    #[test]
    fn a_missing_redirect_to_https_is_another_question() {
        passes(CHECK, "http example.com 203.0.113.7 200\nhttps example.com 203.0.113.7 200");
        is_not_tested(CHECK, "http example.com 203.0.113.7 200");
        is_not_tested(CHECK, "https example.com 203.0.113.7 301 https://example.com/");
    }
}
