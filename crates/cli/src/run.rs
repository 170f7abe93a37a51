//! One check in a terminal: the same streaming checklist as the page.

use std::{
    cell::Cell,
    io::{self, IsTerminal, Write},
};

use domain::Target;
use findings::{Section, State};
use lockstep::{Event, Report, Situation};
use network::{Session, Settings};

use crate::Native;

/// What is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The checklist as it fills in, then the causes and the five facts
    Text,
    /// One report at the end
    Json,
    /// One event a line as things become known
    Ndjson,
}

/// What came of a check, as an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing at or above the severity that counts: 0.
    Clean,
    /// Something at or above it, or the name is not connected: 1.
    Failures,
    /// Nothing could be looked at: 2.
    CouldNotRun,
}

impl Outcome {
    /// 0, 1 or 2.
    pub fn code(self) -> u8 {
        match self {
            Outcome::Clean => 0,
            Outcome::Failures => 1,
            Outcome::CouldNotRun => 2,
        }
    }
}

/// Checks a target and writes what becomes known to standard output.
///
/// # Errors
/// When the network could not be set up.
pub async fn check(target: Target, settings: Settings, format: Format, fail_on: State) -> Result<Outcome, String> {
    let network = Native::new(&settings.trust)?;
    let session = Session::new(network, settings);
    let progress = format == Format::Text && io::stderr().is_terminal();
    // A reader that went away (`| head`) ends the writing, not the program with a panic.
    let open = Cell::new(true);
    let write = |text: &str| {
        if open.get() && io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush()).is_err() {
            open.set(false);
        }
    };
    let tell = |event: Event| match format {
        Format::Text => {
            if progress {
                show_progress(&event);
            }
            if let Some(text) = lockstep::text(&event) {
                write(&text);
            }
        }
        Format::Ndjson => write(&line(&event)),
        Format::Json => {
            if let Event::Report(report) = &event {
                write(&line(report));
            }
        }
    };
    let report = lockstep::check(target, &session, &tell).await;
    Ok(outcome(&report, fail_on))
}

fn line<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).map_or_else(|error| format!("{{\"error\":\"{error}\"}}\n"), |json| json + "\n")
}

/// One line on standard error that is overwritten; standard output stays clean.
fn show_progress(event: &Event) {
    let text = match event {
        Event::Progress(progress) if progress.done < progress.total => {
            format!("\r\x1b[K{}/{} {}", progress.done, progress.total, progress.step)
        }
        _ => "\r\x1b[K".to_owned(),
    };
    let _ = io::stderr().write_all(text.as_bytes());
}

fn outcome(report: &Report, fail_on: State) -> Outcome {
    let looked = report.findings.iter().any(|finding| finding.state != State::NotTested);
    let counted = report.findings.iter().filter(|finding| finding.section != Section::Hardening);
    let worst = counted.map(|finding| finding.state).max().unwrap_or(State::Passed);
    if !looked || report.situation == Situation::Unseen {
        Outcome::CouldNotRun
    } else if report.situation == Situation::NotConnected || worst >= fail_on {
        Outcome::Failures
    } else {
        Outcome::Clean
    }
}
