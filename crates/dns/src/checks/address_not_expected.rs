use domain::Expect;
use findings::{Verdict, check, found, pass};

use super::{aliases, answers_in_words, list};
use crate::{NameSeen, Observation};

check! {
    /// The name leads elsewhere than the visitor says it should.
    ///
    /// ## Why it matters
    /// Traffic reaches another machine: the old server, a parking page, a content network. What is changed on the
    /// intended server then has no effect.
    ///
    /// ## How to fix
    /// Change the A, AAAA or CNAME record, remove stale ones, and wait for the old record's time to live.
    CHECK: Check<Observation> = "address-not-expected",
        section: Dns, severity: Failed,
        title: "Not the expected address", healthy: "Leads where you expect",
        source: "seed A1, A2, A-cause 1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(expect) = &seen.target.expect else { return Vec::new() };
    let names = seen.names.iter().filter(|name| name.resolves());
    names
        .map(|name| {
            let (wrong, wanted) = match expect {
                Expect::Addresses(wanted) => {
                    let wrong: Vec<String> =
                        name.visit.iter().filter(|a| !wanted.contains(a)).map(ToString::to_string).collect();
                    (wrong, list(wanted))
                }
                Expect::Name(wanted) => {
                    let aliases: Vec<String> = aliases(name);
                    let hit = aliases.iter().any(|alias| alias == wanted.as_str());
                    let wrong = match (hit, aliases.is_empty()) {
                        (true, _) => Vec::new(),
                        (false, true) => name.visit.iter().map(ToString::to_string).collect(),
                        (false, false) => aliases,
                    };
                    (wrong, wanted.to_string())
                }
            };
            let host = &name.name;
            if wrong.is_empty() {
                return pass(host.as_str(), format!("{host} leads to {wanted}, as you said."));
            }
            let said = found(host.as_str(), format!("{host} leads to {}; you expect {wanted}.", list(&wrong)))
                .means(format!(
                    "Visitors who get that answer reach another machine than the one you mean.{}",
                    patience(name)
                ))
                .fix(format!(
                    "At your DNS provider, let {host} lead to {wanted} and delete records that lead elsewhere."
                ))
                .prove(format!("dig +short {host}"), wanted);
            answers_in_words(name).into_iter().fold(said, |said, (label, value)| said.evidence(label, value)).into()
        })
        .collect()
}

/// How long a change takes to reach everybody, where that is long enough to plan for.
fn patience(name: &NameSeen) -> String {
    let ttl = name.answers().flat_map(|(_, _, answer)| &answer.records).map(|record| record.ttl).max();
    match ttl.map(|ttl| ttl.div_ceil(3600)) {
        Some(hours @ 2..) => format!(
            " Resolvers may remember an answer for {hours} hours; lower the records' time to live that long before a \
             planned move, and the change reaches everybody within minutes."
        ),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;
    use domain::Expect;

    #[test]
    fn a_stale_address_beside_the_expected_one_fires() {
        let mut it = seen("example.com A * 9.9.9.9 9.9.9.8\nwww.example.com A * 9.9.9.9");
        it.target.expect = Some(Expect::Addresses(vec!["9.9.9.9".parse().unwrap()]));
        assert_eq!(said(CHECK, &it), ["failed example.com", "passed www.example.com"]);
        let means = |it: &crate::Observation| findings::judge(&[CHECK], it)[0].means.clone();
        assert!(!means(&it).contains("remember"), "an hour is soon over");
        if let network::Saw::Seen(answer) = &mut it.names[0].addresses[0].answer {
            answer.records[0].ttl = 86_400;
        }
        assert!(means(&it).contains("for 24 hours"), "{}", means(&it));
    }

    #[test]
    fn an_expected_alias_passes_and_no_expectation_is_not_asked() {
        let mut it = seen("example.com A * 9.9.9.9\nexample.com CNAME - cdn.example.net");
        assert!(said(CHECK, &it).is_empty());
        it.target.expect = Some(Expect::Name("cdn.example.net".parse().unwrap()));
        assert_eq!(said(CHECK, &it), ["passed example.com"]);
        it.target.expect = Some(Expect::Name("other.example.net".parse().unwrap()));
        assert_eq!(said(CHECK, &it), ["failed example.com"]);
    }
}
