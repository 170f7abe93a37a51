//! Does an encrypted connection come about?

use findings::{Said, Verdict, found};
use network::Saw;

use super::no_tls_1_2_or_1_3::speaks_only_old;
use crate::{
    Endpoint, Fault, Legacy, Observation, Version,
    judging::{Answer, Group, judge, no_port},
};

findings::check! {
    /// The port is open, but no encrypted connection comes about.
    ///
    /// ## Why it matters
    /// The browser and the server could not agree on how to encrypt, so visitors see an error page and nothing of the
    /// site. The usual causes: the server has no certificate for this name, its certificate and key do not belong
    /// together, or it only agrees to ciphers that browsers have dropped.
    ///
    /// ## How to fix
    /// Read nginx's own words in `/var/log/nginx/error.log`, correct `ssl_certificate` and `ssl_certificate_key`, and
    /// leave `ssl_ciphers` to its default. Test with `sudo nginx -t` and reload.
    CHECK: Check<Observation> = "tls-handshake-fails",
        section: Certificate, severity: Failed,
        title: "No secure connection comes about", healthy: "Secure connections come about",
        source: "RFC 8446 §6.2", run: run
}

#[derive(Debug, Clone, PartialEq)]
enum Problem {
    Fault(Fault),
    OldCiphersOnly(String),
    WrongSignature,
}

fn run(seen: &Observation) -> Vec<Verdict> {
    judge(
        seen,
        |endpoint| ask(seen, endpoint),
        said,
        |endpoints| {
            let agreed =
                |version: &Version| endpoints.iter().any(|it| it.shaken().is_some_and(|it| it.version == *version));
            let versions = [Version::Tls13, Version::Tls12].into_iter().filter(agreed);
            let versions: Vec<&str> = versions.map(|version| version.as_str()).collect();
            format!("Agreed on {}.", versions.join(" and "))
        },
    )
}

fn ask(seen: &Observation, endpoint: &Endpoint) -> Answer<Problem> {
    if let Some(why) = endpoint.port.unseen() {
        return Answer::Unknown(no_port(why));
    }
    match &endpoint.handshake {
        Some(Ok(handshake)) if handshake.signature == Some(false) => Answer::Problem(Problem::WrongSignature),
        Some(Ok(_)) => Answer::Fine,
        Some(Err(Fault::PlainHttp)) => Answer::Moot,
        Some(Err(Fault::Unseen(why))) if !why.is_about_the_site() => {
            Answer::Unknown(format!("The secure connection was not seen: {}.", why.clause()))
        }
        Some(Err(_)) if speaks_only_old(seen, endpoint).is_some() => Answer::Moot,
        Some(Err(fault)) => match agrees_to_1_2(endpoint) {
            // A site that opens in browsers is not broken because we cannot follow.
            Some(agreed) if agreed.suits_browsers() => {
                Answer::Unknown("It agrees to TLS 1.2 in a way that browsers know and we cannot follow.".into())
            }
            Some(agreed) => Answer::Problem(Problem::OldCiphersOnly(agreed.suite.clone())),
            None => Answer::Problem(Problem::Fault(fault.clone())),
        },
        None => Answer::Unknown("The secure connection was not looked at.".into()),
    }
}

fn agrees_to_1_2(endpoint: &Endpoint) -> Option<&Legacy> {
    endpoint.legacy.iter().find(|legacy| legacy.version == Version::Tls12 && legacy.accepted == Saw::Seen(true))
}

fn said(group: &Group<'_, Problem>) -> Said {
    let (host, places) = (group.host(), group.places());
    let live = group.live();
    let error_page = "Visitors see an error page of their browser and nothing of the site.";
    let certificate_lines = format!(
        "server_name {};\nssl_certificate {live}/fullchain.pem;\nssl_certificate_key {live}/privkey.pem;",
        group.server_name()
    );
    let said = match &group.problem {
        Problem::WrongSignature => found(
            group.subject(),
            format!("{places} {} a certificate but cannot prove that its key is there as well.", group.verb("shows")),
        )
        .means(error_page)
        .fix_code("Point nginx at a certificate and a key that belong together, then reload it.", certificate_lines),
        Problem::OldCiphersOnly(_) => found(
            group.subject(),
            format!("{places} {} to TLS 1.2 only with ciphers that browsers no longer offer.", group.verb("agrees")),
        )
        .means(error_page)
        .fix_code(
            "Remove `ssl_ciphers` and `ssl_ecdh_curve` from the nginx configuration, or set the ciphers as below, and \
             reload nginx.",
            "ssl_protocols TLSv1.2 TLSv1.3;\nssl_ciphers HIGH:!aNULL:!MD5;",
        ),
        Problem::Fault(Fault::Alert(name)) => match name.as_str() {
            "unrecognized_name" => {
                found(group.subject(), format!("{places} {} not to know {}.", group.verb("claims"), group.names()))
                    .means(error_page)
                    .fix_code("Give nginx a server block on port 443 for this name and reload it.", certificate_lines)
            }
            "protocol_version" => {
                found(group.subject(), format!("{places} {} TLS 1.2 and TLS 1.3.", group.verb("declines")))
                    .means(error_page)
                    .fix_code(
                        "Allow both versions in the nginx configuration and reload it.",
                        "ssl_protocols TLSv1.2 TLSv1.3;",
                    )
            }
            _ => found(group.subject(), format!("{places} {} the handshake off with an alert.", group.verb("breaks")))
                .means(error_page)
                .fix_code(
                    "Most likely there is no certificate for this name, or certificate and key do not belong together. \
                     `sudo tail /var/log/nginx/error.log` says which; then set both and reload nginx.",
                    certificate_lines,
                ),
        },
        Problem::Fault(Fault::Unseen(why)) => {
            found(group.subject(), format!("{places} {} the connection, but {}.", group.verb("accepts"), why.clause()))
                .means(error_page)
                .fix(
                    "Look for a firewall or proxy in front of the web server that lets connections in and then holds \
                     or cuts them, and into `/var/log/nginx/error.log`.",
                )
        }
        Problem::Fault(_) => found(
            group.subject(),
            format!("What {places} {} on port 443 is not a secure connection.", group.verb("says")),
        )
        .means(error_page)
        .fix(
            "Find out which program listens there with `sudo ss -ltnp 'sport = :443'`, and give the port to \
                 nginx.",
        ),
    };
    let said = said.prove(
        format!("openssl s_client -connect {} -servername {host} -brief </dev/null", group.endpoint()),
        "CONNECTION ESTABLISHED, and a line with Protocol version: TLSv1.3 or TLSv1.2.",
    );
    match &group.problem {
        Problem::Fault(Fault::Alert(name)) => said.evidence("Alert", name),
        Problem::Fault(Fault::Protocol(words)) => said.evidence("Handshake error", words),
        Problem::Fault(Fault::Unseen(why)) => said.evidence("Handshake", why.clause()),
        Problem::WrongSignature => said.evidence("Signature of the handshake", "does not match the certificate's key"),
        Problem::OldCiphersOnly(suite) => said.evidence("Suite agreed to", suite),
        Problem::Fault(Fault::PlainHttp) => said,
    }
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::sample::{healthy, legacy, says, text, with, with_fault};

    #[test]
    fn alerts_are_named_in_the_evidence() {
        let seen = with_fault(Fault::Alert("unrecognized_name".into()));
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        assert!(text(&CHECK, &seen).contains("claim not to know example.com and www.example.com."));
        assert!(text(&CHECK, &seen).contains("value: \"unrecognized_name\""));
    }

    #[test]
    fn a_wrong_signature_fails_and_an_unchecked_one_does_not() {
        let signed = |signature| {
            with(|seen| {
                for endpoint in &mut seen.endpoints {
                    if let Some(Ok(handshake)) = &mut endpoint.handshake {
                        handshake.signature = signature;
                    }
                }
            })
        };
        assert_eq!(says(&CHECK, &signed(Some(false))), ["! example.com and www.example.com"]);
        assert_eq!(says(&CHECK, &signed(None)), [". example.com, www.example.com"]);
    }

    #[test]
    fn other_checks_say_it_when_it_is_plain_or_old() {
        assert!(says(&CHECK, &with_fault(Fault::PlainHttp)).is_empty());
        let mut old = with_fault(Fault::Protocol("version".into()));
        for endpoint in &mut old.endpoints {
            endpoint.legacy = vec![legacy(Version::Tls10, true)];
        }
        assert!(says(&CHECK, &old).is_empty());
    }

    #[test]
    fn ciphers_that_browsers_dropped_fail_and_those_only_we_lack_do_not() {
        let agreed = |suite: &str| {
            let mut seen = with_fault(Fault::Alert("handshake_failure".into()));
            for endpoint in &mut seen.endpoints {
                endpoint.legacy = vec![Legacy { suite: suite.into(), ..legacy(Version::Tls12, true) }];
            }
            seen
        };
        for suite in
            ["TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_3DES_EDE_CBC_SHA", "TLS_RSA_WITH_RC4_128_SHA"]
        {
            let seen = agreed(suite);
            assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"], "{suite}");
            assert!(text(&CHECK, &seen).contains(suite));
        }
        for suite in [
            "TLS_RSA_WITH_AES_128_CBC_SHA",
            "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        ] {
            assert_eq!(says(&CHECK, &agreed(suite)), ["? example.com, www.example.com"], "{suite}");
        }
    }

    #[test]
    fn healthy_and_unseen() {
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
        let late = with_fault(Fault::Unseen(Unseen::Deadline));
        assert_eq!(says(&CHECK, &late), ["? example.com, www.example.com"]);
        let silent = with_fault(Fault::Unseen(Unseen::TimedOut));
        assert_eq!(says(&CHECK, &silent), ["! example.com and www.example.com"]);
    }
}
