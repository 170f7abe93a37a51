//! The proxy answers, the application behind it does not.

use findings::{Said, Verdict};

use crate::{
    Observation,
    finals::{self, Faulty},
    words::{quoted, status},
};

use super::server_error;

findings::check! {
    /// The web server answers 502: the application behind it does not.
    ///
    /// ## Why it matters
    /// Visitors see an error page. Name, certificate and web server work; what is missing is the application, or the
    /// way from the web server to it.
    ///
    /// ## How to fix
    /// See whether the application runs (`systemctl status gunicorn`), whether it listens where `proxy_pass` points,
    /// and whether nginx may open its socket.
    CHECK: Check<Observation> = "bad-gateway",
        section: App, severity: Failed,
        title: "The app does not answer", healthy: "No 502 answer",
        source: "Seed A13, C1, C8; RFC 9110 §15.6.3", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    finals::ask(seen, &finals::of(seen), |response| (response.status == 502).then_some(()), |(), faulty| say(faulty))
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    server_error::fact(faulty)
        .means(format!(
            "{} see an error page. The web server answers; the application behind it does not.",
            faulty.whom
        ))
        .fix_code(
            "Start the application and see why it stopped; then compare where it listens with proxy_pass in nginx.",
            "sudo systemctl status gunicorn --no-pager\n\
             sudo journalctl -u gunicorn -n 50 --no-pager\n\
             sudo tail -n 20 /var/log/nginx/error.log\n\
             sudo systemctl restart gunicorn",
        )
        .prove(format!("curl -I {}", quoted(faulty.url())), format!("A status other than {}, such as 200", status(502)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, passes};

    #[test]
    fn a_502_at_the_end_of_a_way_fires_once() {
        let finding = fires(
            CHECK,
            "http  example.com 203.0.113.7 301 https://example.com/
             https example.com 203.0.113.7 502 | server: nginx/1.22.1 | title: 502 Bad Gateway
             https example.com 2001:db8::7 502 | server: nginx/1.22.1 | title: 502 Bad Gateway",
        );
        assert_eq!(finding.subject, "https://example.com/");
        assert_eq!(finding.seen, "https://example.com/ answers 502 Bad Gateway at 203.0.113.7 and 2001:db8::7.");
        assert_eq!(finding.prove.unwrap().command, "curl -I https://example.com/");
    }

    #[test]
    fn one_broken_address_beside_a_working_one_is_named() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 200\nhttps example.com 203.0.113.8 502");
        assert!(finding.seen.ends_with("at 203.0.113.8."));
    }

    #[test]
    fn other_answers_pass() {
        for code in [200, 401, 403, 404, 500, 504] {
            passes(CHECK, &format!("https example.com 203.0.113.7 {code}"));
        }
        is_not_tested(CHECK, "https example.com 203.0.113.7 refused");
        is_not_tested(CHECK, "https example.com 203.0.113.7 301 https://example.com/");
    }
}
