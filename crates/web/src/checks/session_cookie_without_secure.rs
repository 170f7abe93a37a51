//! A session cookie may travel over plain http.

use findings::{Verdict, found, pass};

use crate::{
    Observation,
    cookie::{Set, set},
    words::{list, quoted, subject},
};

findings::check! {
    /// A cookie that keeps people logged in is set without `Secure`.
    ///
    /// ## Why it matters
    /// Browsers send it along with a plain http request too, before any redirect: who listens there can use the login.
    ///
    /// ## How to fix
    /// Flask: `SESSION_COOKIE_SECURE = True` and `REMEMBER_COOKIE_SECURE = True`, once the site works over https.
    CHECK: Check<Observation> = "session-cookie-without-secure",
        section: App, severity: Warning,
        title: "Session cookie travels unencrypted", healthy: "Session cookies stay on HTTPS",
        source: "Seed B16; RFC 6265bis §8.3, OWASP Session Management", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let sessions: Vec<Set> = set(seen).into_iter().filter(|set| set.cookie.is_session()).collect();
    let open: Vec<&Set> = sessions.iter().filter(|set| !set.cookie.secure).collect();
    let Some(first) = open.first() else {
        // A session that begins at the login is not seen from here: then there is nothing to say.
        let names = list(sessions.iter().map(|set| &set.cookie.name));
        return (!sessions.is_empty())
            .then(|| pass(subject(seen), format!("{names}: set with Secure.")))
            .into_iter()
            .collect();
    };
    let (names, urls) = (list(open.iter().map(|set| &set.cookie.name)), list(open.iter().map(|set| &set.url)));
    let said = found(urls.clone(), format!("{urls}: {names} is set without Secure."))
        .means(
            "Browsers send it with plain http requests as well, before any redirect; who listens there can take the \
             login over.",
        )
        .fix_code(
            "Have the application mark its cookies; restart it afterwards (Flask, and Flask-Login if it is used).",
            "app.config[\"SESSION_COOKIE_SECURE\"] = True\napp.config[\"REMEMBER_COOKIE_SECURE\"] = True",
        )
        .prove(
            format!("curl -sI {} | grep -i '^set-cookie'", quoted(first.url.as_str())),
            "Every session cookie with Secure",
        );
    let with_evidence = |said: findings::Said, set: &&Set| {
        let cookie = &set.cookie;
        let marks = [(cookie.http_only, "HttpOnly"), (cookie.same_site.is_some(), "SameSite")];
        let has = list(marks.iter().filter(|(is, _)| *is).map(|(_, mark)| mark));
        let has = if has.is_empty() { "no mark".to_owned() } else { has };
        said.evidence("Cookie", format!("{} at {}: {has}", cookie.name, set.url))
    };
    vec![open.iter().take(5).fold(said, with_evidence).into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    fn site(cookie: &str) -> String {
        format!("https example.com 203.0.113.7 200 | set-cookie: {cookie}")
    }

    #[test]
    fn open_session_cookies_warn() {
        let finding = fires(CHECK, &site("session; HttpOnly; Path=/"));
        assert!(finding.seen.contains("session") && finding.evidence[0].value.contains("HttpOnly"));
        fires(CHECK, &site("PHPSESSID; path=/"));
        // Set on the way to the login.
        fires(
            CHECK,
            "https example.com 203.0.113.7 302 https://example.com/login | set-cookie: session\npage https://example.com/login 200",
        );
    }

    #[test]
    fn marked_ones_pass() {
        passes(CHECK, &site("session; Secure; HttpOnly"));
    }

    #[test]
    fn other_cookies_and_removed_ones_say_nothing() {
        is_silent(CHECK, &site("lang; Path=/"));
        is_silent(CHECK, &site("session; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"));
        is_silent(CHECK, "https example.com 203.0.113.7 200");
        // Plain http is left by the redirect; another site's cookies are its own.
        is_silent(CHECK, "http example.com 203.0.113.7 200 | set-cookie: session");
        is_silent(
            CHECK,
            "https example.com 203.0.113.7 302 https://sso.example.net/\npage https://sso.example.net/ 200 | set-cookie: session",
        );
    }
}
