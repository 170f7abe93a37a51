//! What the tests of this package ask, and what the page makes of the answers.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use crate::{Ask, answered};

/// One question, and its answer.
pub(crate) fn asked(question: &[&str]) -> serde_json::Value {
    let answer = answered(&Ask::read(&question.join("\0")).unwrap()).unwrap();
    serde_json::from_str(&answer).unwrap()
}

/// Makes replacements as the page does: in UTF-16 units.
pub(crate) fn replaced(text: &str, edits: &serde_json::Value) -> String {
    let mut units: Vec<u16> = text.encode_utf16().collect();
    for edit in edits.as_array().unwrap().iter().rev() {
        let at = |name: &str| edit[name].as_u64().unwrap() as usize;
        let insert: Vec<u16> = edit["insert"].as_str().unwrap().encode_utf16().collect();
        units.splice(at("from")..at("to"), insert);
    }
    String::from_utf16(&units).unwrap()
}

/// A directive without its `;`, behind letters that have two lengths.
pub(crate) const TEXT: &str = "# é 🦀 <script>\nserver {\n    listen 443 ssl\n    server_name a.test;\n}\n";
