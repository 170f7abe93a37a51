//! Two reports held against each other.

use findings::State;
use lockstep::Report;

use super::glyph::shape;
use crate::{
    comparison::{self, Change, Comparison, Group, Part, Row, Value},
    markup::Html,
    verdict::name,
    words::class,
};

/// Writes what is different between two reports as HTML, the earlier first.
pub fn comparison(before: &Report, now: &Report) -> String {
    let it = comparison::comparison(before, now);
    let mut html = Html::default();
    html.of("article", "comparison", |html| {
        headline(html, &it);
        for (kind, title, rows) in it.groups() {
            group(html, kind, &title, rows);
        }
        if !it.parts.is_empty() {
            html.of("section", "differences", |html| {
                html.raw("<h3>What looks different</h3>");
                it.parts.iter().for_each(|part| differences(html, part));
            });
        }
    });
    html.done()
}

fn headline(html: &mut Html, it: &Comparison<'_>) {
    let worst = it.broke.iter().map(|row| row.finding.state).max();
    html.of("header", "verdict", |html| {
        html.of("p", "above", |html| {
            shape(html, worst.unwrap_or(if it.fixed.is_empty() { State::Note } else { State::Passed }));
            html.raw("Two reports compared");
        });
        html.el("h2", &[("id", "compared"), ("tabindex", "-1")], |html| html.text(&it.headline()));
        let detail = it.detail();
        if !detail.is_empty() {
            html.line("p", "affects", &detail);
        }
        html.of("dl", "sides", |html| {
            let [before, now] = if it.of_one_domain() { ["Before", "Now"] } else { ["One", "The other"] };
            side(html, before, it.before);
            side(html, now, it.now);
        });
    });
}

fn side(html: &mut Html, label: &str, report: &Report) {
    html.el("div", &[], |html| {
        html.line("dt", "", label);
        html.el("dd", &[], |html| {
            html.line("span", "value", name(report));
            let seen = [", ", &report.seen_at.long_date(), ", ", &report.seen_at.clock()];
            html.text(&seen.concat());
        });
    });
}

fn group(html: &mut Html, kind: Group, title: &str, rows: &[Row<'_>]) {
    html.of("section", "became", |html| {
        html.el("h3", &[], |html| html.text(title));
        html.of("ul", "rows", |html| rows.iter().for_each(|it| row(html, kind, it)));
    });
}

fn row(html: &mut Html, kind: Group, it: &Row<'_>) {
    let state = match kind {
        Group::Broke | Group::Found | Group::Still => it.finding.state,
        Group::Fixed => it.other.map_or(State::Passed, |now| now.state),
        Group::Unknown => State::NotTested,
    };
    let word = match kind {
        Group::Fixed if state < State::Warning => "Right now",
        Group::Fixed => "Better",
        Group::Unknown => "Not known",
        Group::Broke | Group::Found | Group::Still => state.word(),
    };
    html.of("li", &["row ", class(state)].concat(), |html| {
        shape(html, state);
        html.line("span", "word", word);
        html.of("div", "what", |html| {
            html.line("p", "title", &it.finding.title);
            html.line("p", "where value", &it.whereabouts);
            match (it.now(kind), kind) {
                (Some(now), _) => html.prose("p", "seen", &now.seen),
                (None, _) => html.line("p", "seen", "The other report says nothing of it."),
            }
            if let (Some(was), Group::Broke) = (it.other, kind) {
                html.of("p", "was", |html| {
                    html.text(&["Before: ", was.state.word(), ". "].concat());
                    html.prose("span", "", &was.seen);
                });
            }
        });
    });
}

fn differences(html: &mut Html, part: &Part) {
    html.of("div", "part", |html| {
        html.line("h4", "", part.title);
        html.el("dl", &[], |html| part.changes.iter().for_each(|it| difference(html, it)));
    });
}

fn difference(html: &mut Html, it: &Change) {
    html.of("div", "line", |html| {
        html.el("dt", &[], |html| {
            html.line("span", "title", it.what);
            html.line("span", "value", &it.of);
        });
        html.el("dd", &[], |html| {
            value(html, "del", "Before: ", &it.before);
            value(html, "ins", "Now: ", &it.now);
        });
    });
}

fn value(html: &mut Html, tag: &'static str, label: &str, value: &Value) {
    html.el(tag, &[], |html| {
        html.line("span", "visually-hidden", label);
        match value {
            Value::Seen(none) if none.is_empty() => html.line("span", "none", "nothing"),
            Value::Seen(all) => all.iter().for_each(|it| html.line("span", "value", it)),
            Value::Unseen(why) => html.line("span", "none", &["not seen: ", why].concat()),
        }
    });
}
