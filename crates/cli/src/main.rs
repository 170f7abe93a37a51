//! `lockstep check example.com`: the checklist in a terminal; and nginx configuration read, explained and written.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use cli::{CheckArgs, Format, GenerateArgs, LintArgs, Outcome, RedirectsArgs, RouteArgs};
use findings::State;

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
    /// Without a domain, those of lockstep.toml in the working directory. A flag wins over its environment variable,
    /// which wins over that file.
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
    /// Say what is different between two saved reports, without looking
    ///
    /// Exit code: 0 nothing broke, 1 something did, 2 they cannot be compared.
    Compare {
        /// What --format json wrote, the earlier
        before: PathBuf,
        /// The later, or another domain's
        now: PathBuf,
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

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Check(check) => check.run().await.map(|outcome| ExitCode::from(outcome.code())),
        Command::Show { file, format } => show(&file, format),
        Command::Compare { before, now } => cli::compare(&before, &now).map(|outcome| ExitCode::from(outcome.code())),
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

fn show(file: &Path, format: Format) -> Result<ExitCode, String> {
    let reports = cli::read_file(file, cli::read_reports)?;
    cli::write(&reports, format, State::Failed)?;
    let worst = reports.iter().map(|report| cli::outcome(report, State::Failed)).max();
    Ok(ExitCode::from(worst.unwrap_or(Outcome::Clean).code()))
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
