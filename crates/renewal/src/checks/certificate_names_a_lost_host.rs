//! Is every name of the certificate still there when it is renewed?

use domain::DomainName;
use findings::{Verdict, check, found, pass};
use network::Saw;

use super::list;
use crate::Observation;

check! {
    /// The certificate names a host that leads to no address any more.
    ///
    /// ## Why it matters
    /// At each renewal the authority checks every name of the certificate again. One that cannot be reached over HTTP
    /// fails, and with it the renewal for all the others.
    ///
    /// ## How to fix
    /// Issue the certificate again without that name, or give the name its record back. If it is renewed through DNS,
    /// nothing has to change.
    CHECK: Check<Observation> = "certificate-names-a-lost-host",
        section: Renewal, severity: Warning,
        title: "Certificate names a lost host", healthy: "All names can be renewed",
        source: "RFC 8555 §7.1.3, §8.3; seed A8, A14", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(companions) = &seen.companions else { return Vec::new() };
    let lost: Vec<&DomainName> =
        companions.leads.iter().filter(|(_, leads)| *leads == Saw::Seen(false)).map(|(name, _)| name).collect();
    let host = companions.host.as_str();
    let Some(first) = lost.first() else {
        let there: Vec<_> = companions.leads.iter().filter(|(_, leads)| *leads == Saw::Seen(true)).collect();
        let said = || {
            pass(
                host,
                format!(
                    "Further names of its certificate lead to addresses: {}.",
                    list(there.iter().map(|(name, _)| name))
                ),
            )
        };
        return (!there.is_empty()).then(said).into_iter().collect();
    };
    let leads = if lost.len() == 1 { "leads" } else { "lead" };
    let kept: Vec<String> = companions
        .names
        .iter()
        .filter(|name| !lost.iter().any(|it| it.as_str() == *name))
        .map(|name| format!("-d {name}"))
        .collect();
    let lineage = companions.names.first().map(String::as_str).unwrap_or(host);
    let said = found(
        host,
        format!("The certificate of {host} also names {}, which {leads} to no address any more.", list(&lost)),
    )
    .means("The authority checks every name again at the next renewal; one that cannot be reached fails the renewal for all. If yours goes through DNS, it does not matter.")
    .fix_code(
        "Issue the certificate again without it (sudo certbot certificates shows the certificate's name).",
        format!("sudo certbot --nginx --cert-name {lineage} {}", kept.join(" ")),
    )
    .prove(format!("dig +short {first}; sudo certbot renew --dry-run"), "an address, or no such name in the list; and no failure");
    vec![
        companions
            .leads
            .iter()
            .fold(said, |said, (name, leads)| {
                let words = match leads {
                    Saw::Seen(true) => "leads to an address".into(),
                    Saw::Seen(false) => "leads to no address".into(),
                    Saw::Unseen(why) => why.clause(),
                };
                said.evidence(name.as_str(), words)
            })
            .into(),
    ]
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::{
        super::tests::{companions, said, text},
        *,
    };

    #[test]
    fn a_name_that_is_gone_warns() {
        let seen = Observation {
            companions: Some(companions(&[
                ("old.example.com", Saw::Seen(false)),
                ("shop.example.com", Saw::Seen(true)),
            ])),
            ..Observation::default()
        };
        assert_eq!(said(CHECK, &seen), ["warning example.com"]);
        assert!(text(CHECK, &seen).contains("-d example.com -d shop.example.com"));
    }

    #[test]
    fn names_that_are_there_pass_and_what_was_not_seen_is_not_held_against_them() {
        let seen = |leads| Observation {
            companions: Some(companions(&[("shop.example.com", leads)])),
            ..Observation::default()
        };
        assert_eq!(said(CHECK, &seen(Saw::Seen(true))), ["passed example.com"]);
        assert!(said(CHECK, &seen(Saw::Unseen(Unseen::TimedOut))).is_empty());
        assert!(said(CHECK, &Observation::default()).is_empty());
    }
}
