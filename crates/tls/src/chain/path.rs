//! Whether a chain leads to a trusted root (RFC 5280 §6), with dates and names left to other questions.

use std::time::Duration;

use domain::Time;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, Error, KeyUsage};

use crate::Certificate;

/// The moments at which a path is looked for: now, as long as the leaf is valid now. Otherwise moments inside the
/// leaf's validity, so that a certificate whose time is not now is called expired and not distrusted as well.
pub(super) fn moments(now: Time, leaf: &Certificate) -> Vec<Time> {
    if (leaf.not_before..=leaf.not_after).contains(&now) {
        return vec![now];
    }
    vec![leaf.not_after.plus(-1), leaf.not_before.plus(leaf.lifetime() / 2), leaf.not_before]
}

/// Follows the leaf to a root at the first moment at which that is possible.
///
/// # Errors
/// Why it is not, at the first moment.
pub(super) fn leads_to_a_root(
    anchors: &[TrustAnchor<'static>],
    leaf: &CertificateDer<'static>,
    others: &[CertificateDer<'static>],
    moments: &[Time],
) -> Result<(), Error> {
    let leaf = EndEntityCert::try_from(leaf)?;
    let mut first = Err(Error::UnknownIssuer);
    for (index, moment) in moments.iter().enumerate() {
        let seconds = u64::try_from(moment.unix()).unwrap_or_default();
        let moment = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let usage = KeyUsage::server_auth();
        let result = leaf.verify_for_usage(ALL_VERIFICATION_ALGS, anchors, others, moment, usage, None, None);
        match result {
            Ok(_) => return Ok(()),
            Err(error) if index == 0 => first = Err(error),
            Err(_) => {}
        }
    }
    first
}

/// Whether a signature on the way is of a kind that our library does not know.
pub(super) fn is_beyond_us(error: &Error) -> bool {
    matches!(
        error,
        Error::UnsupportedSignatureAlgorithmContext(_) | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
    )
}

/// Whether another certificate could mend it.
pub(super) fn may_be_incomplete(error: &Error) -> bool {
    matches!(error, Error::UnknownIssuer | Error::CertExpired { .. } | Error::CertNotValidYet { .. })
}

/// The library's reason, in its own words, for the evidence.
pub(super) fn words(error: &Error) -> String {
    let words = format!("{error:?}");
    words.split([' ', '(', '{']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use rustls_pki_types::pem::PemObject;

    use super::*;

    fn fixture(pem: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()
    }

    /// A moment inside the fixtures' validity.
    const WHILE_VALID: i64 = 1_900_000_000;

    #[test]
    fn signatures_that_we_cannot_check_are_told_from_wrong_ones() {
        let root = fixture(include_str!("../../tests/data/p521-root.pem"));
        let anchors = [webpki::anchor_from_trusted_cert(&root).unwrap().to_owned()];
        for leaf in [
            include_str!("../../tests/data/p521-leaf-sha256.pem"),
            include_str!("../../tests/data/p521-leaf-sha512.pem"),
        ] {
            let leaf = fixture(leaf);
            let moments = [Time::from_unix(WHILE_VALID)];
            let error = leads_to_a_root(&anchors, &leaf, &[], &moments).unwrap_err();
            assert!(is_beyond_us(&error), "{error:?}");
            assert!(words(&error).chars().all(char::is_alphanumeric), "{}", words(&error));
            let unknown = leads_to_a_root(&[], &leaf, std::slice::from_ref(&root), &moments).unwrap_err();
            assert!(!is_beyond_us(&unknown) && may_be_incomplete(&unknown), "{unknown:?}");
        }
    }

    #[test]
    fn moments_lie_inside_the_validity() {
        let leaf = crate::sample::leaf();
        let now = Time::from_unix(crate::sample::NOW);
        assert_eq!(moments(now, &leaf), [now]);
        for other in [leaf.not_after.plus(1), leaf.not_before.plus(-1)] {
            let moments = moments(other, &leaf);
            assert!(moments.iter().all(|moment| (leaf.not_before..=leaf.not_after).contains(moment)), "{moments:?}");
        }
    }
}
