//! What a site's file says about its findings, and what the findings say instead.

use std::{fmt, str::FromStr};

use findings::{Finding, Section, State};
use serde::Deserialize;

/// One line of a `must` or `may` list: `failed certificate-expired`, optionally followed by words that the finding's
/// subject contains: `failed certificate-expired at 2001:db8::1`. `not-tested @app` is any check of that section:
/// where nothing answers there is much that cannot be looked at.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Expectation {
    state: State,
    what: What,
    subject: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum What {
    Check(String),
    Section(Section),
}

impl Expectation {
    /// The check it is about, if it is about one.
    pub fn id(&self) -> Option<&str> {
        match &self.what {
            What::Check(id) => Some(id),
            What::Section(_) => None,
        }
    }

    /// Whether it expects a warning or a failure.
    pub fn is_fault(&self) -> bool {
        matches!(self.state, State::Warning | State::Failed)
    }

    /// Whether it expects that all is well.
    pub fn is_passed(&self) -> bool {
        self.state == State::Passed
    }

    fn fits(&self, finding: &Finding) -> bool {
        let meant = match &self.what {
            What::Check(id) => finding.id == *id,
            What::Section(section) => finding.section == *section,
        };
        meant && finding.state == self.state && finding.subject.contains(&self.subject)
    }
}

impl FromStr for Expectation {
    type Err = String;

    fn from_str(text: &str) -> Result<Expectation, String> {
        let mut words = text.splitn(3, ' ');
        let state = match words.next().unwrap_or_default() {
            "passed" => State::Passed,
            "not-tested" => State::NotTested,
            "note" => State::Note,
            "warning" => State::Warning,
            "failed" => State::Failed,
            other => return Err(format!("{other:?} is not a state")),
        };
        let id = words.next().filter(|id| !id.is_empty()).ok_or_else(|| format!("{text:?} names no check"))?;
        let what = match id.strip_prefix('@') {
            None => What::Check(id.to_owned()),
            // A section as a whole may be out of sight; it is never wrong as a whole.
            Some(section) if state == State::NotTested => What::Section(
                Section::ALL
                    .into_iter()
                    .find(|known| section_word(*known) == section)
                    .ok_or_else(|| format!("{section:?} is not a section"))?,
            ),
            Some(_) => return Err(format!("{text:?}: only `not-tested` can be said of a section")),
        };
        Ok(Expectation { state, what, subject: words.next().unwrap_or_default().to_owned() })
    }
}

impl TryFrom<String> for Expectation {
    type Error = String;

    fn try_from(text: String) -> Result<Expectation, String> {
        text.parse()
    }
}

impl fmt::Display for Expectation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Check(id) => write!(f, "{} {id}", state_word(self.state))?,
            What::Section(section) => write!(f, "{} @{}", state_word(self.state), section_word(*section))?,
        }
        if self.subject.is_empty() { Ok(()) } else { write!(f, " {}", self.subject) }
    }
}

/// The state as the site files write it.
pub fn state_word(state: State) -> &'static str {
    match state {
        State::Passed => "passed",
        State::NotTested => "not-tested",
        State::Note => "note",
        State::Warning => "warning",
        State::Failed => "failed",
    }
}

/// The section as the site files write it.
pub fn section_word(section: Section) -> &'static str {
    match section {
        Section::Dns => "dns",
        Section::Ports => "ports",
        Section::Certificate => "certificate",
        Section::Redirects => "redirects",
        Section::App => "app",
        Section::Renewal => "renewal",
        Section::Hardening => "hardening",
    }
}

/// Notes that nearly every site earns, the guides' own among them, so that no list has to name them: what an ordinary
/// application, an ordinary server block and the machine's own OpenSSL leave out, and that this machine was busy. Sites
/// that are about them have them in `must`, as a note or as passed.
const ANYWHERE: [&str; 6] = [
    "answers-slowly",
    "quantum-safe-exchange-missing",
    "redirect-repeats-any-host",
    "security-headers-missing",
    "tls-settings-outdated",
    "unknown-name-gets-the-site",
];

/// Holds findings against the lists. Empty when they agree; else one line per difference, for people.
pub fn differences(must: &[Expectation], may: &[Expectation], findings: &[Finding]) -> Vec<String> {
    let mut lines = Vec::new();
    for expected in must {
        if !findings.iter().any(|finding| expected.fits(finding)) {
            let instead: Vec<String> =
                findings.iter().filter(|finding| Some(finding.id.as_str()) == expected.id()).map(line).collect();
            let instead = if instead.is_empty() { "nothing".to_owned() } else { instead.join(" | ") };
            lines.push(format!("missing  {expected}\n           said instead: {instead}"));
        }
    }
    for finding in findings {
        let said = finding.state != State::Passed;
        let anywhere = finding.state == State::Note && ANYWHERE.contains(&finding.id.as_str());
        if said && !anywhere && !must.iter().chain(may).any(|expected| expected.fits(finding)) {
            lines.push(format!("too much {}", line(finding)));
        }
    }
    lines
}

/// A finding on one line.
fn line(finding: &Finding) -> String {
    format!("{} {} [{}] {}", state_word(finding.state), finding.id, finding.subject, finding.seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(state: State, id: &str, subject: &str) -> Finding {
        Finding {
            id: id.into(),
            section: Section::Certificate,
            state,
            subject: subject.into(),
            title: String::new(),
            seen: "seen".into(),
            means: String::new(),
            fix: None,
            prove: None,
            evidence: Vec::new(),
        }
    }

    fn list(lines: &[&str]) -> Vec<Expectation> {
        lines.iter().map(|line| line.parse().unwrap()).collect()
    }

    #[test]
    fn what_must_be_said_is_missed_and_what_may_not_is_noticed() {
        let must = list(&["failed certificate-expired", "failed port-443-closed at 2001:db8::1"]);
        let may = list(&["note hsts-missing", "not-tested @app"]);
        let said = [
            finding(State::Failed, "certificate-expired", "a.test at 192.0.2.1"),
            finding(State::Passed, "self-signed", "a.test"),
            finding(State::Note, "hsts-missing", "a.test"),
        ];
        let lines = differences(&must, &may, &said);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("missing  failed port-443-closed at 2001:db8::1"));

        let said = [
            finding(State::Failed, "certificate-expired", "a.test at 192.0.2.1"),
            finding(State::Failed, "port-443-closed", "a.test at 2001:db8::1"),
            finding(State::NotTested, "self-signed", "a.test"),
        ];
        let lines = differences(&must, &may, &said);
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("too much not-tested self-signed"));
    }

    #[test]
    fn a_state_or_a_check_left_out_is_an_error() {
        for text in ["", "failed", "red certificate-expired", "failed ", "failed @app", "not-tested @kitchen"] {
            assert!(text.parse::<Expectation>().is_err(), "{text}");
        }
    }
}
