//! Browsers are not told to remember HTTPS.

use domain::Scheme;
use findings::{Verdict, found, pass};

use crate::{
    Corner, Observation, hsts,
    words::{hosts, subject, verb},
};

findings::check! {
    /// No `Strict-Transport-Security` header (HSTS) is sent.
    ///
    /// ## Why it matters
    /// With the header, browsers that were here once use HTTPS from the start, even when somebody types http://. It
    /// is an extra: a site is set up correctly without it, and it should come last, because browsers that have
    /// remembered it offer no way around a broken certificate.
    ///
    /// ## How to fix
    /// When every name has worked over HTTPS for a while, send the header with a short time first, and raise it.
    CHECK: Check<Observation> = "hsts-missing",
        section: Hardening, severity: Note,
        title: "HSTS is not set", healthy: "HSTS is set",
        source: "RFC 6797; seed A15", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let answered = seen.corners.iter().filter(|corner| corner.scheme == Scheme::Https && corner.first.seen().is_some());
    let (with, without): (Vec<&Corner>, Vec<&Corner>) =
        answered.partition(|corner| corner.first.seen().is_some_and(|first| !first.hsts.is_empty()));
    if without.is_empty() {
        return match with.as_slice() {
            [] => Vec::new(),
            [first, ..] => vec![pass(subject(seen), remembered(first))],
        };
    }
    let host = without.first().map(|corner| corner.host.as_str()).unwrap_or_default();
    let names = hosts(&without);
    let said = found(
        names.clone(),
        format!("{names} {} over HTTPS without the header.", verb(&names, "answers", "answer")),
    )
    .means("Nothing has to change. Browsers ask over http first when somebody types it, and rely on your redirect.")
    .fix_code(
        "Only when every name has worked over HTTPS for a while: start with one day, then raise it. Leave \
             includeSubDomains out until all subdomains have HTTPS.",
        "add_header Strict-Transport-Security \"max-age=86400\" always;",
    )
    .prove(
        format!("curl -sI https://{host} | grep -i strict-transport-security"),
        "One line, with max-age and a number of seconds",
    );
    vec![said.into()]
}

fn remembered(corner: &Corner) -> String {
    let value = corner.first.seen().and_then(|first| first.hsts.first()).map(|value| hsts::parse(value));
    match value {
        Some(Ok(hsts::Hsts { max_age: 0, .. })) => "The header asks browsers to forget it again (max-age=0).".into(),
        Some(Ok(hsts::Hsts { max_age, .. })) if max_age >= 86_400 => {
            let days = max_age / 86_400;
            format!("Browsers remember to use HTTPS for {days} {}.", if days == 1 { "day" } else { "days" })
        }
        Some(Ok(hsts::Hsts { max_age, .. })) => format!("Browsers remember to use HTTPS for {max_age} seconds."),
        Some(Err(_)) | None => "The header is sent.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn without_the_header_there_is_a_note() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 200\nhttps www.example.com 203.0.113.7 200");
        assert_eq!(finding.subject, "example.com and www.example.com");
        assert!(finding.means.starts_with("Nothing has to change."));
    }

    #[test]
    fn with_it_the_time_is_said() {
        let case = "https example.com 203.0.113.7 200 | strict-transport-security: max-age=31536000";
        assert_eq!(passes(CHECK, case).seen, "Browsers remember to use HTTPS for 365 days.");
    }

    #[test]
    fn before_https_answers_it_is_too_early_to_ask() {
        is_silent(CHECK, "http example.com 203.0.113.7 200\nhttps example.com 203.0.113.7 refused");
    }
}
