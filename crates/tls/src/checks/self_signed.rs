//! Did the server sign its certificate itself?

use findings::{Verdict, found};

use crate::{
    Certificate, Chain, Observation, Path,
    judging::{Answer, judge, of_certificate},
};

findings::check! {
    /// The certificate is signed by nobody but itself.
    ///
    /// ## Why it matters
    /// Anyone can make such a certificate for any name, so browsers trust none of them and warn every visitor. They are
    /// made for the time before a real one is there, such as the `snakeoil` certificate of Debian and Ubuntu.
    ///
    /// ## How to fix
    /// Have a certificate issued by a public authority: `sudo certbot --nginx -d NAME`. Certbot also corrects the
    /// `ssl_certificate` lines.
    CHECK: Check<Observation> = "self-signed",
        section: Certificate, severity: Failed,
        title: "The certificate is self-signed", healthy: "The certificate is not self-signed",
        source: "RFC 5280 §6.1", run: run
}

/// Whether a chain's leaf vouches for itself and nobody trusts it. One that the settings trust is fine.
pub(super) fn is_self_signed(chain: &Chain) -> bool {
    chain.path != Path::Trusted && chain.leaf().is_some_and(|leaf| leaf.self_signed)
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |_, chain, leaf| match is_self_signed(chain) {
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
                format!("The certificate at {} was signed by its own key: {}.", group.places(), leaf.issued_by),
            )
            .means("Browsers trust no certificate that vouches for itself: they warn every visitor with a full page.")
            .fix_code(
                format!(
                    "Have a certificate issued for {} by a public authority; certbot puts it in place.",
                    group.names()
                ),
                format!("sudo certbot --nginx {}", group.certbot_names()),
            )
            .prove(
                group.show_certificate("-subject -issuer"),
                "subject= and issuer= that differ, and the name of a public authority in issuer=.",
            )
            .evidence("Subject and issuer", &leaf.subject)
            .evidence("SHA-256", &leaf.sha256)
        },
        |endpoints| {
            let leaf = endpoints.iter().find_map(|endpoint| endpoint.chain(seen)?.leaf());
            leaf.map_or_else(String::new, |leaf| format!("Issued by {}.", leaf.issued_by))
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, says, with};

    fn self_signed(path: Path) -> Observation {
        with(|seen| {
            seen.chains[0].certificates.truncate(1);
            seen.chains[0].certificates[0].self_signed = true;
            seen.chains[0].path = path;
        })
    }

    #[test]
    fn fires_unless_the_settings_trust_it() {
        let untrusted = Path::Untrusted { why: "CaUsedAsEndEntity".into(), fetched: String::new() };
        assert_eq!(says(&CHECK, &self_signed(untrusted)), ["! example.com and www.example.com"]);
        assert_eq!(says(&CHECK, &self_signed(Path::Trusted)), [". example.com, www.example.com"]);
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
    }
}
