//! What is said while a check runs: one event a line, no finding ever retracted.

use domain::Target;
use findings::{Finding, Section};
use serde::{Deserialize, Serialize};

use crate::{Fact, Report};

/// One line of the stream: `{"plan":{…}}`, `{"progress":{…}}`, `{"finding":{…}}`, once
/// `{"facts":[…]}`, and last `{"report":{…}}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// First: what will be looked at.
    Plan(Plan),
    /// How far it is.
    Progress(Progress),
    /// Once, when every entrance has answered: the five facts as far as they are known. What is found afterwards can make
    /// one worse; the report has them as they stay.
    Facts(Vec<Fact>),
    /// A finding, final from the start.
    Finding(Box<Finding>),
    /// Last: the whole, with the same findings.
    Report(Box<Report>),
}

/// What will be looked at: lets the page build a stable skeleton.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// The name understood, and its twin.
    pub target: Target,
    /// Whom we ask about the name: the resolvers, then the searches in public logs, then the browsers' list.
    pub resolvers: Vec<String>,
    /// The sections in order, with the ids and healthy titles of the checks that will answer.
    pub rows: Vec<Row>,
}

/// One check that will answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Row {
    /// The check's id.
    pub id: String,
    /// Its section.
    pub section: Section,
    /// Its title on a healthy site.
    pub title: String,
}

/// How far the check is. `total` may grow, when the addresses are known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Progress {
    /// Looks taken.
    pub done: u32,
    /// Looks planned.
    pub total: u32,
    /// What was just looked at, for a person: `https://example.com/ at 203.0.113.7`.
    pub step: String,
}
