//! Visitors without a certificate of their own are turned away.

use findings::{Said, Verdict, found};

use crate::{
    Observation,
    finals::{self, Faulty},
    words::{quoted, short, status, verb},
};

findings::check! {
    /// The server answers visitors only if they show a certificate of their own.
    ///
    /// ## Why it matters
    /// Browsers of ordinary visitors have none, and see "400 Bad Request: No required SSL certificate was sent". The line
    /// is often left from a content network that used to stand in front (authenticated origin pulls).
    ///
    /// ## How to fix
    /// Take `ssl_verify_client on` out of the server block, unless the site is for your own clients alone.
    CHECK: Check<Observation> = "client-certificate-demanded",
        section: App, severity: Warning,
        title: "Visitors need a certificate", healthy: "Visitors need no certificate",
        source: "Seed A10, A13; nginx ssl_verify_client", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let demanded = |start: &str| {
        start.contains("No required SSL certificate was sent") || start.contains("The SSL certificate error")
    };
    finals::ask(
        seen,
        &finals::of(seen),
        |response| (response.status == 400 && demanded(&response.start)).then_some(()),
        |(), faulty| say(faulty),
    )
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    let urls = faulty.urls();
    let answer = verb(&urls, "answers", "answer");
    let title = faulty.finals.iter().find_map(|f| f.response.title.as_deref()).unwrap_or("400");
    found(
        faulty.subject.clone(),
        format!(
            "{urls} {answer} {} at {}, because no certificate of the visitor's was shown.",
            status(400),
            faulty.places()
        ),
    )
    .means(format!(
        "{} see an error page, unless their browser has a certificate that the server accepts.",
        faulty.whom
    ))
    .fix_code(
        "If everybody is to see the site, take this line out of its server block and reload nginx. If only your own \
         clients are, or a content network in front, this is as it should be.",
        "ssl_verify_client on;    # delete",
    )
    .evidence("Title", short(title))
    .prove(format!("curl -I {}", quoted(faulty.url())), format!("A status other than {}, such as 200", status(400)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    #[test]
    fn visitors_who_are_turned_away_for_it_fire() {
        let refused = "https example.com 203.0.113.7 400 | body: <center>No required SSL certificate was sent</center>";
        assert!(fires(CHECK, refused).seen.ends_with("because no certificate of the visitor's was shown."));
        fires(CHECK, "https example.com 203.0.113.7 400 | body: <center>The SSL certificate error</center>");
    }

    #[test]
    fn other_bad_requests_and_answers_stay_quiet() {
        passes(CHECK, "https example.com 203.0.113.7 400 | body: {\"error\": \"api key missing\"}");
        passes(CHECK, "https example.com 203.0.113.7 200 | body: No required SSL certificate was sent");
    }
}
