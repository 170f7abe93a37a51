//! Where http and https of each name lead: a drawing, and the same as trails on the same line as everywhere else.

use findings::State;
use nginx::{Answer, Config, Corner, Patterns, RedirectMap, redirect_map};
use view::{
    components::glyph::{Shape, glyph},
    markup::Html,
    words::{class, count},
};

use crate::{graph::graph, place::go};

/// Trails that stand open.
const OPEN: usize = 8;

/// The map, as HTML.
pub(crate) fn map(config: &Config<'_>, patterns: &dyn Patterns) -> String {
    let map = redirect_map(config, patterns);
    let mut html = Html::default();
    if map.corners.is_empty() {
        html.line("p", "dim", "There is no server in this text.");
        return html.done();
    }
    let not_drawn = graph(&mut html, &map);
    html.line("p", "small", "An arrow is a redirect with its status; hops are the redirects until something answers.");
    if not_drawn > 0 {
        let left = count(not_drawn, "name is", "names are");
        html.line("p", "small", &[&*left, " not drawn, and in the list alone."].concat());
    }
    let all: Vec<usize> = (0..map.corners.len()).collect();
    let (open, folded) = all.split_at(all.len().min(OPEN));
    trails(&mut html, &map, open);
    if !folded.is_empty() {
        html.of("details", "evidence", |html| {
            html.line("summary", "", &format!("and {}", count(folded.len(), "entrance more", "entrances more")));
            trails(html, &map, folded);
        });
    }
    if map.names_left_out > 0 {
        html.line("p", "small", &format!("{} are left out.", count(map.names_left_out, "more name", "more names")));
    }
    html.done()
}

fn trails(html: &mut Html, map: &RedirectMap, from: &[usize]) {
    html.of("div", "drawn", |html| from.iter().for_each(|at| trail(html, map, *at)));
}

/// One entrance, and every hop from there.
fn trail(html: &mut Html, map: &RedirectMap, start: usize) {
    let Some(corner) = map.corners.get(start) else { return };
    html.el("figure", &[], |html| {
        html.el("figcaption", &[], |html| {
            html.line("span", "value", &address(corner));
            html.text(" ");
            if let Some(place) = &corner.place {
                go(html, place, &address(corner));
            }
        });
        html.open("ol", &[]);
        let mut passed = Vec::new();
        let mut at = start;
        while let Some(corner) = map.corners.get(at) {
            if passed.contains(&at) {
                end(html, State::Failed, &format!("back to {}: a circle without end", address(corner)));
                break;
            }
            passed.push(at);
            if corner.answer != Answer::Redirect {
                end(html, state(corner), &corner.words);
                break;
            }
            hop(html, corner);
            match corner.to {
                Some(next) => at = next,
                None => {
                    end(html, State::NotTested, "not in this text: where it goes on is not known");
                    break;
                }
            }
        }
        html.close("ol");
    });
}

fn hop(html: &mut Html, corner: &Corner) {
    let lost = corner.keeps_path == Some(false);
    let endless = corner.to.is_some() && corner.hops.is_none();
    let state = match (endless, lost) {
        (true, _) => State::Failed,
        (_, true) => State::Warning,
        _ => State::Passed,
    };
    html.of("li", class(state), |html| {
        glyph(html, Shape::Of(state));
        html.line("span", "status", &corner.code.map(|code| code.to_string()).unwrap_or_default());
        html.line("span", "value", corner.target.as_deref().unwrap_or("elsewhere"));
        if lost {
            html.line("span", "how", "the path is lost on the way");
        }
    });
}

fn end(html: &mut Html, state: State, words: &str) {
    html.of("li", &["end ", class(state)].concat(), |html| {
        glyph(html, Shape::Of(state));
        html.of("span", "", |html| {
            html.line("span", "visually-hidden", &[state.word(), ": "].concat());
            html.prose("span", "", words);
        });
    });
}

fn state(corner: &Corner) -> State {
    match corner.answer {
        Answer::Redirect | Answer::App | Answer::Files | Answer::Text => State::Passed,
        Answer::Error => State::Warning,
        Answer::Closed => State::Note,
        Answer::Undecided => State::NotTested,
    }
}

fn address(corner: &Corner) -> String {
    let host = if corner.host.is_empty() { "any other name" } else { &corner.host };
    format!("{}://{host}", corner.scheme)
}
