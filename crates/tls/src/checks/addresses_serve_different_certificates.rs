//! Does every address of a host show the same certificate?

use findings::{Verdict, found, not_tested, pass};

use crate::{
    Certificate, Observation,
    judging::{hosts, list, together},
};

findings::check! {
    /// Addresses of one host show different certificates.
    ///
    /// ## Why it matters
    /// Several servers behind one name may well have a certificate each, and all can be right. It is worth knowing when
    /// one of them is renewed and another is forgotten, or when an address is left over from an old server.
    ///
    /// ## How to fix
    /// Nothing, if each address is meant to have its own. Otherwise compare the addresses in DNS with the servers you
    /// run, and copy the current certificate to all of them.
    CHECK: Check<Observation> = "addresses-serve-different-certificates",
        section: Certificate, severity: Note,
        title: "Addresses show different certificates", healthy: "All addresses show one certificate",
        source: "RFC 8305: browsers may use any address", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    together(hosts(seen).into_iter().filter_map(|host| of_host(seen, host)).collect())
}

fn of_host(seen: &Observation, host: &domain::DomainName) -> Option<Verdict> {
    let endpoints: Vec<_> = seen.of(host).collect();
    if endpoints.len() < 2 {
        return None;
    }
    let mut shown: Vec<(&Certificate, Vec<String>)> = Vec::new();
    let mut count = 0;
    for endpoint in &endpoints {
        let Some(leaf) = endpoint.chain(seen).and_then(|chain| chain.leaf()) else { continue };
        count += 1;
        match shown.iter_mut().find(|(known, _)| known.sha256 == leaf.sha256) {
            Some((_, addresses)) => addresses.push(endpoint.address.to_string()),
            None => shown.push((leaf, vec![endpoint.address.to_string()])),
        }
    }
    if count < 2 {
        let total = endpoints.len();
        let why = format!("Only {count} of {total} addresses showed a certificate, so there was nothing to compare.");
        return Some(not_tested(host.as_str(), why));
    }
    if shown.len() == 1 {
        return Some(pass(host.as_str(), format!("{count} addresses show the same certificate.")));
    }
    let described = shown.iter().map(|(leaf, addresses)| {
        format!(
            "{} one by {} valid until {}",
            list(addresses.iter().cloned()),
            leaf.issued_by,
            leaf.not_after.long_date()
        )
    });
    let said =
        found(host.as_str(), format!("{} certificates: {}.", shown.len(), described.collect::<Vec<_>>().join("; ")))
            .means("Visitors meet one or the other, and each has its own date of expiry.")
            .fix(
                "Nothing has to change if each address is meant to have its own. Otherwise look for a server that was \
              forgotten at the last renewal.",
            );
    let said = shown.iter().fold(said, |said, (leaf, addresses)| {
        said.evidence(addresses.join(", "), format!("SHA-256 {}, names {}", leaf.sha256, leaf.names.join(", ")))
    });
    Some(said.into())
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::*;
    use crate::sample::{healthy, says, text, with};

    #[test]
    fn two_certificates_are_a_note_per_host() {
        let seen = with(|seen| {
            let mut other = seen.chains[0].clone();
            other.certificates[0].sha256 = "cc".repeat(32);
            seen.chains.push(other);
            if let Some(Ok(handshake)) = &mut seen.endpoints[1].handshake {
                handshake.chain = 1;
            }
        });
        assert_eq!(says(&CHECK, &seen), ["! example.com", ". www.example.com"]);
        assert!(text(&CHECK, &seen).contains("2001:db8::7 one by Let's Encrypt E7"));
        assert_eq!(says(&CHECK, &healthy()), [". example.com and www.example.com"]);
    }

    #[test]
    fn one_address_or_one_certificate_is_nothing_to_compare() {
        let one = with(|seen| seen.endpoints.retain(|endpoint| endpoint.address.is_ipv4()));
        assert!(says(&CHECK, &one).is_empty());
        let half = with(|seen| {
            for endpoint in seen.endpoints.iter_mut().filter(|endpoint| endpoint.address.is_ipv6()) {
                endpoint.port = Saw::Unseen(Unseen::NoVantage);
                endpoint.handshake = None;
            }
        });
        assert_eq!(says(&CHECK, &half), ["? example.com and www.example.com"]);
    }
}
