//! Any other site may read the page as the visitor sees it.

use findings::{Verdict, found, pass};

use crate::{Observation, words::quoted};

findings::check! {
    /// Scripts of any other site may read the page with the visitor's login.
    ///
    /// ## Why it matters
    /// The answer repeats whatever origin asks in `Access-Control-Allow-Origin` and allows credentials. A page of anybody can
    /// then read what a visitor who is logged in sees here, without the visitor noticing.
    ///
    /// ## How to fix
    /// Name the origins that may read it, one by one, or leave `Access-Control-Allow-Credentials` out.
    CHECK: Check<Observation> = "answers-shared-with-any-site",
        section: Hardening, severity: Note,
        title: "Any site may read answers", healthy: "Answers are not shared widely",
        source: "Fetch: CORS protocol and credentials; MDN HTTP Observatory", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let asked = seen.pages.iter().find_map(|page| Some((page, page.shared.as_ref()?.seen()?)));
    let Some((page, shared)) = asked else { return Vec::new() };
    let url = page.url.as_str();
    let repeats = shared.allowed.as_deref() == Some(shared.origin.as_str());
    if !(repeats && shared.credentials) {
        let how = match shared.allowed.as_deref() {
            None => "scripts of other sites may not read it",
            // Browsers refuse "*" together with credentials.
            Some("*") => "scripts of other sites may read it as anybody sees it",
            Some(_) => "scripts of an unknown site may not read it as a visitor sees it",
        };
        return vec![pass(url, format!("{url}: {how}."))];
    }
    let said = found(url, format!("{url} lets {}, which nobody has, read it with the visitor's login.", shared.origin))
        .means("A page of anybody can read what a visitor who is logged in sees here.")
        .fix_code(
            "Name the sites that may, one by one; with Flask-CORS:",
            "CORS(app, origins=[\"https://app.example.com\"], supports_credentials=True)",
        )
        .prove(
            format!("curl -sI -H 'Origin: https://nobody.invalid' {} | grep -i access-control", quoted(url)),
            "No line with https://nobody.invalid",
        )
        .evidence("Asked with Origin", &shared.origin)
        .evidence("Access-Control-Allow-Origin", shared.allowed.clone().unwrap_or_default())
        .evidence("Access-Control-Allow-Credentials", "true");
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const SITE: &str = "https example.com 203.0.113.7 200\nread https://example.com/ 200\nshared https://example.com/";

    #[test]
    fn an_unknown_origin_with_credentials_is_noted() {
        fires(CHECK, &format!("{SITE} ORIGIN credentials"));
    }

    #[test]
    fn public_answers_and_named_origins_pass() {
        for answer in
            ["", " *", " * credentials", " ORIGIN", " https://app.example.com credentials", " null credentials"]
        {
            passes(CHECK, &format!("{SITE}{answer}"));
        }
        is_silent(CHECK, "https example.com 203.0.113.7 200\nread https://example.com/ 200");
    }
}
