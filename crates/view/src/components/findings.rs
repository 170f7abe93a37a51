//! The checklist: layers on one line, rows that open to seen, means, fix and prove.

use findings::{Evidence, Finding, State};
use lockstep::{Report, Situation};

use super::{
    copy::{fix, prove},
    glyph::shape,
};
use crate::{
    checklist::{Layer, Row},
    facts::calm,
    markup::{Html, YES},
    words::{class, count, tally},
};

/// All layers of a report.
pub(super) fn layers(html: &mut Html, report: &Report, layers: &[Layer]) {
    for it in layers {
        layer(html, report.situation, it);
    }
}

fn layer(html: &mut Html, situation: Situation, layer: &Layer) {
    let worst = layer.shown.iter().map(|row| row.state).max();
    let calmest = if layer.passed.is_empty() { State::NotTested } else { State::Passed };
    let state = calm(situation, worst.unwrap_or(calmest));
    let kind = ["layer ", class(state)].concat();
    html.el("section", &[("class", &kind), ("id", layer.anchor)], |html| {
        html.el("h3", &[], |html| {
            shape(html, state);
            html.text(layer.section.title());
        });
        if !layer.shown.is_empty() {
            rows(html, situation, &layer.shown);
        }
        folded(html, situation, &layer.not_tested, State::NotTested);
        folded(html, situation, &layer.passed, State::Passed);
    });
}

fn rows(html: &mut Html, situation: Situation, rows: &[Row]) {
    html.of("ul", "rows", |html| {
        for it in rows {
            row(html, situation, it);
        }
    });
}

/// Calm rows, folded to their count.
fn folded(html: &mut Html, situation: Situation, list: &[Row], state: State) {
    if list.is_empty() {
        return;
    }
    html.of("details", "folded", |html| {
        html.of("summary", "", |html| {
            shape(html, state);
            html.line("span", "", &tally(state, list.len()));
        });
        rows(html, situation, list);
    });
}

fn row(html: &mut Html, situation: Situation, row: &Row) {
    let state = calm(situation, row.state);
    let word = match (&row.fixed, state == row.state) {
        (Some(_), _) => "Fixed",
        (None, true) => state.word(),
        (None, false) => "Not yet",
    };
    let fixed = row.fixed.as_ref().map(|was| [was.as_str(), ": now right"].concat());
    let explained = if row.explained_by.is_some() { " explained" } else { "" };
    html.el("li", &[("class", &["row ", class(state), explained].concat()), ("id", &row.anchor)], |html| {
        html.open("details", &[]);
        html.el("summary", &[("id", &[&row.anchor, "-row"].concat())], |html| {
            shape(html, state);
            html.line("span", "word", word);
            html.line("span", "title", fixed.as_deref().unwrap_or(&row.title));
            html.line("span", "where value", &row.places());
        });
        sheet(html, row);
        html.close("details");
        if let Some(n) = row.explained_by {
            by(html, "explained by ", n);
        }
    });
}

/// The number of the cause behind it, as a link.
pub(super) fn by(html: &mut Html, words: &'static str, n: usize) {
    let n = n.to_string();
    html.el("a", &[("class", "by"), ("href", &["#cause-", &n].concat())], |html| {
        html.raw(words);
        html.text(&n);
    });
}

/// Seen, means, fix, prove: said once where several places say the same.
fn sheet(html: &mut Html, row: &Row) {
    html.of("div", "sheet", |html| {
        html.el("dl", &[], |html| {
            line(html, "Seen", |html| seen(html, row));
            let means = distinct(&row.findings, |it| Some(&it.means).filter(|text| !text.is_empty()));
            if !means.is_empty() {
                line(html, "Means", |html| means.iter().for_each(|(_, text)| html.prose("p", "", text)));
            }
            let fixes = distinct(&row.findings, |it| it.fix.as_ref());
            if !fixes.is_empty() {
                line(html, "Fix", |html| fixes.iter().for_each(|(of, it)| fix(html, it, of)));
            }
            let proofs = distinct(&row.findings, |it| it.prove.as_ref());
            if !proofs.is_empty() {
                line(html, "Prove", |html| proofs.iter().for_each(|(of, it)| prove(html, it, of)));
            }
        });
        evidence_of(html, &row.findings);
        html.of("p", "tools", |html| {
            if row.state != State::Passed || row.fixed.is_some() {
                again(html, &row.anchor, &row.title);
            }
            let name = ["Link to this row: ", &row.title].concat();
            html.el(
                "a",
                &[("class", "permalink"), ("href", &["#", &row.anchor].concat()), ("aria-label", &name)],
                |html| {
                    html.raw("Link to this row");
                },
            );
        });
    });
}

fn seen(html: &mut Html, row: &Row) {
    if let [only] = row.findings.as_slice() {
        return html.prose("p", "", &only.seen);
    }
    html.of("ul", "places", |html| {
        for it in &row.findings {
            html.el("li", &[], |html| {
                html.line("span", "value", &it.subject);
                html.prose("span", "", &it.seen);
            });
        }
    });
}

/// One line of a data sheet: its label in the margin, its value beside it.
pub(super) fn line(html: &mut Html, label: &str, value: impl FnOnce(&mut Html)) {
    html.of("div", "line", |html| {
        html.line("dt", "", label);
        html.el("dd", &[], value);
    });
}

/// The button that looks again; it says at which row it stands.
pub(super) fn again(html: &mut Html, anchor: &str, title: &str) {
    let (id, name) = (["again-", anchor].concat(), ["Check again: ", title].concat());
    let attributes = [("type", "button"), ("class", "again"), ("data-again", YES), ("id", &id), ("aria-label", &name)];
    html.el("button", &attributes, |html| html.raw("Check again"));
}

fn evidence_of(html: &mut Html, findings: &[Finding]) {
    let total: usize = findings.iter().map(|it| it.evidence.len()).sum();
    if total == 0 {
        return;
    }
    html.of("details", "evidence", |html| {
        html.line("summary", "", &["Evidence: ", &count(total, "fact", "facts")].concat());
        for it in findings.iter().filter(|it| !it.evidence.is_empty()) {
            if findings.len() > 1 {
                html.line("p", "value of", &it.subject);
            }
            evidence(html, &it.evidence);
        }
    });
}

/// Raw facts, as the machine said them.
pub(super) fn evidence(html: &mut Html, list: &[Evidence]) {
    html.of("dl", "raw", |html| {
        for it in list {
            html.el("div", &[], |html| {
                html.line("dt", "", &it.label);
                html.line("dd", "value", &it.value);
            });
        }
    });
}

/// What the findings say, each text once, with the subject that said it first.
fn distinct<'f, T: PartialEq + ?Sized>(
    findings: &'f [Finding],
    said: impl Fn(&'f Finding) -> Option<&'f T>,
) -> Vec<(&'f str, &'f T)> {
    let mut distinct: Vec<(&str, &T)> = Vec::new();
    for finding in findings {
        if let Some(text) = said(finding)
            && !distinct.iter().any(|(_, known)| *known == text)
        {
            distinct.push((&finding.subject, text));
        }
    }
    distinct
}

/// What was not visible from outside, one sentence each; nothing when all of it was.
pub(super) fn not_visible(html: &mut Html, report: &Report) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for finding in report.findings.iter().filter(|it| it.state == State::NotTested) {
        if !seen.iter().any(|(id, _)| *id == finding.id) {
            seen.push((&finding.id, &finding.seen));
        }
    }
    for fact in report.facts.iter().filter(|fact| fact.state == State::NotTested) {
        if !seen.iter().any(|(_, text)| *text == fact.sentence) {
            seen.push(("", &fact.sentence));
        }
    }
    if seen.is_empty() {
        return;
    }
    html.el("section", &[("class", "unseen")], |html| {
        html.el("h3", &[], |html| {
            shape(html, State::NotTested);
            html.raw("Not visible from here");
        });
        html.el("ul", &[], |html| seen.iter().for_each(|(_, why)| html.prose("li", "", why)));
    });
}

/// A sentence behind the shape of its state.
pub(super) fn labelled(html: &mut Html, state: State, text: &str) {
    html.of("p", "left", |html| {
        shape(html, state);
        html.line("span", "visually-hidden", &[state.word(), ": "].concat());
        html.text(text);
    });
}
