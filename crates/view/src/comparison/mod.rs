//! Two reports held against each other: what was put right, what broke, what is still wrong, and what looks different in
//! DNS, certificates, redirects and headers.
//!
//! [`crate::compare`] says in a sentence what changed since the last look; this is the whole. `lockstep::compare` is what
//! decides in continuous integration.

mod certificates;
mod dns;
mod headers;
mod redirects;
mod rows;
mod text;

use lockstep::Report;

pub use rows::Row;
pub use text::text;

use crate::words::{list, number};

/// What is different between two reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison<'r> {
    /// The report that the other is held against.
    pub before: &'r Report,
    /// The other.
    pub now: &'r Report,
    /// What is wrong now and was not, or not as badly, or not there.
    pub broke: Vec<Row<'r>>,
    /// What is wrong now and could not be looked at before.
    pub found: Vec<Row<'r>>,
    /// What was wrong, was looked at again, and is right, or not as bad.
    pub fixed: Vec<Row<'r>>,
    /// What is as wrong as it was.
    pub still: Vec<Row<'r>>,
    /// What was wrong and could not be looked at, or was not: no news, good or bad.
    pub unknown: Vec<Row<'r>>,
    /// What was seen, one for each layer that has changed.
    pub parts: Vec<Part>,
}

/// A layer of what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// `DNS`, `Certificate`.
    pub title: &'static str,
    /// What is different in it, in the order of the later report.
    pub changes: Vec<Change>,
}

/// Something seen that is not what it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The name it is about: a host or an entrance; of both reports where these are not the same.
    pub of: String,
    /// What of it: `Addresses`, `Valid until`, a header's name.
    pub what: &'static str,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub now: Value,
}

/// What was seen of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Each value once, in order; none where it was seen that there is nothing.
    Seen(Vec<String>),
    /// Why it was not seen.
    Unseen(String),
}

/// One thing that was seen, with the place it has in both reports.
struct Entry {
    /// The host or entrance, written without the registered domain, so that two domains can be compared.
    place: String,
    of: String,
    what: &'static str,
    value: Value,
}

/// Holds a report against an earlier one of the same domain, or against one of another.
pub fn comparison<'r>(before: &'r Report, now: &'r Report) -> Comparison<'r> {
    let rows = rows::rows(before, now);
    let domains = [before, now].map(|report| report.observed.target.registrable.as_str());
    let told = |entries: fn(&Report) -> Vec<Entry>| changes(entries(before), entries(now), domains);
    let parts = [
        ("DNS", told(dns::entries)),
        ("Certificate and chain", told(certificates::entries)),
        ("Redirects", told(redirects::entries)),
        ("Headers over HTTPS", told(headers::entries)),
    ];
    let parts = parts.into_iter().filter(|(_, changes)| !changes.is_empty());
    Comparison {
        before,
        now,
        broke: rows.broke,
        found: rows.found,
        fixed: rows.fixed,
        still: rows.still,
        unknown: rows.unknown,
        parts: parts.map(|(title, changes)| Part { title, changes }).collect(),
    }
}

impl Comparison<'_> {
    /// Whether both are about one domain.
    pub fn of_one_domain(&self) -> bool {
        self.before.domain == self.now.domain
    }

    /// Whether nothing at all is different.
    pub fn is_same(&self) -> bool {
        let news = [&self.broke, &self.found, &self.fixed, &self.unknown];
        news.iter().all(|rows| rows.is_empty()) && self.parts.is_empty()
    }

    /// The most important in a sentence: `Two things were put right, one broke.`
    pub fn headline(&self) -> String {
        let times = |n: usize, one: &str, many: &str| {
            let what = if n == 1 { one } else { many };
            [&number(n), " ", what].concat()
        };
        if !self.of_one_domain() {
            return self.of_two();
        }
        let fixed = times(self.fixed.len(), "thing was put right", "things were put right");
        let broke = times(self.broke.len(), "thing broke", "things broke");
        match (self.fixed.len(), self.broke.len()) {
            (0, 0) if self.is_same() && self.still.is_empty() => "Nothing has changed.".into(),
            (0, 0) if self.is_same() => "Nothing has changed: what was wrong still is.".into(),
            (0, 0) if !self.unknown.is_empty() || !self.found.is_empty() => {
                "Nothing is known to be better or worse.".into()
            }
            (0, 0) => "Nothing got better or worse, and something looks different.".into(),
            (_, 0) => fixed + ".",
            (0, _) => broke + ".",
            _ => format!("{fixed}, {}.", lower(&broke)),
        }
    }

    fn of_two(&self) -> String {
        let verb = |n: usize| if n == 1 { "thing is wrong at" } else { "things are wrong at" };
        let only = |n: usize, domain: &str| format!("{} {} {domain} only", number(n), verb(n));
        let (here, there) = (self.broke.len(), self.fixed.len());
        match (here, there) {
            (0, 0) => "Nothing is known to be wrong at one and right at the other.".into(),
            (_, 0) => only(here, &self.now.domain) + ".",
            (0, _) => only(there, &self.before.domain) + ".",
            _ => {
                let more = lower(&number(there));
                format!("{}, {more} at {} only.", only(here, &self.now.domain), self.before.domain)
            }
        }
    }

    /// What the headline leaves out, or nothing.
    pub fn detail(&self) -> String {
        let mut said = Vec::new();
        if !self.still.is_empty() && !self.is_same() {
            let n = number(self.still.len());
            let verb = if self.still.len() == 1 { "is" } else { "are" };
            said.push(if self.of_one_domain() {
                format!("{n} {verb} still wrong.")
            } else {
                format!("{n} {verb} wrong at both.")
            });
        }
        if !self.found.is_empty() {
            let n = number(self.found.len());
            let verb = if self.found.len() == 1 { "is" } else { "are" };
            said.push(format!("{n} {verb} wrong that could not be looked at before."));
        }
        if !self.unknown.is_empty() {
            let n = number(self.unknown.len());
            let verb = if self.unknown.len() == 1 { "was" } else { "were" };
            said.push(format!("{n} that {verb} wrong could not be compared."));
        }
        if self.of_one_domain() && self.before.seen_at > self.now.seen_at {
            said.push("The report on the right is the older one.".into());
        }
        said.join(" ")
    }

    /// The groups of rows with what stands above them, the urgent first; empty ones left out.
    pub fn groups(&self) -> Vec<(Group, String, &[Row<'_>])> {
        let (before, now) = (&self.before.domain, &self.now.domain);
        let titles = if self.of_one_domain() {
            [
                "What broke",
                "Wrong, and not looked at before",
                "What was put right",
                "Still wrong",
                "Was wrong, and could not be compared",
            ]
            .map(String::from)
        } else {
            [
                format!("Wrong at {now} only"),
                format!("Wrong at {now}, not looked at in {before}"),
                format!("Wrong at {before} only"),
                "Wrong at both".into(),
                format!("Wrong at {before}, not looked at in {now}"),
            ]
        };
        let groups = [
            (Group::Broke, self.broke.as_slice()),
            (Group::Found, self.found.as_slice()),
            (Group::Fixed, self.fixed.as_slice()),
            (Group::Still, self.still.as_slice()),
            (Group::Unknown, self.unknown.as_slice()),
        ];
        let titled = groups.into_iter().zip(titles).map(|((group, rows), title)| (group, title, rows));
        titled.filter(|(.., rows)| !rows.is_empty()).collect()
    }
}

/// What became of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// It is wrong and was not.
    Broke,
    /// It is wrong, and it is not known whether it was.
    Found,
    /// It was wrong and is not.
    Fixed,
    /// It was wrong and is.
    Still,
    /// It was wrong, and it is not known whether it is.
    Unknown,
}

impl Value {
    fn seen(values: impl IntoIterator<Item = String>) -> Value {
        let mut all: Vec<String> = Vec::new();
        for value in values {
            if !all.contains(&value) {
                all.push(value);
            }
        }
        Value::Seen(all)
    }

    /// The same where the domain's own name says nothing.
    fn without(&self, domain: &str) -> Value {
        match self {
            Value::Seen(all) => Value::Seen(all.iter().map(|it| it.replace(domain, "@")).collect()),
            Value::Unseen(_) => self.clone(),
        }
    }

    /// The same in an order that answers cannot choose.
    fn sorted(values: impl IntoIterator<Item = String>) -> Value {
        let mut all: Vec<String> = values.into_iter().collect();
        all.sort();
        Value::seen(all)
    }
}

/// What is in both and not the same, apart from the domain's own name. What only one has was not asked in the other, and
/// what neither saw is no news. What changed alike for several names is told once.
fn changes(before: Vec<Entry>, now: Vec<Entry>, [theirs, ours]: [&str; 2]) -> Vec<Change> {
    let mut changes: Vec<(Vec<String>, Change)> = Vec::new();
    for entry in now {
        let Some(was) = before.iter().find(|was| was.place == entry.place && was.what == entry.what) else { continue };
        let unseen = matches!((&was.value, &entry.value), (Value::Unseen(_), Value::Unseen(_)));
        if unseen || was.value.without(theirs) == entry.value.without(ours) {
            continue;
        }
        let of = if was.of == entry.of { entry.of } else { [&was.of, " → ", &entry.of].concat() };
        let alike = |it: &&mut (Vec<String>, Change)| {
            it.1.what == entry.what && it.1.before == was.value && it.1.now == entry.value
        };
        match changes.iter_mut().find(alike) {
            Some((names, _)) => names.push(of),
            None => {
                let (before, now) = (was.value.clone(), entry.value);
                changes.push((vec![of], Change { of: String::new(), what: entry.what, before, now }));
            }
        }
    }
    changes.into_iter().map(|(names, change)| Change { of: list(&names), ..change }).collect()
}

/// A host without the registered domain it belongs to: its place in any domain.
fn place(report: &Report, host: &str) -> String {
    let registrable = report.observed.target.registrable.as_str();
    match host.strip_suffix(registrable) {
        Some(before) if before.is_empty() || before.ends_with('.') => [before, "@"].concat(),
        _ => host.to_owned(),
    }
}

fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
