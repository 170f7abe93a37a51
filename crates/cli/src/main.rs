//! `lockstep check example.com`: the checklist in a terminal; and nginx configuration read, explained and written.

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use cli::{Format, GenerateArgs, LintArgs, RedirectsArgs, RouteArgs, SettingsArgs};
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
    Check {
        /// A domain, a URL, or what an address bar shows
        domain: String,
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
        /// A path that should answer 200 to 399, or this status, or with this text; repeat for several
        #[arg(long = "path", value_name = "PATH[=STATUS|TEXT]")]
        paths: Vec<PathWanted>,
        /// What to write
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// The least state that makes the exit code 1 ("Further hardening" never does)
        #[arg(long, value_enum, default_value_t = FailOn::Failed)]
        fail_on: FailOn,
        #[command(flatten)]
        settings: Box<SettingsArgs>,
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
        Command::Check { domain, expect, mine, subdomains, paths, format, fail_on, settings } => {
            let settings = settings.read().map(|settings| Settings { paths, subdomains, ..settings });
            check(&domain, expect.as_deref(), mine, format, fail_on, settings).await
        }
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

async fn check(
    domain: &str,
    expect: Option<&str>,
    mine: bool,
    format: Format,
    fail_on: FailOn,
    settings: Result<Settings, String>,
) -> Result<ExitCode, String> {
    let target = Target::parse(domain, expect).map_err(|error| error.to_string())?;
    let fail_on = match fail_on {
        FailOn::Failed => State::Failed,
        FailOn::Warning => State::Warning,
    };
    let mut settings = settings?;
    settings.mine = mine;
    if mine || settings.subdomains {
        settings.deadline *= 2;
    }
    let outcome = cli::check(target, settings, format, fail_on).await?;
    Ok(ExitCode::from(outcome.code()))
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
