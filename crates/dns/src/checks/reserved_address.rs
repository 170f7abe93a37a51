use findings::{Verdict, check, found, pass};

use super::{answers_in_words, list};
use crate::Observation;

check! {
    /// The name leads to an address that the public internet cannot reach.
    ///
    /// ## Why it matters
    /// Visitors and certificate authorities cannot connect to private, loopback or otherwise reserved addresses; some
    /// of them will try, and fail or wait.
    ///
    /// ## How to fix
    /// Put the server's public address into the record, and remove the reserved one.
    CHECK: Check<Observation> = "reserved-address",
        section: Dns, severity: Failed,
        title: "Address is not public", healthy: "Addresses are public",
        source: "IANA special-purpose address registries (RFC 6890); seed A2", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for name in seen.names.iter().filter(|name| !name.reserved.is_empty()) {
        let host = &name.name;
        let words = list(name.reserved.iter().map(|(address, why)| format!("{address} ({why})")));
        let all = name.reserved.len() == name.visit.len();
        let said = found(host.as_str(), format!("{host} leads to {words}."))
            .means(if all {
                format!("Nobody outside can reach {host}, and no certificate can be issued by HTTP validation.")
            } else {
                format!("Visitors who get this address cannot reach {host}.")
            })
            .fix("At your DNS provider, replace it by your server's public address, or delete the record.")
            .prove(format!("dig +short {host}"), "public addresses only");
        let answers = answers_in_words(name).into_iter();
        verdicts.push(answers.fold(said, |said, (label, value)| said.evidence(label, value)).into());
    }
    let resolving = seen.names.iter().filter(|name| name.resolves());
    let hosts = list(resolving.map(|name| &name.name));
    if verdicts.is_empty() && !hosts.is_empty() {
        verdicts.push(pass(hosts, "Every address may be visited from outside."));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn a_private_address_fails_and_a_public_one_passes() {
        assert_eq!(said(CHECK, &seen("example.com A * 10.0.0.5")), ["failed example.com"]);
        assert_eq!(said(CHECK, &seen("example.com A * 11.0.0.5")), ["passed example.com"]);
        assert!(said(CHECK, &seen("")).is_empty());
    }
}
