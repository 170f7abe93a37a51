//! What whoever runs this may count: one line of JSON for each thing that happened. No name, no address, no link: nobody
//! learns from it who asked about what.

use lockstep::{Report, Situation};
use serde::Serialize;
use worker::console_log;

/// What happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Line {
    /// A check came to its end.
    Check {
        /// Which kind of result it was.
        outcome: Situation,
        /// How long it took.
        millis: u64,
        /// Connections to the site.
        connections: u32,
        /// Questions to resolvers and public APIs.
        queries: u32,
        /// Whether subdomains were asked for.
        subdomains: bool,
        /// Whether further pages were asked for.
        crawl: bool,
    },
    /// A shared report was deleted with its key.
    Deleted,
    /// A request had no better answer than this.
    Refused {
        /// The kind of problem.
        kind: &'static str,
    },
    /// A report was kept for a link.
    Shared {
        /// The size of its JSON.
        bytes: usize,
    },
}

impl Line {
    /// The line of a check that ended with this report.
    pub(crate) fn of(report: &Report) -> Line {
        Line::Check {
            outcome: report.situation,
            millis: report.timing.total_millis,
            connections: report.timing.connections,
            queries: report.timing.queries,
            subdomains: report.observed.subdomains.is_some(),
            crawl: report.observed.crawl.is_some(),
        }
    }

    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Says it where the platform collects what workers say.
pub(crate) fn write(line: &Line) {
    console_log!("{}", line.text());
}

#[cfg(test)]
mod tests {
    use lockstep::Timing;

    use super::*;

    #[test]
    fn a_check_is_one_line_without_a_name_or_an_address() {
        let recorded = include_str!("../../crates/view/tests/recordings/missing-www.json");
        let timing = Timing { total_millis: 4210, connections: 31, queries: 44, ..Timing::default() };
        let report = lockstep::report(serde_json::from_str(recorded).unwrap(), timing);
        assert_eq!(
            Line::of(&report).text(),
            r#"{"event":"check","outcome":"broken","millis":4210,"connections":31,"queries":44,"subdomains":false,"crawl":false}"#
        );
        assert_eq!(Line::Refused { kind: "rate-limited" }.text(), r#"{"event":"refused","kind":"rate-limited"}"#);
        assert_eq!(Line::Deleted.text(), r#"{"event":"deleted"}"#);
        assert_eq!(Line::Shared { bytes: 5 }.text(), r#"{"event":"shared","bytes":5}"#);
    }
}
