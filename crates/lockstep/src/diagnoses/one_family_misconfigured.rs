//! IPv4 works and IPv6 does not, or the other way round.

use domain::Scheme;
use findings::{Diagnosis, Finding, State};
use network::Unseen;

use super::Symptoms;
use crate::{Observations, checks::ANSWERS};

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let differs = symptoms.first("ipv6-differs")?;
    // What is answered there is an application's own trouble.
    if differs.evidence.iter().all(|it| it.value.starts_with(ANSWERS)) {
        return None;
    }
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
        cause: cause(observed, family_is_v6, family),
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

/// What the addresses of that family have in common, if it says more than that they differ.
fn cause(observed: &Observations, v6: bool, family: &str) -> String {
    let mut endpoints = observed.tls.endpoints.iter().filter(|it| it.address.is_ipv6() == v6);
    let listens_on_80 =
        observed.web.corners.iter().any(|corner| {
            corner.scheme == Scheme::Http && corner.address.is_ipv6() == v6 && corner.port.seen().is_some()
        });
    let refuses = |it: &tls::Endpoint| it.port.unseen() == Some(&Unseen::Refused);
    if listens_on_80 && endpoints.clone().all(refuses) {
        return format!("Nothing listens on port 443 over {family}, although the server answers there on port 80.");
    }
    if endpoints.all(|it| matches!(it.fault(), Some(tls::Fault::PlainHttp))) {
        return format!("Over {family}, port 443 speaks plain HTTP: its listen line lacks ssl.");
    }
    format!("Requests over {family} reach another server block, or another machine, than the rest.")
}

#[cfg(test)]
mod tests {
    use domain::Scheme;

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
    fn a_listen_line_that_is_missing_or_lacks_ssl_is_named() {
        let cause = |change: &dyn Fn(&mut tls::Endpoint)| {
            let mut seen = healthy();
            seen.tls.endpoints.iter_mut().filter(|it| it.address.is_ipv6()).for_each(change);
            causes(seen).1.diagnoses.remove(0).cause
        };
        let refused = cause(&|it| (it.port, it.handshake) = (network::Saw::Unseen(network::Unseen::Refused), None));
        assert!(refused.starts_with("Nothing listens on port 443 over IPv6"), "{refused}");
        let plain = cause(&|it| it.handshake = Some(Err(tls::Fault::PlainHttp)));
        assert!(plain.ends_with("its listen line lacks ssl."), "{plain}");
    }

    #[test]
    fn an_application_that_fails_over_ipv6_is_no_question_of_family() {
        let mut seen = healthy();
        let failing = crate::fixture::response(502, None);
        let v6 = |it: &&mut web::Corner| it.address.is_ipv6() && it.scheme == Scheme::Https;
        seen.web.corners.iter_mut().filter(v6).for_each(|it| it.first = network::Saw::Seen(failing.clone()));
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["app-not-answering"]);
        assert!(report.diagnoses[0].explains.iter().any(|key| key.starts_with("ipv6-differs")));
        let command = &report.diagnoses[0].prove.command;
        assert_eq!(command, "curl -I --resolve example.com:443:[2a00::9] https://example.com/");
    }

    #[test]
    fn both_families_alike_is_no_question_of_family() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert_eq!(causes(seen).0, ["certificate-not-renewed"]);
    }
}
