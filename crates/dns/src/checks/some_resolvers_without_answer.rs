use findings::{Verdict, check, found};

use super::{answers_in_words, dnssec_bogus, list};
use crate::{NameSeen, Observation};

check! {
    /// Some resolvers find the name and others do not.
    ///
    /// ## Why it matters
    /// Visitors whose provider uses the failing kind of resolver see "server not found". A certificate authority may
    /// meet the same answer when it validates the name.
    ///
    /// ## How to fix
    /// Right after a change, wait for the time that resolvers may remember the old answer. If it lasts, one of the
    /// zone's name servers is out of date, or DNSSEC is broken: resolvers that validate fail, the others do not.
    CHECK: Check<Observation> = "some-resolvers-without-answer",
        section: Dns, severity: Warning,
        title: "Some resolvers find no address", healthy: "All resolvers find an address",
        source: "seed A-cause 1; RFC 2308; RFC 4035 §5", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    seen.names.iter().filter(|name| !dnssec_bogus::is_bogus(seen, name)).filter_map(judge).map(Verdict::from).collect()
}

fn judge(name: &NameSeen) -> Option<findings::Said> {
    let answered = |resolver: &str| name.answers().filter(|(r, _, _)| *r == resolver).count() == 2;
    let has = |resolver: &str| name.answers().any(|(r, _, a)| r == resolver && a.addresses().next().is_some());
    let mut resolvers: Vec<&str> = name.answers().map(|(resolver, _, _)| resolver).collect();
    resolvers.dedup();
    let with: Vec<&str> = resolvers.iter().copied().filter(|resolver| has(resolver)).collect();
    let without: Vec<&str> =
        resolvers.iter().copied().filter(|resolver| answered(resolver) && !has(resolver)).collect();
    if with.is_empty() || without.is_empty() {
        return None;
    }
    let host = &name.name;
    let fails = name.answers().any(|(r, _, answer)| without.contains(&r) && answer.rcode == "SERVFAIL");
    let wait = name.answers().filter_map(|(_, _, answer)| answer.negative_ttl).max().unwrap_or(0) / 60;
    let mut said =
        found(host.as_str(), format!("{} found an address for {host}; {} did not.", list(&with), list(&without)))
            .means(format!("Visitors whose provider uses such a resolver cannot reach {host}."));
    said = if fails {
        said.fix("Compare the DS record at your registrar with the keys of your DNS provider; remove the DS record if the zone is not signed any more.")
    } else {
        said.fix(format!("If the record is new, wait: resolvers may remember \"no such name\" for {wait} minutes. Otherwise check that every name server of the zone has the record."))
    };
    said = said.prove(format!("dig +short @1.1.1.1 {host}; dig +short @8.8.8.8 {host}"), "the same address twice");
    for (label, value) in answers_in_words(name) {
        said = said.evidence(label, value);
    }
    Some(said)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn one_empty_answer_among_others_fires() {
        let lines = "example.com A Cloudflare 9.9.9.9\nexample.com A Google NXDOMAIN\nexample.com A AdGuard 9.9.9.9";
        assert_eq!(said(CHECK, &seen(lines)), ["warning example.com"]);
    }

    #[test]
    fn a_silent_resolver_and_a_family_of_its_own_stay_quiet() {
        let silent = "example.com A Cloudflare 9.9.9.9\nexample.com A !Google\nexample.com AAAA !Google\nexample.com A AdGuard 9.9.9.9";
        assert!(said(CHECK, &seen(silent)).is_empty());
        assert!(said(CHECK, &seen("example.com AAAA * 2a00::1")).is_empty());
        assert!(said(CHECK, &seen("")).is_empty());
    }
}
