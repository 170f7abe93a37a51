//! Is it a certificate from a test run?

use findings::{Verdict, found};

use crate::{
    Certificate, Observation,
    judging::{Answer, Group, judge, of_certificate},
};

findings::check! {
    /// The certificate comes from the authority's test environment.
    ///
    /// ## Why it matters
    /// Let's Encrypt runs a second, untrusted authority for trying things out. Its certificates look real and carry
    /// (STAGING) in the issuer's name; browsers trust none of them.
    ///
    /// ## How to fix
    /// Run certbot again without `--staging` or `--test-cert`, with `--force-renewal` so that it replaces the test
    /// certificate.
    CHECK: Check<Observation> = "staging-certificate",
        section: Certificate, severity: Failed,
        title: "A test certificate is served", healthy: "No test certificate is served",
        source: "letsencrypt.org/docs/staging-environment", run: run
}

/// Whether the issuer is one of Let's Encrypt's test authorities.
pub(super) fn is_staging(leaf: &Certificate) -> bool {
    leaf.issuer.contains("(STAGING)") || leaf.issuer.contains("Fake LE ")
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |_, _, leaf| if is_staging(leaf) { Answer::Problem(leaf) } else { Answer::Fine });
    judge(
        seen,
        ask,
        |group| {
            let leaf: &Certificate = group.problem;
            found(
                group.subject(),
                format!("The certificate at {} was issued by {}, a test authority.", group.places(), leaf.issued_by),
            )
            .means("Browsers do not trust test authorities: they warn every visitor with a full page.")
            .fix_code(
                "Run certbot again without `--staging` or `--test-cert`, with the names that the certificate lists.",
                format!("sudo certbot --nginx --force-renewal {}", certbot_names(leaf, group)),
            )
            .prove(group.show_certificate("-issuer"), "issuer= without the word STAGING.")
            .evidence("Issuer", &leaf.issuer)
        },
        |endpoints| {
            let leaf = endpoints.iter().find_map(|endpoint| endpoint.chain(seen)?.leaf());
            leaf.map_or_else(String::new, |leaf| format!("Issued by {}.", leaf.issued_by))
        },
    )
}

/// The names to ask for: those of the certificate, as long as they are plain host names that a shell takes as they
/// are; otherwise those of the hosts looked at.
fn certbot_names(leaf: &Certificate, group: &Group<'_, &Certificate>) -> String {
    let plain = |name: &String| name.parse::<domain::DomainName>().is_ok();
    if leaf.names.is_empty() || leaf.names.len() > 10 || !leaf.names.iter().all(plain) {
        return group.certbot_names();
    }
    format!("-d {}", leaf.names.join(" -d "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, says, text, with_leaf};

    #[test]
    fn both_generations_of_test_authorities_are_known() {
        for issuer in
            ["CN=(STAGING) Wannabe Watercress R11,O=(STAGING) Let's Encrypt,C=US", "CN=Fake LE Intermediate X1"]
        {
            let seen = with_leaf(|leaf| leaf.issuer = issuer.into());
            assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"], "{issuer}");
            assert!(text(&CHECK, &seen).contains("-d example.com -d www.example.com"));
        }
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
    }

    #[test]
    fn hostile_names_do_not_reach_the_command() {
        let seen = with_leaf(|leaf| {
            leaf.issuer = "CN=(STAGING) X".into();
            leaf.names = vec!["example.com".into(), "$(reboot)".into()];
        });
        assert!(!text(&CHECK, &seen).contains("reboot"));
    }
}
