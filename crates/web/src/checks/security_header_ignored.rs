//! A security header is sent in a form that browsers ignore.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    headers::{self, Faulty, Obeyed},
    words::{quoted, verb},
};

findings::check! {
    /// A security header is sent, and browsers ignore it.
    ///
    /// ## Why it matters
    /// Each of these headers has its own few words. With another one, or with a slip in the grammar, browsers act as if the
    /// header were not there: somebody believes in a protection that does not exist.
    ///
    /// ## How to fix
    /// Write the value as browsers read it. `ALLOW-FROM` has a successor: `Content-Security-Policy: frame-ancestors`.
    CHECK: Check<Observation> = "security-header-ignored",
        section: Hardening, severity: Note,
        title: "A security header is ignored", healthy: "Security headers can be read",
        source: "Fetch: nosniff, Cross-Origin-Resource-Policy; HTML: X-Frame-Options, cross-origin isolation; Referrer Policy §8.1; RFC 9651 §3.2", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let healthy = |urls: &str| format!("{urls}: browsers can read every security header that is sent.");
    headers::ask(seen, &healthy, &ignored, &say)
}

fn ignored(response: &Response) -> Vec<String> {
    let obeyed = [headers::nosniff(response), headers::framing(response), headers::permissions(response)];
    let clauses = obeyed.into_iter().filter_map(|it| match it {
        Obeyed::Ignored(clause) => Some(clause),
        Obeyed::Missing | Obeyed::Yes => None,
    });
    clauses.chain(headers::referrer(response).err()).chain(headers::isolation(response)).collect()
}

fn say(faulty: Faulty<'_>) -> Said {
    let code = |name: &str| match name {
        "X-Content-Type-Options" => "add_header X-Content-Type-Options \"nosniff\" always;",
        "X-Frame-Options" => {
            "add_header Content-Security-Policy \"frame-ancestors 'self' https://other.example\" always;"
        }
        "Referrer-Policy" => "add_header Referrer-Policy \"strict-origin-when-cross-origin\" always;",
        "Cross-Origin-Opener-Policy" => "add_header Cross-Origin-Opener-Policy \"same-origin\" always;",
        "Cross-Origin-Embedder-Policy" => "add_header Cross-Origin-Embedder-Policy \"require-corp\" always;",
        "Cross-Origin-Resource-Policy" => "add_header Cross-Origin-Resource-Policy \"same-origin\" always;",
        _ => "add_header Permissions-Policy \"camera=(), geolocation=(self)\" always;",
    };
    let names: Vec<&str> = faulty.clauses.iter().filter_map(|clause| clause.split(' ').next()).collect();
    let lines: Vec<&str> = names.iter().map(|name| code(name)).collect();
    let sends = verb(&faulty.urls, "sends", "send");
    let said = found(
        faulty.urls.clone(),
        format!("{} {sends} what browsers ignore: {}.", faulty.urls, faulty.clauses.join("; ")),
    )
    .means("Browsers act as if the header were not there. The site works; the protection that was meant is missing.")
    .fix_code("Write it as browsers read it, or leave it out.", lines.join("\n"))
    .prove(format!("curl -sI {}", quoted(&faulty.url)), "The values as above");
    let sent = names.iter().filter_map(|name| Some((*name, faulty.response.header(&name.to_ascii_lowercase())?)));
    sent.fold(said, |said, (name, value)| said.evidence(name, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const PAGE: &str = "https example.com 203.0.113.7 200";

    #[test]
    fn what_browsers_ignore_is_one_note() {
        for (headers, part) in [
            ("x-content-type-options: no-sniff", "no-sniff"),
            ("x-frame-options: ALLOW-FROM https://a.example", "ALLOW-FROM"),
            ("referrer-policy: hidden", "hidden"),
            ("permissions-policy: geolocation 'none'; camera 'self'", "camera=()"),
            ("cross-origin-opener-policy: same-orgin", "same-orgin"),
            ("cross-origin-opener-policy: \"same-origin\"", "same-origin-allow-popups"),
            ("cross-origin-embedder-policy: Require-Corp", "credentialless"),
            ("cross-origin-resource-policy: same-origin; report-to=x", "same-site"),
        ] {
            let finding = fires(CHECK, &format!("{PAGE} | {headers}"));
            assert!(finding.seen.contains(part) && finding.evidence.len() == 1, "{finding:#?}");
        }
        let both = fires(CHECK, &format!("{PAGE} | x-content-type-options: x | x-frame-options: y"));
        assert_eq!(both.evidence.len(), 2);
    }

    #[test]
    fn what_they_read_and_what_is_not_sent_is_not() {
        passes(CHECK, PAGE);
        passes(
            CHECK,
            &format!(
                "{PAGE} | x-content-type-options: nosniff | x-frame-options: DENY | referrer-policy: new-word, no-referrer \
                 | permissions-policy: camera=(), geolocation=(self \"https://a.example\")"
            ),
        );
        passes(
            CHECK,
            &format!(
                "{PAGE} | cross-origin-opener-policy: same-origin; report-to=\"x\" | cross-origin-embedder-policy: \
                 credentialless | cross-origin-resource-policy: cross-origin"
            ),
        );
        is_silent(CHECK, "https example.com 203.0.113.7 500 | x-frame-options: y");
    }
}
