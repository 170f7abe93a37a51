//! One of apex and www leads to another machine than the other, and that machine does not know the name.

use std::net::IpAddr;

use domain::DomainName;
use findings::{Diagnosis, Evidence, Finding, Fix, Prove, State};

use super::{Symptoms, mentions};
use crate::{
    Observations,
    checks::{Fares, fare, list},
};

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let names: Vec<&DomainName> = observed.target.names().collect();
    let [one, other] = names.as_slice() else { return None };
    let (name, fine, strangers) = [(*one, *other), (*other, *one)].into_iter().find_map(|(name, fine)| {
        let at_home = at_home(observed, fine)?;
        let strangers = strangers(observed, name)?;
        let apart = strangers.iter().all(|(address, _)| !at_home.contains(address));
        apart.then_some((name, fine, strangers))
    })?;
    let is_of_it = |finding: &&&Finding| {
        let told = finding.state >= State::Warning || finding.id == "www-shows-another-site";
        let its = finding.subject == name.as_str() || strangers.iter().any(|(address, _)| mentions(finding, *address));
        told && (its || finding.id == "www-shows-another-site")
    };
    let mut explains: Vec<String> = symptoms.open.iter().filter(is_of_it).map(|finding| finding.key()).collect();
    if !symptoms.open.iter().any(|finding| finding.state >= State::Warning && explains.contains(&finding.key())) {
        return None;
    }
    explains.sort();
    explains.dedup();
    let addresses = list(strangers.iter().map(|(address, _)| address));
    let how = strangers.first().map(|(_, how)| how.as_str()).unwrap_or_default();
    let home = at_home(observed, fine).unwrap_or_default();
    let records = |name: &DomainName, addresses: &[IpAddr]| {
        let kind = |address: &IpAddr| if address.is_ipv4() { "A" } else { "AAAA" };
        addresses.iter().map(|it| format!("{name}.  IN  {}  {it}", kind(it))).collect::<Vec<_>>().join("\n")
    };
    // The bare domain cannot be an alias.
    let code =
        if name.as_str().starts_with("www.") { format!("{name}.  IN  CNAME  {fine}.") } else { records(name, &home) };
    Some(Diagnosis {
        id: "one-name-leads-elsewhere".into(),
        cause: format!("{name} leads to another machine than {fine}: {addresses} {how}."),
        affects: format!("Visitors of {name} meet an error; those of {fine} see nothing wrong."),
        fix: Fix {
            text: format!(
                "If both names are to show one site, let {name} lead where {fine} does: change its record at your DNS provider."
            ),
            code: Some(code),
        },
        prove: Prove {
            command: format!("dig +short {name}"),
            expect: format!("{}, and no longer {addresses}", list(&home)),
        },
        explains,
        evidence: strangers
            .iter()
            .map(|(address, how)| Evidence { label: format!("{name} at {address}"), value: how.clone() })
            .collect(),
        otherwise: format!(
            "If {name} is meant to be there, that machine has no certificate or no server block for it yet: it needs both."
        ),
    })
}

/// The addresses at which the name works, if it works wherever it was seen.
fn at_home(observed: &Observations, name: &DomainName) -> Option<Vec<IpAddr>> {
    let fares = |endpoint: &tls::Endpoint| matches!(fare(observed, endpoint), Fares::Well);
    let addresses: Vec<IpAddr> = observed.tls.of(name).map(|endpoint| endpoint.address).collect();
    (!addresses.is_empty() && observed.tls.of(name).all(fares)).then_some(addresses)
}

/// The addresses of the name, if a machine is at each of them that does not know it, and how that shows. One with a
/// certificate for the name is in trouble of its own.
fn strangers(observed: &Observations, name: &DomainName) -> Option<Vec<(IpAddr, String)>> {
    let strange = |endpoint: &tls::Endpoint| {
        let leaf = endpoint.chain(&observed.tls).and_then(tls::Chain::leaf);
        match fare(observed, endpoint) {
            Fares::Badly(how) if !leaf.is_some_and(|leaf| leaf.covers(name)) => Some((endpoint.address, how)),
            Fares::Badly(_) | Fares::Well | Fares::Unknown(_) => None,
        }
    };
    let all: Vec<_> = observed.tls.of(name).map(strange).collect::<Option<_>>()?;
    (!all.is_empty()).then_some(all)
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use network::{Saw, Unseen};

    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{chain, healthy},
    };

    /// The healthy site, with one of its names at a machine of its own that is like this.
    fn apart(name: &str, names: &[&str], until: i64) -> Observations {
        let mut seen = healthy();
        let elsewhere: IpAddr = "9.9.9.8".parse().unwrap();
        for it in seen.dns.names.iter_mut().filter(|it| it.name.as_str() == name) {
            it.visit = vec![elsewhere];
        }
        let of_it = |host: &domain::DomainName, address: IpAddr| host.as_str() == name && address.is_ipv6();
        seen.tls.endpoints.retain(|it| !of_it(&it.host, it.address));
        seen.web.corners.retain(|it| !of_it(&it.host, it.address));
        seen.tls.chains.push(chain("theirs", names, -30, until));
        for endpoint in seen.tls.endpoints.iter_mut().filter(|it| it.host.as_str() == name) {
            endpoint.address = elsewhere;
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.chain = 1;
            }
        }
        for corner in seen.web.corners.iter_mut().filter(|it| it.host.as_str() == name) {
            corner.address = elsewhere;
        }
        seen
    }

    #[test]
    fn a_machine_that_does_not_know_the_name_is_another() {
        let (ids, report) = causes(apart("www.example.com", &["shops.example.net"], 60));
        assert_eq!(ids, ["one-name-leads-elsewhere"]);
        let cause = &report.diagnoses[0];
        assert!(cause.cause.starts_with("www.example.com leads to another machine than example.com: 9.9.9.8 shows a"));
        assert_eq!(cause.fix.code.as_deref(), Some("www.example.com.  IN  CNAME  example.com."));
        let (ids, report) = causes(apart("example.com", &["shops.example.net"], 60));
        assert_eq!(ids, ["one-name-leads-elsewhere"]);
        assert_eq!(
            report.diagnoses[0].fix.code.as_deref(),
            Some("example.com.  IN  A  9.9.9.9\nexample.com.  IN  AAAA  2a00::9")
        );
    }

    #[test]
    fn one_that_does_not_answer_is_another_too() {
        let mut seen = apart("www.example.com", &["www.example.com"], 60);
        for endpoint in seen.tls.endpoints.iter_mut().filter(|it| it.host.as_str() == "www.example.com") {
            endpoint.port = Saw::Unseen(Unseen::TimedOut);
            endpoint.handshake = None;
        }
        assert_eq!(causes(seen).0, ["one-name-leads-elsewhere"]);
    }

    #[test]
    fn a_machine_of_its_own_that_knows_it_is_meant() {
        assert!(causes(apart("www.example.com", &["www.example.com"], 60)).0.is_empty());
        let ran_out = causes(apart("www.example.com", &["www.example.com"], -3));
        assert_eq!(ran_out.0, ["certificate-not-renewed"]);
    }
}
