//! A healthy site as an observation, which tests change in one place.

use domain::Time;
use findings::{Check, Verdict};
use network::Saw;

use crate::{
    Certificate, Chain, Closer, Endpoint, Fault, Handshake, Key, Legacy, Observation, Path, Suites, Tried, Version,
    WithoutSni,
};

/// 21 November 2026, 06:30 UTC.
pub(crate) const NOW: i64 = 1_795_242_600;

/// Seconds in a day.
pub(crate) const DAY: i64 = 86_400;

/// example.com and www.example.com at one IPv4 and one IPv6 address, TLS 1.3, a 90-day certificate 30 days old.
pub(crate) fn healthy() -> Observation {
    let addresses = ["203.0.113.7", "2001:db8::7"];
    let endpoint = |(host, address): (&str, &str)| Endpoint {
        host: host.parse().unwrap(),
        address: address.parse().unwrap(),
        port: Saw::Seen(()),
        handshake: Some(Ok(handshake())),
        http2: Some(Saw::Seen(true)),
        legacy: match host {
            "example.com" => [Version::Tls10, Version::Tls11].map(|version| legacy(version, false)).to_vec(),
            _ => Vec::new(),
        },
        clear_text_chain: None,
    };
    let pairs = ["example.com", "www.example.com"].map(|host| addresses.map(|address| (host, address)));
    Observation {
        seen_at: Time::from_unix(NOW),
        endpoints: pairs.into_iter().flatten().map(endpoint).collect(),
        chains: vec![Chain { certificates: vec![leaf(), intermediate()], path: Path::Trusted, public: true }],
        without_sni: Some(WithoutSni { address: addresses[0].parse().unwrap(), chain: Ok(0) }),
        revocations: Vec::new(),
        closer: Some(closer()),
    }
}

/// Finer questions, answered as a server in Mozilla's intermediate profile does.
pub(crate) fn closer() -> Closer {
    let tried = |suites, suite: &str| Tried {
        suites,
        accepted: Saw::Seen(!suite.is_empty()),
        suite: suite.into(),
        prime_bits: 0,
        lacks: Vec::new(),
        promises: false,
    };
    Closer {
        host: "example.com".parse().unwrap(),
        address: "203.0.113.7".parse().unwrap(),
        tried: vec![
            tried(Suites::Modern, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"),
            tried(Suites::PlainRsa, ""),
            tried(Suites::Cbc, ""),
            tried(Suites::FiniteField, ""),
            tried(Suites::Broken, ""),
        ],
        hybrid: Some(Saw::Seen(true)),
        any_name: Ok(Box::new(leaf())),
        second: Some(Ok(Box::new(second()))),
    }
}

/// The chain of an RSA certificate beside the one of [`leaf`].
pub(crate) fn second() -> Chain {
    let key = Key { algorithm: "RSA".into(), bits: 2048, ..Key::default() };
    let leaf = Certificate { sha256: "dd".repeat(32), key, ..leaf() };
    Chain { certificates: vec![leaf, intermediate()], path: Path::Trusted, public: true }
}

/// An old version, asked for and answered.
pub(crate) fn legacy(version: Version, accepted: bool) -> Legacy {
    Legacy { version, accepted: Saw::Seen(accepted), suite: String::new() }
}

pub(crate) fn handshake() -> Handshake {
    Handshake {
        version: Version::Tls13,
        suite: "TLS_AES_128_GCM_SHA256".into(),
        group: "X25519".into(),
        alpn: Some("http/1.1".into()),
        chain: 0,
        asks_client: false,
        staple: 0,
        signature: Some(true),
        millis: 40,
    }
}

pub(crate) fn leaf() -> Certificate {
    Certificate {
        sha256: "aa".repeat(32),
        subject: "CN=example.com".into(),
        issuer: "CN=E7,O=Let's Encrypt,C=US".into(),
        issued_by: "Let's Encrypt E7".into(),
        serial: "05:aa".into(),
        names: vec!["example.com".into(), "www.example.com".into()],
        not_before: Time::from_unix(NOW - 30 * DAY),
        not_after: Time::from_unix(NOW + 60 * DAY),
        key: Key { algorithm: "ECDSA P-256".into(), bits: 256, ..Key::default() },
        signature: "ecdsa-with-SHA384".into(),
        is_ca: false,
        self_signed: false,
        ca_issuers: vec!["http://e7.i.lencr.org/".into()],
        ocsp: Vec::new(),
        crls: vec!["http://e7.c.lencr.org/12.crl".into()],
        authority_key: "ae".repeat(20),
        logs: vec!["1111111111111111".into(), "2222222222222222".into()],
        must_staple: false,
        not_for_servers: false,
    }
}

pub(crate) fn intermediate() -> Certificate {
    Certificate {
        sha256: "bb".repeat(32),
        subject: "CN=E7,O=Let's Encrypt,C=US".into(),
        issuer: "CN=ISRG Root X1,O=Internet Security Research Group,C=US".into(),
        issued_by: "Internet Security Research Group ISRG Root X1".into(),
        names: Vec::new(),
        not_before: Time::from_unix(NOW - 900 * DAY),
        not_after: Time::from_unix(NOW + 900 * DAY),
        signature: "sha256WithRSAEncryption".into(),
        is_ca: true,
        ..leaf()
    }
}

/// The healthy site with one change.
pub(crate) fn with(change: impl FnOnce(&mut Observation)) -> Observation {
    let mut seen = healthy();
    change(&mut seen);
    seen
}

/// The healthy site with one change to the certificate that all its endpoints show.
pub(crate) fn with_leaf(change: impl FnOnce(&mut Certificate)) -> Observation {
    with(|seen| change(&mut seen.chains[0].certificates[0]))
}

/// The healthy site where every handshake fails in this way.
pub(crate) fn with_fault(fault: Fault) -> Observation {
    with(|seen| {
        for endpoint in &mut seen.endpoints {
            endpoint.handshake = Some(Err(fault.clone()));
            endpoint.http2 = None;
            endpoint.legacy.clear();
        }
        seen.without_sni = None;
        seen.closer = None;
        seen.chains.clear();
    })
}

/// What a check says, as `! subject`, `? subject` and `. subject`.
pub(crate) fn says(check: &Check<Observation>, seen: &Observation) -> Vec<String> {
    (check.run)(seen)
        .into_iter()
        .map(|verdict| match verdict {
            Verdict::Found(said) => format!("! {}", said.subject),
            Verdict::NotTested(said) => format!("? {}", said.subject),
            Verdict::Pass(said) => format!(". {}", said.subject),
        })
        .collect()
}

/// Everything that a check says about what it found, in one text.
pub(crate) fn text(check: &Check<Observation>, seen: &Observation) -> String {
    (check.run)(seen)
        .into_iter()
        .map(|verdict| match verdict {
            Verdict::Found(said) | Verdict::NotTested(said) | Verdict::Pass(said) => format!("{said:?}\n"),
        })
        .collect()
}
