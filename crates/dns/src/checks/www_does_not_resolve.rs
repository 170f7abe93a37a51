use findings::{Verdict, check, found, not_tested, pass};

use super::{answers_in_words, dnssec_bogus, is_lost_alias, list};
use crate::Observation;

check! {
    /// The other one of apex and www has no address.
    ///
    /// ## Why it matters
    /// Some visitors type or link the other form. Leaving it out on purpose is fine.
    ///
    /// ## How to fix
    /// Add an address record (or, for www, a CNAME to the apex), put the name into `server_name`, and include it when
    /// the certificate is issued.
    CHECK: Check<Observation> = "www-does-not-resolve",
        section: Dns, severity: Note,
        title: "Other name does not resolve", healthy: "Both names resolve",
        source: "seed A1, A-list 2", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let (Some(name), Some(twin)) = (seen.names.first(), seen.names.get(1)) else {
        return Vec::new();
    };
    if !name.resolves() {
        return Vec::new(); // the typed name comes first
    }
    let host = &twin.name;
    if twin.resolves() {
        return vec![pass(host.as_str(), format!("{host} leads to {}.", list(&twin.visit)))];
    }
    if is_lost_alias(seen, twin) || dnssec_bogus::is_bogus(seen, twin) {
        return Vec::new();
    }
    if let Some(why) = twin.nobody_answered() {
        return vec![not_tested(host.as_str(), format!("No resolver could be asked: {}.", why.clause()))];
    }
    let record = if *host == seen.target.registrable {
        let lines =
            name.visit.iter().map(|a| format!("{host}.  3600  IN  {}  {a}", if a.is_ipv4() { "A" } else { "AAAA" }));
        lines.collect::<Vec<_>>().join("\n")
    } else {
        format!("{host}.  3600  IN  CNAME  {}.", name.name)
    };
    let mut said = found(host.as_str(), format!("{host} has no address; {} has.", name.name))
        .means(format!(
            "Visitors who type {host} see \"server not found\". If that is intended, nothing has to change."
        ))
        .fix_code("If visitors should find it, add this record at your DNS provider.", record)
        .prove(format!("dig +short {host}"), list(&name.visit));
    for (label, value) in answers_in_words(twin) {
        said = said.evidence(label, value);
    }
    vec![said.into()]
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn a_missing_www_is_a_note() {
        assert_eq!(said(CHECK, &seen("example.com A * 9.9.9.9")), ["note www.example.com"]);
    }

    #[test]
    fn a_www_of_its_own_passes() {
        let both = "example.com A * 9.9.9.9\nwww.example.com A * 9.9.9.8";
        assert_eq!(said(CHECK, &seen(both)), ["passed www.example.com"]);
        assert!(said(CHECK, &seen("")).is_empty());
    }
}
