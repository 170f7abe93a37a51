//! A stylesheet or script is served as something else.

use findings::{Said, Verdict, found, pass};

use super::static_file_missing::{assets, directory, mime};
use crate::{
    Asset, Observation, Use,
    words::{curl, groups, list, short},
};

findings::check! {
    /// A stylesheet or script is served with the type of something else.
    ///
    /// ## Why it matters
    /// Browsers take a stylesheet as `text/css` only. `text/html` in its place means that another page answers under
    /// that URL: the application's own, or an error page with status 200.
    ///
    /// ## How to fix
    /// Have nginx serve the directory itself (`location` and `alias` both with a slash at the end), and keep
    /// `include mime.types` in its `http` block.
    CHECK: Check<Observation> = "static-file-wrong-type",
        section: App, severity: Warning,
        title: "A file has the wrong type", healthy: "Styles and scripts have their types",
        source: "Seed B12, C10; WHATWG HTML, \"stylesheet\"; WHATWG Fetch §3.6", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let served: Vec<&Asset> = assets(seen)
        .into_iter()
        .filter(|asset| asset.answer.seen().is_some_and(|it| (200..300).contains(&it.status)))
        .collect();
    let wrong = groups(served.iter().filter_map(|asset| Some((wrong_type(asset)?, *asset))));
    if wrong.is_empty() {
        let names = list(served.iter().map(|asset| short(asset.url.as_str())));
        let said = || pass(names.clone(), format!("{names}: served as what they are."));
        return (!served.is_empty()).then(said).into_iter().collect();
    }
    wrong.iter().map(|(kind, files)| say(kind, files).into()).collect()
}

/// The type by which a browser will not take the file. Without a type browsers look at the content.
fn wrong_type(asset: &Asset) -> Option<String> {
    let answer = asset.answer.seen()?;
    let kind = answer.content_type.as_deref()?.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let is_wrong = match asset.r#use {
        _ if kind.is_empty() => false,
        Use::Style => kind != "text/css",
        _ => {
            // Browsers run scripts of most types; of a page's type there is none inside.
            let is_script = ["javascript", "ecmascript", "jscript", "livescript"].iter().any(|it| kind.contains(it));
            kind == "text/html" || (answer.nosniff && !is_script)
        }
    };
    is_wrong.then_some(kind)
}

fn say(kind: &str, files: &[&Asset]) -> Said {
    let kind = short(kind);
    let urls = list(files.iter().map(|it| short(it.url.as_str())));
    let is = if files.len() == 1 { "is" } else { "are" };
    let said = found(urls.clone(), format!("{urls} {is} served as {kind}."));
    let place = files.first().map(|it| directory(it.url.path())).unwrap_or_default();
    let said = if kind == "text/html" {
        said.means("A page answers in the place of the file, so visitors miss its design or its functions.").fix_code(
            "Have nginx serve the directory that holds the file; location and alias both end with a slash (replace the \
             path by yours).",
            format!("location {place} {{\n    alias /srv/yourapp{place};\n}}"),
        )
    } else {
        said.means("Browsers do not take it for what it is, so visitors miss its design or its functions.").fix_code(
            "Tell nginx the types of files, in its http block; then reload. If the application serves the file, set the \
             type there.",
            "include /etc/nginx/mime.types;\ndefault_type application/octet-stream;",
        )
    };
    let said = files.iter().fold(said, |said, it| {
        let sent = it.answer.seen().and_then(|it| it.content_type.clone()).unwrap_or_default();
        said.evidence(format!("Content-Type of {}", short(it.url.as_str())), sent)
    });
    match files.first() {
        Some(first) => said.prove(
            format!("{} | grep -i '^content-type'", curl(&first.url)),
            format!("Content-Type: {}", mime(first.r#use)),
        ),
        None => said,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    fn with(line: &str) -> String {
        format!("https example.com 203.0.113.7 200\nasset https://example.com/ {line}")
    }

    #[test]
    fn a_page_in_the_place_of_a_file_warns() {
        let finding = fires(CHECK, &with("style /static/a.css 200 | content-type: text/html; charset=utf-8"));
        assert!(finding.fix.unwrap().code.unwrap().contains("alias"));
        fires(CHECK, &with("script /static/a.js 200 | content-type: Text/HTML"));
    }

    #[test]
    fn types_that_browsers_refuse_warn() {
        let finding = fires(CHECK, &with("style /a.css 200 | content-type: text/plain"));
        assert!(finding.fix.unwrap().code.unwrap().contains("mime.types"));
        fires(CHECK, &with("script /a.js 200 | content-type: text/plain | x-content-type-options: nosniff"));
    }

    #[test]
    fn right_types_and_what_browsers_forgive_pass() {
        for line in [
            "style /a.css 200 | content-type: text/css; charset=utf-8",
            "style /a.css 200",
            "script /a.js 200 | content-type: application/javascript",
            "script /a.js 200 | content-type: text/javascript | x-content-type-options: nosniff",
            "script /a.js 200 | content-type: application/x-javascript",
            "script /a.js 200 | content-type: text/plain",
        ] {
            passes(CHECK, &with(line));
        }
        is_silent(CHECK, &with("style /a.css 404 | content-type: text/html"));
        is_silent(CHECK, &with("style /a.css 301 | content-type: text/html"));
    }
}
