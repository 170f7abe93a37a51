use findings::{Verdict, check, found, pass};

use super::list;
use crate::{Kind, Observation, observation::NOBODY};

check! {
    /// Any name below the domain leads to an address, even one that nobody made.
    ///
    /// ## Why it matters
    /// Mistyped and forgotten names reach the server too, and get its default site or a certificate that does not fit.
    /// It also hides a missing www record, because any name seems to be there.
    ///
    /// ## How to fix
    /// Nothing, if it is intended, as with a subdomain for each customer. Otherwise replace the wildcard record by
    /// records for the names in use.
    CHECK: Check<Observation> = "any-name-resolves",
        section: Hardening, severity: Note,
        title: "Any name leads to an address", healthy: "Unknown names lead nowhere",
        source: "RFC 4592; Let's Debug, random label", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let zone = &seen.target.registrable;
    let nobody = seen.further.iter().find(|(name, asked)| asked.kind == Kind::A && name.as_str().starts_with(NOBODY));
    let Some((name, answer)) = nobody.and_then(|(name, asked)| Some((name, asked.answer.seen()?))) else {
        return Vec::new();
    };
    let addresses: Vec<_> = answer.addresses().collect();
    if addresses.is_empty() {
        return match answer.rcode.as_str() {
            "NOERROR" | "NXDOMAIN" => {
                vec![pass(zone.as_str(), format!("A name below {zone} that nobody made leads nowhere."))]
            }
            _ => Vec::new(),
        };
    }
    vec![
        found(zone.as_str(), format!("Any name below {zone} leads to {}, even one that nobody made.", list(&addresses)))
            .means("Nothing has to change if that is intended. Otherwise mistyped names reach your server as well, and show its default site or a certificate warning.")
            .fix(format!("If it is not intended, replace the record *.{zone} by records for the names in use."))
            .prove(format!("dig +short anything.{zone}"), "nothing")
            .evidence(name.as_str(), list(&addresses))
            .into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn a_wildcard_is_noted() {
        let it = seen("+lockstep-00ff.example.com A 9.9.9.9");
        assert_eq!(said(CHECK, &it), ["note example.com"]);
    }

    #[test]
    fn a_name_that_is_not_there_passes_and_an_error_says_nothing() {
        assert_eq!(said(CHECK, &seen("+lockstep-00ff.example.com A NXDOMAIN")), ["passed example.com"]);
        assert_eq!(said(CHECK, &seen("+lockstep-00ff.example.com A")), ["passed example.com"]);
        assert!(said(CHECK, &seen("+lockstep-00ff.example.com A SERVFAIL")).is_empty());
        assert!(said(CHECK, &seen("+other.example.com A 9.9.9.9")).is_empty());
    }
}
