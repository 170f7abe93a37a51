//! The five headline facts, and which situation they add up to.

use findings::{Finding, Section, State};
use serde::{Deserialize, Serialize};

use crate::{Observations, Situation, checks};

/// One of the five headline facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fact {
    /// Which one.
    pub id: FactId,
    /// Its state: the worst of its section, hardening apart.
    pub state: State,
    /// One sentence.
    pub sentence: String,
}

/// The five facts, in the guides' order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum FactId {
    /// Working DNS.
    Dns,
    /// A valid certificate.
    Certificate,
    /// Correct redirects.
    Redirects,
    /// Renewal verified.
    Renewal,
    /// The application answers over HTTPS.
    App,
}

impl FactId {
    /// The word shown to a person.
    pub fn title(self) -> &'static str {
        match self {
            FactId::Dns => "DNS",
            FactId::Certificate => "Certificate",
            FactId::Redirects => "Redirects",
            FactId::Renewal => "Renewal",
            FactId::App => "App over HTTPS",
        }
    }
}

/// The five facts of a report.
pub(crate) fn five(observed: &Observations, findings: &[Finding], situation: Situation) -> Vec<Fact> {
    let mut facts = [FactId::Dns, FactId::Certificate, FactId::Redirects, FactId::Renewal, FactId::App].map(|id| {
        let (state, sentence) = if situation == Situation::NotConnected {
            not_connected(id, observed)
        } else {
            fact(id, observed, findings)
        };
        Fact { id, state, sentence }
    });
    wait_on_the_certificate(&mut facts);
    facts.to_vec()
}

/// Browsers stop at a bad certificate: that the app behind it answered us is no proof that visitors get there.
fn wait_on_the_certificate(facts: &mut [Fact]) {
    let failed = |id| facts.iter().any(|fact| fact.id == id && fact.state == State::Failed);
    if !failed(FactId::Certificate) {
        return;
    }
    for fact in facts.iter_mut().filter(|fact| matches!(fact.id, FactId::App | FactId::Renewal)) {
        if fact.state <= State::NotTested {
            fact.state = State::NotTested;
            fact.sentence = "Waits on the certificate.".into();
        }
    }
}

/// Which situation it is.
pub(crate) fn situation(observed: &Observations, findings: &[Finding]) -> Situation {
    if findings.iter().any(|finding| finding.id == "name-not-connected" && finding.state == State::Note) {
        return Situation::NotConnected;
    }
    let worst = findings
        .iter()
        .filter(|finding| finding.section != Section::Hardening)
        .map(|finding| finding.state)
        .max()
        .unwrap_or(State::Passed);
    match worst {
        State::Failed => Situation::Broken,
        State::Warning => Situation::Warnings,
        // Not seeing is not being well.
        State::Passed | State::NotTested | State::Note if answers(observed).is_none() => Situation::Unseen,
        State::Passed | State::NotTested | State::Note => Situation::Fine,
    }
}

fn not_connected(id: FactId, observed: &Observations) -> (State, String) {
    match id {
        FactId::Dns => (State::Note, format!("{} has no address yet.", observed.target.name)),
        _ => (State::NotTested, "Comes after the address record.".into()),
    }
}

/// Whether a finding counts towards a fact. Ports have no fact of their own: 443 is what a certificate needs, 80 what
/// a redirect needs.
fn counts(id: FactId, finding: &Finding) -> bool {
    match (finding.section, finding.id.as_str()) {
        (Section::Dns, _) => id == FactId::Dns,
        (Section::Ports, "port-80-closed" | "tls-on-port-80") => id == FactId::Redirects,
        (Section::Ports, "ipv6-differs") => id == FactId::App,
        (Section::Ports | Section::Certificate, _) => id == FactId::Certificate,
        (Section::Redirects, _) => id == FactId::Redirects,
        (Section::App, _) => id == FactId::App,
        (Section::Renewal, _) => id == FactId::Renewal,
        (Section::Hardening, _) => false,
    }
}

fn fact(id: FactId, observed: &Observations, findings: &[Finding]) -> (State, String) {
    let mine: Vec<&Finding> = findings.iter().filter(|finding| counts(id, finding)).collect();
    let trouble = mine.iter().filter(|finding| finding.state >= State::Warning).max_by_key(|finding| finding.state);
    if let Some(worst) = trouble {
        return (worst.state, worst.seen.clone());
    }
    let healthy = match id {
        FactId::Dns => leads_to(observed),
        FactId::Certificate => valid_until(observed),
        FactId::Redirects => entrances(observed),
        FactId::Renewal => return renewal(observed),
        FactId::App => answers(observed),
    };
    let untested = mine.iter().find(|finding| finding.state == State::NotTested);
    // An answer all the same, and perhaps what is meant; no reason to be sure of it.
    let doubt = mine.iter().find(|finding| finding.state == State::Note && finding.id == "server-answers-itself");
    match (healthy, untested) {
        (Some(_), _) if let Some(finding) = doubt => (State::Note, finding.seen.clone()),
        (Some(sentence), _) => (State::Passed, sentence),
        (None, Some(finding)) => (State::NotTested, finding.seen.clone()),
        (None, None) => (State::NotTested, "Could not be looked at.".into()),
    }
}

fn leads_to(observed: &Observations) -> Option<String> {
    let resolving: Vec<_> = observed.dns.names.iter().filter(|name| name.resolves()).collect();
    let first = resolving.first()?;
    let names = resolving.iter().map(|name| name.name.to_string()).collect::<Vec<_>>().join(" and ");
    let leads = if resolving.len() == 1 { "leads" } else { "lead" };
    let alike = resolving.iter().all(|name| name.visit == first.visit);
    let addresses = match first.visit.len() {
        1..=3 if alike => first.visit.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and "),
        _ => {
            let mut all: Vec<_> = resolving.iter().flat_map(|name| name.visit.clone()).collect();
            all.sort();
            all.dedup();
            format!("{} addresses", all.len())
        }
    };
    Some(format!("{names} {leads} to {addresses}."))
}

fn valid_until(observed: &Observations) -> Option<String> {
    let (endpoint, first) = observed.tls.leaves().min_by_key(|(_, leaf)| leaf.not_after)?;
    endpoint.shaken()?;
    Some(format!("Valid until {}, issued by {}.", first.not_after.long_date(), first.issued_by))
}

fn entrances(observed: &Observations) -> Option<String> {
    let mut ends: Vec<&str> = observed.web.trails.iter().filter_map(|trail| Some(trail.answer()?.0.origin())).collect();
    ends.sort_unstable();
    ends.dedup();
    match ends.as_slice() {
        [] => None,
        [one] => Some(format!("Every entrance leads to {one}/.")),
        several => Some(format!("The entrances lead to {}.", several.join(" and "))),
    }
}

/// Renewal passes only on evidence: the public logs show that every certificate shown was renewed regularly before,
/// and that it is the newest.
fn renewal(observed: &Observations) -> (State, String) {
    if let Some(sentence) = renewed_regularly(observed) {
        return (State::Passed, sentence);
    }
    let due = observed.tls.leaves().map(|(_, leaf)| leaf.renewal_due()).min();
    let sentence = match due {
        None => "No certificate was seen.".into(),
        Some(due) if due > observed.seen_at => {
            format!("Not due until {}; renewal itself was not seen.", due.long_date())
        }
        Some(due) => format!("Due since {}; renewal itself was not seen.", due.long_date()),
    };
    (State::NotTested, sentence)
}

fn renewed_regularly(observed: &Observations) -> Option<String> {
    let logs = observed.renewal.history.as_ref()?.seen().filter(|logs| !logs.cut)?;
    let groups = checks::groups(observed);
    let mut last: Option<renewal::Cadence> = None;
    for group in &groups {
        let leaf = group.leaf;
        let newest = logs.alike(&leaf.names, &leaf.issuer).first().is_some_and(|it| it.not_before == leaf.not_before);
        let cadence = logs.cadence(&leaf.names, &leaf.issuer).filter(|_| newest)?;
        // The one renewed longest ago is the one to doubt.
        last = last.filter(|known| known.last <= cadence.last).or(Some(cadence));
    }
    let (cadence, due) = (last?, groups.iter().map(|group| group.leaf.renewal_due()).min()?);
    Some(format!(
        "Renewed on {}, {} days before the end of the old certificate; due again from {}.",
        cadence.last.long_date(),
        cadence.left / 86_400,
        due.long_date()
    ))
}

fn answers(observed: &Observations) -> Option<String> {
    let mut ends = observed.web.trails.iter().filter_map(|trail| trail.answer());
    let (url, response) =
        ends.find(|(url, response)| url.scheme() == domain::Scheme::Https && response.shows_the_site())?;
    Some(format!("{url} answers {}.", response.status))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{chain, healthy, with_history};

    const NAMES: [&str; 2] = ["example.com", "www.example.com"];

    fn renewal_fact(seen: Observations) -> (State, String) {
        let report = crate::report(seen, crate::Timing::default());
        let fact = report.facts.into_iter().find(|fact| fact.id == FactId::Renewal).unwrap();
        (fact.state, fact.sentence)
    }

    #[test]
    fn renewal_passes_on_a_history_of_renewals_only() {
        assert_eq!(renewal_fact(healthy()).0, State::NotTested);
        let mut seen = healthy();
        with_history(&mut seen, &[130, 70, 10]);
        let (state, sentence) = renewal_fact(seen);
        assert_eq!(state, State::Passed);
        assert!(sentence.starts_with("Renewed on 11 November 2026, 30 days before the end"), "{sentence}");
    }

    #[test]
    fn a_first_certificate_or_a_second_one_without_a_history_is_no_evidence() {
        let mut seen = healthy();
        with_history(&mut seen, &[10]);
        assert_eq!(renewal_fact(seen).0, State::NotTested);
        let mut seen = healthy();
        with_history(&mut seen, &[130, 70, 10]);
        seen.tls.chains = vec![chain("fine", &NAMES, -10, 80), chain("www", &["www.example.com"], -10, 80)];
        if let Some(Ok(handshake)) = &mut seen.tls.endpoints[3].handshake {
            handshake.chain = 1;
        }
        assert_eq!(renewal_fact(seen).0, State::NotTested);
    }

    #[test]
    fn a_site_that_was_not_seen_to_answer_is_not_called_fine() {
        let mut seen = healthy();
        assert_eq!(situation(&seen, &[]), Situation::Fine);
        seen.web.trails.retain(|trail| trail.answer().is_none_or(|(url, _)| url.scheme() == domain::Scheme::Http));
        assert_eq!(situation(&seen, &[]), Situation::Unseen);
    }

    #[test]
    fn a_limit_or_a_wall_is_not_the_site() {
        let mut seen = healthy();
        for trail in &mut seen.web.trails {
            trail.end = web::End::Answer(Box::new(crate::fixture::response(429, None)));
        }
        assert_eq!(situation(&seen, &[]), Situation::Unseen);
        for trail in &mut seen.web.trails {
            trail.end = web::End::Answer(Box::new(crate::fixture::response(404, None)));
        }
        assert_eq!(situation(&seen, &[]), Situation::Fine);
    }

    #[test]
    fn nginx_instead_of_the_application_is_an_answer_to_look_at() {
        let mut seen = healthy();
        for trail in &mut seen.web.trails {
            let page = web::Response { start: "<center>nginx</center>".into(), ..crate::fixture::response(404, None) };
            trail.end = web::End::Answer(Box::new(page.clone()));
        }
        for corner in seen.web.corners.iter_mut().filter(|it| it.url().as_str() == "https://example.com/") {
            corner.first = network::Saw::Seen(match &seen.web.trails[0].end {
                web::End::Answer(page) => (**page).clone(),
                _ => unreachable!(),
            });
        }
        let report = crate::report(seen, crate::Timing::default());
        let fact = report.facts.last().unwrap();
        assert_eq!((report.situation, fact.state), (Situation::Fine, State::Note));
        assert!(fact.sentence.starts_with("nginx itself answers https://example.com/"), "{}", fact.sentence);
        let text = crate::text::verdict(&report);
        assert!(text.starts_with("Nothing fails at example.com; nginx itself answers https://example.com/"), "{text}");
    }

    #[test]
    fn a_newer_one_that_is_not_shown_is_no_pass() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &NAMES, -70, 20)];
        with_history(&mut seen, &[130, 70, 10]);
        assert_eq!(renewal_fact(seen).0, State::Warning);
    }
}
