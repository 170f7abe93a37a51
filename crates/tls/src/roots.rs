//! Mozilla's roots: compiled in (feature `roots`), or handed in by who keeps them in a file.
//!
//! They are a twentieth of what the edge may weigh, and nothing of it compresses: keys are noise.

use std::sync::OnceLock;

use rustls_pki_types::{Der, TrustAnchor};

#[cfg(feature = "roots")]
const BUILT_IN: &[TrustAnchor<'static>] = webpki_roots::TLS_SERVER_ROOTS;
#[cfg(not(feature = "roots"))]
const BUILT_IN: &[TrustAnchor<'static>] = &[];

/// The roots where they were handed in.
static GIVEN: OnceLock<Vec<TrustAnchor<'static>>> = OnceLock::new();

/// Hands in the roots as [`packed_roots`] wrote them, where they are not compiled in. To be done before the first
/// handshake is judged; the first ones stay. `false` when they cannot be read.
pub fn use_roots(packed: &'static [u8]) -> bool {
    let Some(roots) = unpacked(packed).filter(|roots| !roots.is_empty()) else { return false };
    let _ = GIVEN.set(roots);
    true
}

/// Whether there are any roots.
pub fn has_roots() -> bool {
    !roots().is_empty()
}

#[cfg_attr(not(feature = "probe"), allow(dead_code, reason = "only handshakes ask"))]
pub(crate) fn roots() -> &'static [TrustAnchor<'static>] {
    GIVEN.get().map_or(BUILT_IN, Vec::as_slice)
}

/// Mozilla's roots for a file: of each the subject, the public key and the name constraints (empty where there are
/// none), each with its length in two bytes before it.
#[cfg(feature = "roots")]
pub fn packed_roots() -> Vec<u8> {
    let mut packed = Vec::new();
    for root in BUILT_IN {
        let constraints = root.name_constraints.as_deref().unwrap_or_default();
        for part in [&*root.subject, &*root.subject_public_key_info, constraints] {
            packed.extend(u16::try_from(part.len()).unwrap_or_default().to_be_bytes());
            packed.extend(part);
        }
    }
    packed
}

fn unpacked(mut rest: &'static [u8]) -> Option<Vec<TrustAnchor<'static>>> {
    let mut part = || {
        let (length, after) = rest.split_first_chunk::<2>()?;
        let (part, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*length)))?;
        rest = after;
        Some((part, after.is_empty()))
    };
    let mut roots = Vec::new();
    loop {
        let (subject, _) = part()?;
        let (key, _) = part()?;
        let (constraints, last) = part()?;
        roots.push(TrustAnchor {
            subject: Der::from_slice(subject),
            subject_public_key_info: Der::from_slice(key),
            name_constraints: (!constraints.is_empty()).then(|| Der::from_slice(constraints)),
        });
        if last {
            return Some(roots);
        }
    }
}

#[cfg(all(test, feature = "roots"))]
mod tests {
    use super::*;

    #[test]
    fn roots_come_out_of_the_file_as_they_went_in() {
        let packed: &'static [u8] = packed_roots().leak();
        assert_eq!(unpacked(packed).as_deref(), Some(BUILT_IN));
        assert!(BUILT_IN.len() > 100);
    }

    #[test]
    fn a_file_that_is_cut_short_is_refused() {
        let packed: &'static [u8] = packed_roots().leak();
        assert_eq!(unpacked(&packed[..packed.len() - 1]), None);
        assert_eq!(unpacked(&[]), None);
        assert!(!use_roots(&[]) && has_roots());
    }
}
