//! What a server answers to a ClientHello, as far as it is in clear text (RFC 5246 §6.2.1, §7.2, §7.4).

use super::{
    Want,
    write::{ALPN, group_of},
};
use crate::{Suites, Version};

/// What was heard so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The first bytes are those of an HTTP answer or an HTML page.
    pub(crate) http: bool,
    /// The description of a fatal alert.
    pub(crate) alert: Option<u8>,
    /// The version in the ServerHello; `Some(None)` for a number that is not a version of TLS we know.
    pub(crate) version: Option<Option<Version>>,
    /// The suite in the ServerHello.
    pub(crate) suite: Option<u16>,
    /// The ServerHello's extensions by number, those that we offered.
    pub(crate) extensions: Vec<u16>,
    /// Whether HTTP/2 was chosen (RFC 7301 §3.1).
    pub(crate) http2: bool,
    /// Whether compression was taken up.
    pub(crate) compresses: bool,
    /// The group that a HelloRetryRequest asks for a key of.
    pub(crate) group: Option<u16>,
    /// Bits of the prime in a ServerKeyExchange; only of use where the suite is finite-field Diffie-Hellman.
    pub(crate) prime_bits: u32,
    /// The certificates, leaf first, DER.
    pub(crate) chain: Option<Vec<Vec<u8>>>,
    /// Nothing after this point can be understood, or the server has finished its part.
    ended: bool,
}

impl Heard {
    /// Whether more bytes would not change what we want to know.
    pub(super) fn settles(&self, want: Want) -> bool {
        let enough = match want {
            Want::Choice => self.version.is_some(),
            Want::Chain => self.version.is_some() && self.chain.is_some(),
            Want::Prime => self.version.is_some() && self.suite.and_then(group_of) != Some(Suites::FiniteField),
        };
        self.http || self.ended || self.alert.is_some() || enough
    }

    /// Whether there is anything to report.
    pub(super) fn says_anything(&self) -> bool {
        self.http || self.ended || self.alert.is_some() || self.version.is_some()
    }
}

/// Reads all bytes received so far; what is incomplete is left for the next time.
pub(super) fn read(mut bytes: &[u8]) -> Heard {
    let mut heard = Heard::default();
    match looks_like_http(bytes) {
        Some(true) => return Heard { http: true, ..heard },
        Some(false) => {}
        None => return heard,
    }
    let mut handshake = Vec::new();
    while let Some((&kind, rest)) = bytes.split_first() {
        let Some((length, rest)) = rest.split_at_checked(2).and_then(|(version, rest)| match version {
            [3, _] => take_length::<2>(rest),
            _ => None,
        }) else {
            // A record header has five bytes; fewer may become one, others never will.
            heard.ended = !matches!(bytes, [20..=23] | [20..=23, 3] | [20..=23, 3, _] | [20..=23, 3, _, _]);
            break;
        };
        let Some((body, rest)) = rest.split_at_checked(length) else { break };
        bytes = rest;
        match (kind, body) {
            (21, [_, description]) => {
                // A warning such as unrecognized_name goes before the ServerHello and does not end the handshake.
                if !matches!(body, [1, _]) {
                    heard.alert = Some(*description);
                    break;
                }
            }
            (22, _) => handshake.extend_from_slice(body),
            _ => {
                heard.ended = true;
                break;
            }
        }
    }
    read_messages(&handshake, &mut heard);
    heard
}

fn read_messages(mut bytes: &[u8], heard: &mut Heard) {
    while let Some((&kind, rest)) = bytes.split_first() {
        let Some((length, rest)) = take_length::<3>(rest) else { return };
        let Some((body, rest)) = rest.split_at_checked(length) else { return };
        bytes = rest;
        match kind {
            2 => {
                heard.version = Some(match body {
                    [3, 1, ..] => Some(Version::Tls10),
                    [3, 2, ..] => Some(Version::Tls11),
                    [3, 3, ..] => Some(Version::Tls12),
                    _ => None,
                });
                read_choice(body, heard);
            }
            12 => heard.prime_bits = prime_bits(body).unwrap_or_default(),
            11 => heard.chain = Some(read_certificates(body)),
            // ServerHelloDone: whatever was not said by now will not be.
            14 => heard.ended = true,
            _ => {}
        }
    }
}

/// After version and random stand the session's id, the suite, the compression and the extensions.
fn read_choice(hello: &[u8], heard: &mut Heard) -> Option<()> {
    const KEY_SHARE: u16 = 51;
    let (_, rest) = hello.split_at_checked(34)?;
    let (length, rest) = take_length::<1>(rest)?;
    let (_, rest) = rest.split_at_checked(length)?;
    let (number, rest) = rest.split_first_chunk::<2>()?;
    heard.suite = Some(u16::from_be_bytes(*number));
    let (compression, rest) = rest.split_first()?;
    heard.compresses = *compression != 0;
    let (length, rest) = take_length::<2>(rest)?;
    let (mut extensions, _) = rest.split_at_checked(length)?;
    while let Some((kind, rest)) = extensions.split_first_chunk::<2>() {
        let kind = u16::from_be_bytes(*kind);
        let (length, rest) = take_length::<2>(rest)?;
        let (data, rest) = rest.split_at_checked(length)?;
        extensions = rest;
        heard.extensions.push(kind);
        match (kind, data) {
            (KEY_SHARE, [high, low]) => heard.group = Some(u16::from_be_bytes([*high, *low])),
            (ALPN, [0, 3, 2, b'h', b'2']) => heard.http2 = true,
            _ => {}
        }
    }
    Some(())
}

/// The prime comes first (RFC 5246 §7.4.3).
fn prime_bits(exchange: &[u8]) -> Option<u32> {
    let (length, rest) = take_length::<2>(exchange)?;
    let (prime, _) = rest.split_at_checked(length)?;
    let start = prime.iter().position(|byte| *byte != 0)?;
    let prime = prime.get(start..)?;
    u32::try_from(prime.len()).ok()?.checked_mul(8)?.checked_sub(prime.first()?.leading_zeros())
}

fn read_certificates(body: &[u8]) -> Vec<Vec<u8>> {
    let mut chain = Vec::new();
    let Some((_, mut bytes)) = take_length::<3>(body) else { return chain };
    while let Some((length, rest)) = take_length::<3>(bytes) {
        let Some((certificate, rest)) = rest.split_at_checked(length) else { break };
        chain.push(certificate.to_vec());
        bytes = rest;
    }
    chain
}

/// A big-endian number of `N` bytes, and what follows it.
fn take_length<const N: usize>(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = bytes.split_at_checked(N)?;
    Some((length.iter().fold(0, |number, byte| number << 8 | usize::from(*byte)), rest))
}

/// `None` while there are too few bytes to tell.
fn looks_like_http(bytes: &[u8]) -> Option<bool> {
    let start = bytes.trim_ascii_start();
    let start = start.get(..9).unwrap_or(start).to_ascii_lowercase();
    let known = [&b"http/"[..], b"<!doctype", b"<html"];
    if known.iter().any(|known| start.starts_with(known)) {
        return Some(true);
    }
    let undecided = !start.is_empty() && known.iter().any(|known| known.starts_with(&start));
    if undecided { None } else { Some(false) }
}

/// The name of an alert (IANA TLS parameters), `alert_255` for a number without one.
pub(crate) fn alert_name(description: u8) -> String {
    let name = match description {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        111 => "certificate_unobtainable",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        114 => "bad_certificate_hash_value",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        121 => "ech_required",
        other => return format!("alert_{other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind, 3, 1][..], &u16::try_from(body.len()).unwrap().to_be_bytes(), body].concat()
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind][..], &u32::try_from(body.len()).unwrap().to_be_bytes()[1..], body].concat()
    }

    fn certificates(list: &[&[u8]]) -> Vec<u8> {
        let list: Vec<u8> = list.iter().flat_map(|der| message(0, der)[1..].to_vec()).collect();
        message(11, &message(0, &list)[1..])
    }

    #[test]
    fn a_hello_and_a_chain_over_two_records_are_read() {
        let hello = message(2, &[&[3, 2][..], &[0; 32], &[1, 9, 0x00, 0x35, 0]].concat());
        let both = [hello, certificates(&[b"leaf", b"intermediate"])].concat();
        let (first, second) = both.split_at(50);
        let bytes = [record(22, first), record(22, second)].concat();
        let heard = read(&bytes);
        assert_eq!((heard.version, heard.suite), (Some(Some(Version::Tls11)), Some(0x35)));
        assert_eq!(heard.chain, Some(vec![b"leaf".to_vec(), b"intermediate".to_vec()]));
        assert!(heard.settles(Want::Chain));
        let half = read(&bytes[..55]);
        assert_eq!((half.version, half.chain.clone()), (Some(Some(Version::Tls11)), None));
        assert!(half.settles(Want::Choice) && !half.settles(Want::Chain));
    }

    #[test]
    fn the_choice_is_read_to_its_last_extension() {
        let extensions = [&[0xff, 0x01, 0, 1, 0][..], &[0, 23, 0, 0], &[0, 51, 0, 2, 0x11, 0xec]].concat();
        let hello = [&[3, 3][..], &[0; 32], &[0, 0xc0, 0x2b, 1, 0, 15], &extensions].concat();
        let heard = read(&record(22, &message(2, &hello)));
        assert_eq!((heard.extensions.as_slice(), heard.group), (&[0xff01, 23, 51][..], Some(0x11ec)));
        assert!(heard.compresses);
        let bare = read(&record(22, &message(2, &[&[3, 3][..], &[0; 32], &[0, 0xc0, 0x2b, 0]].concat())));
        assert!(!bare.compresses && bare.extensions.is_empty() && bare.suite == Some(0xc02b));
    }

    #[test]
    fn primes_are_measured_without_their_leading_zeros() {
        let exchange = |prime: &[u8]| {
            let length = u16::try_from(prime.len()).unwrap().to_be_bytes();
            let hello = message(2, &[&[3, 3][..], &[0; 32], &[0, 0x00, 0x9e, 0]].concat());
            assert!(!read(&record(22, &hello)).settles(Want::Prime));
            let heard =
                read(&record(22, &[hello, message(12, &[&length[..], prime].concat()), message(14, &[])].concat()));
            assert!(heard.settles(Want::Prime));
            heard.prime_bits
        };
        assert_eq!(exchange(&[&[0, 0x80][..], &[1; 127]].concat()), 1024);
        assert_eq!(exchange(&[&[0x01][..], &[1; 255]].concat()), 2041);
        assert_eq!((exchange(&[0, 0]), exchange(&[])), (0, 0));
        let elliptic = message(2, &[&[3, 3][..], &[0; 32], &[0, 0xc0, 0x13, 0]].concat());
        assert!(read(&record(22, &elliptic)).settles(Want::Prime), "no prime is to come");
    }

    #[test]
    fn fatal_alerts_end_it_and_warnings_do_not() {
        assert_eq!(read(&record(21, &[2, 70])).alert, Some(70));
        let hello = message(2, &[&[3, 3][..], &[0; 36]].concat());
        let heard = read(&[record(21, &[1, 112]), record(22, &hello)].concat());
        assert_eq!((heard.alert, heard.version), (None, Some(Some(Version::Tls12))));
    }

    #[test]
    fn http_and_noise_are_told_apart() {
        assert!(read(b"HTTP/1.1 400 Bad Request\r\n").http);
        assert!(read(b"<!DOCTYPE HTML PUBLIC").http);
        assert!(!read(b"SSH-2.0-OpenSSH").http && read(b"SSH-2.0-OpenSSH").says_anything());
        assert!(!read(b"HTT").says_anything());
        assert!(!read(&[22, 3]).says_anything());
        assert!(!read(b"").says_anything());
    }

    proptest! {
        #[test]
        fn random_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = read(&bytes);
        }

        #[test]
        fn random_handshakes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..400), cut in 0usize..500) {
            let bytes = record(22, &body);
            let _ = read(&bytes[..cut.min(bytes.len())]);
            let _ = read(&record(22, &message(11, &body)));
            let _ = read(&record(22, &message(2, &body)));
        }

        #[test]
        fn any_chain_is_read_back(list in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..300), 0..8)) {
            let parts: Vec<&[u8]> = list.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(read(&record(22, &certificates(&parts))).chain, Some(list));
        }
    }
}
