//! `cargo xtask test`: everything a change has to pass, in order, counted and timed.

use std::{
    env,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::{
    build::{self, Mode},
    deploy,
    lab::Lab,
    project::{self, path, program},
    run, tools,
    wrangler::{self, Wrangler},
};

mod tree;

const TARGET: &str = "wasm32-unknown-unknown";
/// Longest time for one program.
const LIMIT: Duration = Duration::from_secs(1500);
#[derive(clap::Args)]
pub struct Arguments {
    /// Only this part; may be given more than once
    #[arg(long, value_name = "PART")]
    only: Vec<Part>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Formatting
    Format,
    /// Lints, for this machine and for wasm
    Lint,
    /// Licences, advisories, banned crates, where cargo-deny is installed
    Deny,
    /// Who may depend on whom
    Tree,
    /// Each crate's own tests
    Unit,
    /// Page and worker as they are deployed, within their size budgets, and what would be uploaded
    Build,
    /// Scenarios, and the practice network through the command line and through the worker
    Lab,
    /// The page in a browser
    Browser,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    tools::rust_components()?;
    tools::wasm_target()?;
    let wants = |part| arguments.only.is_empty() || arguments.only.contains(&part);
    let mut packages = Vec::new();
    if [Part::Lint, Part::Build, Part::Lab, Part::Browser].into_iter().any(wants) {
        // The C parts are compiled for the lints too.
        packages.push(&tools::CLANG);
    }
    if [Part::Unit, Part::Build, Part::Lab, Part::Browser].into_iter().any(wants) {
        // Unit tests hold the reading of nginx text against the real nginx.
        packages.extend(&tools::LAB);
    }
    if wants(Part::Browser) {
        packages.extend(&tools::BROWSER);
    }
    tools::packages(&packages)?;
    let mut results = Results::default();
    let mut stage = Stage::default();
    for part in Part::value_variants() {
        if wants(*part) {
            results.part(*part, &mut stage)?;
        }
    }
    drop(stage);
    results.summary()
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Format => "format",
            Part::Lint => "lint",
            Part::Deny => "deny",
            Part::Tree => "tree",
            Part::Unit => "unit",
            Part::Build => "build",
            Part::Lab => "lab",
            Part::Browser => "browser",
        }
    }

    /// What was passed over, if anything.
    fn run(self, stage: &mut Stage) -> Result<Option<String>> {
        match self {
            Part::Format => cargo(&["fmt", "--all", "--check"])?,
            Part::Lint => lint()?,
            Part::Deny => return deny(),
            Part::Tree => tree::check()?,
            Part::Unit => unit()?,
            Part::Build => stage.build()?,
            Part::Lab => lab(stage)?,
            Part::Browser => browser(stage)?,
        }
        Ok(None)
    }
}

fn lint() -> Result<()> {
    let native = native()?;
    let every: [&[&str]; 7] = [
        &[
            &borrowed(&native)[..],
            &["-p", "tests", "-p", "xtask", "-p", "lockstep-worker", "-p", "reader", "-p", "report", "--all-targets"],
        ]
        .concat(),
        // Each with only what it enables itself, as it is built.
        &["-p", "frontend", "--target", TARGET],
        &["-p", "reader", "--no-default-features", "--features", "reading", "--target", TARGET],
        &["-p", "reader", "--no-default-features", "--features", "further", "--target", TARGET],
        &["-p", "reader", "--no-default-features", "--features", "reports", "--target", TARGET],
        &["-p", "report", "--target", TARGET],
        &["-p", "lockstep-worker", "--target", TARGET],
    ];
    each(every.map(|arguments| [&["clippy"], arguments, &["--", "-D", "warnings"]].concat()))
}

/// Runs cargo with each of these, the later ones even when an earlier one fails.
fn each<'a>(every: impl IntoIterator<Item = Vec<&'a str>>) -> Result<()> {
    let mut failed = Vec::new();
    for arguments in every {
        match cargo(&arguments) {
            Ok(()) => {}
            Err(error) if run::interrupted() => return Err(error),
            Err(error) => failed.push(format!("{error:#}")),
        }
    }
    if failed.is_empty() { Ok(()) } else { bail!("{}", failed.join("\n")) }
}

fn deny() -> Result<Option<String>> {
    if run::captured(project::cargo().args(["deny", "--version"])).is_err() {
        return Ok(Some("cargo deny not run, because it is not installed".to_owned()));
    }
    cargo(&["deny", "check", "bans", "licenses", "sources"])?;
    // The list of advisories is fetched from outside.
    match run::captured(project::cargo().args(["deny", "fetch", "db"])) {
        Ok(_) => cargo(&["deny", "check", "advisories"]).map(|()| None),
        Err(_) => Ok(Some("advisories not checked, because their list cannot be reached".to_owned())),
    }
}

fn unit() -> Result<()> {
    let native = native()?;
    let mut every = vec![
        [&borrowed(&native)[..], &["-p", "lockstep-worker"]].concat(),
        vec!["-p", "xtask"],
        vec!["-p", "reader", "-p", "report"],
    ];
    // The page is thin on purpose: building all of it for this machine is worth it only once it has tests of its own.
    if build::files::listed(&path("frontend/src"))?.iter().any(|file| has_tests(file)) {
        every.push(vec!["-p", "frontend"]);
    }
    each(every.into_iter().map(|arguments| [&["test", "--no-fail-fast"], &arguments[..]].concat()))
}

fn has_tests(file: &Path) -> bool {
    std::fs::read_to_string(file).is_ok_and(|text| text.contains("#[test]"))
}

/// Cargo's arguments for the crates that are the product on this machine, with everything they can do.
fn native() -> Result<Vec<String>> {
    let mut arguments = Vec::new();
    for (name, package) in project::packages()? {
        if package.folder.starts_with(path("crates")) && name != "xtask" {
            arguments.extend(["-p".to_owned(), name.clone()]);
            for feature in ["parse", "probe"] {
                if package.features.iter().any(|has| has == feature) {
                    arguments.extend(["--features".to_owned(), format!("{name}/{feature}")]);
                }
            }
        }
    }
    Ok(arguments)
}

fn borrowed(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

fn lab(stage: &mut Stage) -> Result<()> {
    let deployed = stage.deployed()?;
    let (lab, worker) = stage.ready()?;
    cargo(&["build", "-p", "cli"])?;
    let mut tests = project::cargo();
    tests.args(["test", "--no-fail-fast", "-p", "tests"]);
    tests.env("LOCKSTEP_LAB", &lab.folder).env("LOCKSTEP_WORKER_URL", worker.url());
    tests.env("LOCKSTEP_DEPLOYED_URL", deployed).env("LOCKSTEP_BIN", project::target().join("debug/lockstep"));
    shown(&mut tests)?;
    lab.check()?;
    worker.check()
}

fn browser(stage: &mut Stage) -> Result<()> {
    let Some(chromium) = tools::chromium() else { bail!("there is no Chromium; CHROMIUM may name one") };
    let deployed = stage.deployed()?;
    let (lab, worker) = stage.ready()?;
    let mut files: Vec<_> = std::fs::read_dir(path("tests/browser"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("tests/browser has no *.test.mjs");
    }
    let mut node = program("node");
    // One file at a time: they share two cores with the browser and the servers.
    node.args(["--test", "--test-concurrency=1", "--test-reporter=spec"]).args(files);
    node.env("LOCKSTEP_WORKER_URL", worker.url()).env("LOCKSTEP_DEPLOYED_URL", deployed);
    node.env("LOCKSTEP_LAB", &lab.folder).env("CHROMIUM", chromium);
    shown(&mut node)?;
    lab.check()?;
    worker.check()
}

/// What several parts stand on, made when the first of them needs it and stopped at the end.
#[derive(Default)]
struct Stage {
    built: bool,
    worker: Option<Wrangler>,
    deployed: Option<Wrangler>,
    lab: Option<Lab>,
}

impl Stage {
    fn build(&mut self) -> Result<()> {
        if self.built {
            return Ok(());
        }
        tools::node()?;
        // The examples of the practice network are a file of the page's.
        let lab = self.lab()?.examples();
        build::page(Mode::Release, Some(&lab))?;
        build::worker(Mode::Release)?;
        build::sizes(true, true)?;
        deploy::bundled()?;
        self.built = true;
        Ok(())
    }

    fn lab(&mut self) -> Result<&mut Lab> {
        if self.lab.is_none() {
            self.lab = Some(Lab::start(&path(".dev/lab"))?);
        }
        self.lab.as_mut().ok_or_else(|| anyhow::anyhow!("no practice network"))
    }

    /// The address of another worker, with limits and cache as they are deployed. (Names in the cache have the worker's
    /// address in them: what an earlier one kept answers no question to this one.)
    fn deployed(&mut self) -> Result<String> {
        self.build()?;
        let vars = self.lab()?.worker_vars()?;
        if self.deployed.is_none() {
            self.deployed = Some(Wrangler::start(wrangler::free_port()?, &vars, false)?);
        }
        Ok(self.deployed.as_ref().map(Wrangler::url).unwrap_or_default())
    }

    /// The practice network and the worker that looks at it.
    fn ready(&mut self) -> Result<(&mut Lab, &mut Wrangler)> {
        self.build()?;
        let mut vars = self.lab()?.worker_vars()?;
        // The tests ask for more in a minute than a visitor may, and each wants a look of its own.
        vars.extend(["LOCKSTEP_RATE", "LOCKSTEP_CACHE"].map(|name| (name.to_owned(), "off".to_owned())));
        if self.worker.is_none() {
            eprintln!("Starting the edge runtime …");
            self.worker = Some(Wrangler::start(wrangler::free_port()?, &vars, false)?);
        }
        match (&mut self.lab, &mut self.worker) {
            (Some(lab), Some(worker)) => Ok((lab, worker)),
            _ => bail!("no stage"),
        }
    }
}

/// What came of each part.
#[derive(Default)]
struct Results(Vec<(Part, Duration, Duration, Outcome)>);

enum Outcome {
    Passed,
    PassedOver(String),
    Failed(String),
}

impl Results {
    /// Runs a part; only a request to stop ends the whole.
    fn part(&mut self, part: Part, stage: &mut Stage) -> Result<()> {
        println!("\n── {} ──", part.name());
        let (since, before) = (Instant::now(), run::processor_time());
        let outcome = match part.run(stage) {
            Ok(None) => Outcome::Passed,
            Ok(Some(why)) => {
                println!("{why}");
                Outcome::PassedOver(why)
            }
            Err(error) if run::interrupted() => return Err(error),
            Err(error) => {
                eprintln!("{error:#}");
                Outcome::Failed(format!("{error:#}"))
            }
        };
        self.0.push((part, since.elapsed(), run::processor_time().saturating_sub(before), outcome));
        Ok(())
    }

    fn summary(&self) -> Result<()> {
        println!("\n── summary ──");
        println!("{:<10}{:>8}{:>12}", "", "seconds", "processor");
        let mut totals = (Duration::ZERO, Duration::ZERO);
        for (part, time, processor, outcome) in &self.0 {
            let (state, why) = match outcome {
                Outcome::Passed => ("passed", ""),
                Outcome::PassedOver(why) => ("passed", why.as_str()),
                Outcome::Failed(why) => ("FAILED", why.as_str()),
            };
            let why: String = why.lines().next().unwrap_or_default().chars().take(100).collect();
            let (name, seconds, processor) = (part.name(), time.as_secs(), processor.as_secs());
            println!("{}", format!("{name:<10}{seconds:>8}{processor:>12}   {state}   {why}").trim_end());
            totals.0 += *time;
            totals.1 += Duration::from_secs(processor);
        }
        println!("{:<10}{:>8}{:>12}", "total", totals.0.as_secs(), totals.1.as_secs());
        match self.0.iter().filter(|(_, _, _, outcome)| matches!(outcome, Outcome::Failed(_))).count() {
            0 => Ok(()),
            failed => bail!("{failed} of {} parts failed", self.0.len()),
        }
    }
}

fn cargo(arguments: &[&str]) -> Result<()> {
    shown(project::cargo().args(arguments))
}

fn shown(command: &mut Command) -> Result<()> {
    if env::var_os("CI").is_some() {
        command.env("CARGO_TERM_PROGRESS_WHEN", "never");
    }
    println!("$ {}", run::line(command));
    run::shown(command, LIMIT)
}
