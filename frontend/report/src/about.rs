//! What the page says of a report before it shows it.

use serde::Serialize;
use view::verdict::{name, verdict};

use crate::file;

/// A report in a few words.
#[derive(Debug, Serialize)]
pub(crate) struct About<'a> {
    /// The report itself.
    text: &'a str,
    /// The name checked, in ASCII.
    domain: String,
    /// The same as people read it.
    name: String,
    /// `21 November 2026 at 08:26 UTC`.
    when: String,
    /// The same as a file's name takes it: `2026-11-21`.
    date: String,
    /// Seconds since 1970.
    seen_at: i64,
    /// Its headline.
    says: String,
    /// Whether it holds what the visitor expected of the name.
    expect: bool,
    /// Whether it holds paths that the visitor asked for.
    path: bool,
    /// Whether it holds the owner's ports and private files.
    exposed: bool,
}

pub(crate) fn about(text: &str) -> Result<About<'_>, String> {
    let report = file::report(text)?;
    let seen = &report.observed;
    Ok(About {
        text,
        name: name(&report).to_owned(),
        when: format!("{} at {}", report.seen_at.long_date(), report.seen_at.clock()),
        date: report.seen_at.date(),
        seen_at: report.seen_at.unix(),
        says: verdict(&report).headline,
        expect: seen.target.expect.is_some(),
        path: seen.exposed.as_ref().is_some_and(|it| !it.paths.is_empty()),
        exposed: seen.exposed.as_ref().is_some_and(|it| !it.ports.is_empty() || !it.files.is_empty()),
        domain: report.domain,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may")]
mod tests {
    use super::*;
    use crate::forms::tests::json;

    #[test]
    fn a_report_is_told_in_a_few_words() {
        let json = json();
        let told = about(&json).unwrap();
        assert_eq!((told.domain.as_str(), told.name.as_str()), ("not-set-up.test", "not-set-up.test"));
        assert_eq!(told.says, "Not connected yet.");
        assert!(told.when.ends_with(" UTC") && told.date.len() == 10, "{told:?}");
        assert!(!told.expect && !told.path && !told.exposed);
    }
}
