use findings::{Verdict, check, found, not_tested, pass};

use super::list;
use crate::{Observation, caa::Climb};

check! {
    /// The question who may issue certificates for the name is answered with an error.
    ///
    /// ## Why it matters
    /// Before it issues or renews a certificate, every authority asks for the name's CAA records. No record is fine; an
    /// error is not: behind it a record may hide, so the authority refuses.
    ///
    /// ## How to fix
    /// Have the name server answer questions for CAA: old software and some firewalls drop types that they do not know.
    /// If the zone is signed, an outdated signature is the most common reason.
    CHECK: Check<Observation> = "caa-lookup-fails",
        section: Renewal, severity: Warning,
        title: "Permission to issue cannot be read", healthy: "Permission to issue can be read",
        source: "RFC 8659 §3; Boulder va/caa.go", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let (mut fine, mut failing, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    // A name that does not resolve has a finding of its own, and no certificate.
    for name in seen.names.iter().filter(|name| name.resolves()) {
        match seen.caa(&name.name) {
            Climb::Found { .. } | Climb::Free => fine.push(&name.name),
            Climb::Fails { at, answer, resolver } if !failing.contains(&at) => {
                failing.push(at);
                let mut said = found(
                    at.as_str(),
                    format!("The question who may issue certificates for {at} is answered with an error ({}).", answer.rcode),
                )
                .means("The site works today. The next renewal is refused while this lasts, because an authority has to read this record first.")
                .fix("See that the domain's name servers answer questions for CAA, if only with an empty answer. If the zone is signed with DNSSEC, look for an outdated signature.")
                .prove(format!("dig {at} CAA"), "status: NOERROR in the header, with or without records")
                .evidence("Resolver", resolver)
                .evidence("Answer", &answer.rcode);
                for ede in &answer.ede {
                    said = said.evidence("Extended error", format!("{} {}", ede.code, ede.text));
                }
                verdicts.push(said.into());
            }
            Climb::Fails { .. } => {}
            Climb::Unknown(why) => unknown.push((&name.name, why)),
        }
    }
    if !fine.is_empty() {
        verdicts.push(pass(list(fine), "The question who may issue certificates is answered without an error."));
    }
    if let Some((_, why)) = unknown.first() {
        let why = why.map_or("it was not asked".into(), network::Unseen::clause);
        let names = list(unknown.iter().map(|(name, _)| name));
        verdicts.push(not_tested(names, format!("Who may issue certificates was not seen: {why}.")));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    const UP: &str = "example.com A * 9.9.9.9\nwww.example.com A * 9.9.9.9\n";

    #[test]
    fn an_error_on_the_way_up_fires_once() {
        assert_eq!(said(CHECK, &seen(&format!("{UP}example.com CAA - SERVFAIL"))), ["warning example.com"]);
        let www = said(CHECK, &seen(&format!("{UP}www.example.com CAA - REFUSED")));
        assert_eq!(www, ["warning www.example.com", "passed example.com"]);
    }

    #[test]
    fn no_record_is_fine_and_a_record_hides_what_is_above_it() {
        assert_eq!(said(CHECK, &seen(UP)), ["passed example.com, www.example.com"]);
        let hidden = seen(&format!("{UP}www.example.com CAA - 0_issue_\";\"\ncom CAA - SERVFAIL"));
        assert_eq!(said(CHECK, &hidden), ["passed example.com, www.example.com"]);
    }

    #[test]
    fn silence_is_not_tested_and_a_name_without_address_not_asked() {
        assert_eq!(said(CHECK, &seen(&format!("{UP}example.com CAA !-"))), ["not tested example.com, www.example.com"]);
        assert!(said(CHECK, &seen("example.com A * SERVFAIL\nexample.com CAA - SERVFAIL")).is_empty());
    }
}
