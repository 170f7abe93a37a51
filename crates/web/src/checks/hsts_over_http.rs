//! The HSTS header is sent where browsers must ignore it.

use domain::Scheme;
use findings::{Verdict, found, pass};

use crate::{
    Corner, Observation,
    words::{addresses, hosts, subject, verb},
};

findings::check! {
    /// The `Strict-Transport-Security` header (HSTS) is sent over plain HTTP.
    ///
    /// ## Why it matters
    /// Browsers ignore it there, because anybody on the way could have written it. It does no harm, but it does no
    /// good either: only the header of an HTTPS answer counts.
    ///
    /// ## How to fix
    /// Move the header into the server block that listens on 443.
    CHECK: Check<Observation> = "hsts-over-http",
        section: Hardening, severity: Note,
        title: "HSTS sent over plain HTTP", healthy: "HSTS only over HTTPS",
        source: "RFC 6797 §7.2, §8.1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let sends = |corner: &&Corner| corner.first.seen().is_some_and(|first| !first.hsts.is_empty());
    let corners: Vec<&Corner> = seen.corners.iter().filter(|c| c.scheme == Scheme::Http).filter(sends).collect();
    let Some(first) = corners.first() else {
        let over_https = seen.corners.iter().filter(|c| c.scheme == Scheme::Https).any(|c| sends(&c));
        let over_http = seen.corners.iter().any(|c| c.scheme == Scheme::Http && c.first.seen().is_some());
        // Without any such header the question does not arise.
        return match over_https && over_http {
            true => vec![pass(subject(seen), "Answers over plain HTTP do not carry the header.")],
            false => Vec::new(),
        };
    };
    let names = hosts(&corners);
    let said = found(
        names.clone(),
        format!("{names} {} the header over plain HTTP at {}.", verb(&names, "sends", "send"), addresses(&corners)),
    )
    .means("Browsers ignore it there; only the header of an HTTPS answer counts. Nothing has to change.")
    .fix_code(
        "Keep this line only in the server block that listens on 443.",
        "add_header Strict-Transport-Security \"max-age=86400\" always;",
    )
    .prove(format!("curl -sI http://{} | grep -i strict-transport-security", first.host), "No line");
    let said = corners.iter().fold(said, |said, corner| {
        let value = corner.first.seen().and_then(|first| first.hsts.first()).cloned().unwrap_or_default();
        said.evidence(format!("Strict-Transport-Security of {}", corner.subject()), value)
    });
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn the_header_on_port_80_is_noted() {
        fires(CHECK, "http example.com 203.0.113.7 301 https://example.com/ | strict-transport-security: max-age=1");
    }

    #[test]
    fn the_header_only_over_https_passes_and_none_at_all_is_no_question() {
        passes(
            CHECK,
            "http  example.com 203.0.113.7 301 https://example.com/
             https example.com 203.0.113.7 200 | strict-transport-security: max-age=1",
        );
        is_silent(CHECK, "http example.com 203.0.113.7 301 https://example.com/\nhttps example.com 203.0.113.7 200");
    }
}
