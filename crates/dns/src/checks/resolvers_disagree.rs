use std::{collections::BTreeSet, net::IpAddr};

use findings::{Verdict, check, found, not_tested, pass};

use super::{answers_in_words, list};
use crate::{NameSeen, Observation};

check! {
    /// Resolvers give different addresses for the name.
    ///
    /// ## Why it matters
    /// Right after a change it means that some visitors still reach the old server until the old answer's time to
    /// live has passed. Content networks and load balancers do it on purpose.
    ///
    /// ## How to fix
    /// Nothing, if it is intended. After a move, keep the old server running until the longest time to live has passed.
    CHECK: Check<Observation> = "resolvers-disagree",
        section: Dns, severity: Note,
        title: "Resolvers give different addresses", healthy: "Resolvers agree",
        source: "seed A-cause 1, A-debug dig @1.1.1.1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = seen.names.iter().filter_map(judge).map(Verdict::from).collect();
    let Some(name) = seen.names.iter().find(|name| name.resolves()) else { return Vec::new() };
    if verdicts.is_empty() {
        let mut answered: Vec<&str> = name.answers().map(|(resolver, _, _)| resolver).collect();
        answered.dedup();
        let hosts = list(seen.names.iter().filter(|name| name.resolves()).map(|name| &name.name));
        verdicts.push(match answered.as_slice() {
            [only] => not_tested(hosts, format!("Only {only} answered, so there is nothing to compare.")),
            several => pass(hosts, format!("{} give the same addresses.", list(several))),
        });
    }
    verdicts
}

fn judge(name: &NameSeen) -> Option<findings::Said> {
    let mut sets: Vec<(&str, BTreeSet<IpAddr>)> = Vec::new();
    for (resolver, _, answer) in name.answers() {
        match sets.iter_mut().find(|(r, _)| *r == resolver) {
            Some((_, set)) => set.extend(answer.addresses()),
            None => sets.push((resolver, answer.addresses().collect())),
        }
    }
    // A resolver whose A or AAAA answer is missing cannot be compared; one without any address is another check's.
    let complete = |resolver: &str| name.answers().filter(|(r, _, _)| *r == resolver).count() == 2;
    sets.retain(|(resolver, set)| complete(resolver) && !set.is_empty());
    let (_, first) = sets.first()?;
    if sets.iter().all(|(_, set)| set == first) {
        return None;
    }
    let host = &name.name;
    let ttl = name.answers().flat_map(|(_, _, answer)| &answer.records).map(|record| record.ttl).max().unwrap_or(0);
    let words = sets.iter().map(|(resolver, set)| format!("{resolver}: {}", list(set))).collect::<Vec<_>>().join("; ");
    let mut said = found(host.as_str(), format!("The resolvers give different addresses for {host}. {words}."))
        .means(format!("After a change, some visitors reach the old address for up to {} more minutes. A content network or load balancer does this on purpose.", ttl.div_ceil(60)))
        .fix("Nothing to change if it is intended; every address is looked at below. After a move, keep the old server running until then.")
        .prove(format!("dig +short @1.1.1.1 {host}; dig +short @8.8.8.8 {host}"), "the same addresses twice, once the change has spread");
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
    fn another_address_at_one_resolver_is_a_note() {
        let lines = "example.com A Cloudflare 9.9.9.9\nexample.com A Google 9.9.9.8\nexample.com A AdGuard 9.9.9.9";
        assert_eq!(said(CHECK, &seen(lines)), ["note example.com"]);
    }

    #[test]
    fn order_does_not_matter_and_one_answer_is_no_comparison() {
        let same = "example.com A Cloudflare 9.9.9.9 9.9.9.8\nexample.com A Google 9.9.9.8 9.9.9.9\nexample.com A AdGuard 9.9.9.9 9.9.9.8";
        assert_eq!(said(CHECK, &seen(same)), ["passed example.com"]);
        let one = "example.com A Cloudflare 9.9.9.9\nexample.com A !Google\nexample.com AAAA !Google\nexample.com A !AdGuard\nexample.com AAAA !AdGuard";
        assert_eq!(said(CHECK, &seen(one)), ["not tested example.com"]);
    }
}
