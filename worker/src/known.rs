//! A report that was just seen, as it was told: what is not asked for is not written.

use lockstep::{Event, Plan, Report};
use worker::Date;

use crate::{error::ApiError, kept, limits::REPORT_SECONDS, wire};

/// A report, and the plan that was told before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Known {
    /// When it was complete, in milliseconds since 1970.
    at: u64,
    /// The plan, as its line of the stream.
    pub(crate) plan: String,
    /// The report as JSON.
    pub(crate) report: String,
}

impl Known {
    /// A report that is complete now.
    pub(crate) fn of(plan: &Plan, report: &Report) -> Option<Known> {
        Some(Known {
            at: Date::now().as_millis(),
            plan: serde_json::to_string(&Event::Plan(plan.clone())).ok()?,
            report: serde_json::to_string(report).ok()?,
        })
    }

    /// The report, read back.
    ///
    /// # Errors
    /// [`ApiError::Report`] where an older version of this worker kept it.
    pub(crate) fn seen(&self) -> Result<Report, ApiError> {
        wire::read(self.report.as_bytes())
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

    /// A line each: none of them has a line of its own in it.
    fn written(&self) -> String {
        format!("{}\n{}\n{}", self.at, self.plan, self.report)
    }

    fn read(written: &str) -> Option<Known> {
        let mut lines = written.split('\n');
        let at = lines.next()?.parse().ok()?;
        let (plan, report) = (lines.next()?.to_owned(), lines.next()?.to_owned());
        lines.next().is_none().then_some(Known { at, plan, report })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_reads_back_and_what_is_damaged_does_not() {
        let known = Known { at: 7, plan: "{}".into(), report: r#"{"a":"✓ \n"}"#.into() };
        assert_eq!(Known::read(&known.written()), Some(known));
        for damaged in ["", "\n", "7\n", "7\n{}", "x\n{}\n{}", "7\n{}\n{}\n"] {
            assert_eq!(Known::read(damaged), None, "{damaged}");
        }
    }
}
