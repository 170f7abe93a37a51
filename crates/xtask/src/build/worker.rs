//! The worker: wasm, its JavaScript, and the shim that the platform calls.

use std::fs;

use anyhow::{Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::{
    Mode, SMALLEST_COMPRESSED, compile,
    files::{Files, hashed},
    optimise, small,
};
use crate::project::path;

const SHIM: &str = include_str!("shim.js");

/// Builds the worker and, when all of it is there, puts it in `build/`.
pub fn build(mode: Mode) -> Result<()> {
    let release = mode == Mode::Release;
    let profile = if release { "edge" } else { "worker-dev" };
    let wasm = compile(&["lockstep-worker"], mode, profile, "edge", "lockstep_worker.wasm")?;
    let out = wasm.with_file_name("bindgen");
    let _ = fs::remove_dir_all(&out);
    Bindgen::new()
        .input_path(&wasm)
        .out_name("index")
        .module(true)?
        .typescript(false)
        .remove_name_section(false) // what is put in order by names loses them there
        .reset_state_function(true)
        .force_enable_abort_handler(true)
        .generate(&out)?;
    let module = out.join("index_bg.wasm");
    if release {
        optimise(&module, &SMALLEST_COMPRESSED)?;
    }
    let module = fs::read(module)?;
    let script = fs::read_to_string(out.join("index.js"))?;
    let module_name = hashed("index_bg", "wasm", &module);
    let file = out.join("index.linked.js");
    fs::write(&file, linked(&script, &module_name)?)?;
    let script = if release { small(&file)? } else { fs::read(&file)? };
    let script_name = hashed("index", "js", &script);

    let mut files = Files::default();
    files.add_folder("snippets/", &out.join("snippets"))?;
    files.add(&module_name, module);
    files.add("shim.js", SHIM.replace("./index.js", &format!("./{script_name}")));
    files.add(script_name, script);
    files.replace(&path("build"), "shim.js")
}

/// The script as the platform takes it: a plain import of the compiled module, by its hashed name.
fn linked(script: &str, module_name: &str) -> Result<String> {
    // C parts whose symbols nobody defines turn into imports that only fail at the edge, at start.
    if script.contains("from \"env\"") || script.contains("from 'env'") {
        bail!("The worker's module imports from \"env\": a C part was not compiled for wasm (is clang there?).");
    }
    let import = "import source wasmModule from \"./index_bg.wasm\"";
    if !script.contains(import) {
        bail!("wasm-bindgen's output has changed: `{import}` is not in it.");
    }
    Ok(script.replace(import, &format!("import wasmModule from \"./{module_name}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_module_is_imported_by_its_hashed_name() {
        let script = "import source wasmModule from \"./index_bg.wasm\"\nlet wasm;";
        assert_eq!(
            linked(script, "index_bg-1.wasm").unwrap(),
            "import wasmModule from \"./index_bg-1.wasm\"\nlet wasm;"
        );
    }

    #[test]
    fn missing_c_symbols_stop_the_build() {
        let script = "import source wasmModule from \"./index_bg.wasm\"\nimport * as import1 from \"env\"";
        assert!(linked(script, "index_bg-1.wasm").unwrap_err().to_string().contains("clang"));
        assert!(linked("nothing", "index_bg-1.wasm").is_err());
    }

    #[test]
    fn the_shim_imports_the_script_once() {
        assert_eq!(SHIM.matches("./index.js").count(), 1);
    }
}
