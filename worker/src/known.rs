//! A report that was just seen, in every form that is asked for: it is kept as it is answered, because the code that reads
//! a report from JSON would be a twelfth of the worker.

use lockstep::{Event, Plan, Report};
use worker::Date;

use crate::{glance::Glance, kept, limits::REPORT_SECONDS, routes::form::Filling};

/// A report in all its forms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// When it was complete, in milliseconds since 1970.
    at: u64,
    /// The plan, as its line of the stream.
    pub(crate) plan: String,
    /// The report as JSON.
    pub(crate) report: String,
    /// The checklist for a terminal.
    pub(crate) text: String,
    /// What calendars and badges show of it, as JSON.
    pub(crate) glance: String,
    /// The page without scripts.
    pub(crate) page: Filling,
}

impl Known {
    /// All forms of a report that is complete now.
    pub(crate) fn of(plan: &Plan, report: &Report) -> Option<Known> {
        let findings = report.findings.iter().map(|finding| Event::Finding(Box::new(finding.clone())));
        let rows: String = findings.filter_map(|event| lockstep::text(&event)).collect();
        Some(Known {
            at: Date::now().as_millis(),
            plan: serde_json::to_string(&Event::Plan(plan.clone())).ok()?,
            report: serde_json::to_string(report).ok()?,
            text: rows + &lockstep::summary(report),
            glance: serde_json::to_string(&Glance::of(report)).ok()?,
            page: Filling::of(report),
        })
    }

    /// What is kept under this name and young enough, whatever the cache thinks of time.
    pub(crate) async fn find(name: &str) -> Option<Known> {
        let known = Known::read(&String::from_utf8(kept::find(name).await?).ok()?)?;
        (known.age() < REPORT_SECONDS.into()).then_some(known)
    }

    /// Keeps it under this name.
    pub(crate) async fn keep(&self, name: &str) {
        kept::keep(name, REPORT_SECONDS, self.written().into_bytes()).await;
    }

    /// How many seconds ago it was seen.
    pub(crate) fn age(&self) -> u64 {
        Date::now().as_millis().saturating_sub(self.at) / 1000
    }

    /// Its parts one after the other, behind a line of their lengths.
    fn written(&self) -> String {
        let Filling { title, description, result } = &self.page;
        let parts = [&self.plan, &self.report, &self.text, &self.glance, title, description, result];
        let lengths: Vec<String> = parts.iter().map(|part| part.len().to_string()).collect();
        let mut written = format!("{} {}\n", self.at, lengths.join(" "));
        parts.iter().for_each(|part| written.push_str(part));
        written
    }

    fn read(written: &str) -> Option<Known> {
        let (lengths, mut rest) = written.split_once('\n')?;
        let mut lengths = lengths.split(' ');
        let at = lengths.next()?.parse().ok()?;
        let mut part = || {
            let (part, more) = rest.split_at_checked(lengths.next()?.parse().ok()?)?;
            rest = more;
            Some(part.to_owned())
        };
        let (plan, report, text, glance) = (part()?, part()?, part()?, part()?);
        let page = Filling { title: part()?, description: part()?, result: part()? };
        rest.is_empty().then_some(Known { at, plan, report, text, glance, page })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back_and_what_is_damaged_does_not() {
        let page = Filling { title: "✓ é".into(), description: String::new(), result: "<p>\n1 2\n</p>".into() };
        let known = Known {
            at: 7,
            plan: "{}".into(),
            report: "{\"a\":\"\\n\"}".into(),
            text: "a\nb\n".into(),
            glance: "{}".into(),
            page,
        };
        let written = known.written();
        assert_eq!(Known::read(&written), Some(known));
        for cut in (0..written.len()).filter(|at| written.is_char_boundary(*at)) {
            assert_eq!(Known::read(&written[..cut]), None, "{cut}");
        }
        for damaged in ["", "\n", "7 99999999999999999999\n", "7 1 0 0 0 0 0 0\n", "x 0 0 0 0 0 0 0\n"] {
            assert_eq!(Known::read(damaged), None, "{damaged}");
        }
    }
}
