//! A whole report, in the order its situation asks for.

use lockstep::{Report, Situation};

use super::{
    cause::{causes, first_action},
    findings::{again, by, layers, not_visible},
    glyph::shape,
    ladder::rungs,
    picture::{certificate_drawings, corners, trail_drawings},
};
use crate::{
    checklist::checklist,
    compare::Changes,
    facts::facts,
    markup::Html,
    verdict::{Verdict, verdict},
    words::{class, count, list, millis},
};

/// What can be done with a finished report, by a script that is loaded when a button is pressed.
const TOOLS: [(&str, &str); 4] = [("share", "Share"), ("save", "Save"), ("compare", "Compare"), ("print", "Print")];

/// Writes a report as HTML. `changes` says what is different from the last look at the same domain.
pub fn report(report: &Report, changes: &Changes) -> String {
    let mut html = Html::default();
    let top = verdict(report);
    html.of("article", &["report ", class(top.state)].concat(), |html| {
        headline(html, report, &top, changes);
        match report.situation {
            Situation::Fine => {
                five(html, report);
                pictures(html, report);
                not_visible(html, report);
                rows(html, report, changes);
            }
            Situation::Warnings | Situation::Broken | Situation::Unseen => {
                causes(html, report);
                first_action(html, report);
                five(html, report);
                rows(html, report, changes);
                pictures(html, report);
            }
            Situation::NotConnected => {
                rungs(html, report);
                html.of("details", "looked", |html| {
                    let looked = count(report.findings.len(), "row", "rows");
                    html.line("summary", "", &["What was looked at: ", &looked].concat());
                    rows(html, report, changes);
                    pictures(html, report);
                });
            }
        }
        closing(html, report);
    });
    html.done()
}

fn headline(html: &mut Html, report: &Report, top: &Verdict, changes: &Changes) {
    html.of("header", "verdict", |html| {
        html.of("p", "above", |html| {
            shape(html, top.state);
            if !report.diagnoses.is_empty() {
                html.line("span", "number", "1");
            }
            html.line("span", "", &[&top.above, ". ", &top.seen].concat());
        });
        html.el("h2", &[("id", "verdict"), ("tabindex", "-1")], |html| html.text(&top.headline));
        if !top.detail.is_empty() {
            html.prose("p", "affects", &top.detail);
        }
        let changed = changes.sentence();
        if !changed.is_empty() {
            let worse = !changes.new.is_empty() || !changes.not_again.is_empty();
            let kind = if worse { "changed worse" } else { "changed" };
            html.el("p", &[("class", kind), ("id", "changed"), ("tabindex", "-1")], |html| html.text(&changed));
        }
        if matches!(report.situation, Situation::Fine | Situation::Unseen) {
            html.of("p", "tools", |html| again(html, "all", "everything"));
        }
    });
}

/// The five facts.
fn five(html: &mut Html, report: &Report) {
    html.el("section", &[("class", "facts"), ("aria-label", "The five facts")], |html| {
        html.el("ul", &[], |html| {
            for it in facts(report) {
                html.of("li", class(it.state), |html| {
                    shape(html, it.state);
                    html.el("a", &[("class", "title"), ("href", &["#", it.anchor].concat())], |html| {
                        html.text(it.id.title());
                    });
                    html.line("span", "visually-hidden", &[": ", it.state.word(), ". "].concat());
                    html.prose("span", "sentence", &it.sentence);
                    if let Some(n) = it.waits_on {
                        by(html, "waiting on ", n);
                    }
                });
            }
        });
    });
}

fn rows(html: &mut Html, report: &Report, changes: &Changes) {
    html.of("section", "checklist", |html| {
        html.raw("<h2>Layer by layer</h2>");
        layers(html, report, &checklist(report, &changes.fixed));
    });
}

fn pictures(html: &mut Html, report: &Report) {
    html.of("div", "pictures", |html| {
        corners(html, report);
        trail_drawings(html, report);
        certificate_drawings(html, report);
    });
}

fn closing(html: &mut Html, report: &Report) {
    html.of("footer", "closing", |html| {
        html.el("p", &[("class", "tools toolbar")], |html| {
            for (tool, says) in TOOLS {
                html.el("button", &[("type", "button"), ("class", "tool"), ("data-tool", tool)], |html| {
                    html.text(says)
                });
            }
            html.raw("<button type=\"button\" class=\"copy\" data-copy-link>Copy link</button>");
        });
        let number = |n: u32| usize::try_from(n).unwrap_or_default();
        let took = [
            "Took ",
            &millis(report.timing.total_millis),
            ", ",
            &count(number(report.timing.connections), "connection", "connections"),
            " to the site and ",
            &count(number(report.timing.queries), "question", "questions"),
            " to ",
            &list(&report.observed.dns.resolvers),
            ". In a terminal: lockstep check ",
            &report.domain,
        ];
        html.line("p", "dim", &took.concat());
    });
}
