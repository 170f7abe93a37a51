//! `cargo xtask build`: the page into `dist/`, the worker into `build/`.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::{project, run, tools};

mod checks;
mod css;
pub mod files;
mod frame;
mod headers;
mod openapi;
mod page;
mod sizes;
mod told;
mod worker;

pub use page::{build as page, reader};
pub use sizes::brotli;
pub use worker::build as worker;

const TARGET: &str = "wasm32-unknown-unknown";

#[derive(clap::Args)]
pub struct Arguments {
    /// What to build; both when nothing is named
    what: Option<Half>,
    /// As it is deployed: small and slow to build
    #[arg(long)]
    release: bool,
    /// Print the sizes that visitors and the edge pay for, and fail when one is above its budget (implies --release)
    #[arg(long)]
    sizes: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Half {
    /// What the browser loads
    Page,
    /// What runs at the edge
    Worker,
}

/// How carefully to build.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Quick to build.
    Dev,
    /// As it is deployed.
    Release,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let mode = if arguments.release || arguments.sizes { Mode::Release } else { Mode::Dev };
    let wants = |half| arguments.what.is_none_or(|what| what == half);
    tools::wasm_target()?;
    if wants(Half::Worker) {
        tools::packages(&[&tools::CLANG])?;
    }
    if wants(Half::Page) {
        // The editor of the nginx page, and what puts scripts into one file.
        tools::node()?;
        page(mode, None)?;
    }
    if wants(Half::Worker) {
        worker(mode)?;
    }
    if arguments.sizes {
        sizes(wants(Half::Page), wants(Half::Worker))?;
    }
    Ok(())
}

/// Prints what is built and fails when it is above budget.
pub fn sizes(page: bool, worker: bool) -> Result<()> {
    let mut over = Vec::new();
    if page {
        over.extend(sizes::page(&project::path("dist"))?);
    }
    if worker {
        over.extend(sizes::worker(&project::path("build"), &project::path("dist"))?);
    }
    if over.is_empty() { Ok(()) } else { bail!("{}", over.join("\n")) }
}

/// A script in fewer bytes; as it is where esbuild is not installed.
fn small(script: &Path) -> Result<Vec<u8>> {
    let Some(esbuild) = tools::optional_node_program("esbuild") else { return Ok(std::fs::read(script)?) };
    let smaller = script.with_extension("min.js");
    let mut command = project::program(esbuild);
    command.arg(script).args(["--minify", "--format=esm", "--target=es2022", "--log-level=warning"]);
    command.arg(format!("--outfile={}", smaller.display()));
    run::shown(&mut command, Duration::from_secs(120))?;
    Ok(std::fs::read(smaller)?)
}

/// Compiles a package (its name, and arguments about its features) to wasm in a target folder of its own, so that page,
/// worker and native builds never wait for each other, and returns the module's path.
fn compile(package: &[&str], mode: Mode, profile: &str, folder: &str, module: &str) -> Result<PathBuf> {
    let folder = project::target().join(folder);
    let mut cargo = project::cargo();
    cargo.args(["build", "--package"]).args(package);
    cargo.args(["--target", TARGET, "--profile", profile, "--target-dir"]).arg(&folder);
    if mode == Mode::Release {
        cargo.arg("--config").arg(format!("target.{TARGET}.rustflags = {}", remapped()));
    }
    run::shown(&mut cargo, Duration::from_secs(1800))?;
    Ok(folder.join(TARGET).join(profile).join(module))
}

/// Flags, as a TOML array, that keep this machine's folders out of what is published, where the places of panics would
/// name them: the same sources give the same bytes everywhere.
fn remapped() -> String {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(std::env::home_dir()?.join(".cargo")));
    let registry = home.map(|home| home.join("registry/src")).unwrap_or_default();
    let indexes = std::fs::read_dir(registry).into_iter().flatten().flatten().map(|entry| (entry.path(), ""));
    let flags = indexes.chain([(project::path(""), "lockstep")]).map(|(from, to)| {
        let flag = format!("--remap-path-prefix={}={to}", from.display());
        serde_json::Value::from(flag.replace("/=", "=")).to_string()
    });
    format!("[{}]", flags.collect::<Vec<_>>().join(", "))
}

/// Rust puts the stack below everything else, so nothing lives in the first 1024 bytes and offsets may be folded.
const LOW_MEMORY: &str = "--low-memory-unused";

/// Binaryen's passes for the smallest module.
const SMALLEST: [&str; 1] = ["-Oz"];
/// Its passes for the smallest download of the nginx reader: with all of `-Oz` it is a fifteenth smaller, but its brotli
/// a twenty-fifth larger, because what looked alike no longer does. (Of the first page the opposite is true.) The worker's
/// gzip is a tenth smaller with them.
const SMALLEST_COMPRESSED: [&str; 14] = [
    "--rse",
    "--dce",
    "--remove-unused-module-elements",
    "--duplicate-function-elimination",
    "--optimize-instructions",
    "--vacuum",
    "--optimize-added-constants",
    "--simplify-locals-nostructure",
    "--merge-locals",
    "--remove-unused-names",
    "--coalesce-locals",
    "--reorder-locals",
    // What is called alike is made of the same code, and compresses best side by side.
    "--reorder-functions-by-name",
    "--strip-debug",
];

/// Makes a module smaller where binaryen is installed; the build is complete without it. Never the system's own
/// wasm-opt: Debian's 108 exits with success and leaves a broken module.
fn optimise(wasm: &Path, passes: &[&str]) -> Result<()> {
    let Some(wasm_opt) = tools::optional_node_program("wasm-opt") else { return Ok(()) };
    let features = [
        "--enable-bulk-memory",
        "--enable-nontrapping-float-to-int",
        "--enable-sign-ext",
        "--enable-reference-types",
        "--enable-mutable-globals",
        "--enable-multivalue",
        "--enable-exception-handling",
    ];
    let smaller = wasm.with_extension("opt");
    run::shown(
        project::program(wasm_opt).args(passes).arg(LOW_MEMORY).args(features).arg(wasm).arg("-o").arg(&smaller),
        Duration::from_secs(600),
    )?;
    Ok(std::fs::rename(smaller, wasm)?)
}
