use findings::{Verdict, check, found, pass};

use crate::{Kind, Observation, Record};

check! {
    /// The registered domain itself is an alias.
    ///
    /// ## Why it matters
    /// An alias stands for every kind of record, so resolvers that follow it no longer see the domain's own mail, text
    /// and name server records: mail may be refused, and proofs of ownership are not found.
    ///
    /// ## How to fix
    /// Use address records at the bare domain, or what your DNS provider offers instead of an alias there (ALIAS, ANAME,
    /// CNAME flattening).
    CHECK: Check<Observation> = "apex-is-an-alias",
        section: Hardening, severity: Note,
        title: "The bare domain is an alias", healthy: "The bare domain has addresses",
        source: "RFC 1912 §2.4; RFC 2181 §10.1; dnsviz CNAME_WITH_OTHER_DATA", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let zone = &seen.target.registrable;
    let Some(name) = seen.name(zone).filter(|name| name.resolves()) else { return Vec::new() };
    // Whoever is asked for its addresses shows the alias on the way to them.
    let mut records = name.answers().flat_map(|(_, _, answer)| &answer.records);
    let is_own = |record: &&Record| record.kind == Kind::Cname.as_str() && record.name == zone.as_str();
    let Some(alias) = records.find(is_own) else {
        return vec![pass(zone.as_str(), format!("{zone} has records of its own and is no alias."))];
    };
    let to = alias.value.trim_end_matches('.');
    vec![
        found(zone.as_str(), format!("{zone} itself is an alias of {to}."))
            .means("The site is found. Mail and text records of the bare domain may not be, because an alias stands for all kinds of records.")
            .fix(format!("At your DNS provider, give {zone} address records, or use the provider's own kind of alias for the bare domain (ALIAS, ANAME, flattening)."))
            .prove(format!("dig {zone} CNAME +short"), "nothing")
            .evidence("CNAME", &alias.value)
            .into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn an_alias_at_the_bare_domain_is_noted() {
        let it = seen("example.com A * 9.9.9.9\nexample.com CNAME - host.example.net");
        assert_eq!(said(CHECK, &it), ["note example.com"]);
    }

    #[test]
    fn an_alias_at_www_is_usual() {
        let it = seen("example.com A * 9.9.9.9\nwww.example.com A * 9.9.9.9\nwww.example.com CNAME - example.com");
        assert_eq!(said(CHECK, &it), ["passed example.com"]);
        assert!(said(CHECK, &seen("example.com CNAME - host.example.net")).is_empty(), "it leads nowhere");
    }
}
