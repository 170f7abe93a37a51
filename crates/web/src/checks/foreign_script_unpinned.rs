//! A script of another site that never changes is loaded without a checksum.

use domain::HttpUrl;
use findings::{Verdict, found, pass};

use crate::{
    Observation, Page,
    words::{list, quoted, short, subject, verb},
};

findings::check! {
    /// A versioned script of another site is loaded without a checksum.
    ///
    /// ## Why it matters
    /// A script runs with everything that the page may do. One with its version in the address never changes, so a checksum
    /// costs nothing: should that site ever serve another file, browsers leave it out.
    ///
    /// ## How to fix
    /// Copy the file to your own site, or add `integrity` and `crossorigin="anonymous"`. Scripts that their owner changes at
    /// will, such as those for payments or statistics, cannot have one.
    CHECK: Check<Observation> = "foreign-script-unpinned",
        section: Hardening, severity: Note,
        title: "Foreign scripts have no checksum", healthy: "Foreign scripts have checksums",
        source: "W3C Subresource Integrity §3.5; MDN HTTP Observatory", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let read: Vec<&Page> = seen.pages.iter().filter(|page| page.html).collect();
    let unpinned: Vec<(&Page, &HttpUrl)> = read
        .iter()
        .flat_map(|page| page.unpinned.iter().map(|url| (*page, url)))
        .filter(|(_, url)| is_fixed(url))
        .collect();
    let Some((page, first)) = unpinned.first() else {
        let healthy = || {
            pass(
                subject(seen),
                "No script with its version in the address is loaded from another site without a checksum.",
            )
        };
        return (!read.is_empty()).then(healthy).into_iter().collect();
    };
    let urls = list(unpinned.iter().map(|(page, _)| short(page.url.as_str())));
    let scripts = list(unpinned.iter().map(|(_, url)| short(url.as_str())));
    let said = found(urls.clone(), format!("{urls} {} {scripts} without a checksum.", verb(&urls, "loads", "load")))
        .means("Nothing has to change. Should that site ever serve another file, it runs in your page.")
        .fix_code(
            "Copy the file to your own site, or add its checksum, which the second line makes.",
            format!(
                "<script src=\"{}\" integrity=\"sha384-…\" crossorigin=\"anonymous\"></script>\n\
                 curl -s {} | openssl dgst -sha384 -binary | openssl base64 -A",
                first.as_str().replace('"', "%22"),
                quoted(first.as_str())
            ),
        )
        .prove(format!("curl -s {} | grep -n '<script'", quoted(page.url.as_str())), "integrity beside each of them");
    vec![said.into()]
}

/// Whether the address holds a version: what is there never changes.
fn is_fixed(url: &HttpUrl) -> bool {
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
    let path = url.path();
    path.match_indices('.').any(|(at, _)| {
        digit(path.get(..at).and_then(|it| it.chars().next_back()))
            && digit(path.get(at + 1..).and_then(|it| it.chars().next()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    const SITE: &str = "https example.com 203.0.113.7 200\nread https://example.com/ 200";

    #[test]
    fn a_version_without_a_checksum_is_noted() {
        let line = "unpinned https://example.com/ https://cdn.example.net/jquery-3.7.1.min.js";
        let finding = fires(CHECK, &format!("{SITE}\n{line}"));
        assert!(finding.seen.contains("jquery-3.7.1.min.js"));
        fires(CHECK, &format!("{SITE}\nunpinned https://example.com/ https://cdn.example.net/npm/vue@3.4/vue.js"));
    }

    #[test]
    fn what_its_owner_changes_at_will_passes() {
        passes(CHECK, &format!("{SITE}\nunpinned https://example.com/ https://js.payments.example/v3/"));
        passes(CHECK, SITE);
        is_silent(CHECK, "https example.com 203.0.113.7 200\nread https://example.com/ timed-out");
    }
}
