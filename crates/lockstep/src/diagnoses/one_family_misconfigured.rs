//! IPv4 works and IPv6 does not, or the other way round.

use findings::{Diagnosis, Finding, State};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let differs = symptoms.first("ipv6-differs")?;
    let family_is_v6 = differs.seen.starts_with("Over IPv6");
    let (family, record) = if family_is_v6 { ("IPv6", "AAAA") } else { ("IPv4", "A") };
    // What is said about addresses of the broken family only follows from it.
    let broken: Vec<String> = observed
        .tls
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.address.is_ipv6() == family_is_v6)
        .map(|endpoint| endpoint.address.to_string())
        .collect();
    let fine: Vec<String> = observed
        .tls
        .endpoints
        .iter()
        .filter(|endpoint| endpoint.address.is_ipv6() != family_is_v6)
        .map(|endpoint| endpoint.address.to_string())
        .collect();
    let only_broken = |finding: &&&Finding| {
        let text = format!("{} {}", finding.subject, finding.seen);
        broken.iter().any(|address| text.contains(address.as_str()))
            && !fine.iter().any(|address| text.contains(address.as_str()))
    };
    let mut explains: Vec<String> = symptoms.keys(&["ipv6-differs"]);
    explains.extend(
        symptoms
            .open
            .iter()
            .filter(|finding| finding.state >= State::Note)
            .filter(only_broken)
            .map(|finding| finding.key()),
    );
    explains.extend(symptoms.keys(&["addresses-serve-different-certificates", "addresses-show-different-sites"]));
    explains.sort();
    explains.dedup();
    Some(Diagnosis {
        id: "one-family-misconfigured".into(),
        cause: format!("Requests over {family} reach another server block, or another machine, than the rest."),
        affects: format!("{} Visitors with {family} are affected; others see nothing wrong.", differs.seen),
        fix: differs.fix.clone()?,
        prove: differs.prove.clone()?,
        explains,
        evidence: differs.evidence.clone(),
        otherwise: format!(
            "If the address of the {record} record is not your server's, the record is left over: delete it."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::fixture::{chain, healthy};

    #[test]
    fn another_certificate_over_ipv6_is_one_cause() {
        let mut seen = healthy();
        seen.tls.chains.push(chain("other", &["other.net"], -10, 80));
        for endpoint in seen.tls.endpoints.iter_mut().filter(|endpoint| endpoint.address.is_ipv6()) {
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.chain = 1;
            }
        }
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["one-family-misconfigured"]);
        let explained = &report.diagnoses[0].explains;
        let open: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| finding.state == findings::State::Failed && !explained.contains(&finding.key()))
            .collect();
        assert!(open.is_empty(), "{open:#?}");
    }

    #[test]
    fn both_families_alike_is_no_question_of_family() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert_eq!(causes(seen).0, ["certificate-not-renewed"]);
    }
}
