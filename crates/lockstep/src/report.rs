//! The report: what was seen and what was said, versioned.

use domain::Time;
use findings::{About, Diagnosis, Finding, Section, judge};
use serde::{Deserialize, Serialize};

use crate::{Fact, Observations, checks, diagnoses, facts};

/// The version of the report's shape. Fields are only added within a version.
pub const SCHEMA: &str = "lockstep.report/1";

/// The whole answer about a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The name checked, in ASCII.
    pub domain: String,
    /// When the check began.
    pub seen_at: Time,
    /// Which kind of result this is.
    pub situation: Situation,
    /// The five headline facts: DNS, certificate, redirects, renewal, app over HTTPS.
    pub facts: Vec<Fact>,
    /// Causes, the most telling first.
    pub diagnoses: Vec<Diagnosis>,
    /// Every row, in layer order.
    pub findings: Vec<Finding>,
    /// What it took.
    pub timing: Timing,
    /// What was seen, as data.
    pub observed: Observations,
    /// The mark of the checker that made this report, where it keeps reports for links: HMAC-SHA256 over the report's JSON
    /// without this field, as 64 lower-case hexadecimal digits. Nothing else can be shared there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seal: Option<String>,
}

/// The three situations the result is designed for, and what lies between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Situation {
    /// Nothing fails, nothing warns, and the site was seen to answer over HTTPS.
    Fine,
    /// Nothing fails, something warns.
    Warnings,
    /// Something fails.
    Broken,
    /// The name leads nowhere yet: steps to take rather than faults.
    NotConnected,
    /// Nothing was found wrong, but the site was not seen to answer over HTTPS either: the check was cut short, or the
    /// place we look from cannot reach it.
    Unseen,
}

/// What the check took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Timing {
    /// From start to report, in milliseconds.
    pub total_millis: u64,
    /// From start to the first finding, in milliseconds.
    pub first_finding_millis: u64,
    /// Connections opened to the site and along its redirects.
    pub connections: u32,
    /// Exchanges with resolvers and public APIs.
    pub queries: u32,
}

/// Every check there is, in report order within its subject.
pub fn catalogue() -> Vec<About> {
    let mut all: Vec<About> = dns::checks::ALL.iter().map(|check| check.about).collect();
    all.extend(dns::checks::DIRECT.iter().map(|check| check.about));
    all.extend(tls::checks::ALL.iter().chain(tls::checks::CLOSER).map(|check| check.about));
    all.extend(web::checks::ALL.iter().map(|check| check.about));
    all.extend(renewal::checks::ALL.iter().map(|check| check.about));
    all.extend(checks::ALL.iter().chain(checks::WITH_LOGS).map(|check| check.about));
    in_layers(all, |about| about.section)
}

/// The same in layer order, and in the order they had within a layer.
fn in_layers<T>(mut all: Vec<T>, section: impl Fn(&T) -> Section) -> Vec<T> {
    let layer = |of: Section| all.extract_if(.., |it| section(it) == of).collect::<Vec<_>>();
    Section::ALL.into_iter().flat_map(layer).collect()
}

/// The five facts of what is known when every entrance has answered: nothing has been asked twice, nothing closely.
#[cfg(feature = "probe")]
pub(crate) fn facts_so_far(observed: &Observations) -> Vec<Fact> {
    let mut findings = judge(dns::checks::ALL, &observed.dns);
    findings.extend(judge(tls::checks::ALL, &observed.tls));
    findings.extend(judge(web::checks::ALL, &observed.web));
    findings.extend(judge(checks::ALL, observed));
    facts::five(observed, &findings, facts::situation(observed, &findings))
}

/// Judges complete observations: pure, the same for ever for the same observations.
pub fn report(observed: Observations, timing: Timing) -> Report {
    let mut findings = judge(dns::checks::ALL, &observed.dns);
    findings.extend(judge(dns::checks::DIRECT, &observed.dns));
    findings.extend(judge(tls::checks::ALL, &observed.tls));
    findings.extend(judge(tls::checks::CLOSER, &observed.tls));
    findings.extend(judge(web::checks::ALL, &observed.web));
    findings.extend(judge(renewal::checks::ALL, &observed.renewal));
    findings.extend(judge(checks::ALL, &observed));
    findings.extend(observed.crawl.iter().flat_map(|crawl| web::checks::further(&observed.web, crawl)));
    findings.extend(judge(checks::WITH_LOGS, &observed));
    let findings = in_layers(findings, |finding| finding.section);
    let diagnoses = diagnoses::explain(&observed, &findings);
    let situation = facts::situation(&observed, &findings);
    Report {
        schema: SCHEMA.into(),
        domain: observed.target.name.to_string(),
        seen_at: observed.seen_at,
        situation,
        facts: facts::five(&observed, &findings, situation),
        diagnoses,
        findings,
        timing,
        observed,
        seal: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use findings::{Section, Severity, State};

    use super::*;
    use crate::fixture::healthy;

    #[test]
    fn every_check_is_declared_as_we_promise() {
        let catalogue = catalogue();
        let ids: BTreeSet<&str> = catalogue.iter().map(|about| about.id).collect();
        assert_eq!(ids.len(), catalogue.len(), "ids are unique");
        for about in catalogue {
            let id = about.id;
            assert!(id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{id}");
            for title in [about.title, about.healthy] {
                assert!(title.split_whitespace().count() <= 6, "{id}: {title}");
                assert!(!title.ends_with('.'), "{id}: {title}");
            }
            assert!(about.doc.contains("## Why it matters") && about.doc.contains("## How to fix"), "{id}");
            assert!(!about.source.is_empty(), "{id}");
            let hardening = about.section == Section::Hardening;
            assert!(!hardening || about.severity == Severity::Note, "{id}: beyond the guides there are only notes");
        }
    }

    #[test]
    fn a_healthy_site_is_fine_and_says_so_in_five_facts() {
        let report = report(healthy(), Timing::default());
        let troubles: Vec<_> = report.findings.iter().filter(|finding| finding.state >= State::Warning).collect();
        assert!(troubles.is_empty(), "{troubles:#?}");
        assert_eq!(report.situation, Situation::Fine);
        assert!(report.diagnoses.is_empty());
        let facts: Vec<(State, &str)> = report.facts.iter().map(|fact| (fact.state, fact.sentence.as_str())).collect();
        assert_eq!(
            facts,
            [
                (State::Passed, "example.com and www.example.com lead to 9.9.9.9 and 2a00::9."),
                (State::Passed, "Valid until 9 February 2027, issued by Let's Encrypt R13."),
                (State::Passed, "Every entrance leads to https://example.com/."),
                (State::NotTested, "Not due until 10 January 2027; renewal itself was not seen."),
                (State::Passed, "https://example.com/ answers 200."),
            ]
        );
    }

    #[test]
    fn a_report_survives_the_wire() {
        let report = report(healthy(), Timing::default());
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }
}
