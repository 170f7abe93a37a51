//! A ClientHello, byte by byte (RFC 5246 §7.4.1.2, RFC 6066, RFC 8422).

use domain::DomainName;

use super::Greeting;
use crate::Suites as Group;

/// Suites by number and IANA name.
type Suites = &'static [(u16, &'static str)];

/// What browsers still offer for TLS 1.2: ECDHE and plain RSA with AES and ChaCha20.
const BROWSERS: Suites = &[
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"),
    (0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"),
    (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"),
];

/// What TLS 1.2 added and browsers have dropped, or never had.
const DROPPED: Suites = &[
    (0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    (0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"),
    (0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"),
    (0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"),
    (0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"),
    (0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"),
    (0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"),
    (0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"),
];

/// What servers of the age of TLS 1.0 and 1.1 agree to.
const OLD: Suites = &[
    (0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"),
    (0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"),
    (0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"),
    (0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"),
    (0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"),
    (0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"),
    (0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"),
    (0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"),
    (0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
];

/// Mozilla's intermediate profile of TLS 1.2, finite fields apart.
const MODERN: Suites = &[
    (0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
    (0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"),
    (0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"),
    (0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    (0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"),
    (0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"),
];

/// What nobody should agree to: no encryption, no authentication, export grade, DES, RC4, 3DES.
const BROKEN: Suites = &[
    (0x0001, "TLS_RSA_WITH_NULL_MD5"),
    (0x0002, "TLS_RSA_WITH_NULL_SHA"),
    (0x003b, "TLS_RSA_WITH_NULL_SHA256"),
    (0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA"),
    (0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA"),
    (0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"),
    (0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA"),
    (0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA"),
    (0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256"),
    (0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"),
    (0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"),
    (0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"),
    (0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5"),
    (0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"),
    (0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"),
    (0x0009, "TLS_RSA_WITH_DES_CBC_SHA"),
    (0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA"),
    (0x0004, "TLS_RSA_WITH_RC4_128_MD5"),
    (0x0005, "TLS_RSA_WITH_RC4_128_SHA"),
    (0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"),
    (0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"),
    (0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"),
    (0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"),
    (0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
];

/// What TLS 1.3 has.
const NEWEST: Suites =
    &[(0x1301, "TLS_AES_128_GCM_SHA256"), (0x1302, "TLS_AES_256_GCM_SHA384"), (0x1303, "TLS_CHACHA20_POLY1305_SHA256")];

/// X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem).
pub(crate) const HYBRID_GROUP: u16 = 0x11ec;

/// x25519, P-256, P-384, P-521: what browsers offer of what TLS 1.2 knows.
const GROUPS: [u16; 4] = [0x001d, 0x0017, 0x0018, 0x0019];

/// x448: no browser has it.
const RARE_GROUP: u16 = 0x001e;

/// ECDSA, Ed25519, Ed448, RSA-PSS and RSA PKCS#1 with SHA-2, then SHA-1 for servers that know nothing else.
const SIGNATURES: [u16; 13] =
    [0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201];

/// The signalling suite of RFC 5746: some servers insist on it.
const RENEGOTIATION_INFO: u16 = 0x00ff;

/// What was negotiated safely is told in this extension (RFC 5746); the signalling suite asks for it.
pub(crate) const RENEGOTIATION: u16 = 0xff01;

/// The extended master secret (RFC 7627).
pub(crate) const EXTENDED_MASTER_SECRET: u16 = 23;

/// Promises of public logs (RFC 6962 §3.3.1).
pub(crate) const PROMISES: u16 = 18;

/// The application protocol (RFC 7301), and those that are offered: HTTP/2 and HTTP/1.1.
pub(super) const ALPN: u16 = 16;
const PROTOCOLS: &[u8] = b"\x02h2\x08http/1.1";

/// The IANA name of a suite that we offer; its number otherwise.
pub(crate) fn suite_name(number: u16) -> String {
    let known = [BROWSERS, DROPPED, OLD, BROKEN].into_iter().flatten().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("0x{number:04x}"), |(_, name)| (*name).to_owned())
}

/// The group that a suite belongs to.
pub(crate) fn group_of(number: u16) -> Option<Group> {
    const ALL: [Group; 5] = [Group::Modern, Group::PlainRsa, Group::Cbc, Group::FiniteField, Group::Broken];
    ALL.into_iter().find(|group| suites_of(*group).any(|known| known == number))
}

fn suites_of(group: Group) -> impl Iterator<Item = u16> {
    let lists: &[Suites] = match group {
        Group::Modern => &[MODERN],
        Group::Broken => &[BROKEN],
        Group::PlainRsa | Group::Cbc | Group::FiniteField => &[BROWSERS, DROPPED, OLD],
    };
    let belongs = move |name: &str| match group {
        Group::Modern | Group::Broken => true,
        Group::PlainRsa => name.starts_with("TLS_RSA_WITH_AES_"),
        Group::Cbc => name.starts_with("TLS_ECDHE_") && name.contains("_AES_") && name.contains("_CBC_"),
        Group::FiniteField => name.starts_with("TLS_DHE_") && !name.contains("3DES"),
    };
    lists.iter().copied().flatten().filter(move |(_, name)| belongs(name)).map(|(number, _)| *number)
}

/// One TLS record with a ClientHello. The extension that offers TLS 1.3 is sent in [`Greeting::Hybrid`] only, so that the
/// chain comes in clear text. An address in place of a host is not named (RFC 6066 §3).
pub(super) fn client_hello(host: &DomainName, greeting: Greeting<'_>, mut random: [u8; 32]) -> Vec<u8> {
    // A server that speaks a protocol of lines waits for the end of one; to a TLS server these bytes are as random
    // as any.
    if let Some(end) = random.last_chunk_mut::<4>() {
        *end = *b"\r\n\r\n";
    }
    let (lists, version): (&[Suites], _) = match greeting {
        Greeting::Tls10 => (&[OLD], [3, 1]),
        Greeting::Tls11 => (&[OLD], [3, 2]),
        Greeting::AsBrowsers | Greeting::Nameless | Greeting::Protocols => (&[BROWSERS], [3, 3]),
        Greeting::Anything => (&[BROWSERS, DROPPED, OLD], [3, 3]),
        Greeting::Among(_) => (&[], [3, 3]),
        Greeting::Hybrid => (&[NEWEST], [3, 3]),
    };
    let among = if let Greeting::Among(groups) = greeting { groups } else { &[] };
    let listed = lists.iter().copied().flatten().map(|(number, _)| *number);
    let mut suites: Vec<u16> = Vec::new();
    for number in listed.chain(among.iter().flat_map(|group| suites_of(*group))) {
        if !suites.contains(&number) {
            suites.push(number);
        }
    }
    suites.push(RENEGOTIATION_INFO);
    let mut groups = GROUPS.to_vec();
    match greeting {
        Greeting::AsBrowsers | Greeting::Nameless | Greeting::Protocols => {}
        Greeting::Hybrid => groups = vec![HYBRID_GROUP],
        _ => groups.push(RARE_GROUP),
    }

    let mut extensions = Vec::new();
    if greeting != Greeting::Nameless && host.as_str().parse::<std::net::IpAddr>().is_err() {
        let name = [&[0][..], &with_length(host.as_str().as_bytes())].concat();
        extension(&mut extensions, 0, &with_length(&name));
    }
    extension(&mut extensions, 10, &with_length(&words(&groups)));
    extension(&mut extensions, 11, &[1, 0]); // uncompressed points
    if version == [3, 3] {
        extension(&mut extensions, 13, &with_length(&words(&SIGNATURES)));
    }
    extension(&mut extensions, EXTENDED_MASTER_SECRET, &[]);
    let mut compression: &[u8] = &[1, 0]; // none
    match greeting {
        Greeting::Among([Group::Modern]) => {
            extension(&mut extensions, PROMISES, &[]);
            compression = &[2, 1, 0]; // DEFLATE, which nobody should take up, or none
        }
        Greeting::Protocols => extension(&mut extensions, ALPN, &with_length(PROTOCOLS)),
        Greeting::Hybrid => {
            extension(&mut extensions, 43, &[2, 3, 4]); // TLS 1.3
            extension(&mut extensions, 51, &with_length(&[])); // no key yet
        }
        _ => {}
    }

    let mut body = version.to_vec();
    body.extend(random);
    body.push(0); // no session to resume
    body.extend(with_length(&words(&suites)));
    body.extend(compression);
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
        let groups = [Group::Modern, Group::PlainRsa, Group::Cbc, Group::FiniteField, Group::Broken];
        let plain = [(Greeting::Tls10, 1), (Greeting::Tls11, 2), (Greeting::AsBrowsers, 3), (Greeting::Anything, 3)];
        let newer = [(Greeting::Protocols, 3), (Greeting::Hybrid, 3)];
        let others =
            groups.each_ref().map(|group| (Greeting::Among(std::slice::from_ref(group)), 3)).into_iter().chain(newer);
        for (greeting, minor) in plain.into_iter().chain(others) {
            let record = client_hello(&host, greeting, [7; 32]);
            let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
            assert_eq!(record.len(), 5 + length);
            assert_eq!(usize::from(u16::from_be_bytes([record[7], record[8]])), length - 4);
            assert_eq!(record[10], minor);
            assert!(record.windows(15).any(|window| window == b"www.example.com"));
        }
    }

    #[test]
    fn protocols_are_offered_by_name_and_only_when_asked_about() {
        let host: DomainName = "www.example.com".parse().unwrap();
        let offer = b"\x00\x10\x00\x0e\x00\x0c\x02h2\x08http/1.1";
        let offers = |greeting| client_hello(&host, greeting, [7; 32]).windows(offer.len()).any(|it| it == offer);
        assert!(offers(Greeting::Protocols));
        assert!(!offers(Greeting::AsBrowsers));
    }

    #[test]
    fn a_group_is_offered_alone() {
        let host: DomainName = "www.example.com".parse().unwrap();
        let offered = |group| {
            let record = client_hello(&host, Greeting::Among(&[group]), [7; 32]);
            let length = usize::from(u16::from_be_bytes([record[44], record[45]]));
            let suites: Vec<u16> =
                record[46..46 + length].chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            assert_eq!(suites.last(), Some(&RENEGOTIATION_INFO));
            suites[..suites.len() - 1].iter().map(|suite| suite_name(*suite)).collect::<Vec<_>>()
        };
        for (group, count, each) in [
            (Group::Modern, 6, "TLS_ECDHE_"),
            (Group::PlainRsa, 6, "TLS_RSA_WITH_AES_"),
            (Group::Cbc, 8, "TLS_ECDHE_"),
            (Group::FiniteField, 7, "TLS_DHE_RSA_WITH_"),
            (Group::Broken, 25, "TLS_"),
        ] {
            let names = offered(group);
            assert_eq!(names.len(), count, "{group:?}: {names:?}");
            assert!(names.iter().all(|name| name.starts_with(each)), "{group:?}: {names:?}");
        }
        let together = client_hello(&host, Greeting::Among(&[Group::Cbc, Group::FiniteField, Group::Broken]), [7; 32]);
        assert_eq!(together[45], 2 * (8 + 7 + 25 + 1));
    }

    #[test]
    fn a_suite_belongs_to_one_group() {
        for list in [BROWSERS, DROPPED, OLD, MODERN, BROKEN] {
            for (number, name) in list {
                let group = group_of(*number);
                let finite = name.starts_with("TLS_DHE_") && !BROKEN.iter().any(|(broken, _)| broken == number);
                assert_eq!(group == Some(Group::FiniteField), finite, "{name}: {group:?}");
                assert_eq!(group == Some(Group::Modern), MODERN.iter().any(|(it, _)| it == number), "{name}");
            }
        }
        assert_eq!(group_of(0x1301), None);
    }

    #[test]
    fn an_address_is_not_named_and_a_host_only_where_it_is_wanted() {
        let host: DomainName = "192.0.2.1".parse().unwrap();
        let record = client_hello(&host, Greeting::Anything, [7; 32]);
        assert!(!record.windows(9).any(|window| window == b"192.0.2.1"));
        let host: DomainName = "example.com".parse().unwrap();
        let named =
            |greeting| client_hello(&host, greeting, [7; 32]).windows(11).any(|window| window == b"example.com");
        assert!(named(Greeting::AsBrowsers) && !named(Greeting::Nameless));
    }
}
