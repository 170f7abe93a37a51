//! The worker in a bare workerd. `wrangler dev` has a second one in front, and an inspector that is told of every request:
//! neither belongs to what a check costs.

use std::{
    fmt::Write as _,
    fs,
    net::TcpStream,
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{
    project::{node_program, path, program},
    run::{self, Group},
};

const CONFIGURATION: &str = "workerd.capnp";

/// A running workerd, stopped when dropped.
pub(super) struct Runtime {
    group: Group,
    port: u16,
}

impl Runtime {
    /// Starts what `cargo xtask build` left in `build/` and `dist/`, and waits until it takes connections.
    pub(super) fn start(folder: &Path, port: u16, vars: &[(String, String)]) -> Result<Runtime> {
        fs::create_dir_all(folder)?;
        // Beside what it embeds: workerd takes no path that leads out of its configuration's folder.
        let file = path("build").join(CONFIGURATION);
        fs::write(&file, configuration(port, vars)?)?;
        let said = fs::File::create(folder.join("workerd.log"))?;
        let mut command = program(node_program("workerd"));
        command.arg("serve").arg(&file).stdout(Stdio::null()).stderr(said);
        let mut runtime = Runtime { group: Group::start(&mut command)?, port };
        let since = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if runtime.group.ended()?.is_some() || since.elapsed() > Duration::from_secs(30) {
                bail!("workerd did not start: {}", fs::read_to_string(folder.join("workerd.log")).unwrap_or_default());
            }
            run::pause(Duration::from_millis(100))?;
        }
        Ok(runtime)
    }

    /// Where it answers.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The worker, its files and the internet, as workerd reads it (a Cap'n Proto text).
fn configuration(port: u16, vars: &[(String, String)]) -> Result<String> {
    let build = path("build");
    let mut names = Vec::new();
    modules(&build, "", &mut names)?;
    // The first one is what requests are handed to.
    names.sort_by_key(|name| name != "shim.js");
    let mut modules = String::new();
    for name in &names {
        let kind = if name.ends_with(".wasm") { "wasm" } else { "esModule" };
        let name = text(name);
        write!(modules, "(name = {name}, {kind} = embed {name}), ")?;
    }
    let vars: String =
        vars.iter().map(|(name, value)| format!("(name = {}, text = {}), ", text(name), text(value))).collect();
    let settings = fs::read_to_string(path("wrangler.toml"))?;
    let setting = |name: &str| {
        let line = settings.lines().find_map(|line| line.strip_prefix(name)?.trim().strip_prefix('='));
        line.map(str::trim).with_context(|| format!("wrangler.toml has no {name}"))
    };
    let (date, flags) = (setting("compatibility_date")?, setting("compatibility_flags")?);
    let dist = text(&path("dist").to_string_lossy());
    Ok(format!(
        r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .lockstep),
    (name = "files", disk = (path = {dist})),
    (name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "main")],
);
const lockstep :Workerd.Worker = (
  modules = [{modules}],
  compatibilityDate = {date},
  compatibilityFlags = {flags},
  globalOutbound = "internet",
  bindings = [{vars}(name = "ASSETS", service = "files")],
);
"#
    ))
}

/// The files under a folder, by their paths in it.
fn modules(folder: &Path, before: &str, names: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{before}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            modules(&entry.path(), &format!("{name}/"), names)?;
        } else if name != CONFIGURATION {
            names.push(name);
        }
    }
    Ok(())
}

/// A text in quotes: what JSON escapes, Cap'n Proto reads alike.
fn text(text: &str) -> String {
    Value::from(text).to_string()
}
