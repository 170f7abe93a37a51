//! Is the certificate strong enough for browsers to accept?

use findings::{Verdict, found};

use crate::{
    Certificate, Chain, Observation, Path,
    judging::{Answer, judge, of_certificate},
};

findings::check! {
    /// The certificate's key is too short, or it is signed with SHA-1 or MD5.
    ///
    /// ## Why it matters
    /// RSA keys under 2048 bits can be broken with enough computing power, and SHA-1 and MD5 signatures can be forged.
    /// Browsers refuse both.
    ///
    /// ## How to fix
    /// Have a new certificate issued with a new key. Certbot makes a strong key unless told otherwise.
    CHECK: Check<Observation> = "weak-key-or-signature",
        section: Certificate, severity: Failed,
        title: "The certificate is too weak", healthy: "Key and signature are strong",
        source: "CA/Browser Forum Baseline Requirements §6.1.5, §7.1.3.2", run: run
}

/// Whether browsers refuse the chain for its strength.
pub(super) fn is_weak(chain: &Chain) -> bool {
    weakness(chain).is_some()
}

/// The certificate that is too weak. A self-signed one is no authority's promise, so its own signature does not
/// matter; and one that the way to a trusted root does not need harms nobody.
fn weakness(chain: &Chain) -> Option<(&Certificate, Weakness)> {
    let leaf = chain.leaf()?;
    if leaf.key.exponent_one {
        return Some((leaf, Weakness::Exponent));
    }
    if leaf.key.algorithm == "RSA" && (1..2048).contains(&leaf.key.bits) {
        return Some((leaf, Weakness::Key(leaf.key.bits)));
    }
    let needed = if chain.path == Path::Trusted { 1 } else { chain.certificates.len() };
    let signed = chain.certificates.iter().take(needed).filter(|certificate| !certificate.self_signed);
    signed.into_iter().find(|certificate| certificate.is_weakly_signed()).map(|weak| (weak, Weakness::Signature))
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Weakness {
    Exponent,
    Key(u32),
    Signature,
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |_, chain, _| match weakness(chain) {
        Some(problem) => Answer::Problem(problem),
        None => Answer::Fine,
    });
    judge(
        seen,
        ask,
        |group| {
            let (certificate, weakness): (&Certificate, Weakness) = group.problem;
            let what = match weakness {
                Weakness::Exponent => {
                    format!(
                        "The RSA key of the certificate at {} has the exponent 1, which protects nothing.",
                        group.places()
                    )
                }
                Weakness::Key(bits) => format!("The certificate at {} has an RSA key of {bits} bits.", group.places()),
                Weakness::Signature => format!(
                    "A certificate that {} shows is signed with an algorithm that can be forged: {}.",
                    group.places(),
                    certificate.signature
                ),
            };
            found(group.subject(), what)
                .means("Browsers refuse it and warn every visitor with a full page.")
                .fix_code(
                    "Have a new certificate issued with a new key, then reload nginx.",
                    format!("sudo certbot --nginx --force-renewal {}", group.certbot_names()),
                )
                .prove(
                    format!("{} | grep -E 'Signature Algorithm|Public-Key'", group.show_certificate("-text")),
                    "A public key of 256 bits (or RSA of 2048 or more), signed with sha256 or sha384.",
                )
                .evidence("Certificate", &certificate.subject)
                .evidence("Key", format!("{} {} bits", certificate.key.algorithm, certificate.key.bits))
                .evidence("Signature", &certificate.signature)
        },
        |endpoints| {
            let leaf = endpoints.iter().find_map(|endpoint| endpoint.chain(seen)?.leaf());
            leaf.map_or_else(String::new, |leaf| match leaf.key.algorithm.as_str() {
                "RSA" => format!("RSA key of {} bits, signed with {}.", leaf.key.bits, leaf.signature),
                other => format!("{other} key, signed with {}.", leaf.signature),
            })
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Key,
        sample::{healthy, says, with, with_leaf},
    };

    const FOUND: [&str; 1] = ["! example.com and www.example.com"];
    const FINE: [&str; 1] = [". example.com, www.example.com"];

    #[test]
    fn short_rsa_keys_fail_and_2048_bits_pass() {
        let rsa = |bits| with_leaf(|leaf| leaf.key = Key { algorithm: "RSA".into(), bits, ..Key::default() });
        assert_eq!(says(&CHECK, &rsa(1024)), FOUND);
        assert_eq!(says(&CHECK, &rsa(2048)), FINE);
        assert_eq!(says(&CHECK, &rsa(0)), FINE, "a size that is not known is not small");
        let key = Key { algorithm: "RSA".into(), bits: 2048, exponent_one: true };
        assert_eq!(says(&CHECK, &with_leaf(|leaf| leaf.key = key)), FOUND);
        assert_eq!(says(&CHECK, &healthy()), FINE, "256 bits are plenty for ECDSA");
    }

    #[test]
    fn old_signatures_fail_where_they_count() {
        for name in ["sha1WithRSAEncryption", "ecdsa-with-SHA1", "md5WithRSAEncryption"] {
            assert_eq!(says(&CHECK, &with_leaf(|leaf| leaf.signature = name.into())), FOUND, "{name}");
        }
        let unneeded = with(|seen| seen.chains[0].certificates[1].signature = "sha1WithRSAEncryption".into());
        assert_eq!(says(&CHECK, &unneeded), FINE, "the path does without it");
        let needed = with(|seen| {
            seen.chains[0].certificates[1].signature = "sha1WithRSAEncryption".into();
            seen.chains[0].path = Path::Untrusted { why: "x".into(), fetched: String::new() };
        });
        assert_eq!(says(&CHECK, &needed), FOUND);
    }
}
