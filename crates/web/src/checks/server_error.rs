//! The application answers, with an error of its own.

use findings::{Said, Verdict, found};

use crate::{
    Observation,
    finals::{self, Faulty},
    words::{list, quoted, status, verb},
};

findings::check! {
    /// The site answers with a server error.
    ///
    /// ## Why it matters
    /// Visitors see an error page. Name, certificate and redirects brought them to the right place; the fault is in
    /// the application, or in what the web server was told to do there.
    ///
    /// ## How to fix
    /// Read the error in the application's log; a missing environment variable and a failed migration are frequent
    /// causes after a deployment. A 404 or a login page at `/` would be fine.
    CHECK: Check<Observation> = "server-error",
        section: App, severity: Failed,
        title: "The site answers with errors", healthy: "No server error",
        source: "Seed A13; RFC 9110 §15.6", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    finals::ask(
        seen,
        &finals::of(seen),
        |response| (response.status >= 500 && !matches!(response.status, 502..=504)).then_some(response.status),
        |code, faulty| say(*code, faulty),
    )
}

fn say(code: u16, faulty: &Faulty<'_, '_>) -> Said {
    let from_cdn = (520..=530).contains(&code) && faulty.server().is_some_and(|s| s.eq_ignore_ascii_case("cloudflare"));
    let said = fact(faulty);
    let said = if from_cdn {
        said.means(format!(
            "{} see Cloudflare's error page: it answers, but has no usable answer from your server.",
            faulty.whom
        ))
        .fix(match code {
            525 | 526 => {
                "Cloudflare does not accept the certificate of your server: install one that is valid for the name, \
                 or Cloudflare's origin certificate."
            }
            521..=523 => {
                "Cloudflare cannot connect to your server: see that it runs and that its firewall lets Cloudflare's \
                 addresses in."
            }
            _ => "Look at your server's own log for the requests that Cloudflare passes on.",
        })
    } else if faulty.finals.iter().all(|f| f.response.is_nginx_own()) {
        said.means(format!(
            "{} see an error page of nginx: it fails itself, before any application is asked.",
            faulty.whom
        ))
        .fix_code(
            "nginx's error log names the reason, often a rewrite, try_files or error_page that leads back to itself.",
            "sudo tail -n 20 /var/log/nginx/error.log",
        )
    } else {
        said.means(format!(
            "{} see an error page: the request reaches the application, which fails to answer it.",
            faulty.whom
        ))
        .fix_code(
            "Read the error in the application's log and mend it there; then restart the application.",
            "sudo journalctl -u gunicorn -n 50 --no-pager\nsudo tail -n 20 /var/log/nginx/error.log",
        )
    };
    said.prove(format!("curl -I {}", quoted(faulty.url())), "A status below 500, such as 200")
}

/// What was seen, and the server's own words for it.
pub(super) fn fact(faulty: &Faulty<'_, '_>) -> Said {
    let urls = faulty.urls();
    let codes = list(faulty.finals.iter().map(|f| status(f.response.status)));
    let answer = verb(&urls, "answers", "answer");
    let said = found(faulty.subject.clone(), format!("{urls} {answer} {codes} at {}.", faulty.places()));
    let server = faulty.server().map(|server| ("Server", server));
    let title = faulty.finals.iter().find_map(|f| f.response.title.as_deref());
    let title = title.map(|title| ("Title of the page", title));
    server.into_iter().chain(title).fold(said, |said, (label, value)| said.evidence(label, value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, judged, passes};

    #[test]
    fn errors_of_the_application_fire() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 500 | title: Internal Server Error");
        assert_eq!(finding.seen, "https://example.com/ answers 500 Internal Server Error at 203.0.113.7.");
        let both = judged(CHECK, "https example.com 203.0.113.7 500\nhttps www.example.com 203.0.113.7 500");
        assert_eq!(both.len(), 1);
    }

    #[test]
    fn what_a_network_in_front_says_has_its_own_words() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 522 | server: cloudflare");
        assert!(finding.fix.unwrap().text.contains("cannot connect"));
    }

    #[test]
    fn answers_and_other_checks_errors_pass() {
        for code in [200, 204, 400, 401, 403, 404, 502, 503, 504] {
            passes(CHECK, &format!("https example.com 203.0.113.7 {code}"));
        }
        let finding = passes(CHECK, "https example.com 203.0.113.7 404");
        assert!(finding.seen.contains("up to the application"));
    }

    #[test]
    fn a_limit_is_not_the_site_and_nginx_not_the_application() {
        let finding = is_not_tested(CHECK, "https example.com 203.0.113.7 429");
        assert!(finding.seen.starts_with("We were asked to slow down (429"), "{}", finding.seen);
        let own = fires(CHECK, "https example.com 203.0.113.7 500 | body: <hr><center>nginx</center>");
        assert!(own.means.contains("before any application is asked"));
    }
}
