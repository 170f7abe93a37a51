//! Other sites learn the whole address of the page that a visitor came from.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    headers::{self, Faulty},
    words::{quoted, verb},
};

findings::check! {
    /// The `Referrer-Policy` has browsers tell other sites the whole address of your pages.
    ///
    /// ## Why it matters
    /// Addresses of pages can hold what is nobody's business: a search, a name, the key of a reset link. By default, browsers
    /// tell other sites the host only; this policy takes that back.
    ///
    /// ## How to fix
    /// Leave the header out, or write `strict-origin-when-cross-origin`.
    CHECK: Check<Observation> = "referrer-policy-tells-all",
        section: Hardening, severity: Note,
        title: "Whole addresses go to others", healthy: "Other sites learn the host only",
        source: "W3C Referrer Policy §3; MDN HTTP Observatory", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let healthy =
        |urls: &str| format!("{urls}: other sites that are linked to learn no more than where a visitor came from.");
    headers::ask(seen, &healthy, &loose, &say)
}

fn loose(response: &Response) -> Vec<String> {
    let policy = headers::referrer(response).ok().flatten();
    let loose = policy.filter(|it| matches!(*it, "unsafe-url" | "no-referrer-when-downgrade"));
    loose.map(str::to_owned).into_iter().collect()
}

fn say(faulty: Faulty<'_>) -> Said {
    let policy = faulty.clauses.first().map(String::as_str).unwrap_or_default();
    found(
        faulty.urls.clone(),
        format!("{} {} Referrer-Policy: {policy}.", faulty.urls, verb(&faulty.urls, "sends", "send")),
    )
    .means("Whoever follows a link to another site tells it the whole address of the page, with everything in it.")
    .fix_code(
        "Leave the header out, which means the same as this line.",
        "add_header Referrer-Policy \"strict-origin-when-cross-origin\" always;",
    )
    .prove(format!("curl -sI {} | grep -i referrer-policy", quoted(&faulty.url)), "strict-origin-when-cross-origin")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    #[test]
    fn whole_addresses_are_noted_and_hosts_are_not() {
        let with = |value: &str| format!("https example.com 203.0.113.7 200 | referrer-policy: {value}");
        fires(CHECK, &with("unsafe-url"));
        fires(CHECK, &with("no-referrer, No-Referrer-When-Downgrade"));
        passes(CHECK, &with("unsafe-url, same-origin"));
        passes(CHECK, &with("origin"));
        passes(CHECK, &with("nonsense"));
        passes(CHECK, "https example.com 203.0.113.7 200");
    }
}
