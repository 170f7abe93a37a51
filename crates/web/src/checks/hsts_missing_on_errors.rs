//! Error pages come without the HSTS header that the front page has.

use domain::Scheme;
use findings::{Verdict, found, pass};

use crate::{Observation, words::curl};

findings::check! {
    /// The `Strict-Transport-Security` header (HSTS) is missing from error pages.
    ///
    /// ## Why it matters
    /// In nginx, `add_header` without `always` leaves error pages out. Browsers that only ever met an error page have
    /// not learnt to use HTTPS.
    ///
    /// ## How to fix
    /// Write `always` at the end of the line.
    CHECK: Check<Observation> = "hsts-missing-on-errors",
        section: Hardening, severity: Note,
        title: "Error pages lack HSTS", healthy: "Error pages carry HSTS",
        source: "nginx documentation: add_header; seed A15", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for page in &seen.pages {
        let Some(nobody) = &page.nobody else { continue };
        let Some(error) = nobody.first.seen().filter(|it| it.status >= 400) else { continue };
        let has_header = seen.corners.iter().any(|corner| {
            let sends = corner.first.seen().is_some_and(|first| !first.hsts.is_empty() && first.status < 400);
            sends && corner.scheme == Scheme::Https && corner.host.as_str() == page.url.host()
        });
        if !has_header {
            continue;
        }
        let host = page.url.host();
        if !error.hsts.is_empty() {
            verdicts.push(pass(host, format!("The answer {} of {host} carries the header as well.", error.status)));
            continue;
        }
        let said =
            found(host, format!("The front page of {host} carries the header, the answer {} does not.", error.status))
                .means("Browsers that meet an error page first do not learn to use HTTPS. Nothing breaks.")
                .fix_code(
                    "Add the word always, which nginx needs for error pages.",
                    "add_header Strict-Transport-Security \"max-age=31536000\" always;",
                )
                .prove(format!("{} | grep -i strict-transport", curl(&nobody.url)), "One line, as on the front page")
                .evidence("Asked", nobody.url.as_str());
        verdicts.push(said.into());
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const FRONT: &str = "https example.com 203.0.113.7 200 | strict-transport-security: max-age=1";

    #[test]
    fn a_404_without_the_header_is_noted() {
        fires(CHECK, &format!("{FRONT}\nnobody https://example.com/ 404"));
        passes(CHECK, &format!("{FRONT}\nnobody https://example.com/ 404 | strict-transport-security: max-age=1"));
    }

    #[test]
    fn without_the_header_or_an_error_there_is_nothing_to_ask() {
        is_silent(CHECK, "https example.com 203.0.113.7 200\nnobody https://example.com/ 404");
        is_silent(CHECK, &format!("{FRONT}\nnobody https://example.com/ 200"));
        is_silent(CHECK, FRONT);
    }
}
