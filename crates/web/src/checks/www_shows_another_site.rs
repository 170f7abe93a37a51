//! The names with and without www show different sites.

use std::collections::BTreeSet;

use domain::{DomainName, Scheme};
use findings::{Verdict, found, pass};

use crate::{
    Observation, Response,
    finals::{self, Final},
    words::{names, quoted, redirect_block, short},
};

findings::check! {
    /// The name with www shows another site than the name without.
    ///
    /// ## Why it matters
    /// Visitors and search engines take both for the same site. If it is not meant, one of the names reaches another
    /// server block, or another server.
    ///
    /// ## How to fix
    /// Name both hosts in the same `server_name`, or redirect one to the other.
    CHECK: Check<Observation> = "www-shows-another-site",
        section: App, severity: Note,
        title: "www shows another site", healthy: "Both names show one site",
        source: "Seed A11, A12", run: run
}

/// Pages that share less than one word in three are not the same page on another day.
const ALIKE: (usize, usize) = (1, 3);

fn run(seen: &Observation) -> Vec<Verdict> {
    let names = names(seen);
    let Some((apex, www)) = names.iter().find_map(|apex| {
        let www = apex.with_www()?;
        names.contains(&&www).then_some((*apex, www))
    }) else {
        return Vec::new();
    };
    let finals = finals::of(seen);
    let (Some(one), Some(other)) = (page(&finals, apex), page(&finals, &www)) else {
        return Vec::new(); // one leads to the other, or does not answer: other checks speak about that
    };
    let subject = format!("{apex} and {www}");
    let title =
        |it: &Final<'_>| it.response.title.as_deref().map_or("no title".into(), |it| format!("\"{}\"", short(it)));
    if one.response.title == other.response.title || alike(one.response, other.response) {
        return vec![pass(subject, format!("Both names show the same site: {}.", title(one)))];
    }
    vec![
        found(subject, format!("{} shows {}, and {} shows {}.", one.url, title(one), other.url, title(other)))
            .means("Visitors who type the one name see something else than those who type the other.")
            .fix_code(
                "If that is not meant, name both hosts in the same server block; over plain http it looks like this.",
                redirect_block(seen),
            )
            .prove(
                format!(
                    "for u in {} {}; do curl -s $u | grep -i '<title>'; done",
                    quoted(one.url.as_str()),
                    quoted(other.url.as_str())
                ),
                "The same title twice",
            )
            .into(),
    ]
}

/// The front page that a name shows itself.
fn page<'f, 'o>(finals: &'f [Final<'o>], name: &DomainName) -> Option<&'f Final<'o>> {
    finals.iter().find(|it| {
        let is_page = (200..300).contains(&it.response.status) && it.response.title.is_some();
        it.url.scheme() == Scheme::Https
            && it.url.host() == name.as_str()
            && is_page
            && finals::wall(it.response).is_none()
    })
}

/// Whether two pages share enough of their words.
pub(super) fn alike(one: &Response, other: &Response) -> bool {
    let words = |it: &Response| -> BTreeSet<String> {
        let is_word = |word: &&str| word.len() > 2;
        it.start.split(|c: char| !c.is_alphanumeric()).filter(is_word).map(str::to_lowercase).collect()
    };
    let (one, other) = (words(one), words(other));
    let (shared, all) = (one.intersection(&other).count(), one.union(&other).count());
    all > 0 && shared * ALIKE.1 >= all * ALIKE.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const APEX: &str = "https example.com 203.0.113.7 200 | title: The shop | body: <h1>Bread and cheese every morning";

    #[test]
    fn two_sites_are_a_note() {
        let finding = fires(
            CHECK,
            &format!("{APEX}\nhttps www.example.com 203.0.113.8 200 | title: Coming soon | body: <p>Nothing here yet"),
        );
        assert!(finding.seen.contains("The shop") && finding.seen.contains("Coming soon"));
    }

    #[test]
    fn one_site_with_changing_words_passes() {
        passes(CHECK, &format!("{APEX}\nhttps www.example.com 203.0.113.7 200 | title: The shop | body: Another day"));
        passes(
            CHECK,
            &format!(
                "{APEX}\nhttps www.example.com 203.0.113.7 200 | title: Hello | body: <h1>Bread and cheese every evening"
            ),
        );
    }

    #[test]
    fn where_one_leads_to_the_other_there_is_nothing_to_compare() {
        is_silent(CHECK, &format!("{APEX}\nhttps www.example.com 203.0.113.7 301 https://example.com/"));
        is_silent(CHECK, &format!("{APEX}\nhttps www.example.com 203.0.113.7 refused"));
        is_silent(CHECK, &format!("{APEX}\nhttps www.example.com 203.0.113.7 404 | title: Not Found"));
        is_silent(CHECK, APEX);
    }
}
