//! `lockstep check`: flags, then `lockstep.toml`, then one domain after the other.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use clap::Args;
use domain::{Expect, Target};
use findings::State;
use network::{PathWanted, Settings};

use crate::{
    Format, Outcome, SettingsArgs,
    config::{self, Config, Site},
    run, smoke,
};

/// What to look at, and what to do with it.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// A domain, a URL, or what an address bar shows; several are looked at one after the other. Default: those of
    /// lockstep.toml
    domains: Vec<String>,
    /// The file to read instead of lockstep.toml in the working directory; none reads no file
    #[arg(long, value_name = "FILE", env = "LOCKSTEP_CONFIG")]
    config: Option<PathBuf>,
    /// Where the name should lead: addresses, or a CNAME target
    #[arg(long, value_name = "ADDRESS|NAME")]
    expect: Option<String>,
    /// The site is yours: also look at ports and files that nobody should reach, for up to twice the time
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    mine: Option<bool>,
    /// Also look at subdomains that the public logs know, at most 20, for up to twice the time: which of them would
    /// includeSubDomains lock out?
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    subdomains: Option<bool>,
    /// Also read up to ten pages that the first one links to, as its robots.txt allows, for up to twice the time: does
    /// one of them load something by http://?
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    crawl: Option<bool>,
    /// A path that should answer 200 to 399, or this status, or with this text; repeat for several
    #[arg(long = "path", value_name = "PATH[=STATUS|TEXT]")]
    paths: Vec<PathWanted>,
    /// A file with one such path a line, or https URLs of the domains; none reads no file
    #[arg(long, value_name = "FILE")]
    smoke: Option<PathBuf>,
    /// Saved output of --format json: only what got worse since makes the exit code 1; none compares with nothing
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// What to write; default text
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The least state that makes the exit code 1 ("Further hardening" never does); default failed
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The least state that makes the exit code 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Failures only
    Failed,
    /// Warnings too
    Warning,
}

impl FailOn {
    fn state(self) -> State {
        match self {
            FailOn::Failed => State::Failed,
            FailOn::Warning => State::Warning,
        }
    }
}

impl CheckArgs {
    /// Looks, writes, and says what came of it.
    ///
    /// # Errors
    /// What could not be understood or read, before anything is looked at; or a network that could not be set up.
    pub async fn run(self) -> Result<Outcome, String> {
        let file = Config::find(self.config.as_deref())?;
        let named = self.config.as_deref().is_some_and(|path| !path.as_os_str().is_empty());
        if let Some((path, _)) = file.as_ref().filter(|_| !named) {
            // A file that nobody named may change what is looked at, and from where.
            let said = format!("lockstep: as {} says (--config none: without)\n", path.display());
            let _ = io::stderr().write_all(said.as_bytes());
        }
        let (path, file) = file.unwrap_or_else(|| (config::NAME.into(), Config::default()));
        let format = self.format.or(file.format).unwrap_or(Format::Text);
        let fail_on = self.fail_on.or(file.fail_on).unwrap_or(FailOn::Failed).state();
        let sites = self.sites(&file)?;
        if sites.is_empty() {
            return Err(format!("Which domain? Name one, or write it as [[domain]] into {}.", path.display()));
        }
        let targets: Vec<Target> = sites.iter().map(Site::target).collect();
        let before = match given(self.baseline.as_deref().or(file.baseline.as_deref())) {
            Some(path) => read_file(path, run::read_reports)?,
            None => Vec::new(),
        };
        // The file's own list may speak of its other domains; one that was named has to be about these.
        let (smoke, about) = match &self.smoke {
            Some(path) => (given(Some(path)), targets.clone()),
            None => {
                (file.smoke.as_deref(), targets.iter().cloned().chain(file.sites.iter().map(Site::target)).collect())
            }
        };
        let smoke = smoke.map_or(Ok(Vec::new()), |path| read_file(path, smoke::read))?;
        if let Some(host) = smoke::stray(&smoke, &about) {
            return Err(format!("{host} is in the smoke list and not among the domains"));
        }
        let common = self.settings.read(&file.settings)?;
        let mut reports = Vec::new();
        let mut worst = Outcome::Clean;
        for (site, target) in sites.iter().zip(targets) {
            let mut settings = Settings {
                mine: site.mine,
                subdomains: site.subdomains,
                crawl: site.crawl,
                paths: if self.paths.is_empty() { site.paths() } else { self.paths.clone() },
                ..common.clone()
            };
            settings.paths.extend(smoke::of(&smoke, &target));
            if site.mine || site.subdomains || site.crawl {
                settings.deadline *= 2;
            }
            let report = run::check(target, settings, format).await?;
            let outcome = match before.iter().find(|before| before.domain == report.domain) {
                Some(before) => run::against(before, &report, fail_on),
                None => run::outcome(&report, fail_on),
            };
            worst = worst.max(outcome);
            reports.push(report);
        }
        if !format.streams() {
            run::write(&reports, format, fail_on)?;
        }
        Ok(worst)
    }

    /// The domains named, or else the file's; of either, what the file says of it and what flags say instead.
    fn sites(&self, file: &Config) -> Result<Vec<Site>, String> {
        let mut sites = file.sites.clone();
        if !self.domains.is_empty() {
            let named = |typed: &String| {
                let target = Target::parse(typed, None).map_err(|error| error.to_string())?;
                Ok(file.site(&target).cloned().unwrap_or_else(|| Site::new(target)))
            };
            sites = self.domains.iter().map(named).collect::<Result<_, String>>()?;
        }
        let expect = self.expect.as_deref().filter(|text| !text.trim().is_empty()).map(Expect::parse).transpose();
        let expect = expect.map_err(|error| error.to_string())?;
        for site in &mut sites {
            if let Some(expect) = &expect {
                site.expect(expect.clone());
            }
            site.mine = self.mine.unwrap_or(site.mine);
            site.subdomains = self.subdomains.unwrap_or(site.subdomains);
            site.crawl = self.crawl.unwrap_or(site.crawl);
        }
        Ok(sites)
    }
}

/// A file, unless it is called `none`.
fn given(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| *path != Path::new("none"))
}

/// A file's content, understood.
///
/// # Errors
/// The file, and why it cannot be read or understood.
pub fn read_file<T>(file: &Path, understand: fn(&str) -> Result<T, String>) -> Result<T, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
    text.and_then(|text| understand(&text)).map_err(|error| format!("{}: {error}", file.display()))
}
