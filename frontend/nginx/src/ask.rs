//! Questions and answers.

use std::collections::BTreeMap;

use findings::{Severity, State};
use nginx::{Linted, Options, Source, Version};
use serde::Serialize;
use view::markup::Html;

use crate::{card::cards, diff, panel, report, units::Units};

/// Marks in one text; an editor with more of them is no longer quick, and nobody reads them.
const MOST_MARKS: usize = 1000;

/// A file as it stands in the editor.
#[derive(Debug, Clone)]
pub struct Given {
    /// Its name; empty for pasted text.
    pub name: String,
    /// All of it, with line feeds alone, as browsers keep it.
    pub text: String,
}

/// What is asked.
#[derive(Debug)]
pub struct Ask {
    /// The question.
    pub kind: Kind,
    /// The release, and whether anything is left out.
    pub options: Options,
    /// The files.
    pub files: Vec<Given>,
}

/// The questions.
#[derive(Debug)]
pub enum Kind {
    /// What is wrong? With how many findings of a group to show.
    Read(usize),
    /// Everything that can be put right unseen.
    Mend,
    /// What is different? The files are those before, followed by as many after.
    Compare,
    /// The findings as a text to take along.
    Report(report::Form),
}

impl Ask {
    /// Reads a question: its kind, the kind's own detail, the version (`1.22`, or nothing for a guess), `everything` or
    /// nothing, and for each file its name and its text. NUL stands between them: the page lets none into a text.
    /// (JSON would be plainer; reading it is a sixth of what the reader weighs.)
    pub fn read(question: &str) -> Option<Ask> {
        let mut parts = question.split('\0');
        let (kind, detail) = (parts.next()?, parts.next()?);
        let kind = match kind {
            "read" => Kind::Read(detail.parse().ok()?),
            "mend" => Kind::Mend,
            "compare" => Kind::Compare,
            "report" => Kind::Report(report::Form::read(detail)?),
            _ => return None,
        };
        let options = Options { version: Version::parse(parts.next()?), everything: parts.next()? == "everything" };
        let mut files = Vec::new();
        while let Some(name) = parts.next() {
            files.push(Given { name: name.to_owned(), text: parts.next()?.to_owned() });
        }
        Some(Ask { kind, options, files })
    }
}

/// What is answered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// To [`Kind::Read`].
    Read {
        /// The verdict and the findings, as HTML.
        html: String,
        /// The worst of it.
        state: State,
        /// The verdict, to be announced.
        said: String,
        /// For each file, what to underline.
        marks: Vec<Vec<Mark>>,
        /// What the button of a card does.
        fixes: BTreeMap<String, Vec<Replacement>>,
        /// How many fixes can be applied unseen.
        safe: usize,
        /// The release that the rules respected.
        version: String,
    },
    /// To [`Kind::Mend`].
    Mend {
        /// What to replace, in all files.
        edits: Vec<Replacement>,
        /// What it changes, as HTML.
        html: String,
    },
    /// To [`Kind::Compare`], as HTML; empty when nothing differs.
    Compare {
        /// What differs.
        html: String,
    },
    /// To [`Kind::Report`].
    Report {
        /// The text.
        text: String,
    },
}

/// Something to underline.
#[derive(Debug, Serialize)]
pub struct Mark {
    /// First unit.
    pub from: u32,
    /// One past the last.
    pub to: u32,
    /// How bad.
    pub severity: Severity,
    /// The card that explains it.
    pub card: String,
    /// At most six words.
    pub title: String,
    /// What stands there, and what follows.
    pub text: String,
    /// What its fix does, if it has one that the page can make.
    pub fix: Option<String>,
}

/// A replacement in one file, in UTF-16 units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replacement {
    /// Which file.
    pub file: u32,
    /// First unit replaced.
    pub from: u32,
    /// One past the last.
    pub to: u32,
    /// What stands there afterwards.
    pub insert: String,
}

/// Answers.
pub fn answer_to(ask: &Ask) -> Answer {
    let files = &ask.files;
    let lint = || nginx::lint_all(&sources(files), &ask.options);
    match &ask.kind {
        Kind::Read(most) => read(files, &lint(), *most),
        Kind::Mend => mend(files, &ask.options),
        Kind::Compare => {
            let (before, after) = files.split_at(files.len() / 2);
            Answer::Compare { html: compare(before, after) }
        }
        Kind::Report(form) => Answer::Report { text: report::text(*form, files, &lint()) },
    }
}

pub(crate) fn sources(files: &[Given]) -> Vec<Source<'_>> {
    files.iter().map(|file| Source { name: &file.name, text: &file.text }).collect()
}

fn read(files: &[Given], linted: &Linted, most: usize) -> Answer {
    let cards = cards(linted);
    let units: Vec<Units> = files
        .iter()
        .enumerate()
        .map(|(at, file)| {
            let positions = linted.findings.iter().flat_map(|finding| {
                let place =
                    Some(&finding.place).filter(|place| place.source.is_some_and(|source| source as usize == at));
                let edits =
                    finding.fix.iter().flat_map(|fix| &fix.edits).filter(move |edit| edit.source as usize == at);
                let places = place.into_iter().flat_map(|place| [place.start, place.end]);
                places.chain(edits.flat_map(|edit| [edit.start, edit.end]))
            });
            Units::new(&file.text, positions)
        })
        .collect();
    let unit = |file: u32, byte: u32| units.get(file as usize).map_or(0, |units| units.at(byte));

    let mut marks: Vec<Vec<Mark>> = files.iter().map(|_| Vec::new()).collect();
    let mut fixes = BTreeMap::new();
    let mut safe = 0;
    for card in &cards {
        let finding = card.finding;
        if let Some(fix) = card.edits() {
            safe += usize::from(fix.safety == nginx::Safety::Safe);
            let edits = fix.edits.iter().map(|edit| Replacement {
                file: edit.source,
                from: unit(edit.source, edit.start),
                to: unit(edit.source, edit.end),
                insert: edit.text.clone(),
            });
            fixes.insert(card.id.clone(), edits.collect());
        }
        let Some(source) = finding.place.source else { continue };
        let Some(marks) = marks.get_mut(source as usize).filter(|marks| marks.len() < MOST_MARKS) else { continue };
        marks.push(Mark {
            from: unit(source, finding.place.start),
            to: unit(source, finding.place.end),
            severity: finding.severity,
            card: card.id.clone(),
            title: finding.title.clone(),
            text: format!("{} {}", finding.seen, finding.means).trim().to_owned(),
            fix: card.edits().map(|fix| fix.text.clone()),
        });
    }
    let (state, said) = panel::verdict(linted);
    let html = panel::panel(files, linted, &cards, most);
    Answer::Read { html, state, said, marks, fixes, safe, version: linted.version.to_string() }
}

fn mend(files: &[Given], options: &Options) -> Answer {
    let texts = nginx::apply_safe_all(&sources(files), options);
    let mut edits = Vec::new();
    for ((at, file), text) in (0_u32..).zip(files).zip(&texts) {
        let changes = diff::changes(&file.text, text);
        let units = Units::new(&file.text, changes.iter().flat_map(|change| [change.start, change.end]));
        edits.extend(changes.into_iter().map(|change| Replacement {
            file: at,
            from: units.at(change.start),
            to: units.at(change.end),
            insert: change.text,
        }));
    }
    let after: Vec<Given> =
        files.iter().zip(texts).map(|(file, text)| Given { name: file.name.clone(), text }).collect();
    Answer::Mend { edits, html: compare(files, &after) }
}

fn compare(before: &[Given], after: &[Given]) -> String {
    let mut html = Html::default();
    for (before, after) in before.iter().zip(after) {
        let rows = diff::between(&before.text, &after.text);
        if rows.is_empty() {
            continue;
        }
        if !after.name.is_empty() {
            html.line("p", "of value", &after.name);
        }
        diff::write(&mut html, &rows);
    }
    html.done()
}
