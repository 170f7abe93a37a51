//! Is the certificate promised to the public logs?

use findings::{Verdict, found};
use network::Saw;

use crate::{
    Certificate, Observation,
    judging::{Answer, judge, of_certificate},
};

findings::check! {
    /// The certificate carries no promises of public logs.
    ///
    /// ## Why it matters
    /// Public authorities announce every certificate to public logs, so that nobody can issue one in secret. Two logs
    /// promise to list it, and the promises travel inside the certificate. Chrome, Safari and Firefox refuse one
    /// without.
    ///
    /// ## How to fix
    /// Have a new certificate issued, and ask for one that may be published.
    CHECK: Check<Observation> = "certificate-not-logged",
        section: Certificate, severity: Failed,
        title: "The certificate is not logged", healthy: "The certificate is publicly logged",
        source: "RFC 6962 §3.3; Chrome's and Apple's certificate transparency policies", run: run
}

/// Chrome asks for two logs of certificates up to 180 days, Apple as well.
const WANTED: usize = 2;

fn run(seen: &Observation) -> Vec<Verdict> {
    // Promises may come beside the certificate: in the handshake, or in a stapled response. Only over TLS 1.2 can we
    // see the first, and only that there is one of the second.
    let modern =
        seen.closer.as_ref().and_then(|it| it.tried.iter().find(|tried| tried.suites == crate::Suites::Modern));
    let ask = of_certificate(seen, |endpoint, chain, leaf| {
        let Some(handshake) = endpoint.shaken().filter(|_| chain.public) else { return Answer::Moot };
        if leaf.logs.len() >= WANTED {
            return Answer::Fine;
        }
        match modern {
            _ if handshake.staple > 0 => Answer::Unknown("The promises may be in the stapled response.".into()),
            Some(tried) if tried.promises => Answer::Fine,
            Some(tried) if tried.accepted == Saw::Seen(true) => Answer::Problem(leaf),
            _ => Answer::Unknown("The promises may come in the handshake, where they were not seen.".into()),
        }
    });
    judge(
        seen,
        ask,
        |group| {
            let leaf: &Certificate = group.problem;
            let how_many = match leaf.logs.len() {
                0 => "no promise of a public log",
                _ => "the promise of one public log only",
            };
            found(group.subject(), format!("The certificate at {} carries {how_many}.", group.places()))
                .means("Browsers refuse it and warn every visitor with a full page.")
                .fix_code(
                    "Have a new one issued and leave publication in the logs switched on, then reload nginx.",
                    format!("sudo certbot --nginx --force-renewal {}", group.certbot_names()),
                )
                .prove(
                    group.show_certificate("-ext ct_precert_scts"),
                    "At least two blocks of Signed Certificate Timestamp.",
                )
                .evidence("Certificate", &leaf.subject)
                .evidence("Issuer", &leaf.issuer)
        },
        |_| "At least two public logs promised to list it.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Suites,
        checks::tests::closer_with,
        sample::{healthy, says, with, with_leaf},
    };

    const FOUND: [&str; 1] = ["! example.com and www.example.com"];
    const FINE: [&str; 1] = [". example.com, www.example.com"];
    const UNKNOWN: [&str; 1] = ["? example.com, www.example.com"];

    #[test]
    fn fewer_than_two_logs_fail() {
        assert_eq!(says(&CHECK, &with_leaf(|leaf| leaf.logs.clear())), FOUND);
        assert_eq!(says(&CHECK, &with_leaf(|leaf| leaf.logs.truncate(1))), FOUND);
        assert_eq!(says(&CHECK, &healthy()), FINE);
    }

    #[test]
    fn a_private_authority_need_not_publish() {
        let private = with(|seen| {
            seen.chains[0].certificates[0].logs.clear();
            seen.chains[0].public = false;
        });
        assert!(says(&CHECK, &private).is_empty());
    }

    #[test]
    fn promises_that_travel_beside_it_are_looked_for() {
        let mut beside = closer_with(Suites::Modern, |tried| tried.promises = true);
        beside.chains[0].certificates[0].logs.clear();
        assert_eq!(says(&CHECK, &beside), FINE);
        let mut unseen = closer_with(Suites::Modern, |tried| tried.accepted = Saw::Seen(false));
        unseen.chains[0].certificates[0].logs.clear();
        assert_eq!(says(&CHECK, &unseen), UNKNOWN);
        let mut stapled = with_leaf(|leaf| leaf.logs.clear());
        for endpoint in &mut stapled.endpoints {
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.staple = 300;
            }
        }
        assert_eq!(says(&CHECK, &stapled), UNKNOWN);
    }
}
