//! A content policy has parts that browsers ignore or take for something else.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    headers::{self, Faulty},
    policy::{self, Policy},
    words::{quoted, verb},
};

findings::check! {
    /// The `Content-Security-Policy` has parts that browsers do not take as they were meant.
    ///
    /// ## Why it matters
    /// A directive that browsers do not know protects nothing. `self` without quotes is a host of that name, so the site's own
    /// files are refused. The console of the browser (F12) says the same, to whoever looks.
    ///
    /// ## How to fix
    /// Write keywords in single quotes, directives with semicolons between them and without colons, each once.
    CHECK: Check<Observation> = "content-policy-mistaken",
        section: Hardening, severity: Note,
        title: "The content policy has mistakes", healthy: "The content policy can be read",
        source: "W3C CSP Level 3 §2.2, §2.3.1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if headers::pages(seen).iter().all(|page| policy::of(page.response).is_empty()) {
        return Vec::new();
    }
    let healthy = |urls: &str| format!("{urls}: browsers take every part of the policy as it is written.");
    headers::ask(seen, &healthy, &mistakes, &say)
}

fn mistakes(response: &Response) -> Vec<String> {
    policy::of(response).iter().flat_map(Policy::mistakes).collect()
}

fn say(faulty: Faulty<'_>) -> Said {
    let policy = faulty.response.header("content-security-policy").unwrap_or_default();
    let has = verb(&faulty.urls, "has", "have");
    found(
        faulty.urls.clone(),
        format!("The policy that {} {has} is not read as written: {}.", faulty.urls, faulty.clauses.join("; ")),
    )
    .means("Browsers ignore these parts, or refuse what they were meant to allow.")
    .fix_code(
        "Keywords stand in single quotes, directives are separated by semicolons, and each is there once.",
        "add_header Content-Security-Policy \"default-src 'self'; img-src 'self' data:\" always;",
    )
    .prove(format!("open {} and the browser's console (F12)", quoted(&faulty.url)), "No line about the policy")
    .evidence("Content-Security-Policy", policy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    fn with(value: &str) -> String {
        format!("https example.com 203.0.113.7 200 | content-security-policy: {value}")
    }

    #[test]
    fn slips_are_noted_in_one_row() {
        let finding = fires(CHECK, &with("default-src self; scrip-src 'none'"));
        assert!(
            finding.seen.contains("lacks its single quotes") && finding.seen.contains("\"scrip-src\" is no directive")
        );
    }

    #[test]
    fn a_policy_by_the_grammar_passes_and_none_is_not_asked() {
        passes(CHECK, &with("default-src 'self'; upgrade-insecure-requests"));
        is_silent(CHECK, "https example.com 203.0.113.7 200");
        is_silent(CHECK, "https example.com 203.0.113.7 200 | content-security-policy-report-only: nonsense");
        // One that was cut when it was kept is judged as far as it goes.
        let cut = format!("default-src 'self'; img-src {}'sel", "https://cdn.example/ ".repeat(200));
        passes(CHECK, &with(&cut));
        fires(CHECK, &with("default-src 'self'; img-src 'sel"));
    }
}
