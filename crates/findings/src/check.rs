//! A check is a declaration and one pure function; a list of checks is a plain `const` slice that can be read.

use crate::{Finding, Section, Severity, State, Verdict};

/// What a check is, apart from its function. The doc text is rustdoc, the run-time explanation and the page
/// `/checks/<id>`: one text, three readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct About {
    /// Kebab-case, named after the *problem*, equal to the file name.
    pub id: &'static str,
    /// The layer it belongs to.
    pub section: Section,
    /// What its findings are.
    pub severity: Severity,
    /// Shown when it fires; at most six words.
    pub title: &'static str,
    /// Shown when it looked and found nothing; at most six words.
    pub healthy: &'static str,
    /// The rule's source: RFC section, CA/Browser Forum, nginx documentation, seed row.
    pub source: &'static str,
    /// First line: the problem in one sentence. Then `## Why it matters` and `## How to fix`. Empty without the feature
    /// `explain`: the edge shows what was found, and need not carry what could have been.
    pub doc: &'static str,
}

/// A question asked of an observation `O`.
#[derive(Debug)]
pub struct Check<O> {
    /// Id, section, severity, words.
    pub about: About,
    /// Pure: no I/O, no clock, no `Result`, never panics. One verdict per subject that has an answer of its own;
    /// none at all when the question does not arise.
    pub run: fn(&O) -> Vec<Verdict>,
}

/// Declares `pub(super) const CHECK: Check<O>`; the doc comment is the explanation.
///
/// ```
/// # struct Trail;
/// # mod checks {
/// findings::check! {
///     /// A redirect leaves HTTPS for plain HTTP.
///     ///
///     /// ## Why it matters
///     /// Anyone on the path can read and change that hop.
///     ///
///     /// ## How to fix
///     /// Redirect straight to the https URL.
///     CHECK: Check<super::Trail> = "plain-http-hop",
///         section: Redirects, severity: Failed,
///         title: "A redirect leaves HTTPS", healthy: "Redirects stay on HTTPS",
///         source: "RFC 9110 §4.2.2", run: run
/// }
/// fn run(_: &super::Trail) -> Vec<findings::Verdict> { vec![findings::pass("example.com", "No hop leaves HTTPS.")] }
/// # }
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! check {
    ($(#[doc = $doc:literal])+ CHECK: Check<$o:ty> = $id:literal, section: $section:ident, severity: $severity:ident,
     title: $title:literal, healthy: $healthy:literal, source: $source:literal, run: $run:ident $(,)?) => {
        $(#[doc = $doc])+
        pub(super) const CHECK: $crate::Check<$o> = $crate::Check {
            about: $crate::About {
                id: $id,
                section: $crate::Section::$section,
                severity: $crate::Severity::$severity,
                title: $title,
                healthy: $healthy,
                source: $source,
                doc: $crate::explanation!($($doc),+),
            },
            run: $run,
        };
    };
}

/// The lines of a doc comment as one text.
#[doc(hidden)]
#[macro_export]
#[cfg(feature = "explain")]
macro_rules! explanation {
    ($($line:literal),+) => { concat!($($line, "\n"),+) };
}

/// Nothing: see [`About::doc`].
#[doc(hidden)]
#[macro_export]
#[cfg(not(feature = "explain"))]
macro_rules! explanation {
    ($($line:literal),+) => {
        ""
    };
}

/// Runs the checks in order over one complete observation.
pub fn judge<O>(checks: &[Check<O>], seen: &O) -> Vec<Finding> {
    checks
        .iter()
        .flat_map(|check| {
            (check.run)(seen).into_iter().map(|verdict| {
                let about = check.about;
                let (state, title, said) = match verdict {
                    Verdict::Pass(said) => (State::Passed, about.healthy, said),
                    Verdict::NotTested(said) => (State::NotTested, about.healthy, said),
                    Verdict::Found(said) => (about.severity.into(), about.title, said),
                };
                Finding::new(about.id, about.section, state, title, said)
            })
        })
        .collect()
}
