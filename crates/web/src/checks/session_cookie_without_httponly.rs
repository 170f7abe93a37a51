//! Scripts can read a session cookie.

use findings::{Verdict, found, pass};

use crate::{
    Observation,
    cookie::{Set, set},
    words::{list, quoted, subject},
};

findings::check! {
    /// A cookie that keeps people logged in is set without `HttpOnly`.
    ///
    /// ## Why it matters
    /// A script that gets into the page can read the cookie and send it elsewhere. Flask sets the mark by itself.
    ///
    /// ## How to fix
    /// Flask: leave `SESSION_COOKIE_HTTPONLY` on, and set `REMEMBER_COOKIE_HTTPONLY = True`.
    CHECK: Check<Observation> = "session-cookie-without-httponly",
        section: Hardening, severity: Note,
        title: "Scripts can read the session", healthy: "Scripts cannot read the session",
        source: "Seed B16; RFC 6265bis §5.6.6", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let sessions: Vec<Set> = set(seen).into_iter().filter(|set| set.cookie.is_session()).collect();
    let open: Vec<&Set> = sessions.iter().filter(|set| !set.cookie.http_only).collect();
    let Some(first) = open.first() else {
        let names = list(sessions.iter().map(|set| &set.cookie.name));
        return (!sessions.is_empty())
            .then(|| pass(subject(seen), format!("{names}: set with HttpOnly.")))
            .into_iter()
            .collect();
    };
    let (names, urls) = (list(open.iter().map(|set| &set.cookie.name)), list(open.iter().map(|set| &set.url)));
    vec![
        found(urls.clone(), format!("{urls}: {names} is set without HttpOnly."))
            .means("A script that gets into a page could read it and use the login elsewhere.")
            .fix_code(
                "Leave Flask's mark on and set the one of Flask-Login, or mark the cookie where it is set.",
                "app.config[\"SESSION_COOKIE_HTTPONLY\"] = True\napp.config[\"REMEMBER_COOKIE_HTTPONLY\"] = True",
            )
            .prove(
                format!("curl -sI {} | grep -i '^set-cookie'", quoted(first.url.as_str())),
                "Every session cookie with HttpOnly",
            )
            .into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn sessions_that_scripts_can_read_are_a_note() {
        fires(CHECK, "https example.com 203.0.113.7 200 | set-cookie: session; Secure");
        passes(CHECK, "https example.com 203.0.113.7 200 | set-cookie: session; httponly");
        is_silent(CHECK, "https example.com 203.0.113.7 200 | set-cookie: csrftoken; Secure");
    }
}
