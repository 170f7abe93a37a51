//! The redirect to HTTPS or to the main host forgets which page was asked for.

use std::net::IpAddr;

use domain::{HttpUrl, Scheme};
use findings::{Said, Verdict, found, not_tested, pass};
use network::{Saw, Unseen};

use crate::{
    Deep, Observation,
    location::{self, Place},
    words::{curl, groups, list, names, redirect_block, short, subject, verb},
};

findings::check! {
    /// The redirect to HTTPS forgets the page that was asked for.
    ///
    /// ## Why it matters
    /// Old http links and bookmarks to a page lead to the front page instead, and what stood after the question mark
    /// is lost. Links in mails that reset a password stop working.
    ///
    /// ## How to fix
    /// End the redirect with `$request_uri`, which is the path and query as they were asked for.
    CHECK: Check<Observation> = "redirect-drops-path",
        section: Redirects, severity: Warning,
        title: "Redirect drops the path", healthy: "Redirect keeps path and query",
        source: "Seed A7; nginx $request_uri", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut kept: Vec<&Deep> = Vec::new();
    let mut lost: Vec<(Loss, &Deep)> = Vec::new();
    let mut unseen: Vec<&Unseen> = Vec::new();
    for deep in &seen.deep {
        // Only an entrance whose front page goes to HTTPS or to the other name promises the same for its pages.
        let Some(root) = front(seen, deep.url.host(), deep.address) else { continue };
        let first = match &deep.first {
            Saw::Seen(first) => first,
            Saw::Unseen(why) => {
                unseen.push(why);
                continue;
            }
        };
        // An application may answer an unknown page on the spot: then nothing was redirected.
        let Some(place) = location::of(first, &deep.url).filter(|place| place.is_elsewhere(&deep.url)) else {
            continue;
        };
        if location::glued(&place, &deep.url).is_some() {
            continue; // redirect-leads-nowhere
        }
        match loss(&deep.url, &root, &place) {
            Some(loss) => lost.push((loss, deep)),
            None => kept.push(deep),
        }
    }
    if lost.is_empty() {
        return match (kept.as_slice(), unseen.as_slice()) {
            ([_, ..], _) => {
                let hosts = list(kept.iter().map(|deep| deep.url.host()));
                vec![pass(subject(seen), format!("A page of {hosts} asked for over http keeps its path and query."))]
            }
            ([], [why, ..]) => {
                let why = format!("A page below the front page was asked for, and {}.", why.clause());
                vec![not_tested(subject(seen), why)]
            }
            ([], []) => Vec::new(),
        };
    }
    groups(lost).iter().map(|(loss, deeps)| say(seen, *loss, deeps).into()).collect()
}

/// Where the front page of this http entrance redirects, when that is HTTPS or the other name of the same site.
fn front(seen: &Observation, host: &str, address: IpAddr) -> Option<Place> {
    let corner = seen
        .corners
        .iter()
        .find(|corner| corner.scheme == Scheme::Http && corner.host.as_str() == host && corner.address == address)?;
    let place = location::of(corner.first.seen()?, &corner.url())?;
    let is_ours = names(seen).iter().any(|name| name.as_str() == place.host || is_twin(name.as_str(), &place.host));
    (is_ours && place.is_elsewhere(&corner.url())).then_some(place)
}

fn is_twin(a: &str, b: &str) -> bool {
    a.strip_prefix("www.") == Some(b) || b.strip_prefix("www.") == Some(a)
}

/// What the redirect forgets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Loss {
    Path,
    Query,
}

fn loss(asked: &HttpUrl, root: &Place, to: &Place) -> Option<Loss> {
    let nonce = asked.path().split('/').nth(1).unwrap_or_default();
    if !to.path.contains(nonce) {
        // A login or error page can be meant; the front page, or one page for everything, cannot.
        return (to.path == "/" || to.path == root.path).then_some(Loss::Path);
    }
    (!to.path.contains("b=c") && !to.path.contains("b%3D")).then_some(Loss::Query)
}

fn say(seen: &Observation, loss: Loss, deeps: &[&Deep]) -> Said {
    let asked = list(deeps.iter().map(|deep| short(deep.url.as_str())));
    let location = |deep: &Deep| deep.first.seen().and_then(|first| first.location.clone()).unwrap_or_default();
    let to = list(deeps.iter().map(|deep| short(&location(deep))));
    let hosts = list(deeps.iter().map(|deep| deep.url.host()));
    let (what, means) = match loss {
        Loss::Path => (
            "the page asked for is forgotten",
            "Everyone who follows an old http link or bookmark to a page lands on the front page instead.",
        ),
        Loss::Query => (
            "the path is kept, but what stands after the question mark is forgotten",
            "Searches, filters and links with a token that start at http:// arrive without what they carry.",
        ),
    };
    let said = found(hosts, format!("{asked} {} to {to}: {what}.", verb(&asked, "redirects", "redirect")))
        .means(means)
        .fix_code("End the redirect with $request_uri, then reload nginx.", redirect_block(seen));
    let said = match deeps.first() {
        Some(deep) => {
            let page = deep.url.with_path("/a/b?c=d");
            said.prove(format!("{} | grep -i '^location'", curl(&page)), "A Location that ends in /a/b?c=d")
        }
        None => said,
    };
    deeps.iter().fold(said, |said, deep| {
        said.evidence(format!("Location from {} at {}", deep.url, deep.address), location(deep))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, is_silent, passes};

    const ROOT: &str = "http example.com 203.0.113.7 301 https://example.com/\n";

    fn deep(rest: &str) -> String {
        format!("{ROOT}deep example.com 203.0.113.7 {rest}")
    }

    #[test]
    fn a_redirect_to_the_front_page_fires() {
        let finding = fires(CHECK, &deep("301 https://example.com/"));
        assert!(finding.seen.contains("redirects to https://example.com/: the page asked for is forgotten."));
        assert_eq!(finding.prove.unwrap().command, "curl -I 'http://example.com/a/b?c=d' | grep -i '^location'");
        fires(CHECK, &deep("301 https://example.com"));
        fires(CHECK, &deep("301 https://www.example.com/"));
    }

    #[test]
    fn one_page_for_everything_fires() {
        fires(
            CHECK,
            "http example.com 203.0.113.7 301 https://example.com/home
             deep example.com 203.0.113.7 301 https://example.com/home",
        );
    }

    #[test]
    fn a_lost_query_is_told_apart() {
        let finding = fires(CHECK, &deep("301 https://example.com/lockstep-0123456789abcdef/a"));
        assert!(finding.seen.contains("after the question mark"));
    }

    #[test]
    fn path_and_query_kept_pass_in_any_spelling() {
        passes(CHECK, &deep("301 https://example.com/NONCE"));
        passes(CHECK, &deep("308 https://www.example.com/lockstep-0123456789abcdef/a?b=c+d"));
        passes(CHECK, &deep("302 https://example.com/login?next=%2Flockstep-0123456789abcdef%2Fa%3Fb%3Dc%20d"));
    }

    #[test]
    fn what_the_application_means_stays_quiet() {
        passes(CHECK, &deep("302 https://example.com/login"));
        is_silent(CHECK, &deep("404"));
        is_silent(CHECK, &deep("302 /login"));
        is_silent(CHECK, "http example.com 203.0.113.7 200\ndeep example.com 203.0.113.7 302 https://example.com/");
        // A name that only points to another site owes nobody its paths.
        is_silent(
            CHECK,
            "http example.com 203.0.113.7 301 https://brand.example.net/
             deep example.com 203.0.113.7 301 https://brand.example.net/",
        );
    }

    #[test]
    fn not_seeing_is_said() {
        is_not_tested(CHECK, &deep("timed-out"));
    }
}
