//! The five headline facts, and which situation they add up to.

use findings::{Finding, Section, State};
use serde::{Deserialize, Serialize};

use crate::{Observations, Situation};

/// One of the five headline facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Which one.
    pub id: FactId,
    /// Its state: the worst of its section, hardening apart.
    pub state: State,
    /// One sentence.
    pub sentence: String,
}

/// The five facts, in the guides' order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactId {
    /// Working DNS.
    Dns,
    /// A valid certificate.
    Certificate,
    /// Correct redirects.
    Redirects,
    /// Renewal verified.
    Renewal,
    /// The application answers over HTTPS.
    App,
}

impl FactId {
    /// The word shown to a person.
    pub fn title(self) -> &'static str {
        match self {
            FactId::Dns => "DNS",
            FactId::Certificate => "Certificate",
            FactId::Redirects => "Redirects",
            FactId::Renewal => "Renewal",
            FactId::App => "App over HTTPS",
        }
    }
}

/// The five facts of a report.
pub(crate) fn five(_observed: &Observations, _findings: &[Finding], _situation: Situation) -> Vec<Fact> {
    Vec::new()
}

/// Which situation it is.
pub(crate) fn situation(_observed: &Observations, findings: &[Finding]) -> Situation {
    let worst = findings
        .iter()
        .filter(|finding| finding.section != Section::Hardening)
        .map(|finding| finding.state)
        .max()
        .unwrap_or(State::Passed);
    match worst {
        State::Failed => Situation::Broken,
        State::Warning => Situation::Warnings,
        State::Passed | State::NotTested | State::Note => Situation::Fine,
    }
}
