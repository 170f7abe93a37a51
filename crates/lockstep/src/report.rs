//! The report: what was seen and what was said, versioned.

use domain::Time;
use findings::{About, Diagnosis, Finding, judge};
use serde::{Deserialize, Serialize};

use crate::{Fact, Observations, checks, diagnoses, facts};

/// The version of the report's shape. Fields are only added within a version.
pub const SCHEMA: &str = "lockstep.report/1";

/// The whole answer about a domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// The name checked, in ASCII.
    pub domain: String,
    /// When the check began.
    pub seen_at: Time,
    /// Which of the three kinds of result this is.
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
}

/// The three situations the result is designed for, and what lies between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Situation {
    /// Nothing fails and nothing warns.
    Fine,
    /// Nothing fails, something warns.
    Warnings,
    /// Something fails.
    Broken,
    /// The name leads nowhere yet: steps to take rather than faults.
    NotConnected,
}

/// What the check took.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    all.extend(tls::checks::ALL.iter().map(|check| check.about));
    all.extend(web::checks::ALL.iter().map(|check| check.about));
    all.extend(checks::ALL.iter().map(|check| check.about));
    all.sort_by_key(|about| about.section);
    all
}

/// Judges complete observations: pure, the same for ever for the same observations.
pub fn report(observed: Observations, timing: Timing) -> Report {
    let mut findings = judge(dns::checks::ALL, &observed.dns);
    findings.extend(judge(tls::checks::ALL, &observed.tls));
    findings.extend(judge(web::checks::ALL, &observed.web));
    findings.extend(judge(checks::ALL, &observed));
    findings.sort_by_key(|finding| finding.section);
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
    }
}
