//! A page links to its own site with http.

use findings::{Said, Verdict, found};

use super::page_names_itself_over_http::are_built;
use crate::{
    Observation, Page, Reference, Use,
    content::{self, Faulty},
};

findings::check! {
    /// An https page has links to its own site that start with `http://`.
    ///
    /// ## Why it matters
    /// Each click goes over plain http first and costs a redirect.
    ///
    /// ## How to fix
    /// Leave scheme and host out of links within the site.
    CHECK: Check<Observation> = "http-links-to-self",
        section: App, severity: Note,
        title: "Links lead through plain http", healthy: "Links within stay on HTTPS",
        source: "Seed A16", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    content::ask(seen, |urls| format!("{urls}: no link to the site itself starts with http://."), links, say)
}

fn links(page: &Page) -> Vec<&Reference> {
    if are_built(page) {
        return Vec::new(); // page-names-itself-over-http
    }
    page.references.iter().filter(|it| it.r#use == Use::Link).collect()
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    let said = found(
        faulty.urls.clone(),
        format!("{} {} to {}.", faulty.urls, faulty.verb("links", "link"), faulty.targets()),
    )
    .means("Each click goes over plain http first and is redirected; nothing breaks.")
    .fix("Leave scheme and host out of links within the site (href=\"/about\").")
    .prove(format!("{} | grep -i href", faulty.search()), "No line with a link to your own site");
    faulty.evidence(said)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    const PAGE: &str = "https example.com 203.0.113.7 200\n";

    #[test]
    fn a_link_written_by_hand_is_a_note() {
        fires(CHECK, &format!("{PAGE}uses https://example.com/ link http://example.com/a"));
    }

    #[test]
    fn none_and_all_are_not() {
        passes(CHECK, &format!("{PAGE}read https://example.com/"));
        let five: String = (0..5).map(|n| format!("uses https://example.com/ link http://example.com/{n}\n")).collect();
        passes(CHECK, &format!("{PAGE}{five}"));
    }
}
