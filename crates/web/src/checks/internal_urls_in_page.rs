//! A page names an address that only the server can reach.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Page, Reference, Use,
    content::{self, Faulty, is_internal},
    words::server_names,
};

findings::check! {
    /// The page loads something from, or gives its own URL as, an address that only the server can reach.
    ///
    /// ## Why it matters
    /// `127.0.0.1`, `localhost` or a name without a dot is the visitor's own machine or nothing at all: what is named
    /// that way does not load. Most often the application builds URLs with the host that nginx calls it by.
    ///
    /// ## How to fix
    /// Pass the public host with `proxy_set_header Host $host`, or take the scheme and host out of the URL.
    CHECK: Check<Observation> = "internal-urls-in-page",
        section: App, severity: Warning,
        title: "The page names internal addresses", healthy: "The page names public addresses",
        source: "Seed A17, C9; nginx proxy_set_header", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    content::ask(
        seen,
        |urls| format!("{urls}: no address is named that only the server can reach."),
        internal,
        |faulty| say(seen, faulty),
    )
}

/// Links and requests in scripts are left out: texts about development and tools on the visitor's machine have them.
fn internal(page: &Page) -> Vec<&Reference> {
    let counts = |it: &&Reference| !matches!(it.r#use, Use::Link | Use::Call) && is_internal(&it.url);
    page.references.iter().filter(counts).collect()
}

fn say(seen: &Observation, faulty: &Faulty<'_, '_>) -> Said {
    let said = found(
        faulty.urls.clone(),
        format!("{} {} {} at an internal address: {}.", faulty.urls, faulty.verb("names", "name"), faulty.what(), faulty.targets()),
    )
    .means("Visitors' browsers look for that on their own machine or network and find nothing.")
    .fix_code(
        format!(
            "Pass the public host in the location that has proxy_pass, so that the application builds its URLs with {}; \
             where the URL is written by hand, leave scheme and host out.",
            server_names(seen).split(' ').next().unwrap_or_default()
        ),
        "proxy_set_header Host $host;",
    )
    .prove(faulty.search(), "No line with an internal address");
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
    fn what_only_the_server_reaches_warns() {
        for line in
            ["style http://127.0.0.1:8000/static/a.css", "canonical http://localhost:5000/", "image http://web/a.png"]
        {
            fires(CHECK, &with(line));
        }
    }

    #[test]
    fn texts_about_development_pass() {
        passes(CHECK, &with("link http://127.0.0.1:5000/"));
        passes(CHECK, &with("call http://localhost:9222/json"));
        passes(CHECK, &with("style http://example.com/a.css"));
    }
}
