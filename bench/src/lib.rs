//! The nginx reader as a page calls it: text in, JSON out, every rule on.

use nginx::{Options, Version};
use wasm_bindgen::prelude::wasm_bindgen;

/// The page's allocator.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// Findings in JSON.
#[wasm_bindgen]
pub fn lint(text: &str) -> String {
    let options = Options { version: Some(Version::V1_22), everything: true };
    serde_json::to_string(&nginx::lint(text, &options)).unwrap_or_default()
}
