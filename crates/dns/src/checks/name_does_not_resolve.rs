use findings::{Verdict, check, found, pass};

use super::{answers_in_words, dnssec_bogus, is_lost_alias, list};
use crate::Observation;

check! {
    /// The name leads to no address, although its zone or its twin is in use.
    ///
    /// ## Why it matters
    /// Browsers cannot find the server: visitors see "server not found", whatever nginx and the certificate say.
    ///
    /// ## How to fix
    /// Create the missing A or AAAA record. If resolvers answer SERVFAIL, the zone itself is broken: its name servers
    /// do not answer, or its DNSSEC signatures do not match the DS record at the registry.
    CHECK: Check<Observation> = "name-does-not-resolve",
        section: Dns, severity: Failed,
        title: "Name does not resolve", healthy: "Name resolves",
        source: "seed A1; RFC 1035 §4.1.1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(name) = seen.names.first() else { return Vec::new() };
    let host = &name.name;
    if name.resolves() {
        let cut = match name.left_out {
            0 => String::new(),
            n => format!(" {n} more were left out: at most 8 of each family are looked at."),
        };
        return vec![pass(host.as_str(), format!("{host} leads to {}.{cut}", list(&name.visit)))];
    }
    if is_lost_alias(seen, name) || dnssec_bogus::is_bogus(seen, name) {
        return Vec::new();
    }
    if name.nobody_answered().is_some() {
        return Vec::new(); // name-not-connected says that nothing is known
    }
    let servfail = name.answers().any(|(_, _, answer)| !matches!(answer.rcode.as_str(), "NOERROR" | "NXDOMAIN"));
    let twin = seen.names.iter().find(|other| other.name != *host && other.resolves());
    let mut said = match (servfail, twin) {
        (true, _) => found(host.as_str(), format!("Resolvers cannot get an answer about {host}: the zone fails."))
            .means("Visitors see \"server not found\", and certificate renewal fails as well, because the certificate authority asks the same zone.")
            .fix("Check at your DNS provider that the domain's name servers are the ones the registrar lists, and that DNSSEC is either set up on both sides or on neither.")
            .prove(format!("dig {host} +cd; dig {host}"), "the same address from both, with status: NOERROR"),
        (false, Some(twin)) => found(host.as_str(), format!("{host} has no address, while {} leads to {}.", twin.name, list(&twin.visit)))
            .means(format!("Visitors who type {host} see \"server not found\"."))
            .fix_code(
                format!("At your DNS provider, give {host} the same address as {}.", twin.name),
                twin.visit.iter().map(|address| {
                    format!("{host}.  3600  IN  {}  {address}", if address.is_ipv4() { "A" } else { "AAAA" })
                }).collect::<Vec<_>>().join("\n"),
            )
            .prove(format!("dig +short {host}"), list(&twin.visit)),
        (false, None) => return Vec::new(), // name-not-connected
    };
    for (label, value) in answers_in_words(name) {
        said = said.evidence(label, value);
    }
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn a_failing_zone_and_a_forgotten_apex_fire() {
        assert_eq!(said(CHECK, &seen("example.com A * SERVFAIL")), ["failed example.com"]);
        assert_eq!(said(CHECK, &seen("www.example.com A * 9.9.9.9")), ["failed example.com"]);
    }

    #[test]
    fn an_address_passes_and_an_unused_name_is_not_asked() {
        assert_eq!(said(CHECK, &seen("example.com AAAA * 2a00::1")), ["passed example.com"]);
        assert!(said(CHECK, &seen("")).is_empty());
    }
}
