//! A healthy site of two names and two families, for tests that change one thing.

use std::net::IpAddr;

use domain::{DomainName, HttpUrl, Scheme, Target, Time};
use network::Saw;

use crate::Observations;

/// The address of the healthy site in each family.
pub(crate) const ADDRESSES: [&str; 2] = ["9.9.9.9", "2a00::9"];

/// When the fixture was seen: 2026-11-21T06:30:00Z.
pub(crate) const SEEN_AT: i64 = 1_795_242_600;

const DAY: i64 = 86_400;

/// `example.com` and `www.example.com`, both redirecting to `https://example.com/`.
pub(crate) fn healthy() -> Observations {
    let apex: DomainName = "example.com".parse().unwrap();
    let target =
        Target { name: apex.clone(), unicode: None, registrable: apex.clone(), twin: apex.with_www(), expect: None };
    let seen_at = Time::from_unix(SEEN_AT);
    let addresses: Vec<IpAddr> = ADDRESSES.iter().map(|address| address.parse().unwrap()).collect();
    let names: Vec<DomainName> = target.names().cloned().collect();
    let entrances: Vec<(DomainName, IpAddr)> =
        names.iter().flat_map(|name| addresses.iter().map(|address| (name.clone(), *address))).collect();
    let home = HttpUrl::root(Scheme::Https, &apex);
    let answer = response(200, None);
    let mut corners = Vec::new();
    let mut trails = Vec::new();
    for scheme in [Scheme::Https, Scheme::Http] {
        for name in &names {
            let from = HttpUrl::root(scheme, name);
            let first = if from == home { answer.clone() } else { response(301, Some(home.as_str())) };
            let mut hops = vec![hop(&from, &first)];
            if from != home {
                hops.push(hop(&home, &answer));
            }
            trails.push(web::Trail { from, hops, end: web::End::Answer(Box::new(answer.clone())) });
            for address in &addresses {
                corners.push(web::Corner {
                    scheme,
                    host: name.clone(),
                    address: *address,
                    via: web::Via::Socket,
                    port: Saw::Seen(()),
                    first: Saw::Seen(first.clone()),
                    trail: Some(trails.len() - 1),
                });
            }
        }
    }
    Observations {
        seen_at,
        dns: dns::Observation {
            seen_at,
            target: target.clone(),
            resolvers: vec!["Cloudflare".into()],
            names: names.iter().map(|name| name_seen(name, &addresses)).collect(),
            parents: Vec::new(),
            direct: Vec::new(),
            further: Vec::new(),
            registry: None,
        },
        tls: tls::Observation {
            seen_at,
            endpoints: entrances.iter().map(|(host, address)| endpoint(host, *address)).collect(),
            chains: vec![chain("fine", &["example.com", "www.example.com"], -10, 80)],
            without_sni: None,
            revocations: Vec::new(),
            closer: None,
        },
        web: web::Observation {
            seen_at,
            corners,
            trails,
            deep: Vec::new(),
            pages: Vec::new(),
            plain: None,
            stranger: None,
        },
        renewal: renewal::Observation::default(),
        exposed: None,
        preload: None,
        subdomains: None,
        crawl: None,
        target,
    }
}

/// A response without a body.
pub(crate) fn response(status: u16, location: Option<&str>) -> web::Response {
    web::Response {
        status,
        location: location.map(str::to_owned),
        server: Some("nginx".into()),
        hsts: Vec::new(),
        headers: Vec::new(),
        title: None,
        start: String::new(),
        length: 0,
        millis: 5,
    }
}

/// A chain of one leaf and one intermediate, valid for the given days around the moment of seeing.
pub(crate) fn chain(fingerprint: &str, names: &[&str], from: i64, until: i64) -> tls::Chain {
    let certificate = |sha256: &str, names: &[&str], is_ca| tls::Certificate {
        sha256: sha256.into(),
        subject: format!("CN={sha256}"),
        issuer: "CN=R13,O=Let's Encrypt".into(),
        issued_by: "Let's Encrypt R13".into(),
        serial: "01".into(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        not_before: Time::from_unix(SEEN_AT + from * DAY),
        not_after: Time::from_unix(SEEN_AT + until * DAY),
        key: tls::Key { algorithm: "ECDSA P-256".into(), bits: 256, ..tls::Key::default() },
        signature: "sha256WithRSAEncryption".into(),
        is_ca,
        self_signed: false,
        ca_issuers: Vec::new(),
        ocsp: Vec::new(),
        crls: Vec::new(),
        authority_key: "ae".repeat(20),
        logs: vec!["11".repeat(8), "22".repeat(8)],
        must_staple: false,
        not_for_servers: false,
    };
    tls::Chain {
        certificates: vec![certificate(fingerprint, names, false), certificate("intermediate", &[], true)],
        path: tls::Path::Trusted,
        public: true,
    }
}

/// Has every first answer of these hosts carry this Strict-Transport-Security.
pub(crate) fn with_hsts(seen: &mut Observations, hosts: &[&str], value: &str) {
    for corner in seen.web.corners.iter_mut().filter(|it| hosts.contains(&it.host.as_str())) {
        if let Saw::Seen(first) = &mut corner.first {
            first.hsts = vec![value.into()];
        }
    }
}

/// Gives one of the names these CAA records.
pub(crate) fn with_caa(seen: &mut Observations, name: &str, records: &[&str]) {
    for it in seen.dns.names.iter_mut().filter(|it| it.name.as_str() == name) {
        it.others = vec![caa(&it.name, records)];
    }
}

/// Lets the public logs know certificates of 90 days for both names, issued so many days ago.
pub(crate) fn with_history(seen: &mut Observations, days_ago: &[i64]) {
    let issuances = days_ago.iter().map(|days| renewal::Issuance {
        names: vec!["example.com".into(), "www.example.com".into()],
        issuer: "C=US, O=Let's Encrypt, CN=R13".into(),
        not_before: Time::from_unix(SEEN_AT - days * DAY),
        not_after: Time::from_unix(SEEN_AT + (90 - days) * DAY),
        revoked: false,
    });
    let mut history = renewal::History { sources: vec!["Cert Spotter".into()], ..renewal::History::default() };
    history.merge(renewal::History { issuances: issuances.collect(), ..renewal::History::default() });
    seen.renewal.history = Some(Saw::Seen(history));
}

/// Lets the authority suggest to renew the certificate shown between so many days from now.
pub(crate) fn with_suggestion(seen: &mut Observations, from: i64, until: i64) {
    let sha256 = seen.tls.chains[0].certificates[0].sha256.clone();
    let window = (Time::from_unix(SEEN_AT + from * DAY), Time::from_unix(SEEN_AT + until * DAY));
    let suggestion = renewal::Suggestion { sha256, window: Some(window), explanation: None };
    seen.renewal.suggestion = Some(Saw::Seen(suggestion));
}

fn caa(name: &DomainName, records: &[&str]) -> dns::Asked {
    let record =
        |value: &&str| dns::Record { name: name.to_string(), kind: "CAA".into(), ttl: 300, value: (*value).into() };
    dns::Asked {
        resolver: "Cloudflare".into(),
        kind: dns::Kind::Caa,
        answer: Saw::Seen(dns::Answer {
            rcode: "NOERROR".into(),
            authenticated: false,
            records: records.iter().map(record).collect(),
            negative_ttl: None,
            zone: None,
            ede: Vec::new(),
        }),
    }
}

fn endpoint(host: &DomainName, address: IpAddr) -> tls::Endpoint {
    tls::Endpoint {
        host: host.clone(),
        address,
        port: Saw::Seen(()),
        handshake: Some(Ok(tls::Handshake {
            version: tls::Version::Tls13,
            suite: "TLS_AES_128_GCM_SHA256".into(),
            group: "x25519".into(),
            alpn: Some("http/1.1".into()),
            chain: 0,
            asks_client: false,
            staple: 0,
            signature: Some(true),
            millis: 10,
        })),
        http2: Some(Saw::Seen(true)),
        legacy: Vec::new(),
        clear_text_chain: None,
    }
}

fn name_seen(name: &DomainName, addresses: &[IpAddr]) -> dns::NameSeen {
    let asked = |kind: dns::Kind, v4: bool| dns::Asked {
        resolver: "Cloudflare".into(),
        kind,
        answer: Saw::Seen(dns::Answer {
            rcode: "NOERROR".into(),
            authenticated: false,
            records: addresses
                .iter()
                .filter(|address| address.is_ipv4() == v4)
                .map(|address| dns::Record {
                    name: name.to_string(),
                    kind: kind.as_str().into(),
                    ttl: 300,
                    value: address.to_string(),
                })
                .collect(),
            negative_ttl: None,
            zone: None,
            ede: Vec::new(),
        }),
    };
    dns::NameSeen {
        name: name.clone(),
        addresses: vec![asked(dns::Kind::A, true), asked(dns::Kind::Aaaa, false)],
        others: vec![caa(name, &[])],
        visit: addresses.to_vec(),
        left_out: 0,
        unchecked: Vec::new(),
        reserved: Vec::new(),
    }
}

fn hop(url: &HttpUrl, response: &web::Response) -> web::Hop {
    web::Hop {
        url: url.clone(),
        address: Some("9.9.9.9".parse().unwrap()),
        status: response.status,
        location: response.location.clone(),
        hsts: None,
        server: response.server.clone(),
        millis: response.millis,
    }
}

/// Has the browsers' built-in list say this of the domain.
pub(crate) fn with_preload(seen: &mut Observations, status: crate::Listed) {
    seen.preload = Some(Saw::Seen(crate::Preload { name: seen.target.registrable.clone(), status }));
}

/// Has these subdomains looked at: ones that work over HTTPS, and ones where nothing answers.
pub(crate) fn with_subdomains(seen: &mut Observations, fine: &[&str], broken: &[&str]) {
    let address: IpAddr = ADDRESSES[0].parse().unwrap();
    let mut swept = crate::Subdomains {
        names: Saw::Seen(Vec::new()),
        more: 0,
        tls: tls::Observation {
            seen_at: seen.seen_at,
            endpoints: Vec::new(),
            chains: vec![chain("below", fine, -10, 80)],
            without_sni: None,
            closer: None,
            revocations: Vec::new(),
        },
    };
    let mut names = Vec::new();
    for (name, works) in fine.iter().map(|name| (name, true)).chain(broken.iter().map(|name| (name, false))) {
        let name: DomainName = name.parse().unwrap();
        let mut endpoint = endpoint(&name, address);
        if !works {
            endpoint.port = Saw::Unseen(network::Unseen::Refused);
            endpoint.handshake = None;
        }
        swept.tls.endpoints.push(endpoint);
        names.push(crate::Subdomain { name, addresses: Saw::Seen(vec![address]) });
    }
    swept.names = Saw::Seen(names);
    seen.subdomains = Some(swept);
}
