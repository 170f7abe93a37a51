//! What the linter says: fact, consequence, remedy, the exact place, and the edit that puts it right.

use findings::Severity;
use serde::{Deserialize, Serialize};

use crate::{Form, Place, Span, Version, fix::Replace};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// At most six words.
    pub title: String,
    /// What stands there.
    pub seen: String,
    /// What follows from it.
    pub means: String,
    /// Where.
    pub place: Place,
    /// Other places that belong to it, each with what it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<Related>,
    /// How to put it right.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// What nginx itself says about it, so that the message can be found by search; `None` when nginx is silent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nginx: Option<String>,
    /// nginx refuses the configuration because of it.
    #[serde(default)]
    pub refused: bool,
    /// nginx's documentation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Rows of the guides that it answers.
    pub seed: String,
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What it is: `the other server`.
    pub text: String,
}

/// Can an edit be applied unseen?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Safety {
    /// It does what was meant, and nothing else.
    Safe,
    /// A person should look at it first.
    Review,
}

/// Edits that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What they do, in one sentence.
    pub text: String,
    /// Can they be applied unseen?
    pub safety: Safety,
    /// Sorted; they do not overlap. Empty when only a person can do it.
    pub edits: Vec<Edit>,
}

/// A replacement in one source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Edit {
    /// Which source; 0 for pasted text.
    pub source: u32,
    /// First byte replaced.
    pub start: u32,
    /// One past the last byte replaced.
    pub end: u32,
    /// What stands there afterwards.
    pub text: String,
}

/// A rule that could not judge, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undecided {
    /// The rule's id.
    pub rule: String,
    /// `snippets/proxy.conf was not pasted.`
    pub because: String,
    /// The include.
    pub place: Place,
}

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRead {
    /// Its path; empty when nobody said.
    pub path: String,
    /// Which source; `None` for a text that Lockstep brought along.
    pub source: Option<u32>,
    /// What the text was taken for: `http`, `server`, `the top level`.
    pub context: String,
    /// How many directives.
    pub directives: u32,
}

/// The result of a lint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linted {
    /// In the order of their places; at most 500 of one rule.
    pub findings: Vec<Finding>,
    /// What was read.
    pub files: Vec<FileRead>,
    /// What kind of thing was pasted.
    pub form: Form,
    /// What the first file was taken for, for "read as the inside of a server".
    pub context: String,
    /// The release that the rules respected.
    pub version: Version,
    /// Nothing was left out: absence is a fact.
    pub everything: bool,
    /// Rules that could not judge.
    pub undecided: Vec<Undecided>,
}

impl Linted {
    /// Would nginx refuse it, as far as the text tells?
    pub fn refused(&self) -> bool {
        self.findings.iter().any(|finding| finding.refused)
    }
}

/// A finding in the making: positions still count through all sources.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) span: Span,
    pub(crate) seen: String,
    pub(crate) means: String,
    pub(crate) related: Vec<(Span, String)>,
    pub(crate) fix: Option<(String, Safety, Vec<Replace>)>,
    pub(crate) nginx: Option<String>,
    pub(crate) refused: bool,
    pub(crate) doc: Option<String>,
}

/// `found(span, "what stands there").means("what follows")…`
pub(crate) fn found(span: Span, seen: impl Into<String>) -> Draft {
    Draft {
        span,
        seen: seen.into(),
        means: String::new(),
        related: Vec::new(),
        fix: None,
        nginx: None,
        refused: false,
        doc: None,
    }
}

impl Draft {
    pub(crate) fn means(mut self, text: impl Into<String>) -> Draft {
        self.means = text.into();
        self
    }

    pub(crate) fn related(mut self, span: Span, text: impl Into<String>) -> Draft {
        self.related.push((span, text.into()));
        self
    }

    /// Edits that can be applied unseen.
    pub(crate) fn safe(mut self, text: impl Into<String>, edits: Vec<Replace>) -> Draft {
        self.fix = Some((text.into(), Safety::Safe, edits));
        self
    }

    /// Edits that a person should look at; none when only a person can make them.
    pub(crate) fn review(mut self, text: impl Into<String>, edits: Vec<Replace>) -> Draft {
        self.fix = Some((text.into(), Safety::Review, edits));
        self
    }

    /// nginx refuses the configuration, in these words.
    pub(crate) fn refused(mut self, words: impl Into<String>) -> Draft {
        self.nginx = Some(words.into());
        self.refused = true;
        self
    }

    /// nginx warns, in these words.
    pub(crate) fn warned(mut self, words: impl Into<String>) -> Draft {
        self.nginx = Some(words.into());
        self
    }

    pub(crate) fn doc(mut self, url: Option<String>) -> Draft {
        self.doc = url.or(self.doc);
        self
    }
}
