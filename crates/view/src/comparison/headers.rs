//! What the answers say about themselves: the headers that somebody configured, none of those that every answer has
//! afresh.

use domain::Scheme;
use lockstep::Report;
use web::Response;

use super::{Entry, Value, dns::unseen, place};

/// Headers that are set by hand, by their names in lower case.
const CONFIGURED: [&str; 22] = [
    "strict-transport-security",
    "content-security-policy",
    "content-security-policy-report-only",
    "x-frame-options",
    "x-content-type-options",
    "referrer-policy",
    "permissions-policy",
    "cross-origin-opener-policy",
    "cross-origin-embedder-policy",
    "cross-origin-resource-policy",
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "x-xss-protection",
    "cache-control",
    "content-type",
    "content-encoding",
    "set-cookie",
    "alt-svc",
    "server",
    "via",
    "x-powered-by",
    "vary",
];

pub(super) fn entries(report: &Report) -> Vec<Entry> {
    let mut all = Vec::new();
    for name in report.observed.target.names() {
        let mut entry = |what: &'static str, value: Value| {
            let of = format!("https://{name}/");
            all.push(Entry { place: place(report, name.as_str()), of, what, value });
        };
        let corners: Vec<&web::Corner> = report.observed.web.of(Scheme::Https, name).collect();
        let answers: Vec<&Response> = corners.iter().filter_map(|corner| corner.first.seen()).collect();
        if answers.is_empty() {
            let why = corners.iter().find_map(|corner| corner.first.unseen());
            entry("First answer", why.map_or_else(|| Value::Unseen("there was no address to ask".into()), unseen));
            continue;
        }
        entry("First answer", Value::sorted(answers.iter().map(|answer| answer.status.to_string())));
        for header in CONFIGURED {
            let sent = answers.iter().flat_map(|answer| &answer.headers).filter(|(name, _)| name == header);
            entry(header, Value::sorted(sent.map(|(_, value)| lasting(value))));
        }
    }
    all
}

/// A value without what is made for one answer alone: the nonces of a policy (CSP3 §2.3.1).
fn lasting(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once("'nonce-") {
        out.push_str(before);
        out.push_str("'nonce-…'");
        rest = after.split_once('\'').map_or("", |(_, rest)| rest);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_for_one_answer_is_left_out() {
        assert_eq!(lasting("script-src 'nonce-aGk=' 'self' 'nonce-b'"), "script-src 'nonce-…' 'self' 'nonce-…'");
        assert_eq!(lasting("script-src 'nonce-cut"), "script-src 'nonce-…'");
        assert_eq!(lasting("max-age=1"), "max-age=1");
    }
}
