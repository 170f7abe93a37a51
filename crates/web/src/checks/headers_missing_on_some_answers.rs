//! Error pages or files come without the security headers that the front page has.

use domain::Scheme;
use findings::{Verdict, found, pass};

use crate::{
    Observation, Page, Response, headers,
    words::{curl, list},
};

findings::check! {
    /// Security headers of the front page are missing from error pages or from files.
    ///
    /// ## Why it matters
    /// In nginx, `add_header` without `always` leaves error pages out, and a location with one `add_header` of its own takes
    /// none from outside. Browsers that only ever met such an answer have not learnt what the headers say.
    ///
    /// ## How to fix
    /// Write `always` at the end of each line, and repeat the lines in locations that have `add_header` lines of their own.
    CHECK: Check<Observation> = "headers-missing-on-some-answers",
        section: Hardening, severity: Note,
        title: "Some answers lack security headers", healthy: "Headers are on every answer",
        source: "nginx documentation: add_header; seed A15", run: run
}

/// What is compared between the front page and an error page.
const NAMES: [(&str, &str); 5] = [
    ("strict-transport-security", "Strict-Transport-Security"),
    ("x-content-type-options", "X-Content-Type-Options"),
    ("x-frame-options", "X-Frame-Options"),
    ("content-security-policy", "Content-Security-Policy"),
    ("referrer-policy", "Referrer-Policy"),
];

fn run(seen: &Observation) -> Vec<Verdict> {
    let pages = seen.pages.iter().filter_map(|page| Some((page, front(seen, page)?)));
    pages.filter_map(|(page, front)| judge(page, front)).collect()
}

/// The front page as it came first, from the address that the error page came from.
fn front<'o>(seen: &'o Observation, page: &Page) -> Option<&'o Response> {
    let corners = seen.corners.iter().filter(|it| it.scheme == Scheme::Https && it.host.as_str() == page.url.host());
    let mut near: Vec<_> = corners.collect();
    near.sort_by_key(|corner| Some(corner.address) != page.address);
    near.iter().find_map(|corner| corner.first.seen().filter(|first| first.status < 400))
}

fn judge(page: &Page, front: &Response) -> Option<Verdict> {
    let host = page.url.host();
    let sent: Vec<_> = NAMES.iter().filter(|(name, _)| front.header(name).is_some()).collect();
    if sent.is_empty() {
        return None;
    }
    let error = page.nobody.as_ref().and_then(|nobody| Some((&nobody.url, nobody.first.seen()?)));
    let error = error.filter(|(_, it)| it.status >= 400);
    let lacks = |error: &Response| -> Vec<&str> {
        sent.iter().filter(|(name, _)| error.header(name).is_none()).map(|(_, shown)| *shown).collect()
    };
    let on_error = error.map(|(_, it)| lacks(it)).unwrap_or_default();
    let loose =
        |asset: &&crate::Asset| asset.answer.seen().is_some_and(|it| (200..300).contains(&it.status) && !it.nosniff);
    let file = page.assets.iter().find(loose).filter(|_| headers::nosniff(front) == headers::Obeyed::Yes);
    let mut clauses = Vec::new();
    if let (Some((_, error)), false) = (error, on_error.is_empty()) {
        clauses.push(format!("the answer {} lacks {}", error.status, list(&on_error)));
    }
    clauses.extend(file.map(|file| format!("{} lacks X-Content-Type-Options", file.url.path())));
    let Some(url) = file.map(|file| &file.url).filter(|_| on_error.is_empty()).or(error.map(|(url, _)| url)) else {
        return None; // nothing but the front page was seen
    };
    if clauses.is_empty() {
        let names = list(sent.iter().map(|(_, shown)| shown));
        return Some(pass(host, format!("Error pages of {host} carry what its front page carries: {names}.")));
    }
    let name = on_error.first().copied().unwrap_or("X-Content-Type-Options");
    let said = found(host, format!("The front page of {host} carries security headers, and {}.", clauses.join("; ")))
        .means("Browsers that meet such an answer first do not learn what the headers say. Nothing breaks.")
        .fix_code(
            "Add the word always, which nginx needs for error pages; a location with add_header lines of its own needs \
             these again.",
            format!(
                "add_header {name} \"{}\" always;",
                front.header(&name.to_ascii_lowercase()).unwrap_or_default().replace('"', "\\\"")
            ),
        )
        .prove(format!("{} | grep -i {name}", curl(url)), "One line, as on the front page")
        .evidence("Asked", url.as_str());
    Some(said.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const FRONT: &str =
        "https example.com 203.0.113.7 200 | strict-transport-security: max-age=1 | x-content-type-options: nosniff";
    const ERROR: &str = "nobody https://example.com/ 404";

    #[test]
    fn a_404_without_the_headers_is_noted() {
        let finding = fires(CHECK, &format!("{FRONT}\n{ERROR}"));
        assert!(finding.seen.contains("Strict-Transport-Security and X-Content-Type-Options"), "{}", finding.seen);
        let finding = fires(CHECK, &format!("{FRONT}\n{ERROR} | strict-transport-security: max-age=1"));
        assert!(finding.fix.unwrap().code.unwrap().starts_with("add_header X-Content-Type-Options \"nosniff\" always"));
    }

    #[test]
    fn a_file_without_nosniff_is_noted() {
        let both = "strict-transport-security: max-age=1 | x-content-type-options: nosniff";
        let site = format!("{FRONT}\n{ERROR} | {both}\nasset https://example.com/ style /static/a.css 200");
        assert!(fires(CHECK, &site).seen.contains("/static/a.css lacks X-Content-Type-Options"));
        passes(CHECK, &format!("{site} | x-content-type-options: nosniff"));
    }

    #[test]
    fn without_headers_or_an_error_there_is_nothing_to_ask() {
        is_silent(CHECK, &format!("https example.com 203.0.113.7 200\n{ERROR}"));
        is_silent(CHECK, &format!("{FRONT}\nnobody https://example.com/ 200"));
        is_silent(CHECK, FRONT);
        is_silent(CHECK, &format!("https example.com 203.0.113.7 500 | x-frame-options: DENY\n{ERROR}"));
    }
}
