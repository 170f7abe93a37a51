//! Recorded observations, judged again: what was said of them must still be said.
//!
//! `scenarios/<name>/observed.json` is the `observed` of a report; `said.txt` beside it was read by a person before it
//! was committed. When it changes on purpose, read the new text that the failing test leaves in `target/said` and copy
//! it over.

use std::{fmt::Write as _, fs, path::Path};

use findings::State;
use lockstep::{Observations, Report, Timing};
use tests::{
    expectation::{section_word, state_word},
    lab::home,
    soundness,
};

#[test]
fn what_was_said_is_still_said() {
    let folder = home().join("scenarios");
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.len() >= 3, "only {names:?}");
    let mut wrong = Vec::new();
    for name in &names {
        let lines = replay(name, &folder.join(name));
        if !lines.is_empty() {
            wrong.push(format!("{name}\n  {}", lines.join("\n  ")));
        }
    }
    println!("{} scenarios", names.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn replay(name: &str, folder: &Path) -> Vec<String> {
    let observed: Observations = serde_json::from_slice(&fs::read(folder.join("observed.json")).unwrap()).unwrap();
    let report = lockstep::report(observed, Timing::default());
    let mut lines = soundness::faults(&report);
    let now = said(&report);
    let then = fs::read_to_string(folder.join("said.txt")).unwrap_or_default();
    if now != then {
        let left = home().join("../target/said");
        fs::create_dir_all(&left).unwrap();
        fs::write(left.join(format!("{name}.txt")), &now).unwrap();
        let (then, now): (Vec<&str>, Vec<&str>) = (then.lines().collect(), now.lines().collect());
        lines.extend(then.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}")));
        lines.extend(now.iter().filter(|line| !then.contains(line)).map(|line| format!("+ {line}")));
        lines.push(format!("(the new text is in target/said/{name}.txt)"));
    }
    lines
}

/// A report in a few lines: situation, facts, causes and every row that is not well. The words may be polished; what
/// they are about may not change unnoticed.
fn said(report: &Report) -> String {
    let mut text = format!("{}: {:?}, seen {}\n", report.domain, report.situation, report.seen_at.long_date());
    for fact in &report.facts {
        writeln!(text, "fact {}: {}", fact.id.title(), state_word(fact.state)).unwrap();
    }
    for diagnosis in &report.diagnoses {
        writeln!(text, "cause {} explains {}", diagnosis.id, diagnosis.explains.join(", ")).unwrap();
    }
    let mut lines: Vec<String> = Vec::new();
    for finding in report.findings.iter().filter(|finding| finding.state != State::Passed) {
        // What could not be looked at is one line a section: new checks join it without news.
        let line = match finding.state {
            State::NotTested => format!("not-tested @{}", section_word(finding.section)),
            state => format!("{} {} [{}]", state_word(state), finding.id, finding.subject),
        };
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    for line in lines {
        writeln!(text, "{line}").unwrap();
    }
    text
}
