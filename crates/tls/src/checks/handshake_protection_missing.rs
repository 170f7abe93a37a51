//! Does the server's TLS library have the protections of the last ten years?

use findings::{Verdict, found, pass};

use super::group_tried;
use crate::{Lack, Observation, Suites, judging::list};

findings::check! {
    /// A protection that TLS libraries have had for ten years is missing.
    ///
    /// ## Why it matters
    /// Without secure renegotiation or the extended master secret, somebody in the middle can splice two connections
    /// into one; with compression, secrets in a page can be guessed from lengths. A library without them has other gaps
    /// that nobody has mended either.
    ///
    /// ## How to fix
    /// Bring OpenSSL and nginx up to date; a box or proxy in front of the server may be the one that is old.
    CHECK: Check<Observation> = "handshake-protection-missing",
        section: Hardening, severity: Note,
        title: "An old protection is missing", healthy: "The usual protections are there",
        source: "RFC 5746; RFC 7627; RFC 7457 §2.6", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    group_tried(
        seen,
        Suites::Modern,
        |closer, tried| {
            let host = &closer.host;
            if tried.lacks.is_empty() {
                let said = "Renegotiation is secure, the extended master secret is used, and nothing is compressed.";
                return pass(super::place(closer), said);
            }
            let words = list(tried.lacks.iter().map(|lack| word(*lack).to_owned()));
            found(super::place(closer), format!("Over TLS 1.2, {} {words}.", closer.address))
                .means("Nobody is turned away. It tells of a TLS library that has not been renewed for years.")
                .fix_code("Bring the server up to date, and whatever stands in front of it.", "sudo apt update && sudo apt upgrade")
                .prove(
                    format!("openssl s_client -connect {host}:443 -servername {host} -tls1_2 </dev/null 2>/dev/null | grep -E 'Renegotiation|Compression|Extended'"),
                    "Secure Renegotiation IS supported, Compression: NONE, Extended master secret: yes",
                )
                .evidence("Cipher agreed on", &tried.suite)
                .into()
        },
        "TLS 1.2 is not spoken, and TLS 1.3 has them all.",
    )
}

fn word(lack: Lack) -> &'static str {
    match lack {
        Lack::Renegotiation => "does not secure renegotiation",
        Lack::MasterSecret => "does not know the extended master secret",
        Lack::NoCompression => "compresses what it encrypts",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        checks::tests::closer_with,
        sample::{healthy, says, text},
    };

    #[test]
    fn what_is_missing_is_named() {
        let seen = closer_with(Suites::Modern, |tried| tried.lacks = vec![Lack::Renegotiation, Lack::NoCompression]);
        assert_eq!(says(&CHECK, &seen), ["! example.com at 203.0.113.7"]);
        assert!(text(&CHECK, &seen).contains("does not secure renegotiation and compresses what it encrypts."));
        assert_eq!(says(&CHECK, &healthy()), [". example.com at 203.0.113.7"]);
    }
}
