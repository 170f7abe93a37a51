//! `lockstep check example.com`: the checklist in a terminal; and nginx configuration read, explained and written.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Parser, Subcommand, ValueEnum};
use cli::{Format, GenerateArgs, LintArgs, Outcome, RedirectsArgs, RouteArgs, SettingsArgs, smoke};
use domain::Target;
use findings::State;
use network::{PathWanted, Settings};

/// Tells whether a domain's HTTPS deployment is right, names the cause of what is wrong, and shows the line to change.
#[derive(Debug, Parser)]
#[command(name = "lockstep", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look at a domain from outside
    ///
    /// Exit code: 0 nothing failed, 1 something failed or the name is not connected, 2 the check could not run
    /// or too little could be seen to say.
    Check(Box<CheckArgs>),
    /// Write saved reports again, without looking
    ///
    /// Exit code: as if they had just been made.
    Show {
        /// What --format json wrote
        file: PathBuf,
        /// What to write
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Explain a check: the problem, why it matters, how to fix it
    Explain {
        /// The check's id, such as plain-http-hop; without one, all ids are listed
        id: Option<String>,
    },
    /// Read nginx configuration: what is wrong with it, and the fix
    ///
    /// Exit code: 0 nothing at or above --fail-on, 1 something, 2 it could not be read.
    Lint(LintArgs),
    /// Explain what nginx configuration does with a URL, step by step
    ///
    /// Exit code: 0 there is an answer, 1 the visitor gets an error or nothing, 2 it could not be read.
    Route(Box<RouteArgs>),
    /// List what answers at http and https of every name in nginx configuration
    ///
    /// Exit code: 0 no circle, 1 redirects go in a circle, 2 it could not be read.
    Redirects(RedirectsArgs),
    /// Write the smallest nginx configuration that is right for a site
    Generate(GenerateArgs),
}

#[derive(Debug, Args)]
struct CheckArgs {
    /// A domain, a URL, or what an address bar shows; several are looked at one after the other
    #[arg(required = true)]
    domains: Vec<String>,
    /// Where the name should lead: addresses, or a CNAME target
    #[arg(long, value_name = "ADDRESS|NAME")]
    expect: Option<String>,
    /// The site is yours: also look at ports and files that nobody should reach, for up to twice the time
    #[arg(long)]
    mine: bool,
    /// Also look at subdomains that the public logs know, at most 20, for up to twice the time: which of them would
    /// includeSubDomains lock out?
    #[arg(long)]
    subdomains: bool,
    /// Also read up to ten pages that the first one links to, as its robots.txt allows, for up to twice the time: does
    /// one of them load something by http://?
    #[arg(long)]
    crawl: bool,
    /// A path that should answer 200 to 399, or this status, or with this text; repeat for several
    #[arg(long = "path", value_name = "PATH[=STATUS|TEXT]")]
    paths: Vec<PathWanted>,
    /// A file with one such path a line, or https URLs of the domains
    #[arg(long, value_name = "FILE")]
    smoke: Option<PathBuf>,
    /// Saved output of --format json: only what got worse since makes the exit code 1
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The least state that makes the exit code 1 ("Further hardening" never does)
    #[arg(long, value_enum, default_value_t = FailOn::Failed)]
    fail_on: FailOn,
    #[command(flatten)]
    settings: SettingsArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FailOn {
    /// Failures only
    Failed,
    /// Warnings too
    Warning,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(check) => check.run().await,
        Command::Show { file, format } => show(&file, format),
        Command::Explain { id } => explain(id.as_deref()),
        Command::Lint(lint) => lint.run().map(|outcome| ExitCode::from(outcome.code())),
        Command::Route(route) => route.run().map(|outcome| ExitCode::from(outcome.code())),
        Command::Redirects(redirects) => redirects.run().map(|outcome| ExitCode::from(outcome.code())),
        Command::Generate(generate) => generate.run().map(|outcome| ExitCode::from(outcome.code())),
    };
    result.unwrap_or_else(|error| {
        complain(&error);
        ExitCode::from(2)
    })
}

impl CheckArgs {
    async fn run(self) -> Result<ExitCode, String> {
        let fail_on = match self.fail_on {
            FailOn::Failed => State::Failed,
            FailOn::Warning => State::Warning,
        };
        let target = |typed: &String| Target::parse(typed, self.expect.as_deref()).map_err(|error| error.to_string());
        let targets: Vec<Target> = self.domains.iter().map(target).collect::<Result<_, _>>()?;
        let before = self.baseline.as_deref().map_or(Ok(Vec::new()), |file| read(file, cli::read_reports))?;
        let smoke = self.smoke.as_deref().map_or(Ok(Vec::new()), |file| read(file, smoke::read))?;
        if let Some(host) = smoke::stray(&smoke, &targets) {
            return Err(format!("{host} is in the smoke list and not among the domains"));
        }
        let mut settings = self.settings.read()?;
        settings.mine = self.mine;
        settings.subdomains = self.subdomains;
        settings.crawl = self.crawl;
        if self.mine || self.subdomains || self.crawl {
            settings.deadline *= 2;
        }
        let mut reports = Vec::new();
        let mut worst = Outcome::Clean;
        for target in targets {
            let mut paths = self.paths.clone();
            paths.extend(smoke::of(&smoke, &target));
            let settings = Settings { paths, ..settings.clone() };
            let report = cli::check(target, settings, self.format).await?;
            let outcome = match before.iter().find(|before| before.domain == report.domain) {
                Some(before) => cli::against(before, &report, fail_on),
                None => cli::outcome(&report, fail_on),
            };
            worst = worst.max(outcome);
            reports.push(report);
        }
        if !self.format.streams() {
            cli::write(&reports, self.format, fail_on)?;
        }
        Ok(ExitCode::from(worst.code()))
    }
}

fn show(file: &Path, format: Format) -> Result<ExitCode, String> {
    let reports = read(file, cli::read_reports)?;
    cli::write(&reports, format, State::Failed)?;
    let worst = reports.iter().map(|report| cli::outcome(report, State::Failed)).max();
    Ok(ExitCode::from(worst.unwrap_or(Outcome::Clean).code()))
}

/// A file's content, understood.
fn read<T>(file: &Path, understand: fn(&str) -> Result<T, String>) -> Result<T, String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string());
    text.and_then(|text| understand(&text)).map_err(|error| format!("{}: {error}", file.display()))
}

#[expect(clippy::print_stdout, reason = "the command's answer")]
fn explain(id: Option<&str>) -> Result<ExitCode, String> {
    let catalogue = lockstep::catalogue();
    match id {
        None => {
            for about in catalogue {
                println!("{:<36} {}", about.id, about.title);
            }
        }
        Some(id) => {
            let about = catalogue
                .iter()
                .find(|about| about.id == id)
                .ok_or_else(|| format!("There is no check \"{id}\". `lockstep explain` lists them."))?;
            let doc: String = about.doc.lines().map(|line| format!("{}\n", line.trim())).collect();
            println!(
                "{} ({}, {:?})\n\n{doc}\nSource: {}",
                about.id,
                about.section.title(),
                about.severity,
                about.source
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[expect(clippy::print_stderr, reason = "the command's complaint")]
fn complain(error: &str) {
    eprintln!("lockstep: {error}");
}
