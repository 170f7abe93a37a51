//! The `lockstep` command as a person runs it: arguments, environment, what it printed, its exit code.

use std::{
    collections::BTreeMap,
    env,
    path::PathBuf,
    process::{Command, Stdio},
    sync::OnceLock,
};

use anyhow::{Context, Result, bail};
use lockstep::Report;

use crate::lab::{Guide, Lab, home};

/// The lab to test against: a running one (`LOCKSTEP_LAB` names its directory) or one of our own.
#[derive(Debug)]
pub struct Network {
    guide: Guide,
    _own: Option<Lab>,
}

impl Network {
    /// Attaches to the running lab, or starts one that ends with this value.
    ///
    /// # Errors
    /// What is missing or did not start.
    pub fn find() -> Result<Network> {
        if let Some(dir) = env::var_os("LOCKSTEP_LAB") {
            return Ok(Network { guide: Guide::read(&PathBuf::from(dir))?, _own: None });
        }
        let lab = Lab::start()?;
        Ok(Network { guide: lab.guide().clone(), _own: Some(lab) })
    }

    /// What it tells about itself.
    pub fn guide(&self) -> &Guide {
        &self.guide
    }

    /// `LOCKSTEP_*` settings that lead to it.
    pub fn settings(&self) -> &BTreeMap<String, String> {
        &self.guide.settings
    }
}

/// The binary: `LOCKSTEP_BIN`, or the workspace's own, built first so that no old one is tested.
///
/// # Errors
/// When it cannot be built.
pub fn lockstep() -> Result<PathBuf> {
    static BUILT: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    BUILT.get_or_init(|| built().map_err(|error| format!("{error:#}"))).clone().map_err(anyhow::Error::msg)
}

fn built() -> Result<PathBuf> {
    if let Some(path) = env::var_os("LOCKSTEP_BIN") {
        return Ok(PathBuf::from(path));
    }
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--quiet", "-p", "cli"]).current_dir(home()).status()?;
    if !status.success() {
        bail!("the command line could not be built");
    }
    let own = env::current_exe()?;
    let folder = own.parent().and_then(|deps| deps.parent()).context("a test lies in target/debug/deps")?;
    Ok(folder.join("lockstep"))
}

/// What one run came to.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Ran {
    /// The JSON report that was printed.
    ///
    /// # Errors
    /// When it is not one.
    pub fn report(&self) -> Result<Report> {
        serde_json::from_str(&self.out).with_context(|| {
            let start: String = self.out.chars().take(300).collect();
            format!("no report (exit code {}): {start}\n{}", self.code, self.err)
        })
    }
}

/// The command, ready to run: a clean environment but for the settings.
pub fn command(binary: &PathBuf, settings: &BTreeMap<String, String>, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("LOCKSTEP_")) {
        command.env_remove(name);
    }
    // Empty is "not given": the command reads it as a value.
    command.envs(settings.iter().filter(|(_, value)| !value.is_empty()));
    command.args(arguments).stdin(Stdio::null());
    command
}

/// Runs it to its end.
///
/// # Errors
/// When it could not be started.
pub fn run(binary: &PathBuf, settings: &BTreeMap<String, String>, arguments: &[&str]) -> Result<Ran> {
    let output = command(binary, settings, arguments).output()?;
    Ok(Ran {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
