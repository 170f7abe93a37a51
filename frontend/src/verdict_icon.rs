//! The tab's icon: the shape of the verdict.

use findings::State;

/// The file that shows this state; `None` before there is a verdict.
pub(crate) fn icon(state: Option<State>) -> &'static str {
    match state {
        None => "/favicon.svg",
        Some(State::Passed) => "/favicon-passed.svg",
        Some(State::NotTested | State::Note) => "/favicon-open.svg",
        Some(State::Warning) => "/favicon-warning.svg",
        Some(State::Failed) => "/favicon-failed.svg",
    }
}
