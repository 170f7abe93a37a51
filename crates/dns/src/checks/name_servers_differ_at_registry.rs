use findings::{Verdict, check, found, not_tested, pass};
use network::Saw;

use super::list;
use crate::Observation;

check! {
    /// The registry lists other name servers than the zone itself.
    ///
    /// ## Why it matters
    /// Resolvers begin with what the registry lists, and some go on with what the zone lists. A server that is listed
    /// in one place only is often left from before a move: it may be gone, or answer with old records.
    ///
    /// ## How to fix
    /// Enter the same name servers at the registrar and in the zone's NS records.
    CHECK: Check<Observation> = "name-servers-differ-at-registry",
        section: Hardening, severity: Note,
        title: "Registry lists other name servers", healthy: "Registry and zone list alike",
        source: "RFC 1034 §4.2.2; Zonemaster CONSISTENCY05", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let zone = seen.target.registrable.as_str();
    let own = seen.name_servers();
    let registry = match &seen.registry {
        None => return Vec::new(),
        Some(Saw::Unseen(why)) => {
            let why = format!("What the registry lists for {zone} was not seen: {}.", why.clause());
            return vec![not_tested(zone, why)];
        }
        Some(Saw::Seen(registry)) => registry,
    };
    if own.is_empty() {
        return Vec::new();
    }
    let only = |one: &[String], other: &[String]| list(one.iter().filter(|server| !other.contains(server)));
    let (there, here) = (only(&registry.listed, &own), only(&own, &registry.listed));
    let fact = match (there.is_empty(), here.is_empty()) {
        (true, true) => return vec![pass(zone, format!("The registry lists what the zone does: {}.", list(own)))],
        (false, true) => format!("The registry also lists {there} for {zone}; the zone itself does not."),
        (true, false) => format!("The zone {zone} also lists {here}; the registry does not."),
        (false, false) => format!("The registry lists {there} for {zone}, the zone itself {here}."),
    };
    vec![
        found(zone, fact)
            .means("Nothing has to change as long as all of them answer alike. A server left from before a move may answer with old records, or not at all.")
            .fix("Enter the same name servers at your registrar and in the NS records at your DNS provider.")
            .prove(
                format!("dig +norecurse @{} {zone} NS; dig +short {zone} NS", registry.server),
                "the same name servers twice",
            )
            .evidence(&registry.server, list(&registry.listed))
            .evidence(zone, list(own))
            .into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::{Observation, fixture::seen};

    const ZONE: &str = "example.com NS - NS1.example.net. ns2.example.net.\n";

    fn with(registry: &str) -> Observation {
        seen(&format!("{ZONE}{registry}"))
    }

    #[test]
    fn a_server_listed_in_one_place_only_is_noted() {
        for listed in ["ns1.example.net", "ns1.example.net ns2.example.net ns3.example.net", "ns3.example.net"] {
            assert_eq!(said(CHECK, &with(&format!("^a.gtld.example {listed}"))), ["note example.com"], "{listed}");
        }
    }

    #[test]
    fn the_same_list_passes_and_silence_is_not_tested() {
        assert_eq!(said(CHECK, &with("^a.gtld.example ns1.example.net ns2.example.net")), ["passed example.com"]);
        assert!(said(CHECK, &with("")).is_empty());
        let mut silent = with("");
        silent.registry = Some(network::Saw::Unseen(network::Unseen::TimedOut));
        assert_eq!(said(CHECK, &silent), ["not tested example.com"]);
    }
}
