//! A form on an https page sends what people type over plain http.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Page, Reference, Use,
    content::{self, Faulty, is_internal, is_own},
};

findings::check! {
    /// A form on an https page is sent over plain http.
    ///
    /// ## Why it matters
    /// Browsers warn before they send it, and anyone on the way can read what was typed. Where http redirects to
    /// https, a form sent by POST usually arrives empty.
    ///
    /// ## How to fix
    /// Leave scheme and host out of the form's `action`, or write it with `https://`.
    CHECK: Check<Observation> = "insecure-form",
        section: App, severity: Failed,
        title: "A form is sent unencrypted", healthy: "Forms are sent over HTTPS",
        source: "Seed A16; W3C Mixed Content §5 (forms)", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    content::ask(seen, |urls| format!("{urls}: no form is sent over plain http."), forms, |faulty| say(seen, faulty))
}

fn forms(page: &Page) -> Vec<&Reference> {
    let is_insecure = |it: &&Reference| it.r#use == Use::Form && !page.upgrades && !is_internal(&it.url);
    page.references.iter().filter(is_insecure).collect()
}

fn say(seen: &Observation, faulty: &Faulty<'_, '_>) -> Said {
    let own = faulty.references.iter().any(|it| is_own(seen, &it.url));
    let said = found(
        faulty.urls.clone(),
        format!("{} {} a form that is sent to {}.", faulty.urls, faulty.verb("has", "have"), faulty.targets()),
    )
    .means(if own {
        "Browsers warn before they send it, anyone on the way can read it, and on the way through the redirect to https \
         what was typed usually gets lost."
    } else {
        "Browsers warn before they send it, and anyone on the way can read what was typed."
    })
    .fix(if own {
        "Leave scheme and host out of the form's action (action=\"/login\"), or build it with url_for without _external."
    } else {
        "Write the form's action with https://."
    })
    .prove(
        format!("{} | grep -i action", faulty.search()),
        "No line",
    );
    faulty.evidence(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    fn with(line: &str) -> String {
        format!("https example.com 203.0.113.7 200\nuses https://example.com/ {line}")
    }

    #[test]
    fn forms_to_http_fail() {
        assert!(fires(CHECK, &with("form http://example.com/login")).means.contains("redirect"));
        fires(CHECK, &with("form http://search.example.net/"));
    }

    #[test]
    fn other_forms_pass() {
        passes(CHECK, &with("link http://example.com/login"));
        passes(CHECK, &with("form http://localhost:8000/login"));
        passes(CHECK, &format!("{}\nupgrades https://example.com/", with("form http://example.com/login")));
    }
}
