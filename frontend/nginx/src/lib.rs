//! What the nginx page asks: nginx text in; findings, marks, fixes and reports out. It runs in a worker of the browser,
//! so that reading never holds up typing and can be ended from outside.
//!
//! One function takes a question and gives an answer. Positions in answers count UTF-16 units, as browsers
//! do. HTML is written through [`view::markup::Html`], so that what was pasted can only come out as text.

mod ask;
mod card;
mod diff;
mod panel;
mod report;
mod units;

pub use ask::{Answer, Ask, Given, Kind, Mark, Replacement, answer_to};
pub use report::Form;
use wasm_bindgen::prelude::wasm_bindgen;

/// Answers one question, see [`Ask::read`], in JSON.
#[wasm_bindgen]
pub fn answer(question: &str) -> String {
    let Some(ask) = Ask::read(question) else { return r#"{"trouble":"The page asked something unknown."}"#.to_owned() };
    serde_json::to_string(&answer_to(&ask)).unwrap_or_default()
}
