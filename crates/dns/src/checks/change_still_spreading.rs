use std::{collections::BTreeSet, net::IpAddr};

use findings::{Said, Verdict, check, found, pass};

use super::list;
use crate::{NameSeen, Observation};

check! {
    /// Resolvers still remember another answer than the domain's own name servers give.
    ///
    /// ## Why it matters
    /// Resolvers keep an answer for as long as the record's time to live says; "no such name" for as long as the SOA
    /// record says. Until then some visitors reach the old server, and nothing on the new one can change that.
    ///
    /// ## How to fix
    /// Wait, and keep the old server running until then. Before the next move, lower the time to live a day ahead.
    CHECK: Check<Observation> = "change-still-spreading",
        section: Dns, severity: Note,
        title: "A change is still spreading", healthy: "Resolvers are up to date",
        source: "seed A-cause 1 (wait for propagation); RFC 1034 §3.6; RFC 2308 §5", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut fine = Vec::new();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for name in &seen.names {
        // What any of the name servers says counts as said by them.
        let told: Vec<Vec<IpAddr>> = seen.direct.iter().filter_map(|it| it.addresses(&name.name)).collect();
        if told.is_empty() {
            continue;
        }
        match late(seen, name, &told.into_iter().flatten().collect()) {
            Some(said) => verdicts.push(said.into()),
            None => fine.push(&name.name),
        }
    }
    if verdicts.is_empty() && !fine.is_empty() {
        verdicts.push(pass(list(fine), "The resolvers give what the domain's own name servers say."));
    }
    verdicts
}

/// Resolvers of which an answer has nothing of what the name servers say, or that know of nothing where there is
/// something.
fn late(seen: &Observation, name: &NameSeen, truth: &BTreeSet<IpAddr>) -> Option<Said> {
    let host = &name.name;
    let mut late: Vec<(&str, String, u32)> = Vec::new();
    for (resolver, _, answer) in name.answers() {
        let given: Vec<IpAddr> = answer.addresses().collect();
        let of_family = |address: &&IpAddr| given.first().is_none_or(|first| first.is_ipv4() == address.is_ipv4());
        let expected: Vec<&IpAddr> = truth.iter().filter(of_family).collect();
        let ttl = answer.records.iter().map(|record| record.ttl).min().or(answer.negative_ttl);
        let nothing = answer.rcode == "NXDOMAIN" && !truth.is_empty();
        if nothing || (!given.is_empty() && !given.iter().any(|address| expected.contains(&address))) {
            let what = if given.is_empty() { "\"no such name\"".to_owned() } else { list(&given) };
            match late.iter_mut().find(|(known, words, _)| *known == resolver && *words == what) {
                Some((.., longest)) => *longest = (*longest).max(ttl.unwrap_or_default()),
                None => late.push((resolver, what, ttl.unwrap_or_default())),
            }
        }
    }
    let longest = late.iter().map(|(.., ttl)| *ttl).max()?;
    let until = seen.seen_at.plus(i64::from(longest));
    let words = late.iter().map(|(resolver, what, _)| format!("{resolver} {what}")).collect::<Vec<_>>().join(", ");
    let truth = if truth.is_empty() { "no address".to_owned() } else { list(truth) };
    let said = found(
        host.as_str(),
        format!("The domain's own name servers give {truth} for {host}; remembered elsewhere: {words}."),
    )
    .means(format!(
        "After a change, visitors behind these resolvers get the old answer until {} at the latest. Content networks \
         answer differently by place, on purpose.",
        until.clock()
    ))
    .fix("Nothing but waiting helps; keep the old server running until then.")
    .prove(format!("dig +short @1.1.1.1 {host}"), truth);
    Some(late.iter().fold(said, |said, (resolver, what, ttl)| {
        said.evidence(*resolver, format!("{what}, for {ttl} more seconds at most"))
    }))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    const TRUTH: &str = "@ns1.example.net SERIAL 7 9.9.9.9\n";

    #[test]
    fn an_old_address_or_an_old_no_is_noted_with_its_end() {
        let old = seen(&format!("{TRUTH}example.com A Cloudflare 9.9.9.9\nexample.com A Google 9.9.9.8"));
        assert_eq!(said(CHECK, &old), ["note example.com"]);
        let text = format!("{:?}", findings::judge(&[CHECK], &old));
        assert!(text.contains("Google 9.9.9.8") && text.contains("until 07:30 UTC"), "{text}");
        let no = seen(&format!("{TRUTH}example.com A Cloudflare 9.9.9.9\nexample.com A Google NXDOMAIN"));
        assert_eq!(said(CHECK, &no), ["note example.com"]);
    }

    #[test]
    fn the_same_or_a_part_of_it_passes_and_without_name_servers_nothing_is_said() {
        let same = "example.com A Cloudflare 9.9.9.9\nexample.com A Google 9.9.9.9";
        assert_eq!(said(CHECK, &seen(&format!("{TRUTH}{same}"))), ["passed example.com"]);
        let part = "@ns1.example.net SERIAL 7 9.9.9.9 9.9.9.8 2a00::9\n";
        assert_eq!(said(CHECK, &seen(&format!("{part}{same}"))), ["passed example.com"]);
        assert!(said(CHECK, &seen(same)).is_empty());
        assert!(said(CHECK, &seen(&format!("@ns1.example.net SILENT\n{same}"))).is_empty());
    }
}
