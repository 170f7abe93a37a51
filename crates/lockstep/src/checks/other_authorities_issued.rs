use dns::authorities::organisation;
use findings::{Verdict, check, found, pass};
use network::Saw;

use super::{and, groups};
use crate::Observations;

check! {
    /// The public logs know valid certificates for the name by other authorities.
    ///
    /// ## Why it matters
    /// Whoever holds a certificate for a name can pretend to be the site. Most are harmless: a content network's, a
    /// previous host's, one from before a change of authority. One that nobody knows of is worth asking about.
    ///
    /// ## How to fix
    /// If nobody can say who ordered it, have it revoked by its authority, and allow only your own by CAA records.
    CHECK: Check<Observations> = "other-authorities-issued",
        section: Hardening, severity: Note,
        title: "Other authorities issued certificates too", healthy: "No other authority issued certificates",
        source: "RFC 9162; seed B19", run: run
}

/// The most authorities named.
const SHOWN: usize = 4;

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(Saw::Seen(history)) = &seen.renewal.history else { return Vec::new() };
    let shown: Vec<String> = groups(seen).iter().filter_map(|group| authority(&group.leaf.issuer)).collect();
    // Without a certificate of a public authority there is no "other".
    if shown.is_empty() {
        return Vec::new();
    }
    let name = &seen.target.name;
    let mut others: Vec<(String, &renewal::Issuance)> = Vec::new();
    for issuance in &history.issuances {
        let Some(issuer) = authority(&issuance.issuer) else { continue };
        let ours = shown.contains(&issuer);
        let counts = issuance.covers(name) && issuance.not_after > seen.seen_at && !issuance.revoked;
        if counts && !ours && !others.iter().any(|(known, _)| *known == issuer) {
            others.push((issuer, issuance));
        }
    }
    if others.is_empty() {
        let said = format!(
            "All valid certificates in the public logs are by the same authority (asked: {}).",
            history.told_by()
        );
        return vec![pass(name.to_string(), said)];
    }
    let names: Vec<&str> = others.iter().take(SHOWN).map(|(issuer, _)| issuer.as_str()).collect();
    let said = found(name.to_string(), format!("Besides the one shown there are valid certificates by {}.", and(&names)))
        .means("Nothing is broken. If nobody knows who ordered them, somebody else may pretend to be this site.")
        .fix_code(
            "A content network or a previous host explains most of them. To allow only one authority from now on, add a \
             CAA record.",
            format!("{name}. CAA 0 issue \"{}\"", identifier(seen)),
        )
        .prove(format!("curl -s 'https://crt.sh/?q={name}&output=json&exclude=expired' | grep -o '\"issuer_name\":\"[^\"]*' | sort -u"), "Authorities that you know.");
    let rows = others.iter().take(SHOWN);
    vec![
        rows.fold(said, |said, (issuer, it)| {
            said.evidence(issuer.as_str(), format!("{} to {}, {}", it.not_before, it.not_after, it.names.join(" ")))
        })
        .into(),
    ]
}

/// Who issued it: many go by several names.
fn authority(issuer: &str) -> Option<String> {
    let known = dns::authorities::of_issuer(issuer).map(|authority| authority.name.to_owned());
    known.or_else(|| organisation(issuer))
}

/// What the current authority is called in CAA records.
fn identifier(seen: &Observations) -> &'static str {
    let authorities = groups(seen);
    let known = authorities.iter().find_map(|group| dns::authorities::of_issuer(&group.leaf.issuer));
    known.and_then(|authority| authority.identifiers.first()).copied().unwrap_or("letsencrypt.org")
}

#[cfg(test)]
mod tests {
    use network::Saw;

    use super::{super::tests::said, CHECK};
    use crate::{
        Observations,
        fixture::{healthy, with_history},
    };

    fn with(change: impl FnOnce(&mut renewal::Issuance)) -> Observations {
        let mut seen = healthy();
        with_history(&mut seen, &[70, 10]);
        if let Some(Saw::Seen(history)) = &mut seen.renewal.history {
            change(&mut history.issuances[1]);
        }
        seen
    }

    #[test]
    fn a_valid_one_by_another_authority_is_a_note() {
        let other = |issuance: &mut renewal::Issuance| issuance.issuer = "C=US, O=Google Trust Services, CN=WE1".into();
        assert_eq!(said(CHECK, &with(other)), ["note example.com"]);
    }

    #[test]
    fn one_authority_with_two_names_is_one() {
        let mut seen = with(|issuance| issuance.issuer = "C=US, O=Google Trust Services LLC, CN=GTS CA 1P5".into());
        seen.tls.chains[0].certificates[0].issuer = "CN=WE1,O=Google Trust Services,C=US".into();
        if let Some(Saw::Seen(history)) = &mut seen.renewal.history {
            history.issuances.remove(0);
        }
        assert_eq!(said(CHECK, &seen), ["passed example.com"]);
    }

    #[test]
    fn one_that_is_over_or_revoked_or_of_another_name_is_not() {
        for change in [
            (|issuance| issuance.revoked = true) as fn(&mut renewal::Issuance),
            |issuance| issuance.not_after = issuance.not_before,
            |issuance| issuance.names = vec!["shop.example.com".into()],
        ] {
            let seen = with(|issuance| {
                issuance.issuer = "C=US, O=Google Trust Services, CN=WE1".into();
                change(issuance);
            });
            assert_eq!(said(CHECK, &seen), ["passed example.com"]);
        }
        assert_eq!(said(CHECK, &with(|_| ())), ["passed example.com"]);
        let mut seen = with(|_| ());
        seen.tls.chains.clear();
        assert!(said(CHECK, &seen).is_empty());
        assert!(said(CHECK, &healthy()).is_empty(), "nobody was asked");
    }
}
