//! Is the proof that the certificate demands sent with it?

use findings::{Verdict, found};

use crate::{
    Observation,
    judging::{Answer, judge, of_certificate},
};

findings::check! {
    /// The certificate demands a proof of validity that the server does not send.
    ///
    /// ## Why it matters
    /// A certificate can say that it only counts together with a fresh proof from its authority ("must staple").
    /// Firefox refuses it without. Most authorities have stopped making such proofs, so that none can be sent.
    ///
    /// ## How to fix
    /// Have a new certificate issued without the demand. Let `ssl_stapling on;` stand only where the authority still
    /// answers.
    CHECK: Check<Observation> = "certificate-needs-staple",
        section: Certificate, severity: Warning,
        title: "A demanded proof is missing", healthy: "No demanded proof is missing",
        source: "RFC 7633; RFC 6066 §8", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |endpoint, _, leaf| match endpoint.shaken() {
        Some(handshake) if leaf.must_staple && handshake.staple == 0 => Answer::Problem(leaf),
        _ if leaf.must_staple && endpoint.shaken().is_none() => Answer::Moot,
        _ => Answer::Fine,
    });
    judge(
        seen,
        ask,
        |group| {
            found(
                group.subject(),
                format!(
                    "The certificate at {} demands a proof of validity with every connection, and none was sent.",
                    group.places()
                ),
            )
            .means("Firefox shows an error page until the proof is there. Other browsers do not ask for it.")
            .fix_code(
                "Have a new certificate issued without the demand; take `must-staple` out of certbot's settings first.",
                format!("sudo certbot --nginx --force-renewal {}", group.certbot_names()),
            )
            .prove(
                group.show_certificate("-ext tlsfeature"),
                "No extensions: the certificate demands nothing any more.",
            )
            .evidence("Certificate", &group.problem.subject)
            .evidence("Stapled response", "0 bytes")
        },
        |_| "The certificate demands no proof of validity, or it was sent.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, says, with_leaf};

    #[test]
    fn the_demand_without_the_proof_is_found_and_with_it_not() {
        let mut seen = with_leaf(|leaf| leaf.must_staple = true);
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        for endpoint in &mut seen.endpoints {
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.staple = 471;
            }
        }
        assert_eq!(says(&CHECK, &seen), [". example.com, www.example.com"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"], "no demand, no proof");
    }
}
