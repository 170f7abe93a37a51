//! The five facts as the page shows them: with what they wait on.

use findings::{Finding, Section, State};
use lockstep::{FactId, Report, Situation};

use crate::checklist::{explained_by, layer_anchor};

/// One headline fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which one.
    pub id: FactId,
    /// Its state; calm where the site is not connected yet.
    pub state: State,
    /// One sentence.
    pub sentence: String,
    /// The number of the diagnosis that everything wrong here waits on, counted from 1.
    pub waits_on: Option<usize>,
    /// The anchor of its layer.
    pub anchor: &'static str,
}

/// All five, in the guides' order.
pub const ALL: [FactId; 5] = [FactId::Dns, FactId::Certificate, FactId::Redirects, FactId::Renewal, FactId::App];

/// The fact that a check counts towards, by its layer and id: 443 is what a certificate needs, 80 what a redirect
/// needs. Hardening counts towards none. The same division as in the report's own facts.
pub fn of(section: Section, id: &str) -> Option<FactId> {
    match (section, id) {
        (Section::Dns, _) => Some(FactId::Dns),
        (Section::Ports, "port-80-closed" | "tls-on-port-80") => Some(FactId::Redirects),
        (Section::Ports, "ipv6-differs") => Some(FactId::App),
        (Section::Ports | Section::Certificate, _) => Some(FactId::Certificate),
        (Section::Redirects, _) => Some(FactId::Redirects),
        (Section::App, _) => Some(FactId::App),
        (Section::Renewal, _) => Some(FactId::Renewal),
        (Section::Hardening, _) => None,
    }
}

/// The word for a narrow place.
pub fn short(id: FactId) -> &'static str {
    match id {
        FactId::Dns => "DNS",
        FactId::Certificate => "Certificate",
        FactId::Redirects => "Redirects",
        FactId::Renewal => "Renewal",
        FactId::App => "App",
    }
}

/// The facts of a report, ready to be shown.
pub fn facts(report: &Report) -> Vec<Shown> {
    report
        .facts
        .iter()
        .map(|fact| Shown {
            id: fact.id,
            state: calm(report.situation, fact.state),
            sentence: fact.sentence.clone(),
            waits_on: waits_on(report, fact.id),
            anchor: layer_anchor(section(fact.id)),
        })
        .collect()
}

/// A site that is not connected yet has steps to take rather than faults: nothing on it is red.
pub fn calm(situation: Situation, state: State) -> State {
    match state {
        State::Failed | State::Warning if situation == Situation::NotConnected => State::NotTested,
        state => state,
    }
}

fn section(id: FactId) -> Section {
    match id {
        FactId::Dns => Section::Dns,
        FactId::Certificate => Section::Certificate,
        FactId::Redirects => Section::Redirects,
        FactId::Renewal => Section::Renewal,
        FactId::App => Section::App,
    }
}

/// Everything that fails or warns in this fact's layers is explained, and this is the first that explains it.
fn waits_on(report: &Report, id: FactId) -> Option<usize> {
    let wrong: Vec<&Finding> = report
        .findings
        .iter()
        .filter(|finding| of(finding.section, &finding.id) == Some(id) && finding.state >= State::Warning)
        .collect();
    let by: Option<Vec<usize>> = wrong.iter().map(|finding| explained_by(report, finding)).collect();
    by?.into_iter().min()
}
