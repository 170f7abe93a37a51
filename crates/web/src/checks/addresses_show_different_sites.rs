//! One URL shows different sites at different addresses.

use findings::{Verdict, found, pass};

use super::www_shows_another_site::alike;
use crate::{
    Observation, Response,
    finals::{self, Final},
    words::{groups, list, quoted, short, status},
};

findings::check! {
    /// One name shows different sites, depending on which of its addresses a browser picks.
    ///
    /// ## Why it matters
    /// Each visitor gets one of the addresses, more or less by chance. When one of them still belongs to the old
    /// server, some visitors see the old site, or "not found", and others do not.
    ///
    /// ## How to fix
    /// Delete the record of the address that is left over, or bring that server up to date.
    CHECK: Check<Observation> = "addresses-show-different-sites",
        section: App, severity: Warning,
        title: "Addresses show different sites", healthy: "All addresses show one site",
        source: "seed A2, A12; Let's Debug: MultipleIPAddressDiscrepancy", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let finals = finals::prefer_https(finals::of(seen));
    let walled = |it: &&Final<'_>| it.address.is_some() && finals::wall(it.response).is_none();
    let by_url = groups(finals.iter().filter(walled).map(|it| (it.url.as_str(), it)));
    let several: Vec<&(&str, Vec<&Final<'_>>)> = by_url.iter().filter(|(_, all)| all.len() > 1).collect();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for (url, all) in &several {
        // The one that shows a page, or else the first, is what the others are held against.
        let is_page = |it: &&&Final<'_>| (200..300).contains(&it.response.status);
        let Some(model) = all.iter().find(is_page).or(all.first()) else { continue };
        let others: Vec<&&Final<'_>> = all.iter().filter(|it| is_another_site(model.response, it.response)).collect();
        let Some(odd) = others.first() else { continue };
        let places = |of: &[&&Final<'_>]| list(of.iter().filter_map(|it| it.address));
        let alike: Vec<&&Final<'_>> = all.iter().filter(|it| !is_another_site(model.response, it.response)).collect();
        let shown = |it: &Response| match &it.title {
            Some(title) if it.status < 300 => format!("\"{}\"", short(title)),
            _ => status(it.status),
        };
        let said = found(
            short(url),
            format!(
                "{} is {} at {}, but {} at {}.",
                short(url),
                shown(model.response),
                places(&alike),
                shown(odd.response),
                places(&others)
            ),
        )
        .means("Which site visitors see depends on the address that their browser picks.")
        .fix(format!(
            "Look whether {} is a server that you still use. If not, delete its record at your DNS provider; if so, \
             bring it up to date.",
            places(&others)
        ))
        .prove(
            format!("dig +short {}; curl -s {} | grep -i '<title>'", model.url.host(), quoted(url)),
            "The addresses of your servers only, and your title each time",
        );
        let evidence = all.iter().filter_map(|it| Some((it.address?, shown(it.response))));
        verdicts.push(
            evidence.fold(said, |said, (at, what)| said.evidence(format!("{} at {at}", short(url)), what)).into(),
        );
    }
    if verdicts.is_empty() && !several.is_empty() {
        let urls = list(several.iter().map(|(url, _)| short(url)));
        verdicts.push(pass(urls.clone(), format!("{urls}: the same site at every address looked at.")));
    }
    verdicts
}

/// Whether the second is not what the first is: another page, or none. Servers in trouble (5xx) have their own
/// checks, and being asked to log in (401) is no other site.
fn is_another_site(one: &Response, other: &Response) -> bool {
    if !(200..300).contains(&one.status) {
        return false;
    }
    match other.status {
        200..=299 => one.title.is_some() && other.title.is_some() && one.title != other.title && !alike(one, other),
        403 | 404 | 410 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const NEW: &str = "https example.com 203.0.113.7 200 | title: The shop | body: <h1>Bread and cheese every morning";

    #[test]
    fn an_old_site_at_one_address_warns() {
        let finding = fires(
            CHECK,
            &format!("{NEW}\nhttps example.com 203.0.113.8 200 | title: Summer fair | body: <p>See you next year"),
        );
        assert!(
            finding.seen.ends_with("\"The shop\" at 203.0.113.7, but \"Summer fair\" at 203.0.113.8."),
            "{finding:?}"
        );
        fires(CHECK, &format!("https example.com 2001:db8::7 404 | title: Not Found\n{NEW}"));
    }

    #[test]
    fn the_same_site_with_another_headline_passes_and_one_address_is_no_comparison() {
        passes(
            CHECK,
            &format!(
                "{NEW}\nhttps example.com 203.0.113.8 200 | title: Hello | body: <h1>Bread and cheese every evening"
            ),
        );
        passes(CHECK, &format!("{NEW}\nhttps example.com 203.0.113.8 502"));
        passes(CHECK, "https example.com 203.0.113.7 404\nhttps example.com 203.0.113.8 404");
        is_silent(CHECK, NEW);
        is_silent(CHECK, &format!("{NEW}\nhttps example.com 203.0.113.8 refused"));
    }
}
