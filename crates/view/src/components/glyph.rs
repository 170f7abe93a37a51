//! The shapes of the states: each its own outline, so that none depends on colour.

use findings::State;

use crate::markup::Html;

/// What a glyph can stand for: one of the five states, or something not looked at yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A state.
    Of(State),
    /// Not looked at yet.
    Waiting,
}

/// The class of a shape.
pub fn class(shape: Shape) -> &'static str {
    match shape {
        Shape::Of(state) => crate::words::class(state),
        Shape::Waiting => "waiting",
    }
}

/// The drawing inside a 16 × 16 box: `line` is drawn, `fill` is filled, `knock` is cut out of what is filled.
pub fn drawing(shape: Shape) -> &'static str {
    match shape {
        Shape::Of(State::Passed) => {
            r#"<circle cx="8" cy="8" r="6.75" class="line"/><path d="M4.9 8.3l2.2 2.3 4-4.9" class="line"/>"#
        }
        Shape::Of(State::Note) => {
            r#"<path d="M2.75 1.75h7.5l3 3v9.5H2.75z" class="line"/><path d="M5.4 7.6h5.2M5.4 10.7h3.6" class="line"/>"#
        }
        Shape::Of(State::Warning) => {
            r#"<path d="M8 1.2l7.3 13.3H.7z" class="fill"/><path d="M8 6v4.1M8 11.9v.6" class="knock"/>"#
        }
        Shape::Of(State::Failed) => {
            r#"<path d="M5 .9h6L15.1 5v6L11 15.1H5L.9 11V5z" class="fill"/><path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" class="knock"/>"#
        }
        Shape::Of(State::NotTested) => r#"<circle cx="8" cy="8" r="6.5" class="line dashed"/>"#,
        Shape::Waiting => r#"<circle cx="8" cy="8" r="2.25" class="line"/>"#,
    }
}

/// A state's shape; the word stands beside it, so it is hidden from assistive technology.
pub fn glyph(html: &mut Html, shape: Shape) {
    let class = ["glyph ", class(shape)].concat();
    html.el("svg", &[("class", &class), ("viewBox", "0 0 16 16"), ("aria-hidden", "true")], |html| {
        html.raw(drawing(shape))
    });
}

/// The shape of a state.
pub(crate) fn shape(html: &mut Html, state: State) {
    glyph(html, Shape::Of(state));
}
