//! A cookie breaks a rule by which browsers keep cookies.

use findings::{Said, Verdict, found, pass};

use crate::{
    Observation,
    cookie::{Set, set},
    words::{list, quoted, subject},
};

findings::check! {
    /// A cookie is set in a way that browsers refuse.
    ///
    /// ## Why it matters
    /// The browser drops it without a word: what the cookie was to remember (a login, a basket) is forgotten with the
    /// next click.
    ///
    /// ## How to fix
    /// A name that starts with `__Host-` needs `Secure`, `Path=/` and no `Domain`; `__Secure-` and `SameSite=None`
    /// need `Secure`; `Domain` must be the host itself or a parent of it.
    CHECK: Check<Observation> = "cookie-refused-by-browsers",
        section: App, severity: Note,
        title: "Browsers drop a cookie", healthy: "Browsers keep the cookies",
        source: "Seed B16; RFC 6265bis §4.1.3, §5.7", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let sets = set(seen);
    if sets.is_empty() {
        return Vec::new();
    }
    let refused: Vec<(&Set, &str)> =
        sets.iter().filter_map(|set| Some((set, set.cookie.refusal(set.url.host())?))).collect();
    let Some((first, why)) = refused.first() else {
        return vec![pass(
            subject(seen),
            format!("{}: set as browsers ask.", list(sets.iter().map(|set| &set.cookie.name))),
        )];
    };
    let urls = list(refused.iter().map(|(set, _)| &set.url));
    let said = found(urls.clone(), format!("{urls}: browsers do not keep {}: {why}.", first.cookie.name))
        .means("What the cookie was to remember is forgotten with the next click.")
        .fix("Set the cookie with Secure (and, for a name with __Host-, with Path=/ and without Domain).")
        .prove(
            format!("curl -sI {} | grep -i '^set-cookie'", quoted(first.url.as_str())),
            "The cookie with the marks that it asks for",
        );
    let evidence = |said: Said, (set, why): &(&Set, &str)| said.evidence(set.cookie.name.clone(), *why);
    vec![refused.iter().take(5).fold(said, evidence).into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn refused_cookies_are_a_note() {
        let finding = fires(CHECK, "https example.com 203.0.113.7 200 | set-cookie: __Host-id; Path=/");
        assert!(finding.seen.contains("__Host-id"), "{}", finding.seen);
        fires(CHECK, "https example.com 203.0.113.7 200 | set-cookie: a; SameSite=None | set-cookie: b; Secure");
    }

    #[test]
    fn kept_cookies_pass() {
        passes(CHECK, "https example.com 203.0.113.7 200 | set-cookie: __Host-id; Path=/; Secure | set-cookie: a");
        is_silent(CHECK, "https example.com 203.0.113.7 200");
    }
}
