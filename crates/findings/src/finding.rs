//! A finding: fact, consequence, remedy, proof, and the evidence that travels with it.

use serde::{Deserialize, Serialize};

use crate::{Section, State};

/// What a check concluded about one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The problem is there.
    Found(Said),
    /// It could not be looked at; `seen` says why. Silence is never mistaken for health.
    NotTested(Said),
    /// Looked at, and right; `seen` says what was seen.
    Pass(Said),
}

/// The words of one verdict. Machine words (SNI, SAN, ALPN, library errors) belong in `evidence` only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What it is about: a host, `host at address`, or a URL.
    pub subject: String,
    /// What was seen: value, host, address. One or two sentences.
    pub seen: String,
    /// What it means for visitors or for the next renewal, with its date.
    pub means: String,
    /// What to change, the visitor's own names filled in.
    pub fix: Option<Fix>,
    /// The command that proves it.
    pub prove: Option<Prove>,
    /// Raw facts, folded on the page.
    pub evidence: Vec<Evidence>,
}

/// What to change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fix {
    /// One sentence: what to do and where.
    pub text: String,
    /// The line or block to paste, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A command to run, and what it should print once the fix works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Prove {
    /// Shell-quoted, with the visitor's names.
    pub command: String,
    /// What a healthy answer looks like.
    pub expect: String,
}

/// One raw fact behind a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// What it is: `Answer of Cloudflare`, `Alert`, `Location`.
    pub label: String,
    /// The value as the machine said it, bounded in length.
    pub value: String,
}

/// The longest evidence value kept, in characters: a stranger's server chose it.
const EVIDENCE_LIMIT: usize = 600;

/// One row of the checklist, as it crosses the wire.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// The check's id.
    pub id: String,
    /// The layer.
    pub section: Section,
    /// The state of this row.
    pub state: State,
    /// What it is about: a host, `host at address`, or a URL.
    pub subject: String,
    /// At most six words.
    pub title: String,
    /// What was seen, or why it was not tested.
    pub seen: String,
    /// What it means; empty on a healthy row.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub means: String,
    /// What to change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// How to prove it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prove: Option<Prove>,
    /// Raw facts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Finding {
    pub(crate) fn new(id: &str, section: Section, state: State, title: &str, said: Said) -> Finding {
        let Said { subject, seen, means, fix, prove, evidence } = said;
        Finding { id: id.into(), section, state, subject, title: title.into(), seen, means, fix, prove, evidence }
    }

    /// The anchor of this row in a page: unique within a report, stable between runs.
    pub fn key(&self) -> String {
        format!("{}:{}", self.id, self.subject)
    }
}

/// The problem is there: `found(subject, seen).means(…).fix(…).prove(…)`.
pub fn found(subject: impl Into<String>, seen: impl Into<String>) -> Said {
    Said { subject: subject.into(), seen: seen.into(), ..Said::default() }
}

/// Looked at, and right.
pub fn pass(subject: impl Into<String>, seen: impl Into<String>) -> Verdict {
    Verdict::Pass(found(subject, seen))
}

/// It could not be looked at, and why.
pub fn not_tested(subject: impl Into<String>, why: impl Into<String>) -> Verdict {
    Verdict::NotTested(found(subject, why))
}

impl Said {
    /// The consequence, with its date where there is one.
    #[must_use]
    pub fn means(mut self, means: impl Into<String>) -> Said {
        self.means = means.into();
        self
    }

    /// The remedy in words.
    #[must_use]
    pub fn fix(mut self, text: impl Into<String>) -> Said {
        self.fix = Some(Fix { text: text.into(), code: None });
        self
    }

    /// The remedy in words and the line to paste.
    #[must_use]
    pub fn fix_code(mut self, text: impl Into<String>, code: impl Into<String>) -> Said {
        self.fix = Some(Fix { text: text.into(), code: Some(code.into()) });
        self
    }

    /// The command that proves it, and what it prints when all is well.
    #[must_use]
    pub fn prove(mut self, command: impl Into<String>, expect: impl Into<String>) -> Said {
        self.prove = Some(Prove { command: command.into(), expect: expect.into() });
        self
    }

    /// One raw fact; cut at 600 characters, because a stranger's server chose it.
    #[must_use]
    pub fn evidence(mut self, label: impl Into<String>, value: impl Into<String>) -> Said {
        let value: String = value.into();
        let value = match value.char_indices().nth(EVIDENCE_LIMIT) {
            Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
            None => value,
        };
        self.evidence.push(Evidence { label: label.into(), value });
        self
    }
}

impl From<Said> for Verdict {
    /// What was said about a problem is a problem found.
    fn from(said: Said) -> Verdict {
        Verdict::Found(said)
    }
}
