use findings::{Said, Verdict, check, found, pass};

use super::list;
use crate::{Answer, Kind, NameSeen, Observation, observation::CHALLENGE};

check! {
    /// The name under which an authority asks for its challenge in DNS leads nowhere.
    ///
    /// ## Why it matters
    /// For a renewal through DNS the authority asks for a text record at `_acme-challenge`. If that name is an alias of
    /// a domain that is gone, or handed to name servers that do not answer, such a renewal fails. Certificates with a
    /// wildcard can be renewed in no other way; one that is renewed over port 80 does not need this name.
    ///
    /// ## How to fix
    /// Delete the record if renewal does not go through DNS. Otherwise point it to where the challenge is kept today.
    CHECK: Check<Observation> = "challenge-name-leads-nowhere",
        section: Renewal, severity: Note,
        title: "The DNS challenge leads nowhere", healthy: "The DNS challenge can be asked",
        source: "seed A14; RFC 8555 §8.4; Let's Debug TXTRecordError", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut fine = Vec::new();
    let mut verdicts: Vec<Verdict> = Vec::new();
    // A name that does not resolve has a finding of its own.
    for name in seen.names.iter().filter(|name| name.resolves()) {
        let at = format!("{CHALLENGE}.{}", name.name);
        let Some(answer) = seen.further(&at, Kind::Txt).and_then(|asked| asked.answer.seen()) else { continue };
        match lost(&at, answer) {
            Some(fact) => verdicts.push(say(name, &at, answer, fact).into()),
            None => fine.push(&name.name),
        }
    }
    if verdicts.is_empty() && !fine.is_empty() {
        verdicts.push(pass(list(fine), "Questions for the challenge in DNS are answered."));
    }
    verdicts
}

/// Between renewals there is nothing at the end of an alias, so that is no fault; a domain that nobody has is.
fn lost(at: &str, answer: &Answer) -> Option<String> {
    let alias = answer.aliases().last();
    match (answer.rcode.as_str(), alias) {
        ("NXDOMAIN", Some(alias)) if answer.is_unregistered() => {
            Some(format!("{at} is an alias of {alias}, in a domain that nobody has registered."))
        }
        ("SERVFAIL" | "REFUSED", Some(alias)) => {
            Some(format!("{at} is an alias of {alias}, where no name server answers."))
        }
        ("SERVFAIL" | "REFUSED", None) => Some(format!("No name server answers for {at}.")),
        _ => None,
    }
}

fn say(name: &NameSeen, at: &str, answer: &Answer, fact: String) -> Said {
    let host = &name.name;
    let said = found(host.as_str(), fact)
        .means(format!("A renewal of {host} through DNS fails; a certificate with a wildcard can be renewed in no other way. Renewal over port 80 is not affected."))
        .fix(format!("If the certificate is renewed over port 80, delete the record {at}. Otherwise point it to where your ACME client puts the challenge today."))
        .prove(format!("dig {at} TXT"), "status: NOERROR, or NXDOMAIN from your own provider's zone")
        .evidence("Answer", &answer.rcode);
    let said = answer.aliases().fold(said, |said, alias| said.evidence("Alias", alias));
    answer.ede.iter().fold(said, |said, it| said.evidence("Extended error", format!("{} {}", it.code, it.text)))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::{Observation, Record, fixture::seen};

    const UP: &str = "example.com A * 9.9.9.9\n";

    fn alias(rest: &str) -> Observation {
        let mut it = seen(&format!("{UP}+_acme-challenge.example.com TXT {rest}"));
        if let network::Saw::Seen(answer) = &mut it.further[0].1.answer {
            let name = "_acme-challenge.example.com".into();
            answer.records.push(Record { name, kind: "CNAME".into(), ttl: 60, value: "x.gone.net".into() });
        }
        it
    }

    #[test]
    fn an_alias_into_a_lost_domain_and_servers_that_fail_are_noted() {
        assert_eq!(said(CHECK, &alias("NXDOMAIN net")), ["note example.com"]);
        assert_eq!(said(CHECK, &alias("SERVFAIL")), ["note example.com"]);
        let fails = seen(&format!("{UP}+_acme-challenge.example.com TXT SERVFAIL"));
        assert_eq!(said(CHECK, &fails), ["note example.com"]);
    }

    #[test]
    fn nothing_there_between_renewals_is_fine() {
        assert_eq!(said(CHECK, &alias("NXDOMAIN gone.net")), ["passed example.com"]);
        let it = seen(&format!("{UP}+_acme-challenge.example.com TXT NXDOMAIN example.com"));
        assert_eq!(said(CHECK, &it), ["passed example.com"]);
        assert!(said(CHECK, &seen("+_acme-challenge.example.com TXT SERVFAIL")).is_empty(), "the whole zone fails");
        assert!(said(CHECK, &seen(UP)).is_empty());
    }
}
