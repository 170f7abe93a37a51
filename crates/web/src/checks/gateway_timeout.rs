//! The application behind the proxy takes too long.

use findings::{Said, Verdict};

use crate::{
    Observation,
    finals::{self, Faulty},
    words::{quoted, status},
};

use super::server_error;

findings::check! {
    /// The web server answers 504: the application behind it took too long.
    ///
    /// ## Why it matters
    /// Visitors wait, then see an error page. The application accepts requests but does not finish them: it is stuck,
    /// out of workers, or waits for a database or another service.
    ///
    /// ## How to fix
    /// Read the application's journal for what it waits for. A longer `proxy_read_timeout` hides the problem more
    /// often than it solves it.
    CHECK: Check<Observation> = "gateway-timeout",
        section: App, severity: Failed,
        title: "The app answers too late", healthy: "No 504 answer",
        source: "Seed A13; RFC 9110 §15.6.5", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    finals::ask(seen, &finals::of(seen), |response| (response.status == 504).then_some(()), |(), faulty| say(faulty))
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    server_error::fact(faulty)
        .means(format!(
            "{} wait, then see an error page: the application accepts requests but does not finish them.",
            faulty.whom
        ))
        .fix_code(
            "See what the application waits for: its own log first, then the database and the services it calls. If \
             nothing reaches it at all, a firewall between the two machines drops the connection.",
            "sudo journalctl -u gunicorn -n 50 --no-pager\n\
             sudo tail -n 20 /var/log/nginx/error.log\n\
             time curl -I http://127.0.0.1:8000",
        )
        .prove(format!("curl -I {}", quoted(faulty.url())), format!("A status other than {}, such as 200", status(504)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    #[test]
    fn a_504_is_told_apart_from_a_502() {
        fires(CHECK, "https example.com 203.0.113.7 504");
        passes(CHECK, "https example.com 203.0.113.7 502");
        passes(CHECK, "https example.com 203.0.113.7 200");
    }
}
