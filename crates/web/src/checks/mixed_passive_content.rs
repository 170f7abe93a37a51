//! An https page names an image by http, and it cannot be loaded over https.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Page, Reference, Use,
    content::{self, Faulty, has_no_twin, is_internal},
};

findings::check! {
    /// An https page names images, sound or film by plain http, and visitors do not get them.
    ///
    /// ## Why it matters
    /// Browsers ask for such images over https instead; where nothing answers there, they stay empty. Images in
    /// `srcset` are refused altogether.
    ///
    /// ## How to fix
    /// Write the URLs with `https://`, and copy what its owner does not serve over https to your own site.
    CHECK: Check<Observation> = "mixed-passive-content",
        section: App, severity: Warning,
        title: "Images missing over HTTPS", healthy: "Images load over HTTPS",
        source: "Seed A16; W3C Mixed Content §3 (upgradeable content)", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let passive = seen.pages.iter().flat_map(|page| &page.references).filter(|it| it.r#use.is_passive()).count();
    let healthy = |urls: &str| match passive {
        0 => format!("{urls}: no image is named by http://."),
        _ => format!("{urls}: browsers load what is named by http:// over HTTPS instead."),
    };
    content::ask(seen, healthy, missing, say)
}

fn missing(page: &Page) -> Vec<&Reference> {
    let refused = |it: &Reference| it.r#use == Use::ImageSet && !page.upgrades;
    let is_missing =
        |it: &&Reference| it.r#use.is_passive() && !is_internal(&it.url) && (refused(it) || has_no_twin(it));
    page.references.iter().filter(is_missing).collect()
}

fn say(faulty: &Faulty<'_, '_>) -> Said {
    let said = found(
        faulty.urls.clone(),
        format!(
            "{} {} {} by http:// that browsers cannot show: {}.",
            faulty.urls,
            faulty.verb("names", "name"),
            faulty.what(),
            faulty.targets()
        ),
    )
    .means("Browsers ask for it over https and get nothing, or refuse it: its place on the page stays empty.")
    .fix("Write these URLs with https://, and copy what is not served over https to your own site.")
    .prove(faulty.search(), "No line that names an image");
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
    fn images_without_a_twin_warn() {
        for twin in ["404", "500", "refused", "timed-out", "no-address"] {
            fires(CHECK, &with(&format!("image http://x.example/a.png {twin}")));
        }
        fires(CHECK, &with("media http://x.example/a.mp4 410"));
        // Candidates of srcset are not upgraded.
        fires(CHECK, &with("image-set http://x.example/a.png 200"));
        let evidence = fires(CHECK, &with("image http://x.example/a.png 404")).evidence;
        assert_eq!(evidence[0].value, "http://x.example/a.png; over https: status 404");
    }

    #[test]
    fn images_that_browsers_upgrade_pass() {
        for twin in ["200", "301", "403", "deadline", "no-vantage", ""] {
            passes(CHECK, &with(&format!("image http://x.example/a.png {twin}")));
        }
        passes(CHECK, &with("image http://127.0.0.1/a.png 404"));
        passes(CHECK, &format!("{}\nupgrades https://example.com/", with("image-set http://x.example/a.png 200")));
        passes(CHECK, &with("script http://x.example/a.js"));
    }
}
