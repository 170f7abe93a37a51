//! The pages: wasm, their JavaScript, style sheets, the static shells.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::{
    Mode, SMALLEST, SMALLEST_COMPRESSED, compile,
    css::minified,
    files::{Files, hashed, listed},
    headers::headers,
    optimise, small,
};
use crate::{
    project::{self, path, program},
    run, tools,
};

/// Builds the page and, when all of it is there, puts it in `dist/`. `lab` is what the practice network offers, for the
/// page to show as examples.
pub fn build(mode: Mode, lab: Option<&str>) -> Result<()> {
    let release = mode == Mode::Release;
    let mut files = Files::default();
    files.add_folder("", &path("frontend/public"))?;

    let out = bound(&["frontend"], "frontend.wasm", "app", mode)?;
    let module_name = put(&mut files, "app_bg", "wasm", fs::read(out.join("app_bg.wasm"))?);
    let script = script(&out, &module_name, release)?;
    files.add_folder("assets/snippets/", &out.join("snippets"))?;
    let script_name = put(&mut files, "app", "js", script);
    let style_name = put(&mut files, "style", "css", style()?);
    for (name, page) in super::checks::pages(&style_name) {
        files.add(name, page);
    }
    let pages_style = minified(&fs::read_to_string(path("frontend/pages/pages.css"))?);
    let pages_style = put(&mut files, "pages", "css", pages_style);
    let copy = path("frontend/pages/copy.js");
    let copy = bundle(&copy, &project::target().join("page/copy.bundle.js"), &[], release)?;
    let copy = put(&mut files, "copy", "js", copy);
    for (name, page) in super::told::pages(&[&style_name, &pages_style], &copy)? {
        files.add(name, page);
    }
    files.add("api/openapi.json", super::openapi::document()?);
    let proof = path("frontend/page/proof.js");
    let proof = bundle(&proof, &project::target().join("page/proof.bundle.js"), &[], release)?;
    let proof_name = put(&mut files, "proof", "js", proof);
    let print = minified(&fs::read_to_string(path("frontend/print.css"))?);
    let print_name = put(&mut files, "print", "css", print);
    let (report_name, report_style) = report(&mut files, mode)?;
    let names = [
        ("app.js", &*script_name),
        ("app_bg.wasm", &*module_name),
        ("print.css", &*print_name),
        ("proof.js", &*proof_name),
        ("report.js", &*report_name),
        ("style.css", &*style_name),
    ];
    let home = filled("frontend/index.html", &names)?;
    // The page asks for the practice network's sites only where there is one.
    let home = if lab.is_some() { home.replacen("<html ", "<html data-lab ", 1) } else { home };
    let nginx = nginx(&mut files, mode, &style_name)?;

    // What the edge reads beside its module.
    files.add("data/suffixes.txt", fs::read(path("crates/domain/src/suffixes.txt"))?);
    files.add("data/roots.bin", tls::packed_roots());
    let shared = minified(&fs::read_to_string(path("frontend/shared.css"))?);
    let shared_name = put(&mut files, "shared", "css", shared);
    let names = [
        ("print.css", &*print_name),
        ("report.css", &*report_style),
        ("shared.css", &*shared_name),
        ("style.css", &*style_name),
    ];
    for shell in ["still", "shared"] {
        files.add(format!("data/{shell}.html"), still(&format!("frontend/{shell}.html"), &names)?);
    }

    files.add("_headers", headers(&[&home, &nginx]));
    files.add("nginx.html", nginx);
    files.add("index.html", home);
    if let Some(lab) = lab {
        files.add("lab.json", lab);
    }
    files.replace(&path("dist"), "index.html")
}

/// What is done with a finished report: a script that knows the addresses of its module and its style, loaded when one of
/// its buttons is pressed or a file is dropped. Returns the names of the script and of the style.
fn report(files: &mut Files, mode: Mode) -> Result<(String, String)> {
    let out = bound(&["report"], "report.wasm", "report", mode)?;
    let module = put(files, "report_bg", "wasm", fs::read(out.join("report_bg.wasm"))?);
    let style = minified(&fs::read_to_string(path("frontend/report/report.css"))?);
    let style = put(files, "report", "css", style);
    let more = [
        format!("--alias:report={}", out.join("report.js").display()),
        format!("--define:MODULE=\"/{module}\""),
        format!("--define:STYLE=\"/{style}\""),
    ];
    let more: Vec<&str> = more.iter().map(String::as_str).collect();
    let script = path("frontend/report/page/main.js");
    let script = bundle(&script, &out.join("bundle.js"), &more, mode == Mode::Release)?;
    Ok((put(files, "report", "js", script), style))
}

/// The nginx page: a shell of its own, and the reader as wasm for workers of the browser, in three modules: findings,
/// what is asked beyond them, and files for programs. All but the first, the editor, the lessons, and the part of the script
/// that asks for all this, are loaded when somebody wants them. Nothing of it is part of the first page.
fn nginx(files: &mut Files, mode: Mode, style_name: &str) -> Result<String> {
    let release = mode == Mode::Release;
    let mut names = vec![("style.css", style_name.to_owned())];
    for (name, feature, module, script) in [
        ("reader", "reading", "reader_bg.wasm", "reader.js"),
        ("guide", "further", "guide_bg.wasm", "guide.js"),
        ("reports", "reports", "reports_bg.wasm", "reports.js"),
    ] {
        let out = part(name, feature, mode)?;
        names.push((module, put(files, &format!("{name}_bg"), "wasm", fs::read(out.join(module))?)));
        let worker = path("frontend/nginx/page/worker.js");
        let alias = format!("--alias:reader={}", out.join(script).display());
        let content = bundle(&worker, &out.join("bundle.js"), &[&alias], release)?;
        names.push((script, put(files, name, "js", content)));
    }
    let out = project::target().join("page");
    for (script, stem, source) in
        [("editor.js", "editor", "editor.js"), ("later.js", "later", "later.js"), ("nginx.js", "nginx", "main.js")]
    {
        let source = path("frontend/nginx/page").join(source);
        let content = bundle(&source, &out.join(format!("{stem}.bundle.js")), &[], release)?;
        names.push((script, put(files, stem, "js", content)));
    }
    names.push(("lessons.json", put(files, "lessons", "json", lessons()?)));
    for (name, stem) in [("nginx.css", "nginx"), ("later.css", "later")] {
        let style = minified(&fs::read_to_string(path("frontend/nginx").join(name))?);
        names.push((name, put(files, stem, "css", style)));
    }
    let names: Vec<(&str, &str)> = names.iter().map(|(name, file)| (*name, file.as_str())).collect();
    filled("frontend/nginx.html", &names)
}

/// Why each rule matters, with its examples: read when someone asks for it.
fn lessons() -> Result<String> {
    let all: BTreeMap<&str, nginx::Lesson> =
        nginx::rules::ALL.iter().filter_map(|rule| Some((rule.about().id, nginx::lesson(rule.about().id)?))).collect();
    Ok(serde_json::to_string(&all)?)
}

/// The nginx page's first module alone, as it is deployed: the folder of `reader.js` and `reader_bg.wasm`.
pub fn reader() -> Result<PathBuf> {
    part("reader", "reading", Mode::Release)
}

/// One of the reader's modules: made of one of its features.
fn part(name: &str, feature: &str, mode: Mode) -> Result<PathBuf> {
    bound(&["reader", "--no-default-features", "--features", feature], "reader.wasm", name, mode)
}

/// Compiles a package of the page and writes what the browser needs of it: `name.js` and `name_bg.wasm` in the folder
/// that is returned.
fn bound(package: &[&str], module: &str, name: &str, mode: Mode) -> Result<PathBuf> {
    let release = mode == Mode::Release;
    let passes: &[&str] = if package == ["frontend"] { &SMALLEST } else { &SMALLEST_COMPRESSED };
    let profile = if release { "page" } else { "page-dev" };
    let wasm = compile(package, mode, profile, "page", module)?;
    let out = wasm.with_file_name(format!("bindgen-{name}"));
    let _ = fs::remove_dir_all(&out);
    Bindgen::new()
        .input_path(&wasm)
        .out_name(name)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        // What is put in order by names loses them there.
        .remove_name_section(release && passes == SMALLEST)
        .remove_producers_section(true)
        .generate(&out)?;
    if release {
        optimise(&out.join(format!("{name}_bg.wasm")), passes)?;
    }
    Ok(out)
}

/// Adds a file under a name that follows its content, and returns the name.
fn put(files: &mut Files, stem: &str, extension: &str, content: impl Into<Vec<u8>>) -> String {
    let content = content.into();
    let name = format!("assets/{}", hashed(stem, extension, &content));
    files.add(&name, content);
    name
}

/// A script and everything it imports in one file.
fn bundle(entry: &Path, out: &Path, more: &[&str], release: bool) -> Result<Vec<u8>> {
    let Some(esbuild) = tools::optional_node_program("esbuild") else {
        bail!("The page needs esbuild, which `npm ci` brings.");
    };
    let mut command = program(esbuild);
    command.arg(entry).args([
        "--bundle",
        "--format=esm",
        "--target=es2022",
        "--log-level=warning",
        "--legal-comments=none",
    ]);
    command.args(more);
    if release {
        command.arg("--minify");
    }
    command.arg(format!("--outfile={}", out.display()));
    run::shown(&mut command, Duration::from_secs(120))?;
    Ok(fs::read(out)?)
}

/// The script, which starts the page by itself, so that the shell needs no inline script.
fn script(out: &Path, module_name: &str, release: bool) -> Result<Vec<u8>> {
    let file = out.join("app.js");
    let mut text = fs::read_to_string(&file)?;
    text.push_str(&format!("\n__wbg_init({{ module_or_path: \"/{module_name}\" }});\n"));
    fs::write(&file, &text)?;
    if release { small(&file) } else { Ok(text.into_bytes()) }
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

/// What the edge fills in: pages that need no script.
fn still(shell: &str, names: &[(&str, &str)]) -> Result<String> {
    let html = addressed(shell, &read(shell)?, names)?;
    if html.contains("<script") {
        bail!("{shell} is for browsers without scripts");
    }
    Ok(html)
}

/// A shell with its placeholders `{{name}}` replaced by addresses.
fn filled(shell: &str, names: &[(&str, &str)]) -> Result<String> {
    replaced(shell, &read(shell)?, names)
}

fn read(shell: &str) -> Result<String> {
    let file = path(shell);
    fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))
}

fn replaced(shell: &str, html: &str, names: &[(&str, &str)]) -> Result<String> {
    let html = addressed(shell, html, names)?;
    if html.contains(".js\"") { Ok(html) } else { bail!("{shell} loads no script") }
}

fn addressed(shell: &str, html: &str, names: &[(&str, &str)]) -> Result<String> {
    let mut html = html.to_owned();
    for (name, file) in names {
        html = html.replace(&format!("{{{{{name}}}}}"), &format!("/{file}"));
    }
    match html.split_once("{{") {
        Some((_, rest)) => {
            bail!("{shell} has an unknown placeholder {{{{{}", rest.lines().next().unwrap_or_default())
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
        assert_eq!(replaced("x.html", html, &names).unwrap(), expected);
        let other = replaced("x.html", &format!("{html}{{{{other}}}}"), &names).unwrap_err();
        assert!(other.to_string().contains("other"), "{other}");
        assert!(replaced("x.html", "<p>", &names).is_err());
    }
}
