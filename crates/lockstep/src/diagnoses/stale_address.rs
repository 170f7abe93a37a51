//! One of several addresses is left over from an old server, or was forgotten when the others were set up.

use std::net::IpAddr;

use findings::{Diagnosis, Evidence, Fix, Prove, State};

use super::{Symptoms, mentions};
use crate::{
    Observations,
    checks::{Fares, fare},
};

/// How it is said of an address that nobody answers there.
const NOBODY: &str = "does not answer on port 443";

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let mut good: Vec<IpAddr> = Vec::new();
    let mut bad: Vec<(IpAddr, String)> = Vec::new();
    // Left over is an address only where the same name has one that works; one where nobody answers at all, also where
    // the others answer with a fault of their own.
    let mut all_well = true;
    for name in observed.target.names() {
        let mut fine = Vec::new();
        let mut rest = Vec::new();
        for endpoint in observed.tls.of(name) {
            match fare(observed, endpoint) {
                Fares::Well => fine.push(endpoint.address),
                // An application in trouble at one address is no record left over.
                Fares::Badly(how) if !how.starts_with("answers ") => rest.push((endpoint.address, how)),
                Fares::Badly(_) | Fares::Unknown(_) => {}
            }
        }
        if fine.is_empty() {
            rest.retain(|(_, how)| how.starts_with(NOBODY));
            fine.extend(observed.tls.of(name).filter(|it| it.shaken().is_some()).map(|it| it.address));
            all_well = false;
        }
        if !fine.is_empty() {
            bad.append(&mut rest);
        }
        good.append(&mut fine);
    }
    bad.retain(|(address, _)| !good.contains(address));
    bad.dedup_by_key(|(address, _)| *address);
    let (address, how) = bad.first().filter(|_| !good.is_empty())?;
    let is_of_it = |finding: &&&findings::Finding| {
        finding.state >= State::Warning
            && bad.iter().any(|(address, _)| mentions(finding, *address))
            && !good.iter().any(|address| mentions(finding, *address))
    };
    let mut explains: Vec<String> = symptoms.open.iter().filter(is_of_it).map(|finding| finding.key()).collect();
    if explains.is_empty() {
        return None;
    }
    explains.extend(symptoms.keys(&["addresses-serve-different-certificates", "resolvers-disagree"]));
    explains.extend(symptoms.keys(&["change-still-spreading", "acme-addresses-differ"]));
    if all_well {
        explains.extend(symptoms.keys(&["acme-path-blocked"]));
    }
    explains.sort();
    explains.dedup();
    let name = observed.dns.names.iter().find(|it| it.visit.contains(address)).map(|it| &it.name)?;
    let told: Vec<Vec<IpAddr>> = observed.dns.direct.iter().filter_map(|it| it.addresses(name)).collect();
    let is_remembered = !told.is_empty() && !told.iter().flatten().any(|it| it == address);
    let record = if address.is_ipv4() { "A" } else { "AAAA" };
    let (fix, otherwise) = if is_remembered {
        (
            Fix {
                text: format!(
                    "The record is changed already: wait until resolvers forget {address}, and keep that server running until then."
                ),
                code: None,
            },
            format!("If it goes on, something still hands {address} out: look for a second set of name servers."),
        )
    } else {
        (
            Fix {
                text: format!(
                    "If {address} is not a server of yours any more, delete its record at your DNS provider."
                ),
                code: Some(format!("{name}.  IN  {record}  {address}    ; delete")),
            },
            format!(
                "If {address} is a server of yours, it was left out when the others were set up: give it the same nginx configuration and certificate."
            ),
        )
    };
    Some(Diagnosis {
        id: "stale-address".into(),
        cause: format!("{name} also leads to {address}, which is not in step with the rest: it {how}."),
        affects: match all_well {
            true => format!(
                "Visitors whose browser picks {address} meet an error; those who get another address see nothing wrong."
            ),
            false => format!("Visitors whose browser picks {address} meet nobody."),
        },
        fix,
        prove: Prove { command: format!("dig +short {record} {name}"), expect: format!("no line with {address}") },
        explains,
        evidence: bad
            .iter()
            .map(|(address, how)| Evidence { label: address.to_string(), value: how.clone() })
            .collect(),
        otherwise,
    })
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::super::tests::causes;
    use crate::{Observations, fixture::healthy};

    /// The healthy site with a second IPv4 address that fares like this.
    fn with_second(change: impl Fn(&mut tls::Endpoint)) -> Observations {
        let mut seen = healthy();
        let second = "9.9.9.8".parse().unwrap();
        for name in &mut seen.dns.names {
            name.visit.insert(1, second);
        }
        let mut more: Vec<tls::Endpoint> =
            seen.tls.endpoints.iter().filter(|it| it.address.is_ipv4()).cloned().collect();
        for endpoint in &mut more {
            endpoint.address = second;
            change(endpoint);
        }
        seen.tls.endpoints.extend(more);
        seen
    }

    #[test]
    fn a_dead_address_beside_good_ones_is_left_over() {
        let dead = with_second(|endpoint| {
            endpoint.port = Saw::Unseen(Unseen::TimedOut);
            endpoint.handshake = None;
        });
        let (ids, report) = causes(dead);
        assert_eq!(ids, ["stale-address"]);
        assert!(report.diagnoses[0].fix.code.as_ref().unwrap().contains("A  9.9.9.8"));
    }

    #[test]
    fn a_dead_address_is_left_over_beside_a_fault_of_the_others_too() {
        let mut seen = with_second(|endpoint| {
            endpoint.port = Saw::Unseen(Unseen::Refused);
            endpoint.handshake = None;
        });
        seen.tls.chains = vec![crate::fixture::chain("old", &["example.com", "www.example.com"], -100, -10)];
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["stale-address", "certificate-not-renewed"]);
        assert_eq!(report.diagnoses[0].affects, "Visitors whose browser picks 9.9.9.8 meet nobody.");
    }

    #[test]
    fn a_good_second_address_is_none_and_neither_is_one_that_was_not_seen() {
        assert!(causes(with_second(|_| ())).0.is_empty());
        let unseen = with_second(|endpoint| {
            endpoint.port = Saw::Unseen(Unseen::PlatformCannot);
            endpoint.handshake = None;
        });
        assert!(causes(unseen).0.is_empty());
    }

    #[test]
    fn where_every_address_is_dead_it_is_the_port() {
        let mut seen = healthy();
        for endpoint in &mut seen.tls.endpoints {
            endpoint.port = Saw::Unseen(Unseen::TimedOut);
            endpoint.handshake = None;
        }
        assert_eq!(causes(seen).0, ["port-443-blocked"]);
    }
}
