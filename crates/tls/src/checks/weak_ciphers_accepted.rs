//! Are ciphers accepted that can be broken?

use findings::{Verdict, found};

use super::group_tried;
use crate::{Observation, Suites};

findings::check! {
    /// The server agrees to a cipher that can be broken.
    ///
    /// ## Why it matters
    /// No current browser offers 3DES, RC4, export-grade or unencrypted ciphers, so nobody is served worse without
    /// them. Security scans and card-payment rules object to them.
    ///
    /// ## How to fix
    /// Remove `ssl_ciphers` from the nginx configuration, or set it to ciphers that begin with ECDHE.
    CHECK: Check<Observation> = "weak-ciphers-accepted",
        section: Hardening, severity: Note,
        title: "Broken ciphers are still accepted", healthy: "Broken ciphers are declined",
        source: "RFC 9325 §4.1; RFC 7465; NIST SP 800-131A", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    group_tried(
        seen,
        Suites::Broken,
        |closer, tried| {
            let host = &closer.host;
            found(
                super::place(closer),
                format!("{} agrees to {}: {}.", closer.address, short(&tried.suite), weakness(&tried.suite)),
            )
            .means("Browsers do not use it; security scans and card-payment rules object to it.")
            .fix_code(
                "Set this in the `http` block of nginx.conf, look for other `ssl_ciphers` lines, and reload nginx.",
                format!("ssl_ciphers {};", super::CIPHERS),
            )
            .prove(
                format!(
                    "openssl s_client -connect {host}:443 -servername {host} -tls1_2 \
                     -cipher '3DES:RC4:eNULL:aNULL:@SECLEVEL=0' </dev/null"
                ),
                "An error that contains: alert handshake failure.",
            )
            .evidence("Cipher agreed on", &tried.suite)
            .into()
        },
        "3DES, RC4, export-grade and unencrypted ciphers are declined.",
    )
}

/// `RSA_WITH_3DES_EDE_CBC_SHA` without the words that all names have.
fn short(suite: &str) -> &str {
    suite.strip_prefix("TLS_").unwrap_or(suite)
}

fn weakness(suite: &str) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("_NULL_", "nothing is encrypted"),
        ("_anon_", "nobody has to prove to be the server"),
        ("EXPORT", "a laptop breaks it in hours"),
        ("_DES_", "a laptop breaks it in days"),
        ("_RC4_", "parts of what is sent can be guessed"),
    ];
    let kind = KINDS.iter().find(|(mark, _)| suite.contains(mark));
    kind.map_or("long connections over it can be read in part", |(_, weakness)| weakness)
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::{
        checks::tests::closer_with,
        sample::{healthy, says, text, with},
    };

    #[test]
    fn the_cipher_and_its_weakness_are_named() {
        for (suite, weakness) in [
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", "read in part"),
            ("TLS_RSA_WITH_DES_CBC_SHA", "in days"),
            ("TLS_ECDHE_RSA_WITH_NULL_SHA", "nothing is encrypted"),
            ("TLS_RSA_WITH_RC4_128_SHA", "guessed"),
            ("TLS_RSA_EXPORT_WITH_RC4_40_MD5", "in hours"),
        ] {
            let seen = closer_with(Suites::Broken, |tried| tried.agree(suite));
            assert_eq!(says(&CHECK, &seen), ["! example.com at 203.0.113.7"]);
            assert!(text(&CHECK, &seen).contains(weakness), "{suite}");
        }
    }

    #[test]
    fn declined_is_fine_and_silence_is_not_tested() {
        assert_eq!(says(&CHECK, &healthy()), [". example.com at 203.0.113.7"]);
        let unheard = closer_with(Suites::Broken, |tried| tried.accepted = network::Saw::Unseen(Unseen::TimedOut));
        assert_eq!(says(&CHECK, &unheard), ["? example.com at 203.0.113.7"]);
        assert!(says(&CHECK, &with(|seen| seen.closer = None)).is_empty());
    }
}
