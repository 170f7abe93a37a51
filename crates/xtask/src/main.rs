//! The project's own commands: `cargo xtask dev | test | build | deploy | lab | bench`.

#![forbid(unsafe_code)]
// The bans keep the product's crates pure; this program runs other programs and watches the clock while it does.
#![allow(clippy::disallowed_methods)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod bench;
mod build;
mod deploy;
mod dev;
mod lab;
mod project;
mod run;
mod test;
mod tools;
mod watch;
mod wrangler;

/// Lockstep's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build page and worker, serve them on http://127.0.0.1:8787, rebuild what you edit
    Dev(dev::Arguments),
    /// Everything a change has to pass: format, lints, dependencies, unit tests, the practice network, the browser
    Test(test::Arguments),
    /// Build the page into dist/ and the worker into build/
    Build(build::Arguments),
    /// Build page and worker and upload them to Cloudflare, with a place for shared reports
    Deploy(deploy::Arguments),
    /// Run the practice network alone and print the settings that point the command line at it
    Lab(lab::Arguments),
    /// Measure, beside others, and print a table
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = run::stop_on_signals().and_then(|()| match arguments.command {
        Command::Dev(arguments) => dev::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Deploy(arguments) => deploy::run(&arguments),
        Command::Lab(arguments) => lab::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) if run::interrupted() => {
            eprintln!("Stopped.");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
