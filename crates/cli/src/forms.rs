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
        let mut suite = TestSuite::new(report.domain.as_str());
        suite.set_time(Duration::from_millis(report.timing.total_millis));
        for finding in &report.findings {
            let mut case = TestCase::new(format!("{} ({})", finding.title, finding.subject), status(finding, fail_on));
            case.set_classname(format!("{}.{}", report.domain, finding.id));
            case.set_system_out(told(finding));
            suite.add_test_case(case);
        }
        out.add_test_suite(suite);
    }
    out.to_string().map(|xml| xml + "\n").map_err(|error| error.to_string())
}

fn status(finding: &Finding, fail_on: State) -> TestCaseStatus {
    let mut status = match finding.state {
        State::NotTested => TestCaseStatus::skipped(),
        state if state >= fail_on && finding.section != Section::Hardening => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        _ => return TestCaseStatus::success(),
    };
    status.set_message(finding.seen.as_str());
    if finding.state != State::NotTested {
        status.set_type(finding.id.as_str()).set_description(told(finding));
    }
    status
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

/// Text after the second `::`, in which a line break would end the annotation.
pub(crate) fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
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
