//! One check in a terminal: the same streaming checklist as the page.

use std::{
    cell::Cell,
    io::{self, IsTerminal, Write},
};

use domain::Target;
use findings::{Finding, Section, State};
use lockstep::{Comparison, Event, Report, SCHEMA, Situation};
use network::{Session, Settings};

use crate::{Native, forms};

/// What is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// The checklist as it fills in, then the causes and the five facts
    Text,
    /// One report at the end
    Json,
    /// One event a line as things become known
    Ndjson,
    /// A checklist for a ticket, at the end
    Markdown,
    /// The same with what was seen of the operation, and lines for what only you know
    Runbook,
    /// JUnit XML, at the end: a suite a domain, a case a row
    Junit,
    /// Annotations in GitHub's log, at the end
    Github,
}

/// What came of a check, as an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing at or above the severity that counts: 0.
    Clean,
    /// Something at or above it, or the name is not connected: 1.
    Failures,
    /// Nothing could be looked at: 2.
    CouldNotRun,
}

impl Format {
    /// Whether [`check`] writes it while it looks; the others are for [`write()`] when every report is there.
    pub fn streams(self) -> bool {
        matches!(self, Format::Text | Format::Json | Format::Ndjson)
    }
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

/// Checks a target and, in the formats that stream, writes what becomes known to standard output.
///
/// # Errors
/// When the network could not be set up.
pub async fn check(target: Target, settings: Settings, format: Format) -> Result<Report, String> {
    let network = Native::new(&settings.trust)?;
    let session = Session::new(network, settings);
    let progress = matches!(format, Format::Text | Format::Markdown | Format::Runbook) && io::stderr().is_terminal();
    // A reader that went away (`| head`) ends the writing, not the program with a panic.
    let open = Cell::new(true);
    let write = |text: &str| {
        if open.get() && put(text).is_err() {
            open.set(false);
        }
    };
    let tell = |event: Event| {
        if progress {
            show_progress(&event);
        }
        match format {
            Format::Text => {
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
            Format::Markdown | Format::Runbook | Format::Junit | Format::Github => {}
        }
    };
    Ok(lockstep::check(target, &session, &tell).await)
}

/// Writes finished reports.
///
/// # Errors
/// When it cannot be put into that form.
pub fn write(reports: &[Report], format: Format, fail_on: State) -> Result<(), String> {
    let text = match format {
        Format::Text => reports.iter().map(lockstep::whole).collect::<Vec<_>>().join("\n"),
        Format::Json | Format::Ndjson => reports.iter().map(line).collect(),
        Format::Markdown => reports.iter().map(lockstep::markdown).collect::<Vec<_>>().join("\n"),
        Format::Runbook => reports.iter().map(lockstep::runbook).collect::<Vec<_>>().join("\n"),
        Format::Junit => forms::junit(reports, fail_on)?,
        Format::Github => forms::github(reports),
    };
    let _ = put(&text); // as above
    Ok(())
}

fn put(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush())
}

/// Reads saved reports: what `--format json` wrote, one a line.
///
/// # Errors
/// When it is something else, or of another version.
pub fn read_reports(text: &str) -> Result<Vec<Report>, String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let reports: Vec<Report> = lines
        .map(|line| serde_json::from_str(line).map_err(|error| format!("this is no report of --format json: {error}")))
        .collect::<Result<_, _>>()?;
    match reports.iter().find(|report| report.schema != SCHEMA) {
        Some(other) => Err(format!("{} is in the form {}, this is {SCHEMA}", other.domain, other.schema)),
        None if reports.is_empty() => Err("there is no report in it".into()),
        None => Ok(reports),
    }
}

/// The same with an earlier report in hand: only what got worse counts. What changed is written to standard error.
pub fn against(before: &Report, report: &Report, fail_on: State) -> Outcome {
    let Comparison { worse, better, lost } = lockstep::compare(before, report);
    let mut text = format!("{} compared with {}:\n", report.domain, before.seen_at.long_date());
    for (what, rows) in [("worse", &worse), ("better", &better), ("could not be looked at now", &lost)] {
        for finding in rows {
            text.push_str(&format!("  {what}: {} ({})\n", finding.title, finding.subject));
        }
    }
    if worse.is_empty() && better.is_empty() && lost.is_empty() {
        text.push_str("  nothing changed\n");
    }
    let _ = io::stderr().write_all(text.as_bytes());
    let outcome = outcome(report, fail_on);
    let counts = |it: &&Finding| it.state >= fail_on && it.section != Section::Hardening;
    match outcome {
        // A name that was connected once and no longer is got worse as a whole.
        Outcome::Failures
            if !worse.iter().any(counts)
                && (report.situation != Situation::NotConnected || before.situation == Situation::NotConnected) =>
        {
            Outcome::Clean
        }
        other => other,
    }
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

/// What a report comes to.
pub fn outcome(report: &Report, fail_on: State) -> Outcome {
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
