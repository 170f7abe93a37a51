//! nginx answers with an error page of its own, and no application.

use findings::{Said, Verdict, found};

use crate::{
    Observation,
    finals::{self, Faulty},
    words::{quoted, short, status},
};

findings::check! {
    /// nginx answers the front page with an error page of its own.
    ///
    /// ## Why it matters
    /// No application was asked: the server block has no `location /` that hands requests over, its folder has no index
    /// file, or a rule turns visitors away. Where nothing is meant to be, this is as it should be.
    ///
    /// ## How to fix
    /// Give the server block for port 443 a `location /` with `proxy_pass`, or a `root` with an index file.
    CHECK: Check<Observation> = "server-answers-itself",
        section: App, severity: Note,
        title: "nginx answers, not the application", healthy: "No error page of nginx",
        source: "Seed A12, C12; nginx's built-in error pages", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let finals = finals::prefer_https(finals::of(seen));
    // A password (401) is asked for on purpose, and with 400 nginx says what was wrong with the request.
    finals::ask(
        seen,
        &finals,
        |response| (matches!(response.status, 403 | 404) && response.is_nginx_own()).then_some(response.status),
        |code, faulty| say(*code, faulty),
    )
}

fn say(code: u16, faulty: &Faulty<'_, '_>) -> Said {
    let urls = faulty.urls();
    let because = match code {
        403 => "A rule refuses visitors, or the folder that nginx serves has no index file or may not be read.",
        _ => "No location of the server block fits, or the folder that nginx serves has no such file.",
    };
    let title = faulty.finals.iter().find_map(|f| f.response.title.as_deref()).unwrap_or_default();
    found(
        faulty.subject.clone(),
        format!("nginx itself answers {urls} with {} at {}: no application was asked.", status(code), faulty.places()),
    )
    .means(format!("{because} Where nobody is meant to see a page, this is as it should be."))
    .fix_code(
        "If the site should be here, hand requests over to it in the server block for port 443, and reload nginx.",
        "location / {\n    proxy_pass http://unix:/run/gunicorn.sock;\n    include proxy_params;\n}",
    )
    .evidence("Title", short(title))
    .prove(format!("curl -s {} | grep -i '<title>'", quoted(faulty.url())), "The title of your own site")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, passes};

    const PAGE: &str = "body: <h1>404 Not Found</h1><hr><center>nginx/1.22.1</center>";

    #[test]
    fn nginx_own_pages_are_told_apart_from_the_applications() {
        let finding = fires(CHECK, &format!("https example.com 203.0.113.7 404 | {PAGE}"));
        assert_eq!(
            finding.seen,
            "nginx itself answers https://example.com/ with 404 Not Found at 203.0.113.7: no application was asked."
        );
        assert!(
            fires(CHECK, &format!("https example.com 203.0.113.7 403 | {PAGE}")).means.starts_with("A rule refuses")
        );
        passes(CHECK, "https example.com 203.0.113.7 404 | server: nginx | body: {\"detail\": \"Not Found\"}");
        passes(CHECK, "https example.com 203.0.113.7 200");
    }

    #[test]
    fn a_password_and_what_stands_on_port_80_are_no_page_of_its_own() {
        passes(CHECK, &format!("https example.com 203.0.113.7 401 | {PAGE}"));
        passes(CHECK, &format!("https example.com 203.0.113.7 200\nhttp example.com 203.0.113.7 403 | {PAGE}"));
    }
}
