//! A parking page, a suspension notice or a platform's "no such site" answers.

use findings::{Said, Verdict, found};

use crate::{
    Observation, Response,
    finals::{self, Faulty},
    words::{quoted, server_names, short, verb},
};

findings::check! {
    /// The name shows a parking page, a suspension notice or a platform's "no such site" page.
    ///
    /// ## Why it matters
    /// The name leads to a company's machine, but not to your site: either DNS still points to where the name was
    /// bought, or the account there is closed or not connected with the name.
    ///
    /// ## How to fix
    /// Point the name's address records to your server, or connect the name with your site in the company's panel.
    CHECK: Check<Observation> = "parked-page",
        section: App, severity: Failed,
        title: "A placeholder of the host answers", healthy: "No parking page",
        source: "Seed A12, A-cause 1", run: run
}

/// What kind of page it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The name is registered, or for sale, and leads to no site.
    Parked,
    /// The account was closed.
    Suspended,
    /// The platform does not know the name.
    Unconnected,
}

/// How a page is known; both texts in lower case, an empty one fits always.
struct Mark {
    whose: &'static str,
    kind: Kind,
    title: Title,
    body: &'static str,
}

enum Title {
    Is(&'static str),
    Ends(&'static str),
    Any,
}

const fn mark(whose: &'static str, kind: Kind, title: Title, body: &'static str) -> Mark {
    Mark { whose, kind, title, body }
}

/// Titles of these pages, and the addresses from which they load their parts: a text about them has neither.
const MARKS: &[Mark] = &[
    mark("GoDaddy", Kind::Parked, Title::Any, "img1.wsimg.com/parking-lander/"),
    mark("Sedo", Kind::Parked, Title::Any, "img.sedoparking.com/"),
    mark("Namecheap", Kind::Parked, Title::Any, "parkingpage.namecheap.com/"),
    mark("Hostinger", Kind::Parked, Title::Is("parked domain name on hostinger dns system"), ""),
    mark("HugeDomains", Kind::Parked, Title::Ends(" is for sale | hugedomains"), ""),
    mark("Dan.com", Kind::Parked, Title::Ends(" is for sale | dan.com"), ""),
    mark("The hosting company", Kind::Suspended, Title::Is("account suspended"), "contact your hosting provider"),
    mark("Squarespace", Kind::Suspended, Title::Is("squarespace - website expired"), ""),
    mark("Squarespace", Kind::Unconnected, Title::Is("squarespace - domain not claimed"), ""),
    mark("GitHub Pages", Kind::Unconnected, Title::Is("site not found · github pages"), ""),
    mark("Heroku", Kind::Unconnected, Title::Is("no such app"), "herokucdn.com/error-pages/no-such-app"),
];

fn run(seen: &Observation) -> Vec<Verdict> {
    let finals = finals::prefer_https(finals::of(seen));
    finals::ask(seen, &finals, known, |mark, faulty| say(seen, *mark, faulty))
}

fn known(response: &Response) -> Option<(&'static str, Kind)> {
    let title = response.title.as_deref().unwrap_or_default().trim().to_lowercase();
    let body = response.start.to_lowercase();
    let fits = |mark: &&Mark| {
        body.contains(mark.body)
            && match mark.title {
                Title::Is(it) => title == it,
                Title::Ends(it) => title.ends_with(it),
                Title::Any => true,
            }
    };
    let on_vercel = || {
        let error = response.header("x-vercel-error")?;
        (error == "DEPLOYMENT_NOT_FOUND").then_some(("Vercel", Kind::Unconnected))
    };
    MARKS.iter().find(fits).map(|mark| (mark.whose, mark.kind)).or_else(on_vercel)
}

fn say(seen: &Observation, (whose, kind): (&str, Kind), faulty: &Faulty<'_, '_>) -> Said {
    let urls = faulty.urls();
    let show = verb(&urls, "shows", "show");
    let what = match kind {
        Kind::Parked => format!("a parking page of {whose}"),
        Kind::Suspended => format!("a notice that the account is suspended ({whose})"),
        Kind::Unconnected => format!("the page with which {whose} says that it does not know this name"),
    };
    let names = server_names(seen).replace(' ', " and ");
    let said = found(faulty.subject.clone(), format!("{urls} {show} {what}, at {}.", faulty.places()));
    let said = match kind {
        Kind::Parked => said
            .means(format!(
                "{} do not reach your server: the name still leads to where it was registered.",
                faulty.whom
            ))
            .fix(format!("Point the address records of {names} to your server, where the name's DNS is kept.")),
        Kind::Suspended => said
            .means(format!("{} see the notice in place of your site.", faulty.whom))
            .fix("Ask the hosting company why, or point the address records to another server of yours."),
        Kind::Unconnected => said
            .means(format!("{} reach {whose}, but not a site of yours there.", faulty.whom))
            .fix(format!("Add {names} to your site in {whose}'s settings, or point the address records elsewhere.")),
    };
    let said =
        said.prove(format!("curl -s {} | grep -i '<title>'", quoted(faulty.url())), "The title of your own site");
    let title = faulty.finals.iter().find_map(|f| f.response.title.as_deref());
    title.into_iter().fold(said, |said, title| said.evidence("Title", short(title)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, observe, passes};

    #[test]
    fn placeholders_are_known_by_their_own_marks() {
        for (page, words) in [
            (
                "200 | title: example.com | body: <script src=\"https://img1.wsimg.com/parking-lander/static/js/main.js\">",
                "registered",
            ),
            ("200 | title: Parked Domain name on Hostinger DNS system", "registered"),
            ("200 | title: Account Suspended | body: <p>Contact your hosting provider for more information.", "notice"),
            ("404 | title: Site not found · GitHub Pages", "reach GitHub Pages"),
            ("404 | x-vercel-error: DEPLOYMENT_NOT_FOUND", "reach Vercel"),
        ] {
            let finding = fires(CHECK, &format!("https example.com 203.0.113.7 {page}"));
            assert!(finding.means.contains(words), "{}", finding.means);
        }
        // A bar divides a case's own words.
        let mut sale = observe("https example.com 203.0.113.7 200").corners[0].first.seen().unwrap().clone();
        sale.title = Some("Example.com is for sale | HugeDomains".into());
        assert_eq!(known(&sale), Some(("HugeDomains", Kind::Parked)));
    }

    #[test]
    fn pages_about_them_pass() {
        for page in [
            "200 | title: Account suspended? What to do | body: Contact your hosting provider",
            "200 | title: Account Suspended | body: Our shop has closed your account",
            "200 | title: My house is for sale",
            "200 | title: Sedo and other parking companies | body: sedoparking.com is one of them",
            "404 | title: 404 Not Found",
        ] {
            passes(CHECK, &format!("https example.com 203.0.113.7 {page}"));
        }
    }
}
