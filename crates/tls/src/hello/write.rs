//! A ClientHello, byte by byte (RFC 5246 §7.4.1.2, RFC 6066, RFC 8422).

use domain::DomainName;

use crate::Version;

/// Suites of TLS 1.0 and 1.1 that servers of that age agree to: ECDHE, DHE and plain RSA with AES-CBC and 3DES.
const OLD_SUITES: [u16; 11] = [0xc00a, 0xc009, 0xc014, 0xc013, 0x0039, 0x0033, 0x0035, 0x002f, 0xc012, 0x0016, 0x000a];

/// What TLS 1.2 adds: ECDHE, DHE and plain RSA with AES-GCM, ChaCha20, CBC-SHA256 and CBC-SHA384.
const SUITES_OF_1_2: [u16; 20] = [
    0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xccaa, 0x009e, 0x009f, 0xc023, 0xc027, 0xc024, 0xc028, 0x0067,
    0x006b, 0x009c, 0x009d, 0x003c, 0x003d, 0xc0ac,
];

/// x25519, P-256, P-384, P-521, x448.
const GROUPS: [u16; 5] = [0x001d, 0x0017, 0x0018, 0x0019, 0x001e];

/// ECDSA, Ed25519, Ed448, RSA-PSS and RSA PKCS#1 with SHA-2, then SHA-1 for servers that know nothing else.
const SIGNATURES: [u16; 13] =
    [0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];

/// The signalling suite of RFC 5746: some servers insist on it.
const RENEGOTIATION_INFO: u16 = 0x00ff;

/// One TLS record with a ClientHello that offers versions up to `max`, TLS 1.2 at most: the extension that offers
/// TLS 1.3 is never sent, so that the chain comes in clear text. An address in place of a host is not named
/// (RFC 6066 §3).
pub(super) fn client_hello(host: &DomainName, max: Version, mut random: [u8; 32]) -> Vec<u8> {
    // A server that speaks a protocol of lines waits for the end of one; to a TLS server these bytes are as random
    // as any.
    if let Some(end) = random.last_chunk_mut::<4>() {
        *end = *b"\r\n\r\n";
    }
    let mut suites = match max {
        Version::Tls10 | Version::Tls11 => Vec::new(),
        Version::Tls12 | Version::Tls13 => SUITES_OF_1_2.to_vec(),
    };
    suites.extend(OLD_SUITES);
    suites.push(RENEGOTIATION_INFO);

    let mut extensions = Vec::new();
    if host.as_str().parse::<std::net::IpAddr>().is_err() {
        let name = [&[0][..], &with_length(host.as_str().as_bytes())].concat();
        extension(&mut extensions, 0, &with_length(&name));
    }
    extension(&mut extensions, 10, &with_length(&words(&GROUPS)));
    extension(&mut extensions, 11, &[1, 0]); // uncompressed points
    if matches!(max, Version::Tls12 | Version::Tls13) {
        extension(&mut extensions, 13, &with_length(&words(&SIGNATURES)));
    }
    extension(&mut extensions, 23, &[]); // extended master secret

    let mut body = match max {
        Version::Tls10 => vec![3, 1],
        Version::Tls11 => vec![3, 2],
        Version::Tls12 | Version::Tls13 => vec![3, 3],
    };
    body.extend(random);
    body.push(0); // no session to resume
    body.extend(with_length(&words(&suites)));
    body.extend([1, 0]); // no compression
    body.extend(with_length(&extensions));

    let mut message = vec![1, 0];
    message.extend(with_length(&body));
    let mut record = vec![22, 3, 1];
    record.extend(with_length(&message));
    record
}

fn extension(out: &mut Vec<u8>, kind: u16, data: &[u8]) {
    out.extend(kind.to_be_bytes());
    out.extend(with_length(data));
}

fn words(values: &[u16]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

/// Prefixed by its length in two bytes. Nothing here comes near 65,535: a host has at most 253 bytes.
fn with_length(data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], data].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_add_up_and_names_are_where_they_belong() {
        let host: DomainName = "www.example.com".parse().unwrap();
        for max in [Version::Tls10, Version::Tls11, Version::Tls12] {
            let record = client_hello(&host, max, [7; 32]);
            let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
            assert_eq!(record.len(), 5 + length);
            assert_eq!(usize::from(u16::from_be_bytes([record[7], record[8]])), length - 4);
            assert_eq!(record[10], max as u8 + 1);
            assert!(record.windows(15).any(|window| window == b"www.example.com"));
        }
    }

    #[test]
    fn an_address_is_not_named() {
        let host: DomainName = "192.0.2.1".parse().unwrap();
        let record = client_hello(&host, Version::Tls12, [7; 32]);
        assert!(!record.windows(9).any(|window| window == b"192.0.2.1"));
    }
}
