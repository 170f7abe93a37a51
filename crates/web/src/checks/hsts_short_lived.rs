//! Browsers are told to remember HTTPS only briefly.

use findings::{Verdict, found, pass};

use crate::{
    Observation, hsts,
    words::{list, subject, verb},
};

findings::check! {
    /// The `Strict-Transport-Security` header (HSTS) holds for a short time only.
    ///
    /// ## Why it matters
    /// A short time is right while HTTPS is new: browsers forget it soon when something has to be taken back. Once
    /// everything has been stable, a longer time protects visitors who come rarely. The value 0 takes HSTS back.
    ///
    /// ## How to fix
    /// Raise `max-age` in steps: an hour, a week, a month, a year.
    CHECK: Check<Observation> = "hsts-short-lived",
        section: Hardening, severity: Note,
        title: "HSTS holds only briefly", healthy: "HSTS holds for months",
        source: "RFC 6797 §6.1.1; MDN HTTP Observatory: six months", run: run
}

/// Six months, the least of the published marks (others ask for a year or two): a note needs no stricter one.
const LEAST: u64 = 15_768_000;

fn run(seen: &Observation) -> Vec<Verdict> {
    let sent = hsts::sent(seen);
    let short = sent.iter().filter(|(_, it)| it.max_age < LEAST).min_by_key(|(_, it)| it.max_age);
    let Some((corner, it)) = short else {
        return match sent.as_slice() {
            [] => Vec::new(),
            _ => vec![pass(subject(seen), "Browsers remember HTTPS for six months or more.")],
        };
    };
    let hosts = list(sent.iter().filter(|(_, it)| it.max_age < LEAST).map(|(corner, _)| &corner.host));
    let fact = match it.max_age {
        0 => format!("{hosts} {} browsers to forget HSTS again.", verb(&hosts, "asks", "ask")),
        1..86_400 => format!("{hosts} {} it for {} seconds.", verb(&hosts, "sends", "send"), it.max_age),
        _ => format!("{hosts} {} it for {} days.", verb(&hosts, "sends", "send"), it.max_age / 86_400),
    };
    let said = found(hosts, fact)
        .means("Nothing has to change: a short time is right as long as HTTPS is new.")
        .fix_code(
            "When every name has been stable over HTTPS, raise it to a year.",
            "add_header Strict-Transport-Security \"max-age=31536000\" always;",
        )
        .prove(format!("curl -sI https://{} | grep -i strict-transport", corner.host), "max-age=31536000");
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    fn with(value: &str) -> String {
        format!("https example.com 203.0.113.7 200 | strict-transport-security: {value}")
    }

    #[test]
    fn weeks_are_noted_and_half_a_year_passes() {
        assert!(fires(CHECK, &with("max-age=604800")).seen.contains("for 7 days"));
        assert!(fires(CHECK, &with("max-age=300")).seen.contains("300 seconds"));
        assert!(fires(CHECK, &with("max-age=0")).seen.contains("forget"));
        fires(CHECK, &with("max-age=15767999"));
        passes(CHECK, &with("max-age=15768000"));
    }

    #[test]
    fn what_browsers_ignore_or_nobody_sent_is_not_asked() {
        is_silent(CHECK, &with("max-age=x"));
        is_silent(CHECK, "https example.com 203.0.113.7 200");
    }
}
