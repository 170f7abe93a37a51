//! Does the server send every certificate that browsers need?

use findings::{Verdict, found};

use crate::{
    Observation, Path,
    judging::{Answer, judge, of_certificate},
};

findings::check! {
    /// The server leaves out an intermediate certificate.
    ///
    /// ## Why it matters
    /// A certificate is trusted through the one above it, which the server has to send along. Some browsers fetch a
    /// missing one themselves or still remember it, so the site may work on your computer and fail in Firefox, on
    /// phones, for curl, for payment callbacks and for the next visitor.
    ///
    /// ## How to fix
    /// Let `ssl_certificate` name certbot's `fullchain.pem` and not `cert.pem`, then reload nginx.
    CHECK: Check<Observation> = "chain-incomplete",
        section: Certificate, severity: Failed,
        title: "An intermediate certificate is missing", healthy: "The certificate chain is complete",
        source: "RFC 8446 §4.4.2; RFC 5280 §4.2.2.1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |_, chain, _| match &chain.path {
        Path::Incomplete { fetched, missing } => Answer::Problem((chain.certificates.len(), fetched, missing)),
        Path::Trusted => Answer::Fine,
        // Whether anything is missing from a chain that leads nowhere cannot be said; chain-untrusted speaks of it.
        Path::Untrusted { .. } | Path::Unverified { .. } | Path::Unreadable { .. } => Answer::Moot,
    });
    judge(
        seen,
        ask,
        |group| {
            let (served, fetched, missing) = group.problem;
            let sent = match served {
                1 => "only the site's own certificate".to_owned(),
                count => format!("{count} certificates"),
            };
            found(
                group.subject(),
                format!(
                    "{} {} {sent}, without the one above it: {}.",
                    group.places(),
                    group.verb("sends"),
                    short(missing)
                ),
            )
            .means(
                "Browsers that do not know the missing certificate warn with a full page; apps, curl and payment \
                 callbacks fail. On your own computer it may seem to work.",
            )
            .fix_code(
                "Let nginx send the full chain, then reload it with `sudo systemctl reload nginx`.",
                format!("ssl_certificate {}/fullchain.pem;", group.live()),
            )
            .prove(
                format!(
                    "openssl s_client -connect {} -servername {} </dev/null 2>/dev/null | grep 'Verify return code'",
                    group.endpoint(),
                    group.host()
                ),
                "Verify return code: 0 (ok)",
            )
            .evidence("Certificates sent", served.to_string())
            .evidence("Missing certificate", missing)
            .evidence("Fetched from", fetched)
        },
        |_| "The certificates sent lead to a trusted root.".into(),
    )
}

/// The common name out of a subject, as far as it can be told, for a sentence.
fn short(subject: &str) -> &str {
    subject.split(',').find_map(|part| part.strip_prefix("CN=")).unwrap_or(subject)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, says, text, with};

    #[test]
    fn names_the_missing_certificate_and_the_file_with_it() {
        let seen = with(|seen| {
            seen.chains[0].certificates.truncate(1);
            seen.chains[0].path = Path::Incomplete {
                fetched: "http://e7.i.lencr.org/".into(),
                missing: "CN=E7,O=Let's Encrypt,C=US".into(),
            };
        });
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        let text = text(&CHECK, &seen);
        assert!(text.contains("only the site's own certificate, without the one above it: E7."));
        assert!(text.contains("ssl_certificate /etc/letsencrypt/live/example.com/fullchain.pem;"));
    }

    #[test]
    fn a_chain_that_leads_nowhere_is_not_called_incomplete() {
        let seen = with(|seen| {
            seen.chains[0].path = Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
        });
        assert!(says(&CHECK, &seen).is_empty());
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
    }
}
