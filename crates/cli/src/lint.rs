//! `lockstep lint FILE…`: what is wrong with an nginx configuration, in a terminal, a pipeline or an editor.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
};

use clap::Args;
use findings::Severity;
use nginx::{Finding, Form, Linted, Options, Place, Safety, Version, apply_safe_all, lint_all};

use crate::forms::{data, property};
use crate::{
    Outcome,
    sources::{self, Given},
};

/// What to lint, and what to write.
#[derive(Debug, Args)]
pub struct LintArgs {
    /// Files that belong together, or - for standard input (one file, or what `nginx -T` prints). What they include is
    /// read too, where it lies in the folder of the first
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// What to write
    #[arg(long, value_enum, default_value_t = LintFormat::Text)]
    format: LintFormat,
    /// The nginx release that it is for; guessed from the text, else 1.22
    #[arg(long, value_name = "RELEASE", value_parser = sources::version)]
    nginx_version: Option<Version>,
    /// Nothing is left out: what is absent is absent
    #[arg(long)]
    everything: bool,
    /// The least severity that makes the exit code 1
    #[arg(long, value_enum, default_value_t = Least::Failed)]
    fail_on: Least,
    /// Apply every fix that can be applied unseen, then tell what is left; standard input comes back on standard output.
    /// A dump (`nginx -T`) holds many files and is not written: see --diff
    #[arg(long)]
    fix: bool,
    /// With --fix: show what would change, and change nothing. The exit code is 1 when something would, else 0
    #[arg(long, requires = "fix")]
    diff: bool,
}

/// What is written to standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum LintFormat {
    /// Findings with their lines
    Text,
    /// All that is known
    Json,
    /// SARIF 2.1.0, for code hosts and editors
    Sarif,
    /// Workflow commands: annotations on the changed lines
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Least {
    /// What nginx refuses or what fails visitors
    Failed,
    /// Warnings too
    Warning,
    /// Notes too
    Note,
}

impl LintArgs {
    /// Lints, and writes what was found to standard output.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn run(self) -> Result<Outcome, String> {
        let mut given = sources::read(&self.files)?;
        let options = Options { version: self.nginx_version, everything: self.everything };
        if self.fix {
            let sources = sources::sources(&given);
            let linted = lint_all(&sources, &options);
            if linted.form == Form::Dump && !self.diff {
                return Err(
                    "a dump holds many files and cannot be fixed in place: --fix --diff shows what to change in each"
                        .to_owned(),
                );
            }
            // The release that was guessed from the text as it came holds for all of it.
            let options = Options { version: Some(linted.version), ..options };
            let fixed = apply_safe_all(&sources, &options);
            // What is only included is left as it is.
            let fixed: Vec<String> =
                given.iter().zip(fixed).map(|(one, fixed)| if one.named { fixed } else { one.text.clone() }).collect();
            if self.diff {
                let changes: String =
                    given.iter().zip(&fixed).map(|(one, fixed)| unified(&one.name, &one.text, fixed)).collect();
                write(&changes);
                return Ok(if changes.is_empty() { Outcome::Clean } else { Outcome::Failures });
            }
            for (one, fixed) in given.iter_mut().zip(fixed) {
                let bytes = one.bytes(&fixed);
                let bytes =
                    bytes.ok_or_else(|| format!("cannot write {}: it is Latin-1, and a fix is not", one.name))?;
                if one.is_stdin() {
                    write(&bytes);
                } else if one.text != fixed {
                    save(&one.name, &bytes)?;
                }
                one.text = fixed;
            }
            // Standard output is taken by the text itself.
            if given.iter().any(Given::is_stdin) {
                let linted = lint_all(&sources::sources(&given), &options);
                return Ok(self.outcome(&linted));
            }
        }
        let sources = sources::sources(&given);
        let linted = lint_all(&sources, &options);
        let said = match self.format {
            LintFormat::Text => text(&linted, &given, colours()),
            LintFormat::Json => json(&linted)?,
            LintFormat::Sarif => json(&nginx::sarif(&linted, &sources))?,
            LintFormat::Github => github(&linted),
        };
        write(&said);
        Ok(self.outcome(&linted))
    }

    fn outcome(&self, linted: &Linted) -> Outcome {
        let least = match self.fail_on {
            Least::Failed => Severity::Failed,
            Least::Warning => Severity::Warning,
            Least::Note => Severity::Note,
        };
        if linted.findings.iter().any(|finding| finding.severity >= least || finding.refused) {
            Outcome::Failures
        } else {
            Outcome::Clean
        }
    }
}

/// Writes to standard output. A reader that went away (`| head`) is no error.
pub(crate) fn write(text: impl AsRef<[u8]>) {
    let mut out = io::stdout().lock();
    let _ = out.write_all(text.as_ref()).and_then(|()| out.flush());
}

/// One line of JSON.
pub(crate) fn json<T: serde::Serialize>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map(|json| json + "\n").map_err(|error| error.to_string())
}

/// Are colours seen, and wanted (<https://no-color.org>)?
pub(crate) fn colours() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Beside the file first, so that it is never half written.
fn save(name: &str, text: &[u8]) -> Result<(), String> {
    let failed = |error: io::Error| format!("cannot write {name}: {error}");
    // A link in sites-enabled stays a link.
    let path = std::fs::canonicalize(name).map_err(failed)?;
    let mut beside = path.clone().into_os_string();
    beside.push(".lockstep-new");
    let rights = std::fs::metadata(&path).map_err(failed)?.permissions();
    let saved = std::fs::write(&beside, text)
        .and_then(|()| std::fs::set_permissions(&beside, rights))
        .and_then(|()| std::fs::rename(&beside, &path));
    if saved.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    saved.map_err(failed)
}

fn unified(name: &str, before: &str, after: &str) -> String {
    if before == after {
        return String::new();
    }
    let name = if name == "-" { "nginx.conf" } else { name };
    similar::TextDiff::from_lines(before, after).unified_diff().context_radius(3).header(name, name).to_string()
}

/// How a severity is called, and its colour.
fn word(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Failed => ("error", "\x1b[1;31m"),
        Severity::Warning => ("warning", "\x1b[1;33m"),
        Severity::Note => ("note", "\x1b[1;36m"),
    }
}

fn text(linted: &Linted, given: &[Given], colours: bool) -> String {
    let paint = |colour: &'static str| if colours { colour } else { "" };
    let (bold, dim, off) = (paint("\x1b[1m"), paint("\x1b[2m"), paint("\x1b[0m"));
    let mut out = String::new();
    for finding in &linted.findings {
        let (name, colour) = word(finding.severity);
        let colour = paint(colour);
        let _ = writeln!(
            out,
            "{bold}{}{off}: {colour}{name}{off} {}: {bold}{}{off}",
            spot(&finding.place),
            finding.rule,
            clean(&finding.seen)
        );
        excerpt(&mut out, &finding.place, given, colour, off);
        if !finding.means.is_empty() {
            let _ = writeln!(out, "  {}", clean(&finding.means));
        }
        for related in &finding.related {
            let _ = writeln!(out, "  {}: {}", spot(&related.place), clean(&related.text));
        }
        if let Some(said) = &finding.nginx {
            let line = finding.nginx_line.filter(|line| *line != finding.place.line);
            let line = line.map(|line| format!(" line {line}")).unwrap_or_default();
            let _ = writeln!(out, "  {dim}nginx{line}:{off} {}", clean(said));
        }
        if let Some(fix) = &finding.fix {
            let by = match (fix.safety, fix.edits.is_empty(), linted.form) {
                (Safety::Safe, false, Form::Dump) => " (--fix --diff shows it)",
                (Safety::Safe, false, _) => " (--fix does it)",
                _ => "",
            };
            let _ = writeln!(out, "  {dim}fix:{off} {}{by}", clean(&fix.text));
        }
        if let Some(doc) = &finding.doc {
            let _ = writeln!(out, "  {dim}{doc}{off}");
        }
        out.push('\n');
    }
    let mut waiting: Vec<(&str, usize)> = Vec::new();
    for undecided in &linted.undecided {
        match waiting.iter_mut().find(|(because, _)| *because == undecided.because) {
            Some((_, rules)) => *rules += 1,
            None => waiting.push((&undecided.because, 1)),
        }
    }
    for (because, rules) in waiting {
        let what = if rules == 1 { "1 rule waits".to_owned() } else { format!("{rules} rules wait") };
        let _ = writeln!(out, "not decided: {} {what} for it.", clean(because));
    }
    if let Some(stops) = &linted.stops {
        let path = if stops.path.is_empty() { "-" } else { &stops.path };
        let at = stops.line.map(|line| format!(" at {}:{line}", clean(path))).unwrap_or_default();
        let _ = writeln!(out, "nginx -t stops{at}: {}", clean(&stops.words));
    }
    let _ = writeln!(out, "{}", summary(linted));
    out
}

fn summary(linted: &Linted) -> String {
    let count = |severity| linted.findings.iter().filter(|finding| finding.severity == severity).count();
    let counted: Vec<String> = [(Severity::Failed, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
        .into_iter()
        .map(|(severity, word)| (count(severity), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let version = format!("read for nginx {}", linted.version);
    if counted.is_empty() {
        return format!("Nothing found ({version}).");
    }
    let is_safe = |finding: &&Finding| {
        finding.fix.as_ref().is_some_and(|fix| fix.safety == Safety::Safe && !fix.edits.is_empty())
    };
    let fixable = match linted.findings.iter().filter(is_safe).count() {
        0 => String::new(),
        _ if linted.form == Form::Dump => {
            " A dump cannot be fixed in place: --fix --diff shows what to change in each file.".to_owned()
        }
        1 => " --fix mends 1 of them.".to_owned(),
        more => format!(" --fix mends {more} of them."),
    };
    format!("{} ({version}).{fixable}", counted.join(", "))
}

/// `nginx.conf:3:5`
pub(crate) fn spot(place: &Place) -> String {
    let path = if place.path.is_empty() { "-" } else { &place.path };
    format!("{}:{}:{}", clean(path), place.line, place.column)
}

/// What a terminal might obey is shown instead.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Characters of a line that are shown.
const WIDEST: usize = 160;

/// The line, and a caret under what is meant.
fn excerpt(out: &mut String, place: &Place, given: &[Given], colour: &str, off: &str) {
    let source = place.source.and_then(|at| given.get(at as usize));
    let Some(text) = source.map(|source| source.text.as_str()) else { return };
    let start = place.start as usize;
    let Some(before) = text.get(..start) else { return };
    let from = before.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(from..).unwrap_or_default().split('\n').next().unwrap_or_default().trim_end_matches('\r');
    let ahead = text.get(from..start).unwrap_or_default();
    let meant = text.get(start..place.end as usize).unwrap_or_default().split('\n').next().unwrap_or_default();
    // A long line is shown around what is meant.
    let cut = ahead.chars().count().saturating_sub(WIDEST / 2);
    let tabs = |text: &str| text.replace('\t', "    ");
    let shown: String = line.chars().skip(cut).take(WIDEST).collect();
    let shown = clean(&tabs(&shown));
    let ahead: String = ahead.chars().skip(cut).collect();
    let margin = place.line.to_string();
    let room = shown.chars().count().saturating_sub(tabs(&ahead).chars().count()).max(1);
    let carets = tabs(meant.trim_end_matches('\r')).chars().count().clamp(1, room);
    let _ = writeln!(out, "  {margin} | {shown}");
    let _ = writeln!(
        out,
        "  {} | {}{colour}{}{off}",
        " ".repeat(margin.len()),
        " ".repeat(tabs(&ahead).chars().count()),
        "^".repeat(carets)
    );
}

/// `::error file=…,line=…::…`
fn github(linted: &Linted) -> String {
    let mut out = String::new();
    for finding in &linted.findings {
        let command = match finding.severity {
            Severity::Failed => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = &finding.place;
        let file = if place.path.is_empty() { "nginx.conf" } else { &place.path };
        let mut message = finding.seen.clone();
        for more in [Some(&finding.means), finding.fix.as_ref().map(|fix| &fix.text)].into_iter().flatten() {
            if !more.is_empty() {
                message.push(' ');
                message.push_str(more);
            }
        }
        let _ = writeln!(
            out,
            "::{command} file={},line={},col={},title={}::{} ({})",
            property(file),
            place.line,
            place.column,
            property(&finding.title),
            data(&message),
            finding.rule
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_what_is_meant() {
        let text = "server {\n\tlisten 443 bogus;\n}\n".to_owned();
        let given = [Given { name: "a.conf".into(), text, named: true, latin1: false }];
        let linted = lint_all(&sources::sources(&given), &Options::default());
        let said = super::text(&linted, &given, false);
        assert!(said.contains("  2 |     listen 443 bogus;\n    |                ^^^^^\n"), "{said}");
    }

    #[test]
    fn where_nginx_stops_is_told_beside_where_the_mistake_is() {
        let said = |text: &str| {
            let given = [Given { name: "a.conf".into(), text: text.into(), named: true, latin1: false }];
            super::text(&lint_all(&sources::sources(&given), &Options::default()), &given, false)
        };
        let broken = said("server {\n    listen 443\n    root /srv;\n}\n");
        assert!(broken.starts_with("a.conf:2:5: error missing-semicolon"), "{broken}");
        assert!(broken.contains("  nginx line 3: invalid parameter \"root\"\n"), "{broken}");
        assert!(broken.contains("\nnginx -t stops at a.conf:3: invalid parameter \"root\"\n"), "{broken}");
        assert!(!said("server {\n    listen 80;\n    return 204;\n}\n").contains("nginx -t"));
    }

    #[test]
    fn annotations_escape_what_ends_them() {
        let text = "server {\n    listen 80%\n,x;\n}\n";
        let said = github(&nginx::lint(text, &Options::default()));
        assert!(said.lines().all(|line| line.starts_with("::")), "{said}");
    }

    #[test]
    fn nothing_in_a_file_reaches_the_terminal_as_a_command() {
        let text = "server {\n    \u{1b}[31mevil on;\n}\n".to_owned();
        let given = [Given { name: "\u{1b}[1mname".into(), text, named: true, latin1: false }];
        let linted = lint_all(&sources::sources(&given), &Options::default());
        assert!(!super::text(&linted, &given, false).contains('\u{1b}'));
    }
}
