//! A script of the page asks for something over plain http.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Page, Reference, Use,
    content::{self, Faulty, is_loopback},
};

findings::check! {
    /// A script of the page has a request to an `http://` URL written out in it.
    ///
    /// ## Why it matters
    /// Browsers block such a request from an https page. Whether the script ever makes it cannot be seen from here.
    ///
    /// ## How to fix
    /// Write the URL with `https://`, or without scheme and host; then look at the browser's console.
    CHECK: Check<Observation> = "http-calls-in-scripts",
        section: App, severity: Note,
        title: "A script names http URLs", healthy: "Scripts name no http URLs",
        source: "Seed A16; W3C Mixed Content §4", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    content::ask(
        seen,
        |urls| {
            format!("{urls}: no request to an http:// URL is written out in its own scripts, as far as they were read.")
        },
        calls,
        say,
    )
}

fn calls(page: &Page) -> Vec<&Reference> {
    let counts = |it: &&Reference| it.r#use == Use::Call && !page.upgrades && !is_loopback(&it.url);
    page.references.iter().filter(counts).collect()
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    let said = found(
        faulty.urls.clone(),
        format!("A script of {} has a request to {} written out in it.", faulty.urls, faulty.targets()),
    )
    .means("If the script makes that request, browsers block it: what it should bring stays away.")
    .fix("Write the URL with https://, or without scheme and host where it is your own.")
    .prove(format!("open {} and the browser's console (F12)", faulty.page.url), "No line that says \"Mixed Content\"");
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
    fn requests_written_out_are_a_note() {
        fires(CHECK, &with("call http://api.example.net/v1"));
    }

    #[test]
    fn upgraded_and_local_ones_are_not() {
        passes(CHECK, &with("call http://localhost:9222/json"));
        passes(CHECK, &with("link http://example.com/"));
        passes(CHECK, &format!("{}\nupgrades https://example.com/", with("call http://api.example.net/v1")));
    }
}
