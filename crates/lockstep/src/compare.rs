//! Two reports about one domain held against each other: what was put right, what broke, what looks different.

use std::collections::BTreeSet;

use findings::{Finding, State};

use crate::Report;

/// What changed from one report to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<'r> {
    /// Rows of the later report that warn or fail, and did not before, or not as badly.
    pub worse: Vec<&'r Finding>,
    /// Rows of the earlier report that warned or failed, and no longer do, or not as badly.
    pub better: Vec<&'r Finding>,
    /// Rows of the later report that could not be looked at, and could before: no news, good or bad.
    pub lost: Vec<&'r Finding>,
}

/// Holds a report against an earlier one.
pub fn compare<'r>(before: &'r Report, after: &'r Report) -> Comparison<'r> {
    let troubled = |report: &'r Report| report.findings.iter().filter(|it| it.state >= State::Warning);
    let unlooked = |it: &Finding| after.findings.iter().any(|now| same(it, now) && now.state == State::NotTested);
    Comparison {
        worse: troubled(after).filter(|now| !before.findings.iter().any(|was| as_bad(was, now))).collect(),
        better: troubled(before)
            .filter(|was| !after.findings.iter().any(|now| as_bad(now, was)) && !unlooked(was))
            .collect(),
        lost: after
            .findings
            .iter()
            .filter(|now| now.state == State::NotTested)
            .filter(|now| before.findings.iter().any(|was| same(was, now) && was.state != State::NotTested))
            .collect(),
    }
}

/// Whether a row says at least as bad a thing about everything that another is about. Rows speak for several hosts
/// where these are alike, so the subjects of two runs need not be equal.
fn as_bad(one: &Finding, other: &Finding) -> bool {
    same(one, other) && one.state >= other.state
}

fn same(one: &Finding, other: &Finding) -> bool {
    one.id == other.id && names(&other.subject).is_subset(&names(&one.subject))
}

/// Hosts, addresses and URLs of a subject: `example.com and www.example.com at 192.0.2.1`.
fn names(subject: &str) -> BTreeSet<&str> {
    subject.split([' ', ',']).filter(|word| word.contains(['.', ':'])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timing, fixture::healthy, report};

    fn with(rows: &[(&str, State, &str)]) -> Report {
        let mut all = report(healthy(), Timing::default());
        let like = all.findings.remove(0);
        all.findings = rows
            .iter()
            .map(|(id, state, subject)| Finding {
                id: (*id).into(),
                state: *state,
                subject: (*subject).into(),
                ..like.clone()
            })
            .collect();
        all
    }

    fn told(before: &[(&str, State, &str)], after: &[(&str, State, &str)]) -> [Vec<String>; 3] {
        let (before, after) = (with(before), with(after));
        let Comparison { worse, better, lost } = compare(&before, &after);
        [worse, better, lost].map(|rows| rows.into_iter().map(Finding::key).collect())
    }

    #[test]
    fn what_fails_now_and_passed_before_is_worse() {
        let [worse, better, lost] = told(
            &[("hsts-missing", State::Passed, "a.test"), ("bad-gateway", State::Failed, "https://a.test/")],
            &[("hsts-missing", State::Warning, "a.test"), ("bad-gateway", State::Passed, "https://a.test/")],
        );
        assert_eq!((worse, better), (vec!["hsts-missing:a.test".into()], vec!["bad-gateway:https://a.test/".into()]));
        assert!(lost.is_empty());
    }

    #[test]
    fn rows_that_speak_for_fewer_hosts_are_not_news_and_for_more_they_are() {
        let (one, both) = ("a.test", "a.test and www.a.test");
        let row = |subject| [("hsts-missing", State::Warning, subject)];
        assert!(told(&row(both), &row(one))[0].is_empty());
        assert_eq!(told(&row(one), &row(both))[0], ["hsts-missing:a.test and www.a.test"]);
        assert_eq!(told(&row(both), &row(one))[1], ["hsts-missing:a.test and www.a.test"], "www was put right");
        assert_eq!(told(&row(one), &row(one)), [vec![], vec![], Vec::<String>::new()]);
    }

    #[test]
    fn what_could_not_be_looked_at_is_neither_better_nor_worse() {
        let [worse, better, lost] = told(
            &[("certificate-expired", State::Failed, "a.test")],
            &[("certificate-expired", State::NotTested, "a.test")],
        );
        assert_eq!((worse.len(), better.len()), (0, 0));
        assert_eq!(lost, ["certificate-expired:a.test"]);
    }

    #[test]
    fn a_note_that_becomes_a_warning_is_worse() {
        let [worse, ..] =
            told(&[("hsts-missing", State::Note, "a.test")], &[("hsts-missing", State::Warning, "a.test")]);
        assert_eq!(worse.len(), 1);
    }
}
