//! The browser's own engine for regular expressions. A pattern can make it work for ever; the page ends the worker then.

use nginx::{Captures, Pattern, Patterns};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

#[wasm_bindgen]
extern "C" {
    type RegExp;

    #[wasm_bindgen(catch, constructor)]
    fn new(source: &str, flags: &str) -> Result<RegExp, JsValue>;

    #[wasm_bindgen(method)]
    fn exec(this: &RegExp, text: &str) -> Option<js_sys::Array>;
}

/// `RegExp`.
#[derive(Debug)]
pub(crate) struct Browser;

impl Patterns for Browser {
    fn find(&self, pattern: &Pattern, text: &str) -> Result<Option<Captures>, String> {
        let flags = if pattern.any_case { "i" } else { "" };
        let engine = RegExp::new(&pattern.source, flags).map_err(|_| "the browser does not take the pattern")?;
        Ok(engine.exec(text).map(|found| found.iter().map(|group| group.as_string()).collect()))
    }
}
