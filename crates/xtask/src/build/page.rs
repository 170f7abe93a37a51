//! The page: wasm, its JavaScript, one style sheet, the static shell.

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::{
    Mode, compile,
    css::minified,
    files::{Files, hashed, listed},
    headers::headers,
    optimise,
};
use crate::{
    project::{path, program},
    run, tools,
};

/// Builds the page and, when all of it is there, puts it in `dist/`. `lab` is what the practice network offers, for the
/// page to show as examples.
pub fn build(mode: Mode, lab: Option<&str>) -> Result<()> {
    let release = mode == Mode::Release;
    let wasm = compile("frontend", mode, if release { "page" } else { "page-dev" }, "page", "frontend.wasm")?;
    let out = wasm.with_file_name("bindgen");
    let _ = fs::remove_dir_all(&out);
    Bindgen::new()
        .input_path(&wasm)
        .out_name("app")
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(release)
        .remove_producers_section(true)
        .generate(&out)?;
    let module = out.join("app_bg.wasm");
    if release {
        optimise(&module, "-Oz")?;
    }

    let mut files = Files::default();
    files.add_folder("", &path("frontend/public"))?;
    let module = fs::read(&module)?;
    let module_name = format!("assets/{}", hashed("app_bg", "wasm", &module));
    files.add(&module_name, module);
    let script = script(&out, &module_name, release)?;
    files.add_folder("assets/snippets/", &out.join("snippets"))?;
    let script_name = format!("assets/{}", hashed("app", "js", &script));
    files.add(&script_name, script);
    let style = style()?;
    let style_name = format!("assets/{}", hashed("style", "css", style.as_bytes()));
    files.add(&style_name, style);
    for (name, page) in super::checks::pages(&style_name) {
        files.add(name, page);
    }

    let shell = path("frontend/index.html");
    let html = fs::read_to_string(&shell).with_context(|| format!("{} cannot be read", shell.display()))?;
    let html = filled(&html, &[("app.js", &script_name), ("app_bg.wasm", &module_name), ("style.css", &style_name)])?;
    // The page asks for the practice network's sites only where there is one.
    let html = if lab.is_some() { html.replacen("<html ", "<html data-lab ", 1) } else { html };
    files.add("_headers", headers(&html));
    files.add("index.html", html);
    if let Some(lab) = lab {
        files.add("lab.json", lab);
    }
    files.replace(&path("dist"), "index.html")
}

/// The script, which starts the page by itself, so that the shell needs no inline script.
fn script(out: &Path, module_name: &str, release: bool) -> Result<Vec<u8>> {
    let file = out.join("app.js");
    let mut text = fs::read_to_string(&file)?;
    text.push_str(&format!("\n__wbg_init({{ module_or_path: \"/{module_name}\" }});\n"));
    fs::write(&file, &text)?;
    let Some(esbuild) = tools::optional_node_program("esbuild").filter(|_| release) else {
        return Ok(text.into_bytes());
    };
    let small = out.join("app.min.js");
    let mut command = program(esbuild);
    command.arg(&file).args(["--minify", "--format=esm", "--target=es2022", "--log-level=warning"]);
    command.arg(format!("--outfile={}", small.display()));
    run::shown(&mut command, Duration::from_secs(120))?;
    Ok(fs::read(small)?)
}

/// One style sheet: `frontend/styles` in the order of names, then what stands beside components.
fn style() -> Result<String> {
    let mut text = String::new();
    for folder in ["frontend/styles", "crates/view/src", "frontend/src"] {
        for file in listed(&path(folder))? {
            if file.extension().is_some_and(|extension| extension == "css") {
                text.push_str(&fs::read_to_string(&file)?);
                text.push('\n');
            }
        }
    }
    Ok(minified(&text))
}

/// The shell with its placeholders `{{name}}` replaced by addresses.
fn filled(html: &str, names: &[(&str, &str)]) -> Result<String> {
    let mut html = html.to_owned();
    for (name, file) in names {
        html = html.replace(&format!("{{{{{name}}}}}"), &format!("/{file}"));
    }
    if !html.contains(".js\"") {
        bail!("frontend/index.html does not load {{{{app.js}}}}");
    }
    match html.split_once("{{") {
        Some((_, rest)) => {
            bail!("frontend/index.html has an unknown placeholder {{{{{}", rest.lines().next().unwrap_or_default())
        }
        None => Ok(html),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_become_addresses() {
        let names = [("app.js", "assets/app-1.js"), ("style.css", "assets/style-2.css")];
        let html = "<link rel=stylesheet href=\"{{style.css}}\"><script type=module src=\"{{app.js}}\"></script>";
        let expected =
            "<link rel=stylesheet href=\"/assets/style-2.css\"><script type=module src=\"/assets/app-1.js\"></script>";
        assert_eq!(filled(html, &names).unwrap(), expected);
        assert!(filled(&format!("{html}{{{{other}}}}"), &names).unwrap_err().to_string().contains("other"));
        assert!(filled("<p>", &names).is_err());
    }
}
