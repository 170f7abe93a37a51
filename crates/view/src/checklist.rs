//! The rows of a report: grouped by layer and by question, explained ones marked, passed ones set aside.

use findings::{Finding, Section, State};
use lockstep::Report;

use crate::words::anchor;

/// One layer of the checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Which one.
    pub section: Section,
    /// Its anchor: `layer-certificate`.
    pub anchor: &'static str,
    /// Rows to be seen at once: what fails, warns or is noted, and what was fixed since the last look.
    pub shown: Vec<Row>,
    /// Rows that could not be looked at, folded.
    pub not_tested: Vec<Row>,
    /// Rows that are right, folded.
    pub passed: Vec<Row>,
}

/// One row: a question with one answer, for one or several places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its anchor, unique within the report and stable between runs.
    pub anchor: String,
    /// Its state.
    pub state: State,
    /// Its title.
    pub title: String,
    /// Its findings, at least one, in report order.
    pub findings: Vec<Finding>,
    /// The number of the diagnosis that explains it, counted from 1.
    pub explained_by: Option<usize>,
    /// The title it had when it was a problem, if it was one at the last look and is right now.
    pub fixed: Option<String>,
}

impl Row {
    /// Where: the subject, or how many places.
    pub fn places(&self) -> String {
        match self.findings.as_slice() {
            [only] => only.subject.clone(),
            many => format!("{} places", many.len()),
        }
    }
}

/// The checklist of a report, every layer in order, empty layers left out. `fixed` are ids and former titles of
/// checks that were problems at the last look and are right now.
pub fn checklist(report: &Report, fixed: &[(String, String)]) -> Vec<Layer> {
    let mut anchors = Vec::new();
    Section::ALL
        .into_iter()
        .map(|section| layer(report, section, fixed, &mut anchors))
        .filter(|layer| !(layer.shown.is_empty() && layer.not_tested.is_empty() && layer.passed.is_empty()))
        .collect()
}

/// Problems of a state that no diagnosis explains, one per check, in report order, hardening apart.
pub fn independent(report: &Report, state: State) -> Vec<&Finding> {
    let mut distinct: Vec<&Finding> = Vec::new();
    for finding in &report.findings {
        let counts = finding.state == state && finding.section != Section::Hardening;
        if counts && explained_by(report, finding).is_none() && !distinct.iter().any(|known| known.id == finding.id) {
            distinct.push(finding);
        }
    }
    distinct
}

/// The number of the diagnosis that explains a finding, counted from 1.
pub fn explained_by(report: &Report, finding: &Finding) -> Option<usize> {
    let key = finding.key();
    report.diagnoses.iter().position(|diagnosis| diagnosis.explains.contains(&key)).map(|at| at + 1)
}

/// The anchor of a layer.
pub fn layer_anchor(section: Section) -> &'static str {
    match section {
        Section::Dns => "layer-dns",
        Section::Ports => "layer-ports",
        Section::Certificate => "layer-certificate",
        Section::Redirects => "layer-redirects",
        Section::App => "layer-app",
        Section::Renewal => "layer-renewal",
        Section::Hardening => "layer-hardening",
    }
}

fn layer(report: &Report, section: Section, fixed: &[(String, String)], anchors: &mut Vec<String>) -> Layer {
    let mut rows: Vec<Row> = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.section == section) {
        let by = explained_by(report, finding);
        let same = |row: &&mut Row| {
            row.state == finding.state
                && row.explained_by == by
                && row.findings.first().is_some_and(|first| first.id == finding.id)
        };
        match rows.iter_mut().find(same) {
            Some(row) => row.findings.push(finding.clone()),
            None => rows.push(Row {
                anchor: String::new(),
                state: finding.state,
                title: finding.title.clone(),
                findings: vec![finding.clone()],
                explained_by: by,
                fixed: fixed_title(finding, fixed),
            }),
        }
    }
    name_rows(&mut rows, anchors);
    let mut layer =
        Layer { section, anchor: layer_anchor(section), shown: Vec::new(), not_tested: Vec::new(), passed: Vec::new() };
    for row in rows {
        match row.state {
            State::Passed if row.fixed.is_none() => layer.passed.push(row),
            State::NotTested => layer.not_tested.push(row),
            _ => layer.shown.push(row),
        }
    }
    layer
}

fn fixed_title(finding: &Finding, fixed: &[(String, String)]) -> Option<String> {
    let known = fixed.iter().find(|(id, _)| *id == finding.id)?;
    (finding.state == State::Passed).then(|| known.1.clone())
}

/// The most urgent row of a check takes the check's id as its anchor, so that a link to it keeps its meaning.
fn name_rows(rows: &mut [Row], anchors: &mut Vec<String>) {
    let urgency = [State::Failed, State::Warning, State::Note, State::NotTested, State::Passed];
    for row in urgency.iter().flat_map(|state| positions(rows, *state)).collect::<Vec<usize>>() {
        let Some(row) = rows.get_mut(row) else { continue };
        let Some(first) = row.findings.first() else { continue };
        let plain = anchor(&first.id);
        row.anchor = if anchors.contains(&plain) { anchor(&first.key()) } else { plain };
        anchors.push(row.anchor.clone());
    }
}

fn positions(rows: &[Row], state: State) -> Vec<usize> {
    rows.iter().enumerate().filter(|(_, row)| row.state == state).map(|(at, _)| at).collect()
}
