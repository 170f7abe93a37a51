//! What `platform.js` gives. Whatever may throw is caught here: through the usual bindings an exception would end the whole
//! instance and every check in it, and what is dropped late, when its request is over, does meet exceptions.

use wasm_bindgen::prelude::*;
use worker::js_sys::Uint8Array;

#[wasm_bindgen(module = "/src/network/platform.js")]
extern "C" {
    /// A TCP connection.
    pub(super) type Line;

    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(host: &str, port: u16, tell: &Closure<dyn FnMut(u32, Vec<u8>)>) -> Result<Line, JsValue>;

    #[wasm_bindgen(method, catch)]
    pub(super) fn read(this: &Line) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn write(this: &Line, bytes: Uint8Array);

    #[wasm_bindgen(method, catch)]
    pub(super) fn end(this: &Line) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Line);

    /// One exchange by fetch.
    pub(super) type Exchange;

    #[wasm_bindgen(constructor, catch)]
    pub(super) fn new(
        url: &str,
        method: &str,
        headers: &str,
        body: Option<Uint8Array>,
        limit: u32,
        tell: &Closure<dyn FnMut(u16, String, JsValue)>,
    ) -> Result<Exchange, JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Exchange);

    /// One timer.
    pub(super) type Alarm;

    #[wasm_bindgen(constructor)]
    pub(super) fn new(tell: &Closure<dyn FnMut() -> Option<u32>>) -> Alarm;

    #[wasm_bindgen(method, catch)]
    pub(super) fn set(this: &Alarm, milliseconds: u32) -> Result<(), JsValue>;

    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Alarm);
}
