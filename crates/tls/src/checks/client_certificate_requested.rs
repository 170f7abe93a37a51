//! Are visitors asked for a certificate of theirs?

use findings::{Verdict, found};

use crate::{
    Endpoint, Observation,
    judging::{Answer, judge},
};

findings::check! {
    /// The server asks visitors for a certificate of their own.
    ///
    /// ## Why it matters
    /// Visitors who have one, as many at companies and agencies do, see a dialogue that asks which to show. Where the
    /// server insists, everybody else is turned away with status 400.
    ///
    /// ## How to fix
    /// On a site for everybody, take `ssl_verify_client` out, or move it to a name of its own.
    CHECK: Check<Observation> = "client-certificate-requested",
        section: Hardening, severity: Note,
        title: "Visitors are asked for certificates", healthy: "Visitors are asked for no certificate",
        source: "RFC 8446 §4.3.2; nginx documentation: ssl_verify_client", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = |endpoint: &Endpoint| match endpoint.shaken() {
        Some(handshake) if handshake.asks_client => Answer::Problem(()),
        Some(_) => Answer::Fine,
        None => Answer::Moot,
    };
    judge(
        seen,
        ask,
        |group| {
            found(group.subject(), format!("{} {} visitors for a certificate of theirs.", group.places(), group.verb("asks")))
                .means("Visitors who have one see a dialogue before the page. Where it is demanded, nobody else gets in.")
                .fix_code(
                    "If the site is for everybody, take this line out of its server block, or switch it off there, and \
                     reload nginx.",
                    "ssl_verify_client off;",
                )
                .prove(
                    format!(
                        "openssl s_client -connect {} -servername {} </dev/null 2>/dev/null | grep -i 'client certificate CA'",
                        group.endpoint(),
                        group.host()
                    ),
                    "No client certificate CA names sent",
                )
        },
        |_| "Nobody is asked for a certificate.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, says, with};

    #[test]
    fn a_request_is_a_note() {
        let seen = with(|seen| {
            for endpoint in seen.endpoints.iter_mut().filter(|endpoint| endpoint.host.as_str() == "www.example.com") {
                if let Some(Ok(handshake)) = &mut endpoint.handshake {
                    handshake.asks_client = true;
                }
            }
        });
        assert_eq!(says(&CHECK, &seen), ["! www.example.com", ". example.com"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
    }
}
