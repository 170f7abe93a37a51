//! What the nginx page asks: nginx text in; findings, marks, fixes and reports out. It runs in workers of the browser,
//! so that reading never holds up typing and can be ended from outside.
//!
//! One function takes a question and gives an answer. Positions in answers count UTF-16 units, as browsers do. HTML is
//! written through [`view::markup::Html`], so that what was pasted can only come out as text.

mod ask;
#[cfg(feature = "reading")]
mod card;
#[cfg(all(test, feature = "reading", feature = "reports"))]
mod case;
#[cfg(feature = "further")]
mod compared;
#[cfg(any(feature = "reading", feature = "reports"))]
mod diff;
#[cfg(feature = "further")]
mod engine;
#[cfg(feature = "further")]
mod explained;
#[cfg(feature = "further")]
mod further;
#[cfg(feature = "further")]
mod generator;
#[cfg(feature = "further")]
mod graph;
#[cfg(any(feature = "reading", feature = "further", feature = "reports"))]
mod json;
#[cfg(feature = "further")]
mod map;
#[cfg(feature = "reports")]
mod mending;
#[cfg(feature = "reading")]
mod panel;
#[cfg(any(feature = "reading", feature = "further"))]
mod place;
#[cfg(feature = "reading")]
mod reading;
#[cfg(feature = "reports")]
mod reports;
#[cfg(feature = "further")]
mod told;
#[cfg(any(feature = "reading", feature = "reports"))]
mod units;

pub use ask::{Ask, Form, Given, Kind};
use wasm_bindgen::prelude::wasm_bindgen;

/// A tenth of the standard allocator's size.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Answers one question, see [`Ask::read`], in JSON.
#[wasm_bindgen]
pub fn answer(question: &str) -> String {
    Ask::read(question).and_then(|ask| answered(&ask)).unwrap_or_else(|| {
        let trouble = r#"{"trouble":"The page asked something unknown."}"#;
        trouble.to_owned()
    })
}

#[cfg_attr(not(any(feature = "reading", feature = "further", feature = "reports")), expect(unused_variables))]
fn answered(ask: &Ask) -> Option<String> {
    #[cfg(feature = "reading")]
    if let Some(answer) = reading::answer(ask) {
        return Some(answer);
    }
    #[cfg(feature = "further")]
    if let Some(answer) = further::answer(ask, &engine::Browser) {
        return Some(answer);
    }
    #[cfg(feature = "reports")]
    if let Some(answer) = reports::answer(ask).or_else(|| mending::answer(ask)) {
        return Some(answer);
    }
    None
}
