//! The page says that its own URL starts with http.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Page, Reference, Use,
    content::{self, Faulty, is_internal, is_own},
};

findings::check! {
    /// An https page gives its own URLs with `http://`.
    ///
    /// ## Why it matters
    /// Most often the application behind nginx does not know that visitors come over https. Search engines and shared
    /// links then lead to http first, and whatever else the application builds from the scheme (login redirects,
    /// e-mails, secure cookies) goes wrong in the same way.
    ///
    /// ## How to fix
    /// Pass `X-Forwarded-Proto` in nginx and let the application believe it (Flask: `ProxyFix`); where the URL is
    /// written in a setting, write it with `https://`.
    CHECK: Check<Observation> = "page-names-itself-over-http",
        section: App, severity: Warning,
        title: "The page gives http URLs", healthy: "The page gives https URLs",
        source: "Seed A16, A17; Flask documentation, \"Tell Flask it is Behind a Proxy\"", run: run
}

/// So many links with `http://`, and none with `https://`, were not written by hand.
const LINKS: u32 = 5;

fn run(seen: &Observation) -> Vec<Verdict> {
    content::ask(
        seen,
        |urls| format!("{urls}: no page gives its own URL with http://."),
        |page| own_urls(seen, page),
        say,
    )
}

/// Whether the links of a page are built with the wrong scheme.
pub(super) fn are_built(page: &Page) -> bool {
    page.http_links >= LINKS && page.https_links == 0
}

fn own_urls<'o>(seen: &Observation, page: &'o Page) -> Vec<&'o Reference> {
    let says_itself = |it: &&Reference| {
        let is_about_itself = matches!(it.r#use, Use::Base | Use::Canonical | Use::Social);
        let is_built = it.r#use == Use::Link && are_built(page);
        (is_about_itself || is_built) && is_own(seen, &it.url) && !is_internal(&it.url)
    };
    page.references.iter().filter(says_itself).collect()
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    let said = found(
        faulty.urls.clone(),
        format!(
            "{} {} {} with http://: {}.",
            faulty.urls,
            faulty.verb("gives", "give"),
            faulty.what(),
            faulty.targets()
        ),
    )
    .means(
        "Search engines, shared links and readers are led to http first; most often it means that the application does \
         not know about https at all.",
    )
    .fix_code(
        "Pass the scheme in the location that has proxy_pass and let Flask believe it; where the URL comes from a \
         setting or a template, write it there with https://.",
        "proxy_set_header X-Forwarded-Proto $scheme;\n\n# Flask\nfrom werkzeug.middleware.proxy_fix import \
         ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1)",
    )
    .prove(format!("{} | grep -iE 'canonical|og:url|base '", faulty.search()), "No line");
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
    fn what_a_page_says_about_itself_counts() {
        for kind in ["base", "canonical", "social"] {
            fires(CHECK, &with(&format!("{kind} http://example.com/")));
        }
        let five: String = (0..5).map(|n| with(&format!("link http://example.com/{n}\n"))).collect();
        assert!(fires(CHECK, &five.replace("\nhttps example.com 203.0.113.7 200", "")).seen.contains("5 links"));
    }

    #[test]
    fn single_links_and_other_sites_pass() {
        passes(CHECK, &with("link http://example.com/a"));
        passes(CHECK, &with("canonical http://other.example/"));
        passes(CHECK, &with("canonical http://127.0.0.1:8000/"));
        passes(CHECK, "https example.com 203.0.113.7 200\nread https://example.com/");
    }
}
