//! What the linter says: fact, consequence, remedy, the exact place, and the edit that puts it right.

use std::fmt::{Arguments, format};

use findings::Severity;
use serde::{Deserialize, Serialize};

use crate::{
    Directive, Form, Place, Span, Version,
    fix::{Replace, replace_arg},
};

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
    /// The line that nginx names in its message: where it notices, often later than where the mistake is. `None` when it
    /// names no line, or does not refuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nginx_line: Option<u32>,
    /// nginx's documentation; without the feature `seeds` only where it is another page than the rule's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Rows of the guides that it answers; empty without the feature `seeds`.
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

/// Where `nginx -t` would stop: it reports one mistake at a time, and often at a line where nothing is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stops {
    /// As nginx writes it.
    pub words: String,
    /// The file that it names; empty when nobody said its path.
    pub path: String,
    /// The line that it names, when it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The finding that puts it right, in [`Linted::findings`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<u32>,
}

/// The result of a lint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Linted {
    /// In the order of their places; at most 500 of one rule.
    pub findings: Vec<Finding>,
    /// Where `nginx -t` would stop, as far as the text tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stops: Option<Stops>,
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

/// A finding in the making: positions still count through all sources. What a rule builds goes from hand to hand in a
/// box, as one pointer: as a value it was two kilobytes more of what the page loads.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) span: Span,
    pub(crate) seen: String,
    pub(crate) means: String,
    pub(crate) related: Vec<(Span, String)>,
    pub(crate) fix: Option<(String, Safety, Vec<Replace>)>,
    pub(crate) nginx: Option<String>,
    pub(crate) refused: bool,
    /// It claims that something is not there.
    pub(crate) absent: bool,
    pub(crate) noticed: Noticed,
    pub(crate) doc: Option<String>,
}

/// When nginx notices a mistake, and which line it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noticed {
    /// When it has read the directive: the line of its `;` or `{`.
    Directive,
    /// A mistake of form, name, place or count: where nginx stops reading, if it does.
    Reading,
    /// Where nginx stops reading; else, as the form was right after all, when it has read the directive.
    Swallowed,
    /// At this sign.
    Sign(u32),
    /// At the end of `http`, when all is put together: at which step, and the line that it names, if any.
    Together(Step, Option<u32>),
}

/// What nginx does at the end of `http`, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// Values find their way from outer blocks to inner ones.
    Inherited,
    /// Every socket with TLS gets its certificate.
    Certificates,
    /// Every variable is looked up.
    Variables,
    /// The names of each socket's servers are put into a table.
    Names,
    /// Shared memory is made, when even `http` is over.
    Started,
}

/// What a rule says: a text, or `format_args!`, which is put together here and not wherever a rule says something.
pub(crate) trait Words {
    fn written(self) -> String;
}

impl Words for &str {
    fn written(self) -> String {
        self.into()
    }
}

impl Words for String {
    fn written(self) -> String {
        self
    }
}

impl Words for Arguments<'_> {
    fn written(self) -> String {
        format(self)
    }
}

/// `found(span, "what stands there").means("what follows")…`
#[inline(never)]
pub(crate) fn found(span: Span, seen: impl Words) -> Box<Draft> {
    Box::new(Draft {
        span,
        seen: seen.written(),
        means: String::new(),
        related: Vec::new(),
        fix: None,
        nginx: None,
        refused: false,
        absent: false,
        noticed: Noticed::Directive,
        doc: None,
    })
}

impl Directive<'_> {
    /// What stands in its name and its arguments.
    #[inline(never)]
    pub(crate) fn found(self, seen: impl Words) -> Box<Draft> {
        found(self.head_span(), seen)
    }

    /// What stands in its argument number `at`, from 0.
    #[inline(never)]
    pub(crate) fn arg_found(self, at: usize, seen: impl Words) -> Box<Draft> {
        found(self.arg_span(at), seen)
    }
}

impl Draft {
    #[inline(never)]
    pub(crate) fn means(mut self: Box<Self>, text: impl Words) -> Box<Draft> {
        self.means = text.written();
        self
    }

    #[inline(never)]
    pub(crate) fn related(mut self: Box<Self>, span: Span, text: impl Words) -> Box<Draft> {
        self.related.push((span, text.written()));
        self
    }

    /// Edits that can be applied unseen.
    #[inline(never)]
    pub(crate) fn safe(mut self: Box<Self>, text: impl Words, edits: Vec<Replace>) -> Box<Draft> {
        self.fix = Some((text.written(), Safety::Safe, edits));
        self
    }

    /// Another word in place of an argument, which can be put there unseen.
    #[inline(never)]
    pub(crate) fn instead(self: Box<Self>, directive: Directive<'_>, at: usize, word: &str) -> Box<Draft> {
        self.safe(format_args!("Write \"{word}\"."), replace_arg(directive, at, word))
    }

    /// What only a person can do.
    #[inline(never)]
    pub(crate) fn by_hand(self: Box<Self>, text: impl Words) -> Box<Draft> {
        self.review(text, Vec::new())
    }

    /// Edits that a person should look at.
    #[inline(never)]
    pub(crate) fn review(mut self: Box<Self>, text: impl Words, edits: Vec<Replace>) -> Box<Draft> {
        self.fix = Some((text.written(), Safety::Review, edits));
        self
    }

    /// nginx refuses the configuration, in these words; that is what it means, unless something else was said.
    #[inline(never)]
    pub(crate) fn refused(mut self: Box<Self>, words: impl Words) -> Box<Draft> {
        if self.means.is_empty() {
            self.means.push_str("nginx refuses the whole configuration because of it.");
        }
        self.nginx = Some(words.written());
        self.refused = true;
        self
    }

    /// The text itself is not nginx: it refuses the configuration, in these words or those of the place where it stops.
    #[inline(never)]
    pub(crate) fn unread(self: Box<Self>, words: impl Words) -> Box<Draft> {
        self.refused(words).noticed(Noticed::Reading)
    }

    /// The next directive is read as values of this one, which nginx then refuses, in these words or others.
    #[inline(never)]
    pub(crate) fn swallowed(self: Box<Self>, words: impl Words) -> Box<Draft> {
        self.refused(words).noticed(Noticed::Swallowed)
    }

    /// Something is not there. What was not pasted may hold it: then this is said of what was pasted, and no refusal is
    /// foretold.
    #[inline(never)]
    pub(crate) fn absent(mut self: Box<Self>) -> Box<Draft> {
        self.absent = true;
        self
    }

    /// When nginx notices, if not at the directive's end.
    #[inline(never)]
    pub(crate) fn noticed(mut self: Box<Self>, noticed: Noticed) -> Box<Draft> {
        self.noticed = noticed;
        self
    }

    /// nginx warns, in these words.
    #[inline(never)]
    pub(crate) fn warned(mut self: Box<Self>, words: impl Words) -> Box<Draft> {
        self.nginx = Some(words.written());
        self
    }

    #[inline(never)]
    pub(crate) fn doc(mut self: Box<Self>, url: Option<String>) -> Box<Draft> {
        self.doc = url.or(self.doc);
        self
    }
}
