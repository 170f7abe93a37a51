//! Browsers are told to keep a redirect to another name for long.

use findings::{Verdict, found, pass};

use crate::{
    Observation, Response, location,
    words::{curl, groups, short, status, subject},
};

findings::check! {
    /// A permanent redirect to another name tells browsers to keep it for a week or more.
    ///
    /// ## Why it matters
    /// Browsers that have seen it do not ask again until then: if the redirect was a mistake, or the main name changes,
    /// these visitors are sent to the old place whatever the server says by now.
    ///
    /// ## How to fix
    /// Leave `Cache-Control` off redirects, or keep it short, until the name to which they lead is settled.
    CHECK: Check<Observation> = "redirect-kept-for-long",
        section: Hardening, severity: Note,
        title: "A redirect is kept for long", healthy: "Redirects can be changed",
        source: "Seed A-cause 5; RFC 9111 §4.2.1; RFC 9110 §15.4.2", run: run
}

/// A week, in seconds.
const LONG: u64 = 7 * 86_400;

fn run(seen: &Observation) -> Vec<Verdict> {
    let to_others = seen.corners.iter().filter_map(|corner| {
        let first = corner.first.seen().filter(|first| matches!(first.status, 301 | 308))?;
        let place = location::of(first, &corner.url())?;
        (place.host != corner.host.as_str()).then_some((corner, first, place))
    });
    let to_others: Vec<_> = to_others.collect();
    let kept = to_others.iter().filter_map(|(corner, first, place)| {
        let seconds = kept(first).filter(|seconds| *seconds >= LONG)?;
        Some(((&corner.host, short(&place.host), seconds / 86_400), (*corner, *first)))
    });
    let kept = groups(kept);
    if kept.is_empty() && !to_others.is_empty() {
        return vec![pass(subject(seen), "No permanent redirect to another name asks to be kept for long.")];
    }
    let said = kept.iter().map(|((host, other, days), seen)| {
        let code = seen.first().map(|(_, first)| status(first.status)).unwrap_or_default();
        let url = seen.first().map(|(corner, _)| curl(&corner.url())).unwrap_or_default();
        let fact = format!("{host} redirects to {other} with {code} and asks browsers to keep that for {days} days.");
        let said = found(host.as_str(), fact)
            .means(
                "Nothing has to change while it is right. Should the main name change, visitors who have been there \
                 are sent on to the old place until then.",
            )
            .fix("Leave Cache-Control off redirects, or keep max-age to an hour, while the main name may still change.")
            .prove(format!("{url} | grep -i '^cache-control'"), "Nothing, or a small max-age");
        let value = |first: &Response| first.header("cache-control").unwrap_or_default().to_owned();
        seen.iter().fold(said, |said, (corner, first)| said.evidence(corner.subject(), value(first))).into()
    });
    said.collect()
}

/// For how many seconds browsers may keep the answer without asking again, as it says itself.
fn kept(response: &Response) -> Option<u64> {
    let value = response.header("cache-control")?.to_ascii_lowercase();
    let mut directives = value.split(',').map(str::trim);
    if directives.clone().any(|it| matches!(it, "no-store" | "no-cache")) {
        return None;
    }
    directives.find_map(|it| it.strip_prefix("max-age=")?.trim_matches('"').parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const TO_WWW: &str = "https example.com 203.0.113.7 301 https://www.example.com/";

    #[test]
    fn a_year_for_another_name_is_noted() {
        let finding = fires(CHECK, &format!("{TO_WWW} | cache-control: public, max-age=31536000"));
        assert!(finding.seen.contains("for 365 days"), "{}", finding.seen);
        fires(CHECK, "http example.com 203.0.113.7 308 https://www.example.com/ | cache-control: Max-Age=604800");
    }

    #[test]
    fn short_times_other_statuses_and_the_same_name_are_not() {
        passes(CHECK, TO_WWW);
        passes(CHECK, &format!("{TO_WWW} | cache-control: max-age=3600"));
        passes(CHECK, &format!("{TO_WWW} | cache-control: no-cache, max-age=31536000"));
        is_silent(
            CHECK,
            "https example.com 203.0.113.7 302 https://www.example.com/ | cache-control: max-age=31536000",
        );
        is_silent(CHECK, "http example.com 203.0.113.7 301 https://example.com/ | cache-control: max-age=31536000");
        is_silent(CHECK, "https example.com 203.0.113.7 200 | cache-control: max-age=31536000");
    }
}
