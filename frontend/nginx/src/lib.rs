//! What the nginx page asks: nginx text in; findings, marks, fixes and reports out. It runs in a worker of the browser,
//! so that reading never holds up typing and can be ended from outside.
//!
//! One function takes a question and gives an answer, both JSON. Positions in answers count UTF-16 units, as browsers
//! do. HTML is written through [`view::markup::Html`], so that what was pasted can only come out as text.

mod ask;
mod card;
mod diff;
mod example;
mod panel;
mod report;
mod units;

pub use ask::{Answer, Ask, Given, Mark, Replacement, answer_to};
use wasm_bindgen::prelude::wasm_bindgen;

/// Answers one question.
#[wasm_bindgen]
pub fn answer(question: &str) -> String {
    match serde_json::from_str(question) {
        Ok(ask) => serde_json::to_string(&answer_to(&ask)).unwrap_or_else(|error| trouble(&error)),
        Err(error) => trouble(&error),
    }
}

fn trouble(error: &serde_json::Error) -> String {
    serde_json::json!({ "trouble": error.to_string() }).to_string()
}
