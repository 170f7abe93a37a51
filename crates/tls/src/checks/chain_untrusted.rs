//! Does the certificate lead to an authority that browsers trust?

use findings::{Said, Verdict, found};

use super::{
    certificate_not_for_servers::is_for_something_else, self_signed::is_self_signed, staging_certificate::is_staging,
    weak_key_or_signature::is_weak,
};
use crate::{
    Chain, Endpoint, Observation, Path,
    judging::{Answer, Group, judge, of_certificate},
};

findings::check! {
    /// No way leads from the certificate to an authority that browsers trust.
    ///
    /// ## Why it matters
    /// Browsers trust a fixed set of authorities. A certificate that none of them stands behind, directly or through
    /// intermediates, is refused with a full-page warning.
    ///
    /// ## How to fix
    /// Use a certificate of a public authority, and let `ssl_certificate` name the file with the full chain as it was
    /// issued (certbot: `fullchain.pem`).
    CHECK: Check<Observation> = "chain-untrusted",
        section: Certificate, severity: Failed,
        title: "The certificate is not trusted", healthy: "The certificate is trusted",
        source: "RFC 5280 §6; Mozilla's root store", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let of_readable = of_certificate(seen, |_, chain, leaf| match &chain.path {
        Path::Trusted => Answer::Fine,
        Path::Unverified { .. } => {
            Answer::Unknown("It is signed in a way that we cannot check; browsers may well trust it.".into())
        }
        // The check that is named after the cause says it.
        Path::Incomplete { .. } => Answer::Moot,
        _ if is_self_signed(chain) || is_staging(leaf) || is_weak(chain) => Answer::Moot,
        Path::Untrusted { why, .. } if is_for_something_else(leaf) && why.contains("Eku") => Answer::Moot,
        Path::Untrusted { .. } | Path::Unreadable { .. } => Answer::Problem(chain),
    });
    let ask = |endpoint| match Endpoint::chain(endpoint, seen) {
        Some(chain @ Chain { path: Path::Unreadable { .. }, .. }) => Answer::Problem(chain),
        _ => of_readable(endpoint),
    };
    judge(
        seen,
        ask,
        |group| said(seen, group),
        |endpoints| {
            let leaf = endpoints.iter().find_map(|endpoint| endpoint.chain(seen)?.leaf());
            leaf.map_or_else(String::new, |leaf| format!("Issued by {}, which browsers trust.", leaf.issued_by))
        },
    )
}

fn said(seen: &Observation, group: &Group<'_, &Chain>) -> Said {
    let (places, host) = (group.places(), group.host());
    let warned = "Browsers warn every visitor with a full page.";
    let new_one = format!("sudo certbot --nginx {}", group.certbot_names());
    let issued_by = group.problem.leaf().map(|leaf| leaf.issued_by.as_str()).unwrap_or_default();
    let late = group.problem.certificates.iter().skip(1).find(|above| above.not_after < seen.seen_at);
    let root = group.problem.certificates.iter().skip(1).find(|above| above.self_signed);
    let said = match (&group.problem.path, late, root) {
        (Path::Unreadable { .. }, _, _) => {
            found(group.subject(), format!("What {places} {} as certificate cannot be read.", group.verb("shows")))
                .means(warned)
                .fix_code("Have a certificate issued by a public authority.", new_one)
        }
        (Path::Untrusted { why, .. }, Some(above), _) if why == "CertExpired" => found(
            group.subject(),
            format!(
                "The certificate at {places} leads through an intermediate certificate that expired on {}.",
                above.not_after.long_date()
            ),
        )
        .means(warned)
        .fix_code(
            "Send the chain as the authority issues it today: certbot's file holds the current one.",
            format!("ssl_certificate {}/fullchain.pem;", group.live()),
        ),
        (_, _, Some(root)) => found(
            group.subject(),
            format!("The certificate at {places} leads to {}, which browsers do not know.", root.issued_by),
        )
        .means(format!(
            "It comes from a private authority: only computers on which it was installed trust it. {warned}"
        ))
        .fix_code("For a public site, have a certificate issued by a public authority.", new_one),
        _ => found(
            group.subject(),
            format!(
                "The certificate at {places} was issued by {issued_by}, and no way leads from there to a trusted root."
            ),
        )
        .means(warned)
        .fix_code(
            "If a public authority issued it, let nginx send the full chain as it was issued; otherwise have a new \
             one issued.",
            format!("ssl_certificate {}/fullchain.pem;", group.live()),
        ),
    };
    let said = said.prove(
        format!(
            "openssl s_client -connect {} -servername {host} </dev/null 2>/dev/null | grep 'Verify return code'",
            group.endpoint()
        ),
        "Verify return code: 0 (ok)",
    );
    let said = match &group.problem.path {
        Path::Untrusted { why, fetched } if fetched.is_empty() => said.evidence("Verification", why),
        Path::Untrusted { why, fetched } => {
            said.evidence("Verification", why).evidence("Missing certificate looked for at", fetched)
        }
        Path::Unreadable { why } => said.evidence("Reading the certificate", why),
        _ => said,
    };
    group.problem.certificates.iter().fold(said, |said, certificate| {
        said.evidence("Served", format!("{} ← {}", certificate.subject, certificate.issuer))
    })
}

#[cfg(test)]
mod tests {
    use domain::Time;

    use super::*;
    use crate::sample::{DAY, NOW, healthy, says, text, with};

    fn untrusted(change: impl FnOnce(&mut Chain)) -> Observation {
        with(|seen| {
            seen.chains[0].path = Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
            change(&mut seen.chains[0]);
        })
    }

    #[test]
    fn a_chain_that_leads_nowhere_fails() {
        assert_eq!(says(&CHECK, &untrusted(|_| ())), ["! example.com and www.example.com"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
    }

    #[test]
    fn an_expired_intermediate_and_a_private_authority_are_named() {
        let late = untrusted(|chain| {
            chain.certificates[1].not_after = Time::from_unix(NOW - DAY);
            chain.path = Path::Untrusted { why: "CertExpired".into(), fetched: String::new() };
        });
        assert!(text(&CHECK, &late).contains("an intermediate certificate that expired on 20 November 2026"));
        let private = untrusted(|chain| {
            chain.certificates[1].self_signed = true;
            chain.certificates[1].issued_by = "Office Root".into();
        });
        assert!(text(&CHECK, &private).contains("leads to Office Root, which browsers do not know"));
    }

    #[test]
    fn checks_named_after_the_cause_go_first() {
        assert!(says(&CHECK, &untrusted(|chain| chain.certificates[0].self_signed = true)).is_empty());
        assert!(says(&CHECK, &untrusted(|chain| chain.certificates[0].issuer = "CN=(STAGING) X".into())).is_empty());
        assert!(
            says(&CHECK, &untrusted(|chain| chain.certificates[0].signature = "sha1WithRSAEncryption".into()))
                .is_empty()
        );
        let incomplete = Path::Incomplete { fetched: "http://x/".into(), missing: "CN=X".into() };
        assert!(says(&CHECK, &untrusted(|chain| chain.path = incomplete)).is_empty());
    }

    #[test]
    fn what_we_cannot_check_is_not_red_and_what_nobody_can_read_is() {
        let unverified = Path::Unverified { why: "UnsupportedSignatureAlgorithmContext".into() };
        assert_eq!(says(&CHECK, &untrusted(|chain| chain.path = unverified)), ["? example.com, www.example.com"]);
        let unreadable = Path::Unreadable { why: "x".into() };
        assert_eq!(says(&CHECK, &untrusted(|chain| chain.path = unreadable)), ["! example.com and www.example.com"]);
    }
}
