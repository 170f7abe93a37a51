//! What is done with a finished report on the page: read from a file, written in other forms, held against another. It is
//! loaded when somebody wants that, and sends nothing.
//!
//! Reports come and go as their JSON text. What is refused is thrown as a sentence for the visitor.

mod about;
mod file;
mod forms;

use wasm_bindgen::prelude::wasm_bindgen;

/// A tenth of the standard allocator's size.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// The reports in a text, as JSON: a list of what [`about::About`] says of each.
///
/// # Errors
/// What is wrong with the text, as a sentence: it is no JSON, no report, of another version, or too large.
#[wasm_bindgen]
pub fn reports(text: &str) -> Result<String, String> {
    let all: Result<Vec<about::About>, String> = file::reports(text)?.into_iter().map(about::about).collect();
    serde_json::to_string(&all?).map_err(|error| error.to_string())
}

/// A report as `markdown`, `runbook` or `text`.
///
/// # Errors
/// What is wrong with the report, as a sentence.
#[wasm_bindgen]
pub fn written(report: &str, form: &str) -> Result<String, String> {
    forms::written(&file::report(report)?, form)
}

/// What is different between two reports, as HTML.
///
/// # Errors
/// What is wrong with one of them, as a sentence.
#[wasm_bindgen]
pub fn compared(before: &str, now: &str) -> Result<String, String> {
    Ok(view::components::comparison(&file::report(before)?, &file::report(now)?))
}

/// The same as plain text.
///
/// # Errors
/// What is wrong with one of them, as a sentence.
#[wasm_bindgen]
pub fn compared_text(before: &str, now: &str) -> Result<String, String> {
    let (before, now) = (file::report(before)?, file::report(now)?);
    Ok(view::comparison::text(&view::comparison::comparison(&before, &now)))
}
