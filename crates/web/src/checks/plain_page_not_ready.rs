//! A site that is still on http names what https pages cannot load.

use findings::{Verdict, found, pass};

use crate::{
    Observation, Page, Reference, Use,
    content::{Faulty, has_no_twin, is_internal},
    words::short,
};

findings::check! {
    /// The page loads things by `http://` that it will lose once it comes over HTTPS.
    ///
    /// ## Why it matters
    /// Over https, browsers refuse scripts, styles and frames that are named by `http://`, and leave images empty that do not
    /// exist over https. That is easier to put right before the move than after it.
    ///
    /// ## How to fix
    /// Write the site's own URLs without scheme and host, and those of others with `https://`.
    CHECK: Check<Observation> = "plain-page-not-ready",
        section: App, severity: Note,
        title: "Not ready for HTTPS yet", healthy: "The page is ready for HTTPS",
        source: "Seed A-faq 2, A16; W3C Mixed Content", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(page) = seen.plain.as_deref().filter(|page| page.html) else { return Vec::new() };
    let url = short(page.url.as_str());
    let broken: Vec<&Reference> = page.references.iter().filter(|it| breaks(page, it)).collect();
    if broken.is_empty() {
        return vec![pass(url.clone(), format!("{url} names nothing by http:// that it would lose over HTTPS."))];
    }
    let faulty = Faulty { urls: url.clone(), page, references: &broken };
    let said = found(
        url.clone(),
        format!("{url} names {} by http:// that it would lose over HTTPS: {}.", faulty.what(), faulty.targets()),
    )
    .means(
        "Nothing is wrong as long as the page comes over http. Once it comes over https, visitors get it without that.",
    )
    .fix("Before the move, write your own URLs without scheme and host, and those of others with https://.")
    .prove(faulty.search(), "No line that loads something");
    vec![faulty.evidence(said).into()]
}

fn breaks(page: &Page, it: &Reference) -> bool {
    let refused = it.r#use.is_active() || it.r#use == Use::ImageSet;
    !is_internal(&it.url)
        && (if page.upgrades { has_no_twin(it) } else { refused || has_no_twin(it) || it.r#use == Use::Form })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const SITE: &str =
        "http example.com 203.0.113.7 200\nhttps example.com 203.0.113.7 refused\nplain http://example.com/";

    #[test]
    fn what_would_be_lost_is_noted() {
        for line in
            ["script http://cdn.example.net/a.js", "image http://x.example/a.png 404", "form http://example.com/order"]
        {
            fires(CHECK, &format!("{SITE} {line}"));
        }
    }

    #[test]
    fn what_browsers_upgrade_passes_and_https_sites_are_not_asked() {
        passes(CHECK, SITE);
        passes(CHECK, &format!("{SITE} image http://x.example/a.png 200"));
        passes(CHECK, &format!("{SITE} link http://example.com/about"));
        is_silent(CHECK, "http example.com 203.0.113.7 200\nhttps example.com 203.0.113.7 refused");
    }
}
