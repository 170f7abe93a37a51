//! Reports as continuous integration reads them: JUnit XML, and annotations of GitHub's log.

use std::{fmt::Write as _, time::Duration};

use findings::{Finding, Section, State};
use lockstep::{Report, verdict};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

/// One suite a domain, one case a row. Notes pass: they never fail a check.
///
/// # Errors
/// When the XML cannot be written, which only a full memory brings about.
pub(crate) fn junit(reports: &[Report], fail_on: State) -> Result<String, String> {
    let mut out = quick_junit::Report::new("lockstep");
    for report in reports {
        let mut suite = TestSuite::new(words(&report.domain));
        suite.set_time(Duration::from_millis(report.timing.total_millis));
        for finding in &report.findings {
            let name = words(&format!("{} ({})", finding.title, finding.subject));
            let mut case = TestCase::new(name, status(finding, fail_on));
            case.set_classname(words(&format!("{}.{}", report.domain, finding.id)));
            case.set_system_out(words(&told(finding)));
            suite.add_test_case(case);
        }
        out.add_test_suite(suite);
    }
    let xml = out.to_string().map_err(|error| error.to_string())?;
    // Readers that go by a schema (Jenkins's xUnit plugin) know this count at each suite only; the first is the whole's.
    Ok(xml.replacen(&format!(" skipped=\"{}\"", out.skipped), "", 1) + "\n")
}

fn status(finding: &Finding, fail_on: State) -> TestCaseStatus {
    let mut status = match finding.state {
        State::NotTested => TestCaseStatus::skipped(),
        state if state >= fail_on && finding.section != Section::Hardening => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        _ => return TestCaseStatus::success(),
    };
    status.set_message(words(&finding.seen));
    if finding.state != State::NotTested {
        status.set_type(words(&finding.id)).set_description(words(&told(finding)));
    }
    status
}

/// Text without what XML cannot hold (XML 1.0 §2.2: most control characters, U+FFFE and U+FFFF).
fn words(text: &str) -> String {
    let known = |sign: char| sign == '\n' || !(sign.is_control() || matches!(sign, '\u{fffe}' | '\u{ffff}'));
    text.chars().map(|sign| if known(sign) { sign } else { char::REPLACEMENT_CHARACTER }).collect()
}

/// `::error title=…::…` for each cause, and for each row that warns or fails and that no cause explains. The log has no
/// place for them: they are about a site, not about a line.
pub(crate) fn github(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        let explained = |finding: &Finding| report.diagnoses.iter().any(|it| it.explains.contains(&finding.key()));
        for cause in &report.diagnoses {
            let text = format!("{} {} To prove it: {}", cause.affects, remedy(&cause.fix), cause.prove.command);
            annotate(&mut out, "error", &format!("{}: {}", report.domain, cause.cause), &text);
        }
        for finding in report.findings.iter().filter(|it| it.state >= State::Warning && !explained(it)) {
            let command = if finding.state == State::Failed { "error" } else { "warning" };
            annotate(&mut out, command, &format!("{}: {}", finding.subject, finding.title), &told(finding));
        }
        annotate(&mut out, "notice", &report.domain, &verdict(report));
    }
    out
}

fn annotate(out: &mut String, command: &str, title: &str, text: &str) {
    let _ = writeln!(out, "::{command} title={}::{}", property(title), data(text));
}

/// Text after the second `::`, in which a line break would end the annotation; other control characters could move the
/// cursor of whoever reads the log in a terminal.
pub(crate) fn data(text: &str) -> String {
    let text: String = text.chars().map(|sign| if hidden(sign) { ' ' } else { sign }).collect();
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn hidden(sign: char) -> bool {
    sign.is_control() && !matches!(sign, '\r' | '\n')
}

/// The value of a property, which a comma ends as well.
pub(crate) fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// What was seen, what it means and what to do about it.
fn told(finding: &Finding) -> String {
    let mut text = finding.seen.clone();
    for more in [Some(finding.means.clone()), finding.fix.as_ref().map(remedy)].into_iter().flatten() {
        if !more.is_empty() {
            text.push('\n');
            text.push_str(&more);
        }
    }
    text
}

fn remedy(fix: &findings::Fix) -> String {
    match &fix.code {
        Some(code) => format!("{}\n{code}", fix.text),
        None => fix.text.clone(),
    }
}
