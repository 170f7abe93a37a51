//! There is no health path.

use findings::{Verdict, found};

use super::health_path_fails::asked;
use crate::Observation;

findings::check! {
    /// `/health` is not found.
    ///
    /// ## Why it matters
    /// A path that answers 200 when the application and its database work is what monitoring can ask. The front page
    /// does for a start; an application may call its path differently.
    ///
    /// ## How to fix
    /// Add a route that asks the database something small and answers 200.
    CHECK: Check<Observation> = "health-path-missing",
        section: Hardening, severity: Note,
        title: "There is no /health path", healthy: "There is a health path",
        source: "seed B18", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some((page, health)) = asked(seen) else { return Vec::new() };
    let url = page.url.with_path("/health");
    if !matches!(health.status, 404 | 410) {
        return Vec::new(); // health-path-fails speaks of the others
    }
    let said = found(url.as_str(), format!("{url} is not found."))
        .means("Nothing has to change: monitoring can ask the front page, or a path of another name.")
        .fix_code(
            "A route such as this tells monitoring more than a page does.",
            "@app.get(\"/health\")\ndef health():\n    return {\"status\": \"ok\"}",
        )
        .prove(crate::words::curl(&url), "200");
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent};

    const SITE: &str =
        "https example.com 203.0.113.7 200\nread https://example.com/ 200\nnobody https://example.com/ 404\n";

    #[test]
    fn not_found_is_noted_and_any_other_answer_is_not() {
        fires(CHECK, &format!("{SITE}health https://example.com/ 404"));
        is_silent(CHECK, &format!("{SITE}health https://example.com/ 200"));
        is_silent(CHECK, &format!("{SITE}health https://example.com/ 500"));
        is_silent(CHECK, &format!("{SITE}health https://example.com/ 401"));
    }
}
