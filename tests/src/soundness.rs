//! What holds for every report, whatever was seen.

use std::collections::BTreeSet;

use findings::{Finding, Section, State};
use lockstep::{FactId, Report, SCHEMA};

use crate::lab::Site;

/// Machine words that belong in evidence.
const MACHINE_WORDS: [&str; 6] = ["SNI", "SAN", "ALPN", "EDE", "rustls", "hyper"];

/// The lab's deadline and what it takes to end and to judge, in milliseconds.
const TIME_LIMIT: u64 = 21_000;

/// A report of a handful of addresses, with all that was observed, in bytes.
const SIZE_LIMIT: usize = 512 * 1024;

/// The headline facts, in the guides' order, with the section that each is about.
const FACTS: [(FactId, Section); 5] = [
    (FactId::Dns, Section::Dns),
    (FactId::Certificate, Section::Certificate),
    (FactId::Redirects, Section::Redirects),
    (FactId::Renewal, Section::Renewal),
    (FactId::App, Section::App),
];

/// Looks a report over. Empty when it is sound; else one line per fault of ours.
pub fn faults(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    if report.schema != SCHEMA {
        lines.push(format!("unsound  schema {}", report.schema));
    }
    if report.timing.total_millis > TIME_LIMIT {
        lines.push(format!("unsound  took {} milliseconds", report.timing.total_millis));
    }
    let size = serde_json::to_string(report).map_or(0, |text| text.len());
    if size > SIZE_LIMIT {
        lines.push(format!("unsound  {size} bytes of report"));
    }
    let mut keys = BTreeSet::new();
    for finding in &report.findings {
        if !keys.insert(finding.key()) {
            lines.push(format!("unsound  two rows are called {}", finding.key()));
        }
        lines.extend(faults_of(finding).into_iter().map(|fault| format!("unsound  {}: {fault}", finding.key())));
    }
    if !report.findings.is_sorted_by_key(|finding| finding.section) {
        lines.push("unsound  rows are not in layer order".into());
    }
    for diagnosis in &report.diagnoses {
        if diagnosis.otherwise.is_empty() {
            lines.push(format!("unsound  {} does not say what else it could be", diagnosis.id));
        }
        for key in diagnosis.explains.iter().filter(|key| !keys.contains(*key)) {
            lines.push(format!("unsound  {} explains {key}, which is no row", diagnosis.id));
        }
    }
    if report.facts.iter().map(|fact| fact.id).ne(FACTS.map(|(id, _)| id)) {
        lines.push("unsound  the five facts are not the five facts".into());
    }
    for (fact, (_, section)) in report.facts.iter().zip(FACTS) {
        let worst = report.findings.iter().filter(|finding| finding.section == section).map(|finding| finding.state);
        let fails = worst.max() == Some(State::Failed);
        if fails && !matches!(fact.state, State::Failed | State::NotTested) {
            lines.push(format!("unsound  {section:?} fails and its fact says {:?}", fact.state));
        }
    }
    // What the page will judge again from the same observations has to come out the same; the seal is the worker's.
    let again = lockstep::report(report.observed.clone(), report.timing.clone());
    if again != (Report { seal: None, ..report.clone() }) {
        lines.push("unsound  judged again, the same observations give another report".into());
    }
    lines
}

fn faults_of(finding: &Finding) -> Vec<String> {
    let mut faults = Vec::new();
    if finding.title.split_whitespace().count() > 6 {
        faults.push(format!("{:?} has more than six words", finding.title));
    }
    if finding.subject.is_empty() || finding.seen.is_empty() {
        faults.push("nothing is said about what was seen".into());
    }
    let words: BTreeSet<&str> = [&finding.title, &finding.seen, &finding.means]
        .into_iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .collect();
    for word in MACHINE_WORDS.iter().filter(|word| words.contains(*word)) {
        faults.push(format!("says {word} outside its evidence"));
    }
    if matches!(finding.state, State::Warning | State::Failed) {
        if finding.means.is_empty() {
            faults.push("says no consequence".into());
        }
        if finding.fix.is_none() {
            faults.push("says no remedy".into());
        }
        if finding.prove.is_none() {
            faults.push("says no command that proves it".into());
        }
        if finding.evidence.is_empty() {
            faults.push("has no evidence".into());
        }
    }
    faults
}

/// Holds a report against a site's file, and looks it over.
pub fn differences(site: &Site, report: &Report) -> Vec<String> {
    let mut lines = crate::expectation::differences(&site.must, &site.may, &report.findings);
    let situation = serde_json::to_value(report.situation).unwrap_or_default();
    if situation != site.situation.as_str() {
        lines.push(format!("situation {situation} instead of {:?}", site.situation));
    }
    let causes: Vec<&str> = report.diagnoses.iter().map(|diagnosis| diagnosis.id.as_str()).collect();
    if causes != site.causes {
        lines.push(format!("causes {causes:?} instead of {:?}", site.causes));
    }
    lines.extend(faults(report));
    lines
}
