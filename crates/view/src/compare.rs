//! What changed since the last look: what was fixed, and what is new.

use findings::{Finding, State};
use lockstep::Report;

/// What changed between two reports of the same domain.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Ids and former titles of checks that were problems and were looked at and found right now.
    pub fixed: Vec<(String, String)>,
    /// Ids and titles of checks that are problems now and were not.
    pub new: Vec<(String, String)>,
    /// Whether there was a report to compare with.
    pub compared: bool,
    /// Why there was no new look, when one was asked for and this is still the last one.
    pub not_again: String,
    /// How many seconds ago the report was seen, when it is one that was kept.
    pub age: Option<String>,
}

/// Compares per check: a check counts as fixed only when it passed everywhere it was looked at; what could not be
/// tested this time is not called fixed.
pub fn changes(before: &Report, now: &Report) -> Changes {
    let (was, is) = (worst(&before.findings), worst(&now.findings));
    let looked_right = |id: &str| {
        now.findings.iter().any(|finding| finding.id == id && finding.state == State::Passed)
            && get(&is, id).is_some_and(|finding| finding.state < State::Warning)
    };
    let fixed = before
        .findings
        .iter()
        .filter(|finding| finding.state >= State::Warning && get(&was, &finding.id) == Some(finding))
        .filter(|finding| looked_right(&finding.id))
        .map(|finding| (finding.id.clone(), finding.title.clone()))
        .collect();
    let new = now
        .findings
        .iter()
        .filter(|finding| finding.state >= State::Warning && get(&is, &finding.id) == Some(finding))
        .filter(|finding| get(&was, &finding.id).is_none_or(|old| old.state < State::Warning))
        .map(|finding| (finding.id.clone(), finding.title.clone()))
        .collect();
    Changes { fixed, new, compared: true, ..Changes::default() }
}

impl Changes {
    /// `Fixed: Certificate expired and No redirect to HTTPS.`, or what else there is to say; empty without a former
    /// report.
    pub fn sentence(&self) -> String {
        let titles = |list: &[(String, String)]| {
            crate::words::list(&list.iter().map(|(_, title)| format!("“{title}”")).collect::<Vec<_>>())
        };
        if let Some(age) = &self.age {
            return ["Looked at ", age, " s ago."].concat();
        }
        if !self.not_again.is_empty() {
            return ["Not looked at again: ", &self.not_again].concat();
        }
        match (self.compared, self.fixed.as_slice(), self.new.as_slice()) {
            (false, ..) => String::new(),
            (true, [], []) => "Looked at afresh: nothing has changed since the last look.".into(),
            (true, fixed, []) => format!("Fixed: {}.", titles(fixed)),
            (true, [], new) => format!("New since the last look: {}.", titles(new)),
            (true, fixed, new) => format!("Fixed: {}. New since the last look: {}.", titles(fixed), titles(new)),
        }
    }
}

/// The worst finding of each check.
fn worst(findings: &[Finding]) -> Vec<&Finding> {
    let mut worst: Vec<&Finding> = Vec::new();
    for finding in findings {
        match worst.iter_mut().find(|known| known.id == finding.id) {
            Some(known) if finding.state > known.state => *known = finding,
            Some(_) => {}
            None => worst.push(finding),
        }
    }
    worst
}

fn get<'f>(worst: &[&'f Finding], id: &str) -> Option<&'f Finding> {
    worst.iter().find(|finding| finding.id == id).copied()
}
