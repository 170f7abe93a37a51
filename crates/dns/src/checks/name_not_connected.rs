use findings::{Verdict, check, found, not_tested};

use super::{aliases, answers_in_words, list};
use crate::{Kind, Observation};

check! {
    /// Neither the name nor its twin has an address yet.
    ///
    /// ## Why it matters
    /// Without an A or AAAA record nobody finds the server, and no certificate can be issued. It is the first step of
    /// a deployment rather than a fault.
    ///
    /// ## How to fix
    /// Create an A record (and an AAAA record if the server has IPv6) at the DNS provider. Resolvers may remember
    /// "no such name" for as long as the zone's SOA record says.
    CHECK: Check<Observation> = "name-not-connected",
        section: Dns, severity: Note,
        title: "Not connected yet", healthy: "The name is connected",
        source: "seed A1; RFC 2308 §5", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    if seen.names.iter().any(|name| name.resolves()) {
        return Vec::new();
    }
    let Some(name) = seen.names.first() else { return Vec::new() };
    if let Some(why) = name.nobody_answered() {
        let why = format!("None of the resolvers ({}) could be asked: {}.", list(&seen.resolvers), why.clause());
        return vec![not_tested(name.name.as_str(), why)];
    }
    if !aliases(name).is_empty() {
        return Vec::new(); // alias-leads-nowhere says so
    }
    if name.answers().any(|(_, _, answer)| !matches!(answer.rcode.as_str(), "NOERROR" | "NXDOMAIN")) {
        return Vec::new(); // a resolver failed: name-does-not-resolve says so
    }
    let host = &name.name;
    let missing = name.answers().find_map(|(_, _, answer)| seen.unregistered(answer));
    let exists = name.answers().any(|(_, _, answer)| answer.rcode == "NOERROR");
    let registered = seen
        .names
        .iter()
        .flat_map(|name| &name.others)
        .filter(|asked| matches!(asked.kind, Kind::Ns | Kind::Soa))
        .filter_map(|asked| asked.answer.seen())
        .any(|answer| !answer.records.is_empty());
    let zone = &seen.target.registrable;
    let saw = match missing {
        _ if exists || registered => format!("{host} is registered, but has no A or AAAA record."),
        Some(above) => format!("{zone} is not registered: \".{above}\" has no such domain."),
        None => format!("DNS knows no name {host}."),
    };
    let wait = name.answers().filter_map(|(_, _, answer)| answer.negative_ttl).max();
    let wait = wait.map_or_else(String::new, |seconds| {
        let until = seen.seen_at.plus(i64::from(seconds));
        format!(" Resolvers may remember this \"no\" until {}.", until.clock())
    });
    let mut said = found(host.as_str(), saw)
        .means(format!("Nobody can reach a site under {host} yet, and no certificate can be issued for it.{wait}"))
        .fix_code(
            if exists || registered {
                "At your DNS provider, create an address record with the public address of your server."
            } else if missing.is_some() {
                "Check the spelling. If the domain is new, register it first; then create an address record with the public address of your server. If it was yours, see at your registrar whether it has run out."
            } else {
                "Check the spelling. If the name is new, create an address record with the public address of your server."
            },
            format!("{host}.  3600  IN  A  <your server's IPv4 address>"),
        )
        .prove(format!("dig +short {host}"), "your server's address");
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
    fn a_name_without_records_is_not_connected() {
        assert_eq!(said(CHECK, &seen("")), ["note example.com"]);
        assert_eq!(said(CHECK, &seen("example.com A * NXDOMAIN\nexample.com AAAA * NXDOMAIN")), ["note example.com"]);
    }

    #[test]
    fn a_domain_that_nobody_has_is_told_from_a_name_without_a_record() {
        let text = |zone: &str| {
            let mut it = seen("example.com A * NXDOMAIN\nexample.com AAAA * NXDOMAIN");
            for asked in &mut it.names[0].addresses {
                if let network::Saw::Seen(answer) = &mut asked.answer {
                    answer.zone = Some(zone.into());
                }
            }
            findings::judge(&[CHECK], &it)[0].seen.clone()
        };
        assert_eq!(text("com"), "example.com is not registered: \".com\" has no such domain.");
        assert_eq!(text("example.com"), "DNS knows no name example.com.");
        assert_eq!(text(""), "DNS knows no name example.com.");
    }

    #[test]
    fn one_address_anywhere_is_connected() {
        assert!(said(CHECK, &seen("www.example.com A Google 9.9.9.9")).is_empty());
    }

    #[test]
    fn a_failing_zone_is_not_called_unconnected() {
        assert!(said(CHECK, &seen("example.com A * SERVFAIL")).is_empty());
    }

    #[test]
    fn without_resolvers_nothing_is_known() {
        let lines = "example.com A !Cloudflare\nexample.com AAAA !Cloudflare\nexample.com A !Google\n\
                     example.com AAAA !Google\nexample.com A !AdGuard\nexample.com AAAA !AdGuard";
        assert_eq!(said(CHECK, &seen(lines)), ["not tested example.com"]);
    }
}
