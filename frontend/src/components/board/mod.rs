//! The board: every check of the plan on one line, filling in while the check runs. Its size never changes.

use std::sync::Arc;

use findings::{Finding, Section, State};
use lockstep::Plan;
use view::{
    components::glyph::{Shape, class, glyph},
    markup::Html,
    words::{list, tallies},
};

/// What the board shows.
#[derive(Clone, Default)]
pub(crate) struct Board {
    /// What will be looked at; nothing before the answer begins.
    pub(crate) plan: Option<Arc<Plan>>,
    /// What each check has said so far.
    pub(crate) answers: Vec<Answer>,
    /// What was just looked at.
    pub(crate) step: String,
    /// Why it stands still, if it does.
    pub(crate) halted: Option<&'static str>,
}

/// What one check of the plan has said so far.
#[derive(Clone)]
pub(crate) struct Answer {
    id: String,
    state: State,
    title: String,
    places: usize,
}

impl Board {
    /// Takes a finding in: the worst state of a check is what its line shows.
    pub(crate) fn take(&mut self, finding: &Finding) {
        let fresh = Answer { id: finding.id.clone(), state: finding.state, title: finding.title.clone(), places: 1 };
        match self.answers.iter_mut().find(|answer| answer.id == finding.id) {
            Some(answer) if finding.state > answer.state => *answer = fresh,
            Some(answer) => answer.places += usize::from(finding.state == answer.state),
            None => self.answers.push(fresh),
        }
    }

    /// `2 failed, 12 passed`, or nothing.
    pub(crate) fn so_far(&self) -> String {
        tallies(self.answers.iter().map(|answer| answer.state))
    }
}

/// The board.
pub(crate) fn board(it: &Board) -> String {
    let mut html = Html::default();
    html.el("section", &[("class", "board"), ("aria-label", "The check")], |html| {
        html.of("div", "slot", |html| slot(html, it));
        let Some(plan) = &it.plan else { return };
        html.of("div", "layers", |html| {
            for section in Section::ALL {
                layer(html, it, plan, section);
            }
        });
    });
    html.done()
}

/// What is going on, or why nothing is.
fn slot(html: &mut Html, it: &Board) {
    let so_far = it.so_far();
    let so_far = if so_far.is_empty() { "Nothing known yet.".to_owned() } else { ["So far: ", &so_far, "."].concat() };
    match (it.halted, &it.plan) {
        (Some(why), _) => {
            html.raw("<h2>Not finished</h2>");
            html.line("p", "why", why);
            html.line("p", "so-far", &so_far);
            html.raw("<p class=\"tools\"><button type=\"button\" class=\"again\" data-again>Check again</button></p>");
        }
        (None, Some(plan)) => {
            let names: Vec<&str> = plan.target.names().map(domain::DomainName::as_str).collect();
            html.line("h2", "", &["Looking at ", &list(&names)].concat());
            html.line("p", "step value", &it.step);
            html.line("p", "so-far", &so_far);
        }
        (None, None) => html.raw("<h2>Looking…</h2>"),
    }
}

fn layer(html: &mut Html, it: &Board, plan: &Plan, section: Section) {
    if !plan.rows.iter().any(|row| row.section == section) {
        return;
    }
    html.el("section", &[], |html| {
        html.line("h3", "", section.title());
        html.open("ul", &[]);
        for row in plan.rows.iter().filter(|row| row.section == section) {
            let answer = it.answers.iter().find(|answer| answer.id == row.id);
            let shape = answer.map_or(Shape::Waiting, |answer| Shape::Of(answer.state));
            html.of("li", class(shape), |html| {
                glyph(html, shape);
                html.line("span", "visually-hidden", answer.map_or("Waiting", |answer| answer.state.word()));
                html.line("span", "title", answer.map_or(&row.title, |answer| &answer.title));
                if let Some(answer) = answer.filter(|answer| answer.places > 1) {
                    html.line("span", "places", &["× ", &answer.places.to_string()].concat());
                }
            });
        }
        html.close("ul");
    });
}
