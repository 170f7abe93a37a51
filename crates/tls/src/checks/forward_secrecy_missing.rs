//! Does every connection have keys of its own?

use findings::{Verdict, found};
use network::Saw;

use crate::{
    Endpoint, Observation, Version,
    judging::{Answer, judge},
};

findings::check! {
    /// The server only agrees to ciphers without forward secrecy.
    ///
    /// ## Why it matters
    /// The server's one key opens every connection: whoever records traffic today and gets the key in some years reads
    /// all of it. Browsers still connect, and warn in their developer tools.
    ///
    /// ## How to fix
    /// Remove `ssl_ciphers`, or put ciphers that begin with ECDHE first, and allow TLS 1.3.
    CHECK: Check<Observation> = "forward-secrecy-missing",
        section: Hardening, severity: Note,
        title: "No forward secrecy", healthy: "Forward secrecy is there",
        source: "RFC 9325 §4.1; Mozilla's server-side TLS guidelines", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = |endpoint: &Endpoint| {
        let plain = endpoint.legacy.iter().find(|legacy| {
            legacy.version == Version::Tls12
                && legacy.accepted == Saw::Seen(true)
                && legacy.suite.starts_with("TLS_RSA_")
        });
        match (endpoint.shaken(), plain) {
            // All that we agree to ourselves has it.
            (Some(_), _) => Answer::Fine,
            (None, Some(plain)) => Answer::Problem(plain.suite.clone()),
            (None, None) => Answer::Moot,
        }
    };
    judge(
        seen,
        ask,
        |group| {
            found(
                group.subject(),
                format!("{} {} only to ciphers without forward secrecy.", group.places(), group.verb("agrees")),
            )
            .means("Pages open. Whoever records the traffic and gets the server's key one day can read all of it.")
            .fix_code(
                "Set these in the server block, or remove `ssl_ciphers` altogether, and reload nginx.",
                format!("ssl_protocols TLSv1.2 TLSv1.3;\nssl_ciphers {};", super::CIPHERS),
            )
            .prove(
                format!(
                    "openssl s_client -connect {} -servername {} -tls1_2 </dev/null 2>/dev/null | grep Cipher",
                    group.endpoint(),
                    group.host()
                ),
                "A cipher that begins with ECDHE.",
            )
            .evidence("Cipher agreed on", &group.problem)
        },
        |_| "Every connection has keys of its own.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Fault,
        sample::{healthy, legacy, says, with_fault},
    };

    fn only(suite: &str) -> Observation {
        let mut seen = with_fault(Fault::Alert("handshake_failure".into()));
        for endpoint in &mut seen.endpoints {
            let mut agreed = legacy(Version::Tls12, true);
            agreed.suite = suite.into();
            endpoint.legacy = vec![agreed];
        }
        seen
    }

    #[test]
    fn plain_rsa_alone_is_found_and_what_browsers_agree_to_besides_is_not() {
        assert_eq!(says(&CHECK, &only("TLS_RSA_WITH_AES_128_GCM_SHA256")), ["! example.com and www.example.com"]);
        assert!(says(&CHECK, &only("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256")).is_empty());
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
    }
}
