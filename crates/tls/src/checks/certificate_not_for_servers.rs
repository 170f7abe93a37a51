//! Was the certificate made for web servers?

use findings::{Verdict, found};

use crate::{
    Certificate, Observation,
    judging::{Answer, judge, of_certificate},
};

findings::check! {
    /// The certificate was made for another purpose than a web server.
    ///
    /// ## Why it matters
    /// A certificate lists what it is for: servers, mail, programs, people. Browsers refuse one that lists purposes and
    /// not servers.
    ///
    /// ## How to fix
    /// Point `ssl_certificate` at the certificate of the web server, or have one issued.
    CHECK: Check<Observation> = "certificate-not-for-servers",
        section: Certificate, severity: Failed,
        title: "Not a certificate for servers", healthy: "It is a certificate for servers",
        source: "RFC 5280 §4.2.1.12; CA/Browser Forum Baseline Requirements §7.1.2.7.10", run: run
}

/// Whether browsers refuse it for its purposes. That it is not for clients as well is usual since 2026.
pub(super) fn is_for_something_else(leaf: &Certificate) -> bool {
    leaf.not_for_servers && !leaf.self_signed
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |_, _, leaf| match is_for_something_else(leaf) {
        true => Answer::Problem(leaf),
        false => Answer::Fine,
    });
    judge(
        seen,
        ask,
        |group| {
            let leaf: &Certificate = group.problem;
            found(
                group.subject(),
                format!(
                    "The certificate at {} names what it is for, and web servers are not among it.",
                    group.places()
                ),
            )
            .means("Browsers warn every visitor with a full page.")
            .fix_code(
                "Point nginx at the web server's certificate, or have one issued, and reload nginx.",
                format!("sudo certbot --nginx {}", group.certbot_names()),
            )
            .prove(group.show_certificate("-ext extendedKeyUsage"), "TLS Web Server Authentication")
            .evidence("Certificate", &leaf.subject)
            .evidence("Issuer", &leaf.issuer)
        },
        |_| "Its purposes include web servers.".into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, says, with_leaf};

    #[test]
    fn another_purpose_fails_and_a_server_passes() {
        let seen = with_leaf(|leaf| leaf.not_for_servers = true);
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
        let own = with_leaf(|leaf| (leaf.not_for_servers, leaf.self_signed) = (true, true));
        assert_eq!(says(&CHECK, &own), [". example.com, www.example.com"], "self-signed says it all");
    }
}
