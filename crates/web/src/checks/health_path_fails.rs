//! The health path answers with an error.

use findings::{Verdict, found, pass};

use crate::{
    Brief, Observation, Page,
    words::{curl, status},
};

findings::check! {
    /// `/health` answers with a server error, although the front page does not.
    ///
    /// ## Why it matters
    /// A health path is what monitoring and load balancers ask. An error there is either true, and a part of the
    /// application is down, or wakes somebody for nothing.
    ///
    /// ## How to fix
    /// Look at the application's log for the request to `/health`; a database that cannot be reached is the usual
    /// reason.
    CHECK: Check<Observation> = "health-path-fails",
        section: App, severity: Warning,
        title: "The health path fails", healthy: "The health path answers",
        source: "seed A13, B18", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some((page, health)) = asked(seen) else { return Vec::new() };
    let url = page.url.with_path("/health");
    let is_down = page.answer.seen().is_none_or(|front| front.status >= 500);
    match health.status {
        200..=399 => vec![pass(url.as_str(), format!("{url} answers {}.", status(health.status)))],
        500.. if !is_down => vec![
            found(url.as_str(), format!("{url} answers {}.", status(health.status)))
                .means("Monitoring that asks there reports the site as down; a part of the application may well be.")
                .fix_code(
                    "See what the application says about this request.",
                    "sudo journalctl -u gunicorn -n 50 --no-pager",
                )
                .prove(curl(&url), "200 or 204")
                .evidence("Server", health.server.clone().unwrap_or_default())
                .into(),
        ],
        _ => Vec::new(),
    }
}

/// The page beside which `/health` was asked for, and its answer; nothing where every path is answered alike.
pub(super) fn asked(seen: &Observation) -> Option<(&Page, &Brief)> {
    let page = seen.pages.iter().find(|page| page.health.is_some())?;
    let health = page.health.as_ref()?.seen()?;
    let nobody = page.nobody.as_ref()?.first.seen()?.status;
    (nobody >= 400 || health.status >= 400).then_some((page, health))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const SITE: &str =
        "https example.com 203.0.113.7 200\nread https://example.com/ 200\nnobody https://example.com/ 404\n";

    #[test]
    fn an_error_warns_and_an_answer_passes() {
        fires(CHECK, &format!("{SITE}health https://example.com/ 500"));
        passes(CHECK, &format!("{SITE}health https://example.com/ 204"));
        passes(CHECK, &format!("{SITE}health https://example.com/ 301"));
    }

    #[test]
    fn none_is_no_fault_and_neither_is_a_site_that_is_down_anyway() {
        is_silent(CHECK, &format!("{SITE}health https://example.com/ 404"));
        is_silent(CHECK, &format!("{SITE}health https://example.com/ timed-out"));
        is_silent(
            CHECK,
            "https example.com 203.0.113.7 500\nread https://example.com/ 500\nnobody https://example.com/ 500\nhealth https://example.com/ 500",
        );
        is_silent(
            CHECK,
            "https example.com 203.0.113.7 200\nread https://example.com/ 200\nnobody https://example.com/ 200\nhealth https://example.com/ 200",
        );
        is_silent(CHECK, "read https://example.com/ 200");
    }
}
