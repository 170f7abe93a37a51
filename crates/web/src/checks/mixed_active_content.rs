//! An https page loads a script, stylesheet, font or frame over plain http.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Page, Reference,
    content::{self, Faulty, has_no_twin, is_internal, is_own},
};

findings::check! {
    /// An https page loads a script, stylesheet, font or frame over plain http, and browsers refuse it.
    ///
    /// ## Why it matters
    /// Browsers block such content ("mixed content"): the page comes without its design, its functions or its frames,
    /// although the same page works over http.
    ///
    /// ## How to fix
    /// Write these URLs with `https://`, or relative to the page. URLs of the site itself are best built by the
    /// application (`url_for`), which must learn that visitors come over https.
    CHECK: Check<Observation> = "mixed-active-content",
        section: App, severity: Failed,
        title: "Browsers block parts of it", healthy: "No blocked scripts or styles",
        source: "Seed A16, A-cause 8; W3C Mixed Content §4, \"blockable\"", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let healthy = |urls: &str| format!("{urls}: every script, stylesheet, font and frame is loaded over HTTPS.");
    content::ask(seen, healthy, blocked, |faulty| say(seen, faulty))
}

/// What browsers refuse. With an upgrading policy they ask for the https twin instead.
fn blocked(page: &Page) -> Vec<&Reference> {
    let refused =
        |it: &&Reference| it.r#use.is_active() && !is_internal(&it.url) && (!page.upgrades || has_no_twin(it));
    page.references.iter().filter(refused).collect()
}

fn say(seen: &Observation, faulty: &Faulty<'_, '_>) -> Said {
    let said = found(
        faulty.urls.clone(),
        format!("{} {} {} by http://: {}.", faulty.urls, faulty.verb("names", "name"), faulty.what(), faulty.targets()),
    )
    .means("Browsers refuse to load that into an https page, so visitors get the page without it.");
    let said = if faulty.references.iter().any(|it| is_own(seen, &it.url)) {
        said.fix_code(
            "Write your own URLs without scheme and host, or let the application build them and tell it that visitors \
             come over https (in the location that has proxy_pass, and in Flask).",
            "proxy_set_header X-Forwarded-Proto $scheme;\n\n# Flask\nfrom werkzeug.middleware.proxy_fix import \
             ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1)",
        )
    } else {
        said.fix("Write these URLs with https://. What its owner does not serve over https, copy to your own site.")
    };
    faulty
        .evidence(said.prove(faulty.search(), "No line that loads something, and no warning in the browser's console"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, is_silent, passes};

    const PAGE: &str = "https example.com 203.0.113.7 200\n";

    #[test]
    fn what_browsers_block_fails() {
        for kind in ["script", "style", "font", "frame", "plugin"] {
            let finding = fires(CHECK, &format!("{PAGE}uses https://example.com/ {kind} http://cdn.example.net/x"));
            assert!(finding.seen.contains("http://cdn.example.net/x"), "{finding:#?}");
        }
        let own = fires(CHECK, &format!("{PAGE}uses https://example.com/ script http://example.com/static/a.js"));
        assert!(own.fix.unwrap().code.unwrap().contains("ProxyFix"));
        let several = fires(
            CHECK,
            &format!(
                "{PAGE}uses https://example.com/ script http://x.example/1\nuses https://example.com/ script \
                 http://x.example/2\nuses https://example.com/ style http://x.example/3"
            ),
        );
        assert!(several.seen.contains("2 scripts and a stylesheet"), "{}", several.seen);
    }

    #[test]
    fn a_policy_that_upgrades_helps_where_https_answers() {
        let upgrades =
            format!("{PAGE}upgrades https://example.com/\nuses https://example.com/ script http://x.example/a");
        passes(CHECK, &upgrades);
        passes(CHECK, &format!("{upgrades} 200"));
        passes(CHECK, &format!("{upgrades} 403"));
        passes(CHECK, &format!("{upgrades} deadline"));
        fires(CHECK, &format!("{upgrades} 404"));
        fires(CHECK, &format!("{upgrades} refused"));
    }

    #[test]
    fn images_links_and_the_visitors_own_machine_are_not_blocked() {
        for other in
            ["image http://x.example/a.png 404", "link http://example.com/", "script http://127.0.0.1:8000/a.js"]
        {
            passes(CHECK, &format!("{PAGE}uses https://example.com/ {other}"));
        }
        passes(CHECK, &format!("{PAGE}read https://example.com/"));
    }

    #[test]
    fn what_was_not_read_is_not_judged() {
        is_silent(CHECK, PAGE);
        is_not_tested(CHECK, &format!("{PAGE}read https://example.com/ timed-out"));
        is_silent(CHECK, &format!("{PAGE}read https://example.com/ 200 | content-type: application/json"));
    }

    #[test]
    fn the_same_at_both_names_is_said_once() {
        let both = "https example.com 203.0.113.7 200\nhttps www.example.com 203.0.113.7 200\n\
                    uses https://example.com/ script http://x.example/a\nuses https://www.example.com/ script http://x.example/a";
        assert_eq!(fires(CHECK, both).subject, "https://example.com/ and https://www.example.com/");
        // Built with the name it was asked by.
        let own = both.replace("/ script http://x.example", "/ script http://HOST");
        let own = own.replacen("HOST", "example.com", 1).replacen("HOST", "www.example.com", 1);
        fires(CHECK, &own);
    }
}
