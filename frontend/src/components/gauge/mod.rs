//! The gauge: the domain, the five facts and the progress, in sight while everything else scrolls.

use view::{
    components::glyph::{Shape, glyph},
    facts::{ALL, short},
    markup::Html,
};

/// What the gauge shows.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Gauge {
    /// The name.
    pub(crate) name: String,
    /// A few words: how far it is, or what came out.
    pub(crate) said: String,
    /// How far it is, in parts of 1,000.
    pub(crate) parts: u32,
    /// The five facts, so far.
    pub(crate) facts: [Shape; 5],
}

/// Nothing looked at yet.
pub(crate) const BLANK: [Shape; 5] = [Shape::Waiting; 5];

/// The gauge. Its size never changes.
pub(crate) fn gauge(it: &Gauge) -> String {
    let mut html = Html::default();
    html.of("div", "top", |html| {
        html.line("p", "name value", &it.name);
        html.line("p", "said", &it.said);
    });
    html.raw("<ul class=\"five\" aria-label=\"The five facts so far\">");
    for (id, shape) in ALL.into_iter().zip(it.facts) {
        html.el("li", &[], |html| {
            glyph(html, shape);
            html.line("span", "", short(id));
            html.line("span", "visually-hidden", ": ");
            html.line(
                "span",
                "visually-hidden",
                match shape {
                    Shape::Waiting => "not looked at yet",
                    Shape::Of(state) => state.word(),
                },
            );
        });
    }
    html.raw("</ul>");
    html.el(
        "progress",
        &[("max", "1000"), ("value", &it.parts.to_string()), ("aria-label", "How far the check is")],
        |_| {},
    );
    html.done()
}
