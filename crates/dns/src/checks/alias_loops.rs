use findings::{Verdict, check, found};

use super::answers_in_words;
use crate::{Answer, Kind, NameSeen, Observation, Record};

check! {
    /// The name is an alias that leads back to itself.
    ///
    /// ## Why it matters
    /// Following the alias never ends at an address: visitors see "server not found", and no certificate can be issued.
    ///
    /// ## How to fix
    /// Let one of the names in the circle have an address record, or point the alias at a name outside of it. Many
    /// panels want `@` or the full name with a dot at the end where the domain itself is meant.
    CHECK: Check<Observation> = "alias-loops",
        section: Dns, severity: Failed,
        title: "The alias leads back to itself", healthy: "Aliases come to an end",
        source: "seed A2; RFC 1034 §3.6.2; dnsviz CNAME_LOOP", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let lost = seen.names.iter().filter_map(|name| Some((name, circle(seen, name)?)));
    lost.map(|(name, way)| {
        let host = &name.name;
        let fact = match way.as_slice() {
            [_, back] if back == host.as_str() => format!("{host} is an alias of itself."),
            _ => format!("{host} is an alias that goes round in a circle: {}.", way.join(" → ")),
        };
        let said = found(host.as_str(), fact)
            .means(format!("Visitors of {host} see \"server not found\", and no certificate can be issued for it."))
            .fix_code(
                "At your DNS provider, replace the alias by an address record, or point it at a name outside the circle.",
                format!("{host}.  3600  IN  A  <your server's IPv4 address>"),
            )
            .prove(format!("dig +short {host}"), "an address at the end");
        answers_in_words(name).into_iter().fold(said, |said, (label, value)| said.evidence(label, value)).into()
    })
    .collect()
}

/// The way from a name without an address through its aliases up to the first name that comes up again.
pub(super) fn circle(seen: &Observation, name: &NameSeen) -> Option<Vec<String>> {
    if name.resolves() {
        return None;
    }
    let answers = seen.names.iter().flat_map(|name| name.addresses.iter().chain(&name.others));
    let records = answers.filter_map(|asked| asked.answer.seen()).flat_map(|answer: &Answer| &answer.records);
    let aliases: Vec<&Record> = records.filter(|record| record.kind == Kind::Cname.as_str()).collect();
    let mut way = vec![name.name.to_string()];
    loop {
        let at = way.last()?;
        let next = aliases.iter().find(|record| record.name == *at)?.value.trim_end_matches('.').to_owned();
        let is_known = way.contains(&next);
        way.push(next);
        if is_known {
            return Some(way);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    const UP: &str = "example.com A * 9.9.9.9\nwww.example.com A * SERVFAIL\nwww.example.com AAAA * SERVFAIL\n";

    #[test]
    fn an_alias_of_itself_fails_and_no_other_check_speaks_of_it() {
        let it = seen(&format!("{UP}www.example.com CNAME - www.example.com"));
        assert_eq!(said(CHECK, &it), ["failed www.example.com"]);
        assert!(said(super::super::www_does_not_resolve::CHECK, &it).is_empty());
        let quiet = seen("example.com A * 9.9.9.9\nwww.example.com CNAME - www.example.com");
        assert_eq!(said(CHECK, &quiet), ["failed www.example.com"], "an answer without an error");
        assert!(said(super::super::alias_leads_nowhere::CHECK, &quiet).is_empty());
    }

    #[test]
    fn two_aliases_of_each_other_fail_twice() {
        let it = seen("example.com CNAME - www.example.com\nwww.example.com CNAME - example.com");
        assert_eq!(said(CHECK, &it), ["failed example.com", "failed www.example.com"]);
        assert!(said(super::super::name_not_connected::CHECK, &it).is_empty());
    }

    #[test]
    fn an_alias_that_ends_somewhere_else_does_not() {
        assert!(said(CHECK, &seen(&format!("{UP}www.example.com CNAME - example.com"))).is_empty());
        assert!(said(CHECK, &seen("www.example.com CNAME - www.example.com\nwww.example.com A * 9.9.9.9")).is_empty());
        assert!(said(CHECK, &seen(UP)).is_empty());
    }
}
