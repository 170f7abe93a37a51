use findings::{Verdict, check, found};

use super::{alias_loops::circle, answers_in_words};
use crate::{NameSeen, Observation};

check! {
    /// The name is an alias of a name that leads to no address.
    ///
    /// ## Why it matters
    /// Visitors see "server not found". An alias of a service that was given up can be worse: whoever registers the old
    /// name there answers under yours, and may even get a certificate for it.
    ///
    /// ## How to fix
    /// Point the CNAME record at a name that exists, or delete it.
    CHECK: Check<Observation> = "alias-leads-nowhere",
        section: Dns, severity: Failed,
        title: "The alias leads nowhere", healthy: "Aliases lead to addresses",
        source: "seed A2; RFC 1034 §3.6.2", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let lost = seen.names.iter().filter_map(|name| Some((name, dangling(seen, name)?)));
    lost.map(|(name, alias)| {
        let host = &name.name;
        let said = found(host.as_str(), format!("{host} is an alias of {alias}, which leads to no address."))
            .means(format!(
                "Visitors of {host} see \"server not found\"; whoever gets hold of {alias} could answer in its place."
            ))
            .fix_code(
                "At your DNS provider, point the alias at a name that exists, or delete it.",
                format!("{host}.  3600  IN  CNAME  <a name that leads to your server>."),
            )
            .prove(format!("dig +short {host}"), "an address at the end");
        answers_in_words(name).into_iter().fold(said, |said, (label, value)| said.evidence(label, value)).into()
    })
    .collect()
}

/// The end of the alias chain of a name, where every answer says that it leads nowhere.
pub(super) fn dangling<'o>(seen: &Observation, name: &'o NameSeen) -> Option<&'o str> {
    let clear = name.answers().all(|(_, _, answer)| matches!(answer.rcode.as_str(), "NOERROR" | "NXDOMAIN"));
    if name.resolves() || !clear || circle(seen, name).is_some() {
        return None;
    }
    name.answers().find_map(|(_, _, answer)| answer.aliases().last())
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::{Observation, Record, fixture::seen};

    fn alias(mut it: Observation) -> Observation {
        for asked in &mut it.names[1].addresses {
            if let network::Saw::Seen(answer) = &mut asked.answer {
                let value = "old.example.net".into();
                answer
                    .records
                    .insert(0, Record { name: "www.example.com".into(), kind: "CNAME".into(), ttl: 60, value });
            }
        }
        it
    }

    #[test]
    fn an_alias_without_an_address_fails() {
        let it = alias(seen("example.com A * 9.9.9.9\nwww.example.com A * NXDOMAIN\nwww.example.com AAAA * NXDOMAIN"));
        assert_eq!(said(CHECK, &it), ["failed www.example.com"]);
        assert!(said(super::super::www_does_not_resolve::CHECK, &it).is_empty());
    }

    #[test]
    fn one_that_leads_somewhere_or_none_at_all_does_not() {
        assert!(said(CHECK, &alias(seen("example.com A * 9.9.9.9\nwww.example.com AAAA * 2a00::9"))).is_empty());
        assert!(said(CHECK, &alias(seen("www.example.com A * SERVFAIL"))).is_empty(), "the zone fails");
        assert!(said(CHECK, &seen("example.com A * 9.9.9.9\nwww.example.com A * NXDOMAIN")).is_empty());
    }
}
