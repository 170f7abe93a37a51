use findings::{Verdict, check, found};

use super::list;
use crate::{Answer, Asked, Kind, NameSeen, Observation};

check! {
    /// The zone's DNSSEC signatures do not fit, so resolvers refuse its answers.
    ///
    /// ## Why it matters
    /// Most visitors' resolvers check signatures and answer with an error: these visitors see "server not found", while
    /// the rest reach the site. Certificate authorities have to check them too, so nothing is issued or renewed.
    ///
    /// ## How to fix
    /// Make the DS record at the registrar fit the keys of the zone, as your DNS provider shows them; after a change of
    /// provider, remove the old DS record. If signatures have run out, have the zone signed again.
    CHECK: Check<Observation> = "dnssec-bogus",
        section: Dns, severity: Failed,
        title: "DNSSEC signatures do not fit", healthy: "DNSSEC signatures fit",
        source: "seed A1; RFC 4035 §5; RFC 8914 §4; CA/Browser Forum SC-085v2", run: run
}

/// Extended errors about signatures: bogus, out of date, missing (RFC 8914 §4.6 to §4.13 and §4.26).
const SIGNATURES: [u16; 9] = [5, 6, 7, 8, 9, 10, 11, 12, 25];

fn run(seen: &Observation) -> Vec<Verdict> {
    let bogus: Vec<&NameSeen> = seen.names.iter().filter(|name| is_bogus(seen, name)).collect();
    let Some(first) = bogus.first() else { return Vec::new() };
    let (zone, host) = (&seen.target.registrable, &first.name);
    let hosts = list(bogus.iter().map(|name| &name.name));
    let refusing = list(refused(first).map(|(_, asked)| &asked.resolver));
    let said = found(
        hosts.as_str(),
        format!("About {hosts} no answer comes from {refusing}, unless the check of DNSSEC signatures is left out."),
    )
    .means("Visitors whose resolver checks signatures, which most do, see \"server not found\". Certificate authorities have to check them as well: no certificate is issued or renewed.")
    .fix(format!(
        "Compare the DS record of {zone} at your registrar with the one your DNS provider shows. If the zone is not signed any more, remove the DS record; if it is, enter the provider's."
    ))
    .prove(format!("dig @1.1.1.1 {host}; dig @1.1.1.1 +cd {host}"), "status: NOERROR and the same address twice");
    let said = refused(first).fold(said, |said, (refusal, asked)| {
        let words = list(refusal.ede.iter().map(|it| format!("extended error {} {}", it.code, it.text)));
        let said = said
            .evidence(format!("{}, {}", asked.resolver, asked.kind.as_str()), format!("SERVFAIL {words}").trim_end());
        let unchecked = asked.answer.seen().map(Answer::addresses).map(list).unwrap_or_default();
        said.evidence(format!("{}, without checking", asked.resolver), unchecked)
    });
    let signers = seen.name(zone).and_then(|name| name.asked(Kind::Ds)?.answer.seen());
    let signers =
        signers.into_iter().flat_map(|answer| &answer.records).filter(|record| record.kind == Kind::Ds.as_str());
    vec![signers.fold(said, |said, record| said.evidence("DS record", &record.value)).into()]
}

/// Each refusal together with what the same resolver says without checking.
fn refused(name: &NameSeen) -> impl Iterator<Item = (&Answer, &Asked)> {
    name.unchecked.iter().filter_map(|asked| {
        let there = asked.answer.seen().is_some_and(|answer| answer.addresses().next().is_some());
        let refusal = name.answers().find(|(resolver, kind, _)| *resolver == asked.resolver && *kind == asked.kind);
        let (.., refusal) = refusal.filter(|(.., refusal)| there && refusal.rcode == "SERVFAIL")?;
        Some((refusal, asked))
    })
}

/// Whether signatures are what is wrong: a resolver says so, or two find the answer once they need not check. A zone
/// that is known to be without a DS record has none that could be wrong.
pub(super) fn is_bogus(seen: &Observation, name: &NameSeen) -> bool {
    let says_so = |answer: &Answer| answer.ede.iter().any(|it| SIGNATURES.contains(&it.code));
    let refusals: Vec<&Answer> = refused(name).map(|(refusal, _)| refusal).collect();
    let signed = seen.name(&seen.target.registrable).and_then(|it| it.asked(Kind::Ds)?.answer.seen());
    let unsigned = signed.is_some_and(|answer| answer.rcode == "NOERROR" && answer.records.is_empty());
    refusals.iter().any(|answer| says_so(answer)) || (refusals.len() > 1 && !unsigned)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    const DS: &str = "example.com DS - 20326_8_2_AB01\n";

    #[test]
    fn an_answer_that_is_there_without_checking_fails_alone() {
        let lines = "example.com A * SERVFAIL\nexample.com AAAA * SERVFAIL\nexample.com A ~Cloudflare 9.9.9.9\nexample.com A ~Google 9.9.9.9";
        let it = seen(&format!("{DS}{lines}"));
        assert_eq!(said(CHECK, &it), ["failed example.com"]);
        assert!(said(super::super::name_does_not_resolve::CHECK, &it).is_empty());
        let told = seen(
            "example.com A Cloudflare SERVFAIL EDE7\nexample.com A ~Cloudflare 9.9.9.9\nexample.com A Google 9.9.9.9",
        );
        assert_eq!(said(CHECK, &told), ["failed example.com"], "one that says why is enough");
        assert!(said(super::super::some_resolvers_without_answer::CHECK, &told).is_empty());
    }

    #[test]
    fn a_zone_that_fails_either_way_or_is_not_signed_does_not() {
        assert!(said(CHECK, &seen(&format!("{DS}example.com A * SERVFAIL"))).is_empty());
        let fails = "example.com A * SERVFAIL\nexample.com A ~Cloudflare SERVFAIL\nexample.com A ~Google SERVFAIL";
        assert!(said(CHECK, &seen(&format!("{DS}{fails}"))).is_empty());
        let hiccup =
            "example.com A Cloudflare SERVFAIL\nexample.com A ~Cloudflare 9.9.9.9\nexample.com A Google 9.9.9.9";
        assert!(said(CHECK, &seen(&format!("{DS}{hiccup}"))).is_empty(), "one resolver, and no word of signatures");
        let unsigned = "example.com A * SERVFAIL\nexample.com A ~Cloudflare 9.9.9.9\nexample.com A ~Google 9.9.9.9";
        assert!(said(CHECK, &seen(unsigned)).is_empty(), "no DS record");
    }
}
