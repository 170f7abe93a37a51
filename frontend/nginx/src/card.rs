//! One finding as a card: what stands there, what follows, what nginx says, where, and the fix with its button.

use findings::State;
use nginx::{Finding, Fix, Linted, Safety};
use view::{
    components::glyph::{Shape, glyph},
    markup::Html,
    words::class,
};

use crate::{
    ask::Given,
    diff,
    place::{go, place},
};

/// A finding with a name that stays the same while the text around it changes.
#[derive(Debug)]
pub(crate) struct Card<'a> {
    /// `missing-semicolon-2`: the second of its rule.
    pub(crate) id: String,
    pub(crate) finding: &'a Finding,
}

/// A card for each finding, in their order.
pub(crate) fn cards(linted: &Linted) -> Vec<Card<'_>> {
    // There are fewer than a hundred rules.
    let mut counts: Vec<(&str, usize)> = Vec::new();
    linted
        .findings
        .iter()
        .map(|finding| {
            let number = match counts.iter_mut().find(|(rule, _)| *rule == finding.rule) {
                Some((_, count)) => {
                    *count += 1;
                    *count
                }
                None => {
                    counts.push((&finding.rule, 1));
                    1
                }
            };
            Card { id: format!("{}-{number}", finding.rule), finding }
        })
        .collect()
}

impl Card<'_> {
    /// Its fix, when the page can make it.
    pub(crate) fn edits(&self) -> Option<&Fix> {
        self.finding.fix.as_ref().filter(|fix| !fix.edits.is_empty())
    }

    pub(crate) fn state(&self) -> State {
        self.finding.severity.into()
    }

    /// Writes it as an item of a list.
    pub(crate) fn write(&self, html: &mut Html, files: &[Given]) {
        let finding = self.finding;
        let state = self.state();
        let word = if finding.refused { "Refused" } else { state.word() };
        let attributes = [("class", &*["row ", class(state)].concat()), ("id", &self.id), ("data-card", &self.id)];
        html.el("li", &attributes, |html| {
            html.open("details", &[]);
            html.el("summary", &[("id", &[&self.id, "-row"].concat())], |html| {
                glyph(html, Shape::Of(state));
                html.line("span", "word", word);
                html.line("span", "title", &finding.title);
                html.line("span", "where value", &place(&finding.place));
            });
            html.of("div", "sheet", |html| {
                html.el("dl", &[], |html| self.lines(html, files));
                self.lesson(html);
            });
            html.close("details");
        });
    }

    fn lines(&self, html: &mut Html, files: &[Given]) {
        let finding = self.finding;
        line(html, "Seen", |html| {
            html.prose("p", "", &finding.seen);
            if finding.place.source.is_some() {
                go(html, &finding.place, &finding.title);
            }
        });
        if !finding.means.is_empty() {
            line(html, "Means", |html| html.prose("p", "", &finding.means));
        }
        if !finding.related.is_empty() {
            line(html, "See also", |html| {
                html.of("ul", "places", |html| {
                    for related in finding.related.iter().take(20) {
                        html.el("li", &[], |html| {
                            html.prose("span", "", &related.text);
                            html.text(" ");
                            if related.place.source.is_some() {
                                go(html, &related.place, &related.text);
                            }
                        });
                    }
                });
            });
        }
        if let Some(words) = &finding.nginx {
            line(html, if finding.refused { "nginx -t says" } else { "nginx says" }, |html| {
                html.of("p", "", |html| {
                    html.line("code", "words", words);
                    // It often notices later than where the mistake is.
                    if let Some(line) = finding.nginx_line.filter(|line| *line != finding.place.line) {
                        html.text(&[" at line ", &line.to_string()].concat());
                    }
                });
            });
        }
        self.fix(html, files);
    }

    fn fix(&self, html: &mut Html, files: &[Given]) {
        let Some(fix) = &self.finding.fix else { return };
        line(html, "Fix", |html| {
            html.prose("p", "", &fix.text);
            if fix.edits.is_empty() {
                return;
            }
            let mut copied = String::new();
            for (at, file) in files.iter().enumerate() {
                let edits: Vec<nginx::Edit> =
                    fix.edits.iter().filter(|edit| edit.source as usize == at).cloned().collect();
                if edits.is_empty() {
                    continue;
                }
                if files.len() > 1 {
                    html.line("p", "of value", &file.name);
                }
                let rows = diff::of_edits(&file.text, &edits);
                diff::write(html, &rows);
                copied.push_str(&diff::new_lines(&rows));
            }
            html.of("p", "tools", |html| {
                let name = ["Apply: ", &self.finding.title].concat();
                html.el(
                    "button",
                    &[("type", "button"), ("class", "again"), ("data-apply", &self.id), ("aria-label", &name)],
                    |html| html.raw("Apply"),
                );
                if !copied.is_empty() {
                    let name = ["Copy the new lines: ", &self.finding.title].concat();
                    html.el(
                        "button",
                        &[("type", "button"), ("class", "copy"), ("data-copy", &copied), ("aria-label", &name)],
                        |html| html.raw("Copy the new lines"),
                    );
                }
                if fix.safety == Safety::Review {
                    html.line("span", "dim", "Look at it first: it depends on what you want.");
                }
            });
        });
    }

    fn lesson(&self, html: &mut Html) {
        let finding = self.finding;
        // The lesson itself is a file of its own, which the page asks for when this is opened: it has the rule's link too.
        let doc = finding.doc.as_deref().unwrap_or_default();
        let attributes = [("class", "evidence"), ("data-lesson", &*finding.rule), ("data-doc", doc)];
        html.el("details", &attributes, |html| {
            html.line("summary", "", "Why, an example, nginx’s documentation");
            html.raw("<div></div>");
            html.of("p", "small", |html| {
                html.raw("To silence this rule for one line, write above it or behind it: ");
                html.line("code", "", &format!("# lockstep:ignore {} your reason", finding.rule));
            });
        });
    }
}

/// One line of a data sheet: its label in the margin, its value beside it.
fn line(html: &mut Html, label: &str, value: impl FnOnce(&mut Html)) {
    html.of("div", "line", |html| {
        html.line("dt", "", label);
        html.el("dd", &[], value);
    });
}
