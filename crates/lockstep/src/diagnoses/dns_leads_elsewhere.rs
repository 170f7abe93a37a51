//! The name leads to another machine than the one meant.

use findings::{Diagnosis, Finding, Section, State};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let unexpected = symptoms.first("address-not-expected");
    let parked = symptoms.first("parked-page").filter(|it| it.seen.contains("a parking page"));
    let symptom = unexpected.or(parked)?;
    let name = &observed.target.name;
    // Whatever that machine does is its own affair; an address that is right as well keeps its findings.
    let elsewhere = match (unexpected, &observed.target.expect) {
        (Some(_), Some(domain::Expect::Addresses(wanted))) => {
            !observed.dns.entrances().any(|(_, address)| wanted.contains(&address))
        }
        _ => true,
    };
    let sections = [Section::Ports, Section::Certificate, Section::Redirects, Section::App];
    let is_its_own = |finding: &&&Finding| finding.state >= State::Warning && sections.contains(&finding.section);
    let mut explains = symptoms.keys(&["address-not-expected"]);
    if elsewhere {
        explains.extend(symptoms.open.iter().filter(is_its_own).map(|finding| finding.key()));
    }
    explains.sort();
    explains.dedup();
    Some(Diagnosis {
        id: "dns-leads-elsewhere".into(),
        cause: match unexpected {
            Some(_) => format!("The DNS records of {name} lead to another machine than the one you mean."),
            None => format!("The DNS records of {name} still lead to the place where the name was registered."),
        },
        affects: "Visitors reach that machine; what is changed on yours has no effect yet.".into(),
        fix: symptom.fix.clone()?,
        prove: symptom.prove.clone()?,
        explains,
        evidence: symptom.evidence.clone(),
        otherwise: "If the records are right at your DNS provider, they are new, and resolvers remember the old ones until their time to live has passed.".into(),
    })
}

#[cfg(test)]
mod tests {
    use domain::Expect;

    use super::super::tests::causes;
    use crate::fixture::{chain, healthy};

    #[test]
    fn another_machine_explains_its_own_faults() {
        let mut seen = healthy();
        seen.target.expect = Some(Expect::Addresses(vec!["9.9.9.1".parse().unwrap()]));
        seen.dns.target.expect = seen.target.expect.clone();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["dns-leads-elsewhere"]);
        assert!(report.diagnoses[0].explains.iter().any(|key| key.starts_with("certificate-expired")));
    }

    #[test]
    fn where_the_right_one_answers_as_well_its_faults_stay() {
        let mut seen = healthy();
        seen.target.expect = Some(Expect::Addresses(vec!["9.9.9.9".parse().unwrap()]));
        seen.dns.target.expect = seen.target.expect.clone();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert_eq!(causes(seen).0, ["dns-leads-elsewhere", "certificate-not-renewed"]);
    }

    #[test]
    fn the_expected_address_is_no_cause() {
        let mut seen = healthy();
        seen.target.expect = Some(Expect::Addresses(vec!["9.9.9.9".parse().unwrap(), "2a00::9".parse().unwrap()]));
        seen.dns.target.expect = seen.target.expect.clone();
        assert!(causes(seen).0.is_empty());
    }
}
