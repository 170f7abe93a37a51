//! The answer beside the text: the verdict, how the text was read, the findings by urgency, what could not be judged.

use findings::{Severity, State};
use nginx::{Form, Linted};
use view::{
    components::glyph::{Shape, glyph},
    markup::Html,
    words::{class, count, list, number},
};

use crate::{ask::Given, card::Card};

/// The worst of it, and the verdict in one sentence.
pub(crate) fn verdict(linted: &Linted) -> (State, String) {
    let of = |severity: Severity| linted.findings.iter().filter(|it| it.severity == severity && !it.refused).count();
    let refused = linted.findings.iter().filter(|it| it.refused).count();
    let (failed, warnings, notes) = (of(Severity::Failed), of(Severity::Warning), of(Severity::Note));
    let things =
        |n: usize, one: &str, many: &str| if n == 1 { format!("One {one}") } else { format!("{} {many}", number(n)) };
    if linted.files.iter().all(|file| file.directives == 0) {
        (State::NotTested, "There is no nginx directive in this".into())
    } else if refused > 0 {
        let reasons = if refused == 1 { "one reason".to_owned() } else { count(refused, "reason", "reasons") };
        (State::Failed, format!("nginx refuses this, for {reasons}"))
    } else if failed > 0 {
        (State::Failed, things(failed, "thing here hurts visitors", "things here hurt visitors"))
    } else if warnings > 0 {
        (State::Warning, things(warnings, "thing here will hurt later", "things here will hurt later"))
    } else if notes > 0 {
        (State::Passed, format!("Nothing wrong found; {}", count(notes, "note", "notes")))
    } else {
        (State::Passed, "Nothing wrong found".into())
    }
}

/// All of it.
pub(crate) fn panel(files: &[Given], linted: &Linted, cards: &[Card<'_>], most: usize) -> String {
    let (state, said) = verdict(linted);
    let mut html = Html::default();
    html.of("div", &["verdict ", class(state)].concat(), |html| {
        html.el("h2", &[("id", "verdict"), ("tabindex", "-1")], |html| {
            glyph(html, Shape::Of(state));
            html.line("span", "", &said);
        });
        html.line("p", "read-as", &read_as(linted));
        stops(html, linted, cards, most);
    });
    html.of("div", "checklist", |html| {
        for group in GROUPS {
            self::group(html, files, cards, group, most);
        }
        undecided(html, linted);
    });
    html.done()
}

/// Where `nginx -t` stops, in its words, and the way to what puts it right: its line is often one where nothing is wrong.
fn stops(html: &mut Html, linted: &Linted, cards: &[Card<'_>], most: usize) {
    let Some(stops) = &linted.stops else { return };
    html.of("p", "stops", |html| {
        html.raw("<code>nginx -t</code> stops ");
        if let Some(line) = stops.line {
            let file = stops.path.rsplit('/').next().unwrap_or_default();
            html.text(&["at ", file, if file.is_empty() { "line " } else { ", line " }, &line.to_string()].concat());
        }
        html.raw(": ");
        html.line("code", "words", &stops.words);
        // Only the refused ones that are shown can be gone to.
        let card = stops.finding.and_then(|at| cards.get(at as usize));
        let shown = cards.iter().filter(|it| it.finding.refused).take(most);
        if let Some(card) = card.filter(|card| shown.into_iter().any(|it| it.id == card.id)) {
            html.text(" ");
            html.el("button", &[("type", "button"), ("class", "go"), ("data-to", &card.id)], |html| {
                html.text(&["To the finding: ", &card.finding.title].concat());
            });
        }
    });
}

/// Findings that belong together: their title, and which they are.
type Group = (&'static str, State, fn(&Card<'_>) -> bool);

const GROUPS: [Group; 4] = [
    ("nginx refuses it", State::Failed, |card| card.finding.refused),
    ("Hurts visitors", State::Failed, |card| !card.finding.refused && card.finding.severity == Severity::Failed),
    ("Works, and will hurt later", State::Warning, |card| {
        !card.finding.refused && card.finding.severity == Severity::Warning
    }),
    ("Worth knowing", State::Note, |card| !card.finding.refused && card.finding.severity == Severity::Note),
];

fn group(html: &mut Html, files: &[Given], cards: &[Card<'_>], (title, state, is_in): Group, most: usize) {
    let here: Vec<&Card<'_>> = cards.iter().filter(|card| is_in(card)).collect();
    if here.is_empty() {
        return;
    }
    html.of("section", &["layer ", class(state)].concat(), |html| {
        html.el("h3", &[], |html| {
            glyph(html, Shape::Of(state));
            html.text(title);
            html.line("span", "places", &format!(" · {}", here.len()));
        });
        html.of("ul", "rows", |html| {
            for card in here.iter().take(most) {
                card.write(html, files);
            }
        });
        if here.len() > most {
            html.of("p", "tools", |html| {
                let text = format!("and {} more", here.len() - most);
                html.el("button", &[("type", "button"), ("class", "copy"), ("data-more", "")], |html| html.text(&text));
            });
        }
    });
}

/// How the text was understood.
fn read_as(linted: &Linted) -> String {
    let files = linted.files.iter().filter(|file| file.source.is_some()).count();
    let kind = match (linted.form, linted.context.as_str()) {
        (Form::Dump, _) => format!("what `nginx -T` prints, {}", count(files, "file", "files")),
        (Form::Shell, _) => format!("shell commands that write {}", count(files, "file", "files")),
        (Form::Markdown, _) => "the code boxes of a text".to_owned(),
        (Form::Plain, _) if files > 1 => count(files, "file", "files"),
        (Form::Plain, "the top level") => "a whole configuration".to_owned(),
        (Form::Plain, "http") => "what stands inside http, such as a site’s file".to_owned(),
        (Form::Plain, "server") => "the inside of a server block".to_owned(),
        (Form::Plain, "location") => "the inside of a location block".to_owned(),
        (Form::Plain, other) => format!("the inside of {other}"),
    };
    let absent = if linted.everything {
        "What is not in it is taken as absent."
    } else {
        "What is not in it may stand elsewhere."
    };
    format!("Read as {}, for nginx {}. {absent}", kind.replace('`', ""), linted.version)
}

/// Rules that could not judge, by their reason.
fn undecided(html: &mut Html, linted: &Linted) {
    if linted.undecided.is_empty() {
        return;
    }
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for one in &linted.undecided {
        let title = nginx::rules::by_id(&one.rule).map_or(one.rule.as_str(), |rule| rule.about().title);
        match reasons.iter_mut().find(|(because, _)| *because == one.because) {
            Some((_, titles)) if titles.contains(&title) => {}
            Some((_, titles)) => titles.push(title),
            None => reasons.push((&one.because, vec![title])),
        }
    }
    let mut rules: Vec<&str> = Vec::new();
    for one in &linted.undecided {
        if !rules.contains(&one.rule.as_str()) {
            rules.push(&one.rule);
        }
    }
    html.of("details", "folded undecided", |html| {
        html.of("summary", "", |html| {
            glyph(html, Shape::Of(State::NotTested));
            html.line("span", "", &["Not judged: ", &count(rules.len(), "rule", "rules")].concat());
        });
        html.of("ul", "places", |html| {
            for (because, titles) in reasons.iter().take(40) {
                html.el("li", &[], |html| {
                    html.prose("p", "", because);
                    html.line("p", "small", &["Not judged because of it: ", &list(titles), "."].concat());
                });
            }
        });
        html.line("p", "small", "Paste these files as well, or all that nginx -T prints.");
    });
}
