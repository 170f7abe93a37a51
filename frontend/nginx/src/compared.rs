//! The text held against the live site.

use findings::State;
use nginx::{Config, Difference, Live, against};
use view::{
    components::glyph::{Shape, glyph},
    markup::Html,
};

use crate::place::go;

/// The differences, as HTML. `seen` has a line for each field of [`Live`]: `yes`, `no` or nothing for what is not known,
/// `?` for an unknown HSTS.
pub(crate) fn compared(config: &Config<'_>, seen: &str) -> String {
    let mut lines = seen.split('\n').map(str::trim);
    let mut line = || lines.next().unwrap_or_default();
    let told = |text: &str| match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let live = Live {
        name: line().to_ascii_lowercase(),
        certificate_names: line().split_whitespace().map(str::to_ascii_lowercase).collect(),
        redirects: told(line()),
        hsts: Some(line()).filter(|value| *value != "?").map(str::to_owned),
        http2: told(line()),
        ipv6: line() == "yes",
    };
    let mut html = Html::default();
    let known = config.servers().iter().any(|server| server.hosts().any(|host| host == live.name));
    let found = against(config, &live);
    if !known {
        said(&mut html, State::NotTested, &format!("No server in this text has the name {}.", live.name));
    } else if found.is_empty() {
        said(&mut html, State::Passed, "Nothing that was seen of the site differs from this text.");
    }
    if !found.is_empty() {
        html.of("ul", "differences", |html| found.iter().for_each(|it| difference(html, it)));
    }
    html.done()
}

fn said(html: &mut Html, state: State, text: &str) {
    html.of("p", "left", |html| {
        glyph(html, Shape::Of(state));
        html.line("span", "", text);
    });
}

fn difference(html: &mut Html, it: &Difference) {
    html.of("li", "warning", |html| {
        glyph(html, Shape::Of(State::Warning));
        html.of("dl", "", |html| {
            for (label, text) in [("Text", &it.config), ("Site", &it.live), ("Means", &it.means)] {
                html.of("div", "line", |html| {
                    html.line("dt", "", label);
                    html.el("dd", &[], |html| {
                        html.prose("p", "", text);
                        if let Some(place) = it.place.as_ref().filter(|_| label == "Text") {
                            go(html, place, &it.config);
                        }
                    });
                });
            }
        });
    });
}
