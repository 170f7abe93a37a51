//! Pages come without the headers that keep browsers from guessing and framing.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    headers::{self, Faulty, Obeyed},
    words::{list, quoted, verb},
};

findings::check! {
    /// A page comes without the headers that limit what browsers do with it.
    ///
    /// ## Why it matters
    /// With `X-Content-Type-Options: nosniff`, browsers take a file for what the server says it is: an upload that looks
    /// like a script is not run. With `X-Frame-Options` or `frame-ancestors`, no other site can put the page into a frame
    /// and have visitors click on what they do not see.
    ///
    /// ## How to fix
    /// Send both from nginx, for every answer. A page that others are meant to frame keeps its own rule.
    CHECK: Check<Observation> = "security-headers-missing",
        section: Hardening, severity: Note,
        title: "Security headers are missing", healthy: "Security headers are sent",
        source: "Fetch: nosniff; HTML: X-Frame-Options; CSP3 §6.4.2; MDN HTTP Observatory", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let healthy = |urls: &str| format!("{urls}: types are not guessed, and no other site can frame the page.");
    headers::ask(seen, &healthy, &missing, &say)
}

/// The lines that are not there. What is there and not obeyed is another check's.
fn missing(response: &Response) -> Vec<String> {
    let lines = [
        (headers::nosniff(response), "X-Content-Type-Options \"nosniff\""),
        (headers::framing(response), "X-Frame-Options \"SAMEORIGIN\""),
    ];
    let missing = lines.into_iter().filter(|(obeyed, _)| *obeyed == Obeyed::Missing);
    missing.map(|(_, line)| line.to_owned()).collect()
}

fn say(faulty: Faulty<'_>) -> Said {
    let names = list(faulty.clauses.iter().filter_map(|line| line.split(' ').next()));
    let lines: Vec<String> = faulty.clauses.iter().map(|line| format!("add_header {line} always;")).collect();
    let policy = match faulty.response.header("content-security-policy") {
        Some(_) => "sent",
        None => "not sent; a page can have one in itself, and it is the next step where the application is your own",
    };
    found(faulty.urls.clone(), format!("{} {} without {names}.", faulty.urls, verb(&faulty.urls, "comes", "come")))
        .means("Nothing has to change: these headers limit what a mistake elsewhere can do.")
        .fix_code(
            "In the server block for 443; a location with add_header lines of its own needs them again.",
            lines.join("\n"),
        )
        .prove(format!("curl -sI {} | grep -iE '^(x-|content-sec)'", quoted(&faulty.url)), names)
        .evidence("Content-Security-Policy", policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const PAGE: &str = "https example.com 203.0.113.7 200 | content-type: text/html";

    #[test]
    fn what_is_missing_is_one_note() {
        let finding = fires(CHECK, PAGE);
        assert!(finding.seen.contains("without X-Content-Type-Options and X-Frame-Options"), "{}", finding.seen);
        let finding = fires(CHECK, &format!("{PAGE} | x-content-type-options: nosniff"));
        assert_eq!(finding.fix.unwrap().code.unwrap(), "add_header X-Frame-Options \"SAMEORIGIN\" always;");
        fires(CHECK, &format!("{PAGE}\nhttps example.com 2001:db8::7 200"));
    }

    #[test]
    fn either_rule_for_frames_will_do_and_other_answers_need_none() {
        passes(CHECK, &format!("{PAGE} | x-content-type-options: nosniff | x-frame-options: DENY"));
        passes(
            CHECK,
            &format!("{PAGE} | x-content-type-options: nosniff | content-security-policy: frame-ancestors *"),
        );
        // Sent and not obeyed: that is said elsewhere.
        passes(
            CHECK,
            &format!("{PAGE} | x-content-type-options: none | x-frame-options: ALLOW-FROM https://a.example"),
        );
        for quiet in [
            "https example.com 203.0.113.7 404",
            "https example.com 203.0.113.7 200 | content-type: application/json",
            "http example.com 203.0.113.7 200",
            "https example.com 203.0.113.7 301 https://login.example.net/\npage https://login.example.net/ 200",
        ] {
            is_silent(CHECK, quiet);
        }
    }
}
