//! The site says that it is not available.

use findings::{Said, Verdict};

use crate::{
    Observation,
    finals::{self, Faulty},
    words::{quoted, short, status},
};

use super::server_error;

findings::check! {
    /// The site answers 503: it says of itself that it is not available.
    ///
    /// ## Why it matters
    /// Visitors see a notice instead of the site. If maintenance is going on, this is how it should look, and it ends
    /// with it; otherwise the server is overloaded or a limit was reached.
    ///
    /// ## How to fix
    /// End the maintenance mode, or look in the logs for the limit that was reached.
    CHECK: Check<Observation> = "service-unavailable",
        section: App, severity: Failed,
        title: "The site says it is unavailable", healthy: "No 503 answer",
        source: "Seed A13; RFC 9110 §15.6.4", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    finals::ask(seen, &finals::of(seen), |response| (response.status == 503).then_some(()), |(), faulty| say(faulty))
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    let said = server_error::fact(faulty)
        .means(format!(
            "{} see a notice instead of the site until the maintenance ends or the load goes down.",
            faulty.whom
        ))
        .fix_code(
            "End the maintenance mode if there is one; otherwise look for a limit that was reached, such as workers \
             or requests per second.",
            "sudo tail -n 20 /var/log/nginx/error.log\nsudo journalctl -u gunicorn -n 50 --no-pager",
        )
        .prove(
            format!("curl -I {}", quoted(faulty.url())),
            format!("A status other than {}, such as 200", status(503)),
        );
    let retry = faulty.finals.iter().find_map(|f| f.response.header("retry-after"));
    retry.into_iter().fold(said, |said, value| said.evidence("Retry-After", short(value)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, passes};

    #[test]
    fn a_503_fires_with_what_the_server_says() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 503 | retry-after: 3600 | title: Back soon");
        assert!(finding.evidence.iter().any(|e| e.value == "3600"));
        assert!(finding.evidence.iter().any(|e| e.value == "Back soon"));
    }

    #[test]
    fn a_bot_check_is_not_the_site() {
        let finding = is_not_tested(CHECK, "https example.com 203.0.113.7 503 | cf-mitigated: challenge");
        assert!(finding.seen.contains("Cloudflare's bot check"));
        passes(CHECK, "https example.com 203.0.113.7 200");
    }
}
