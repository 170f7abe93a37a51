//! A stylesheet or script that the page names is not there.

use findings::{Said, Verdict, found, not_tested, pass};

use crate::{
    Asset, Observation, Use,
    words::{curl, groups, list, short, status},
};

findings::check! {
    /// A stylesheet or script of the site's own that the page names is not served.
    ///
    /// ## Why it matters
    /// The page comes without its design or its functions. Behind nginx the usual reasons are a wrong `alias`, files
    /// that nginx may not read, and files that were not copied along.
    ///
    /// ## How to fix
    /// `location /static/` and its `alias` both end with a slash, the directory holds the files, and nginx's user may
    /// enter every directory on the way.
    CHECK: Check<Observation> = "static-file-missing",
        section: App, severity: Failed,
        title: "A stylesheet or script is missing", healthy: "Styles and scripts are served",
        source: "Seed B12, C10; nginx alias", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let assets = assets(seen);
    if assets.is_empty() {
        return Vec::new(); // a page without files of its own
    }
    let missing = assets.iter().filter_map(|asset| Some((fault(asset)?, *asset)));
    let missing = groups(missing);
    if !missing.is_empty() {
        return missing.iter().map(|(status, files)| say(*status, files).into()).collect();
    }
    let answered: Vec<&&Asset> = assets.iter().filter(|asset| asset.answer.seen().is_some()).collect();
    let names = list(assets.iter().map(|asset| short(asset.url.as_str())));
    match (answered.as_slice(), assets.first().and_then(|asset| asset.answer.unseen())) {
        ([], Some(why)) => {
            vec![not_tested(names, format!("The page's files could not be asked for: {}.", why.clause()))]
        }
        _ => {
            let answers = answered.iter().filter_map(|it| Some((it.answer.seen()?.status, short(it.url.as_str()))));
            let said = groups(answers);
            let said = said.iter().map(|(code, urls)| format!("{} {} {}", list(urls), answer(urls), status(*code)));
            vec![pass(names, format!("{}.", said.collect::<Vec<_>>().join("; ")))]
        }
    }
}

fn answer(urls: &[String]) -> &'static str {
    if urls.len() == 1 { "answers" } else { "answer" }
}

/// The files of all pages, each path once: both names of a site serve the same ones.
pub(super) fn assets(seen: &Observation) -> Vec<&Asset> {
    let mut assets: Vec<&Asset> = Vec::new();
    for asset in seen.pages.iter().flat_map(|page| &page.assets) {
        if !assets.iter().any(|known| known.url.path() == asset.url.path()) {
            assets.push(asset);
        }
    }
    assets
}

/// The status of a file that is not served. Other refusals (401, 429) can be meant for programs.
fn fault(asset: &Asset) -> Option<u16> {
    asset.answer.seen().map(|it| it.status).filter(|status| matches!(status, 403 | 404 | 410 | 500..=599))
}

fn say(code: u16, files: &[&Asset]) -> Said {
    let urls = list(files.iter().map(|it| short(it.url.as_str())));
    let answers = if files.len() == 1 { "answers" } else { "answer" };
    let lacks = match (files.iter().any(|it| it.r#use == Use::Style), files.iter().any(|it| it.r#use == Use::Script)) {
        (true, true) => "its design and its functions",
        (true, false) => "its design, or a part of it",
        _ => "what the script does",
    };
    let said = found(urls.clone(), format!("The page names {urls}, which {answers} {}.", status(code)))
        .means(format!("Visitors get the page without {lacks}."));
    let place = files.first().map(|it| directory(it.url.path())).unwrap_or_default();
    let said = match code {
        403 => said.fix_code(
            "The files are there, but nginx may not read them: let its user enter every directory on the way (replace \
             the path by yours).",
            format!("namei -l /srv/yourapp{place}\nsudo -u www-data ls /srv/yourapp{place}"),
        ),
        404 | 410 => said.fix_code(
            "Have nginx serve the directory that holds these files; location and alias both end with a slash (replace \
             the path by yours). If the application serves them itself, look whether they were deployed.",
            format!("location {place} {{\n    alias /srv/yourapp{place};\n}}"),
        ),
        _ => said.fix_code(
            "Look at what the application says about these requests, and better have nginx serve them (replace the path \
             by yours).",
            format!("location {place} {{\n    alias /srv/yourapp{place};\n}}"),
        ),
    };
    let said = match files.first() {
        Some(first) => said.prove(curl(&first.url), format!("200 and Content-Type: {}", mime(first.r#use))),
        None => said,
    };
    let server = files.iter().find_map(|it| it.answer.seen()?.server.clone());
    server.into_iter().fold(said, |said, server| said.evidence("Server", server))
}

/// What a file of this kind is served as.
pub(super) fn mime(r#use: Use) -> &'static str {
    if r#use == Use::Style { "text/css" } else { "text/javascript" }
}

/// `/static/` of `/static/css/site.css`, as a word that nginx and a shell can take; `/static/` where there is none.
pub(super) fn directory(path: &str) -> String {
    let first = path.split('/').nth(1).filter(|_| path.matches('/').count() > 1).unwrap_or("static");
    let is_plain = first.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)) && first.len() <= 60;
    format!("/{}/", if is_plain && !first.is_empty() { first } else { "static" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, is_silent, passes};

    fn with(lines: &str) -> String {
        format!("https example.com 203.0.113.7 200\n{lines}")
    }

    #[test]
    fn files_that_are_not_served_fail() {
        let finding = fires(CHECK, &with("asset https://example.com/ style /static/css/site.css 404 | server: nginx"));
        assert!(finding.fix.unwrap().code.unwrap().contains("location /static/ {"));
        assert!(finding.means.contains("design"));
        let denied = fires(CHECK, &with("asset https://example.com/ script /static/a.js 403"));
        assert!(denied.fix.unwrap().code.unwrap().contains("www-data"));
        fires(CHECK, &with("asset https://example.com/ script /a.js 500"));
        let two =
            "asset https://example.com/ style /static/a.css 404\nasset https://example.com/ script /static/a.js 404";
        assert!(fires(CHECK, &with(two)).seen.contains(" and "));
    }

    #[test]
    fn served_ones_and_refusals_for_programs_pass() {
        for status in ["200", "204", "301", "304", "401", "429"] {
            passes(CHECK, &with(&format!("asset https://example.com/ style /a.css {status}")));
        }
        is_silent(CHECK, &with("read https://example.com/"));
        is_not_tested(CHECK, &with("asset https://example.com/ style /a.css timed-out"));
    }

    #[test]
    fn the_directory_is_a_word_that_cannot_do_harm() {
        assert_eq!(directory("/static/css/a.css"), "/static/");
        assert_eq!(directory("/assets/a.css"), "/assets/");
        assert_eq!(directory("/a.css"), "/static/");
        assert_eq!(directory("/$(rm -rf ~)/a.css"), "/static/");
        assert_eq!(directory("//a"), "/static/");
    }
}
