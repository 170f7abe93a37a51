//! The redirect to HTTPS says that it is only for now.

use domain::Scheme;
use findings::{Said, Verdict, found, pass};

use crate::{
    Corner, Observation, location,
    words::{addresses, groups, hosts, redirect_block, status, subject, verb},
};

findings::check! {
    /// The redirect from http to https is marked as temporary.
    ///
    /// ## Why it matters
    /// It works. But browsers and search engines do not remember a temporary redirect, so every visit over http asks
    /// again without protection.
    ///
    /// ## How to fix
    /// Answer 301 (or 308) instead of 302, 303 or 307, once HTTPS is there to stay.
    CHECK: Check<Observation> = "temporary-redirect-to-https",
        section: Redirects, severity: Note,
        title: "Redirect to HTTPS is temporary", healthy: "Redirect to HTTPS is permanent",
        source: "Seed A7; RFC 9110 §15.4", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let to_https = seen.corners.iter().filter(|corner| corner.scheme == Scheme::Http).filter_map(|corner| {
        let first = corner.first.seen()?;
        let place = location::of(first, &corner.url())?;
        (place.scheme == Scheme::Https).then_some((first.status, corner))
    });
    let to_https = groups(to_https);
    let temporary: Vec<Verdict> = to_https
        .iter()
        .filter(|(code, _)| matches!(code, 302 | 303 | 307))
        .map(|(code, corners)| say(seen, *code, corners).into())
        .collect();
    match (temporary.is_empty(), to_https.as_slice()) {
        (false, _) => temporary,
        (true, []) => Vec::new(),
        (true, groups) => {
            let said: Vec<String> = groups
                .iter()
                .map(|(code, corners)| {
                    let hosts = hosts(corners);
                    format!("{hosts} {} with {}", verb(&hosts, "redirects", "redirect"), status(*code))
                })
                .collect();
            vec![pass(subject(seen), format!("{}.", said.join("; ")))]
        }
    }
}

fn say(seen: &Observation, code: u16, corners: &[&Corner]) -> Said {
    let hosts = hosts(corners);
    let host = corners.first().map(|corner| corner.host.as_str()).unwrap_or_default();
    let fact = format!("http://{host}/ redirects to HTTPS with {} at {}.", status(code), addresses(corners));
    let said = found(format!("{hosts} ({code})"), fact)
        .means("It works; browsers and search engines do not remember it, so each http visit asks again unprotected.")
        .fix_code("Answer 301 once HTTPS is there to stay.", redirect_block(seen))
        .prove(format!("curl -I http://{host}"), "HTTP/1.1 301 Moved Permanently");
    corners.iter().fold(said, |said, corner| said.evidence(corner.subject(), status(code)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn a_temporary_status_is_noted() {
        for code in [302, 303, 307] {
            let finding = fires(CHECK, &format!("http example.com 203.0.113.7 {code} https://example.com/"));
            assert!(finding.seen.contains(&code.to_string()), "{}", finding.seen);
        }
    }

    #[test]
    fn permanent_ones_pass_and_other_redirects_are_not_asked() {
        passes(CHECK, "http example.com 203.0.113.7 301 https://example.com/");
        passes(CHECK, "http example.com 203.0.113.7 308 https://www.example.com/");
        is_silent(CHECK, "http example.com 203.0.113.7 302 /login");
        is_silent(CHECK, "https example.com 203.0.113.7 302 https://example.com/login");
        is_silent(CHECK, "http example.com 203.0.113.7 200");
    }
}
