//! The rows: which are wrong in one report, in the other, in both.

use std::collections::BTreeSet;

use findings::{Finding, State};
use lockstep::Report;

use super::{Group, place};
use crate::words::list;

/// One row that is, or was, wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row<'r> {
    /// The finding that says so: of the later report, or else of the earlier one.
    pub finding: &'r Finding,
    /// What the other report says of the same check.
    pub other: Option<&'r Finding>,
    /// Where: its subject, or the part of it that changed.
    pub whereabouts: String,
}

impl<'r> Row<'r> {
    /// What the later report says.
    pub fn now(&self, group: Group) -> Option<&'r Finding> {
        match group {
            Group::Broke | Group::Found | Group::Still => Some(self.finding),
            Group::Fixed | Group::Unknown => self.other,
        }
    }
}

pub(super) struct Rows<'r> {
    pub(super) broke: Vec<Row<'r>>,
    pub(super) found: Vec<Row<'r>>,
    pub(super) fixed: Vec<Row<'r>>,
    pub(super) still: Vec<Row<'r>>,
    pub(super) unknown: Vec<Row<'r>>,
}

pub(super) fn rows<'r>(before: &'r Report, now: &'r Report) -> Rows<'r> {
    let sides = Sides { before: Side::of(before, now), now: Side::of(now, before) };
    let mut rows =
        Rows { broke: Vec::new(), found: Vec::new(), fixed: Vec::new(), still: Vec::new(), unknown: Vec::new() };
    for it in troubled(now) {
        let left = sides.now.left(it, &sides.before);
        let other = sides.before.answer(it);
        // A fault that is only a warning now is told as better.
        let as_bad = before.findings.iter().any(|was| was.id == it.id && was.state == it.state);
        let to = match other {
            _ if left.is_empty() && !as_bad => continue,
            _ if left.is_empty() => &mut rows.still,
            Some(was) if was.state == State::NotTested => &mut rows.found,
            _ => &mut rows.broke,
        };
        to.push(Row { finding: it, other, whereabouts: left.said(it) });
    }
    for it in troubled(before) {
        let left = sides.before.left(it, &sides.now);
        if left.is_empty() {
            continue;
        }
        let answer = sides.now.answer(it);
        let known = answer.is_some_and(|answer| answer.state != State::NotTested);
        let to = if known { &mut rows.fixed } else { &mut rows.unknown };
        to.push(Row { finding: it, other: answer, whereabouts: left.said(it) });
    }
    rows
}

fn troubled(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|it| it.state >= State::Warning)
}

struct Sides<'r> {
    before: Side<'r>,
    now: Side<'r>,
}

/// A report, and the addresses that only it has.
struct Side<'r> {
    report: &'r Report,
    own: BTreeSet<String>,
}

/// What of a row is said by the other report as well, and what is not.
enum Left<'f> {
    /// All of it is.
    Nothing,
    /// None of it.
    Everything,
    /// These names are not.
    Names(Vec<&'f str>),
}

impl Left<'_> {
    fn is_empty(&self) -> bool {
        matches!(self, Left::Nothing)
    }

    fn said(&self, of: &Finding) -> String {
        match self {
            Left::Names(names) => list(names),
            Left::Nothing | Left::Everything => of.subject.clone(),
        }
    }
}

impl<'r> Side<'r> {
    fn of(report: &'r Report, other: &Report) -> Side<'r> {
        let addresses = |report: &Report| -> BTreeSet<String> {
            report.observed.dns.names.iter().flat_map(|name| &name.visit).map(ToString::to_string).collect()
        };
        Side { report, own: addresses(report).difference(&addresses(other)).cloned().collect() }
    }

    /// Which names of a row this bad the other report says nothing this bad about. Rows speak for several hosts where
    /// these are alike, so the subjects of two reports need not be equal.
    fn left<'f>(&self, row: &'f Finding, other: &Side<'_>) -> Left<'f> {
        let alike: Vec<&Finding> =
            other.report.findings.iter().filter(|it| it.id == row.id && it.state >= row.state).collect();
        if alike.is_empty() {
            return Left::Everything;
        }
        let said: BTreeSet<String> =
            alike.iter().flat_map(|it| names(&it.subject)).map(|name| other.name(name)).collect();
        let mine: Vec<&str> = names(&row.subject).collect();
        let left: Vec<&str> = mine.iter().copied().filter(|name| !said.contains(&self.name(name))).collect();
        match left.len() {
            0 => Left::Nothing,
            n if n == mine.len() => Left::Everything,
            _ => Left::Names(left),
        }
    }

    /// What this report says of a check that was in trouble elsewhere: the best of it, since only what is not as bad is
    /// asked about.
    fn answer(&self, row: &Finding) -> Option<&'r Finding> {
        let answers = self.report.findings.iter().filter(|it| it.id == row.id && it.state < row.state);
        let known = |it: &&Finding| (it.state == State::NotTested, it.state);
        let all: Vec<&Finding> = answers.collect();
        let about: BTreeSet<&str> = names(&row.subject).collect();
        let near = |it: &&&Finding| names(&it.subject).any(|name| about.contains(name));
        all.iter().filter(near).min_by_key(|it| known(it)).or_else(|| all.iter().min_by_key(|it| known(it))).copied()
    }

    /// A name that means the same in both reports: without the domain, and with the addresses that only one of them has
    /// as one, because a server that moved takes its faults along.
    fn name(&self, name: &str) -> String {
        if self.own.contains(name) {
            return "its own address".into();
        }
        match name.split_once("://") {
            Some((scheme, rest)) => {
                let end = rest.find(['/', ':', '?']).unwrap_or(rest.len());
                let (host, path) = rest.split_at(end);
                [scheme, "://", &place(self.report, host), path].concat()
            }
            None => place(self.report, name),
        }
    }
}

/// Hosts, addresses and URLs of a subject: `example.com and www.example.com at 192.0.2.1`.
fn names(subject: &str) -> impl Iterator<Item = &str> {
    subject.split([' ', ',']).filter(|word| word.contains(['.', ':']))
}
