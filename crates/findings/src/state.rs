//! The five states a row can be in, the three severities a check can have, and the layers in their order.

use serde::{Deserialize, Serialize};

/// What a row of the checklist says, from calm to urgent. Shown as text, shape and colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Looked at, and right.
    Passed,
    /// Could not be looked at; the finding says why. Never red.
    NotTested,
    /// Worth knowing; nothing has to change.
    Note,
    /// Works today, and will hurt some visitors or the next renewal.
    Warning,
    /// Visitors are hurt now.
    Failed,
}

impl State {
    /// The word shown to a person.
    pub fn word(self) -> &'static str {
        match self {
            State::Passed => "Passed",
            State::NotTested => "Not tested",
            State::Note => "Note",
            State::Warning => "Warning",
            State::Failed => "Failed",
        }
    }
}

/// How bad it is when a check fires. One check has one severity: two severities are two checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Fires as [`State::Note`].
    Note,
    /// Fires as [`State::Warning`].
    Warning,
    /// Fires as [`State::Failed`].
    Failed,
}

impl From<Severity> for State {
    fn from(severity: Severity) -> State {
        match severity {
            Severity::Note => State::Note,
            Severity::Warning => State::Warning,
            Severity::Failed => State::Failed,
        }
    }
}

/// The layers of a deployment, in the order in which they can break. Rows stay in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    /// Does the name lead to the server?
    Dns,
    /// Does anything answer on ports 80 and 443?
    Ports,
    /// Is the certificate right?
    Certificate,
    /// Do all entrances lead to one place, over HTTPS?
    Redirects,
    /// Does the right application answer?
    App,
    /// Will the certificate be renewed?
    Renewal,
    /// Beyond what the guides ask: notes only, outside the headline and the exit code.
    Hardening,
}

impl Section {
    /// All sections in layer order.
    pub const ALL: [Section; 7] = [
        Section::Dns,
        Section::Ports,
        Section::Certificate,
        Section::Redirects,
        Section::App,
        Section::Renewal,
        Section::Hardening,
    ];

    /// The heading shown to a person.
    pub fn title(self) -> &'static str {
        match self {
            Section::Dns => "DNS",
            Section::Ports => "Ports",
            Section::Certificate => "Certificate",
            Section::Redirects => "Redirects",
            Section::App => "App over HTTPS",
            Section::Renewal => "Renewal",
            Section::Hardening => "Further hardening",
        }
    }
}
