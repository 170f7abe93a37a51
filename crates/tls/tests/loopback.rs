//! The probe against real servers on loopback: rustls where it can, hand-written bytes where it cannot.

#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test ends where it fails")]

use std::{
    net::{IpAddr, SocketAddr},
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use domain::{DomainName, HttpUrl, Scheme};
use network::{ConnectError, Dial, FetchError, Limits, Network, Request, Response, Saw, Session, Settings, Unseen};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CrlDistributionPoint, CustomExtension,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, RevokedCertParams, date_time_ymd,
};
use rustls::{
    ServerConfig,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tls::{Client, Endpoint, Fault, Observation, Path, Suites, Version};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::LocalSet,
};
use tokio_rustls::TlsAcceptor;

/// 21 November 2026, 06:30 UTC.
const NOW: u64 = 1_795_242_600_000;

/// The site's address, and the one of the authority's web server: dialled on loopback by the dial map.
const SITE: &str = "203.0.113.7";
const AUTHORITY: &str = "203.0.113.80";

/// Everything there is to ask after the first handshakes.
async fn extras(client: &Client, session: &Session<Native>, endpoints: Vec<Endpoint>) -> Observation {
    let shown = tls::paths(client, session, endpoints).await;
    tls::extras(client, session, shown, &|_| ()).await
}

struct Native(tokio::time::Instant);

impl Network for Native {
    type Stream = TcpStream;

    async fn connect(&self, to: SocketAddr) -> Result<TcpStream, ConnectError> {
        TcpStream::connect(to).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => ConnectError::Refused,
            _ => ConnectError::Other(error.to_string()),
        })
    }

    async fn fetch(&self, _: Request) -> Result<Response, FetchError> {
        Err(FetchError::Failed("no resolver here".into()))
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> u64 {
        NOW + u64::try_from(self.0.elapsed().as_millis()).unwrap()
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(7);
    }
}

/// A root, an intermediate below it, and leaves below that.
struct Authority {
    root: CertificateDer<'static>,
    intermediate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

fn params(names: &[&str], common_name: &str) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, common_name);
    params.not_before = date_time_ymd(2026, 10, 22);
    params.not_after = date_time_ymd(2027, 1, 20);
    params
}

fn authority_params(common_name: &str) -> CertificateParams {
    let mut params = params(&[], common_name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(2040, 1, 1);
    params
}

impl Authority {
    fn new() -> Authority {
        Authority::with_intermediate_until(2040)
    }

    fn with_intermediate_until(year: i32) -> Authority {
        let root_key = KeyPair::generate().unwrap();
        let root_params = authority_params("Lab Root");
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let key = KeyPair::generate().unwrap();
        let mut params = authority_params("Lab Intermediate");
        params.not_after = date_time_ymd(year, 1, 1);
        let intermediate = params.signed_by(&key, &root_issuer).unwrap();
        Authority {
            root: root.der().clone(),
            intermediate: intermediate.der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    fn issue(&self, mut params: CertificateParams) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.custom_extensions.push(ca_issuers(&format!("http://{AUTHORITY}/intermediate.der")));
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        (leaf.der().clone(), PrivateKeyDer::Pkcs8(key.serialize_der().into()))
    }

    fn leaf(&self) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        self.issue(params(&["site.example", "www.site.example"], "site.example"))
    }
}

/// Authority information access with one caIssuers URL (RFC 5280 §4.2.2.1).
fn ca_issuers(url: &str) -> CustomExtension {
    let tlv = |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap()][..], body].concat();
    let method = [0x06, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let access = tlv(0x30, &[&method[..], &tlv(0x86, url.as_bytes())].concat());
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], tlv(0x30, &access))
}

#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

#[derive(Debug)]
struct Never;

impl ResolvesServerCert for Never {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        None
    }
}

fn shows(chain: Vec<CertificateDer<'static>>, key: &PrivateKeyDer<'static>) -> Arc<dyn ResolvesServerCert> {
    let key = rustls::crypto::ring::sign::any_supported_type(key).unwrap();
    // Without the library's own look at whether the key fits: a test serves one that does not.
    Arc::new(Always(Arc::new(CertifiedKey::new(chain, key))))
}

/// A TLS server that answers each request with an empty page.
async fn https(
    versions: &[&'static rustls::SupportedProtocolVersion],
    resolver: Arc<dyn ResolvesServerCert>,
) -> SocketAddr {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    serve(move |stream| {
        let acceptor = acceptor.clone();
        async move {
            if let Ok(mut tunnel) = acceptor.accept(stream).await {
                let _ = tunnel.read(&mut [0; 4096]).await;
                let _ = tunnel.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                let _ = tunnel.shutdown().await;
            }
        }
    })
    .await
}

/// A server that reads once and sends these bytes, whatever it was told.
async fn blurts(answer: Vec<u8>) -> SocketAddr {
    let answer = Rc::new(answer);
    serve(move |mut stream| {
        let answer = Rc::clone(&answer);
        async move {
            let _ = stream.read(&mut [0; 4096]).await;
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

async fn serve<F: Future<Output = ()> + 'static>(answer: impl Fn(TcpStream) -> F + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::task::spawn_local(answer(stream));
        }
    });
    address
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, test);
}

fn settings(dial: &[(&str, u16, SocketAddr)], trust: &[&CertificateDer<'static>]) -> Settings {
    Settings {
        resolvers: Vec::new(),
        trust: trust.iter().map(|der| der.to_vec()).collect(),
        allow: vec!["203.0.113.0/24".parse().unwrap()],
        dial: dial
            .iter()
            .map(|(address, port, to)| Dial { from: SocketAddr::new(address.parse().unwrap(), *port), to: *to })
            .collect(),
        ..Settings::default()
    }
}

fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

fn site() -> IpAddr {
    SITE.parse().unwrap()
}

/// Visits both hosts at the site's address, then takes the closer looks.
async fn look(settings: Settings) -> Observation {
    let session = Session::new(Native(tokio::time::Instant::now()), settings);
    let client = Client::new(session.settings(), session.started());
    let mut endpoints: Vec<Endpoint> = Vec::new();
    for host in ["site.example", "www.site.example"] {
        let (endpoint, _) = tls::visit(&client, &session, &name(host), site()).await;
        endpoints.push(endpoint);
    }
    extras(&client, &session, endpoints).await
}

fn states(seen: &Observation) -> Vec<String> {
    let mut bad: Vec<String> = findings::judge(tls::checks::ALL, seen)
        .into_iter()
        .filter(|finding| finding.state > findings::State::NotTested)
        .map(|finding| finding.id)
        .collect();
    bad.dedup();
    bad
}

#[test]
fn a_healthy_server_is_seen_whole() {
    run(async {
        let authority = Authority::new();
        let (leaf, key) = authority.leaf();
        for (version, expected) in
            [(&rustls::version::TLS13, Version::Tls13), (&rustls::version::TLS12, Version::Tls12)]
        {
            let chain = vec![leaf.clone(), authority.intermediate.clone()];
            let at = https(&[version], shows(chain, &key)).await;
            let seen = look(settings(&[(SITE, 443, at)], &[&authority.root])).await;
            assert_eq!(states(&seen), Vec::<String>::new(), "{seen:#?}");
            assert_eq!((seen.chains.len(), &seen.chains[0].path), (1, &Path::Trusted));
            let endpoint = &seen.endpoints[0];
            let handshake = endpoint.shaken().unwrap();
            assert_eq!((handshake.version, handshake.alpn.as_deref()), (expected, Some("http/1.1")));
            assert_eq!(handshake.signature, Some(true));
            assert!(handshake.suite.starts_with("TLS_"), "{}", handshake.suite);
            assert_eq!(handshake.group, "X25519");
            assert_eq!(endpoint.http2, Some(Saw::Seen(true)));
            let legacy: Vec<_> = endpoint.legacy.iter().map(|it| (it.version, it.accepted.clone())).collect();
            assert_eq!(legacy, [(Version::Tls10, Saw::Seen(false)), (Version::Tls11, Saw::Seen(false))]);
            assert!(seen.endpoints[1].legacy.is_empty(), "old versions are asked once per address");
            assert_eq!(seen.without_sni.as_ref().unwrap().chain, Ok(0));
            let certificate = seen.chains[0].leaf().unwrap();
            assert_eq!(certificate.names, ["site.example", "www.site.example"]);
            assert_eq!(certificate.not_after.date(), "2027-01-20");
            assert_eq!(certificate.key.algorithm, "ECDSA P-256");
            assert_eq!(certificate.ca_issuers, [format!("http://{AUTHORITY}/intermediate.der")]);
            assert!(!certificate.self_signed && !certificate.is_ca && seen.chains[0].certificates[1].is_ca);
        }
    });
}

#[test]
fn the_tunnel_carries_a_request() {
    run(async {
        let authority = Authority::new();
        let (leaf, key) = authority.leaf();
        let at = https(rustls::ALL_VERSIONS, shows(vec![leaf], &key)).await;
        let session = Session::new(Native(tokio::time::Instant::now()), settings(&[(SITE, 443, at)], &[]));
        let client = Client::new(session.settings(), session.started());
        let (endpoint, tunnel) = tls::visit(&client, &session, &name("site.example"), site()).await;
        assert!(endpoint.shaken().is_some());
        let url = HttpUrl::root(Scheme::Https, &name("site.example"));
        let exchange = network::http::get(tunnel.unwrap(), &url, &[], 100);
        let response = session.within(Limits::EXCHANGE, exchange).await.unwrap().unwrap();
        assert_eq!(response.status, 204);
    });
}

#[test]
fn a_missing_intermediate_is_fetched_once_and_named() {
    run(async {
        let authority = Authority::new();
        let (leaf, key) = authority.leaf();
        let (other_leaf, other_key) = authority.leaf();
        let at = https(rustls::ALL_VERSIONS, shows(vec![leaf.clone()], &key)).await;
        let other_at = https(rustls::ALL_VERSIONS, shows(vec![other_leaf], &other_key)).await;
        let fetched = Arc::new(AtomicUsize::new(0));
        let (body, count) = (authority.intermediate.to_vec(), Arc::clone(&fetched));
        let web = serve(move |mut stream| {
            let (body, count) = (body.clone(), Arc::clone(&count));
            async move {
                count.fetch_add(1, Ordering::Relaxed);
                let _ = stream.read(&mut [0; 4096]).await;
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
            }
        })
        .await;
        let dial = [(SITE, 443, at), ("203.0.113.8", 443, other_at), (AUTHORITY, 80, web)];
        let session = Session::new(Native(tokio::time::Instant::now()), settings(&dial, &[&authority.root]));
        let client = Client::new(session.settings(), session.started());
        let host = name("site.example");
        let (first, _) = tls::visit(&client, &session, &host, site()).await;
        let (second, _) = tls::visit(&client, &session, &host, "203.0.113.8".parse().unwrap()).await;
        let seen = extras(&client, &session, vec![first, second]).await;
        let url = format!("http://{AUTHORITY}/intermediate.der");
        assert_eq!(seen.chains.len(), 2);
        for chain in &seen.chains {
            let Path::Incomplete { fetched, missing } = &chain.path else { panic!("{:?}", chain.path) };
            assert_eq!(*fetched, url);
            assert!(missing.contains("CN=Lab Intermediate"), "{missing}");
        }
        assert_eq!(fetched.load(Ordering::Relaxed), 1);
        assert_eq!(states(&seen), ["chain-incomplete", "addresses-serve-different-certificates"]);

        // The authority does not answer: nothing can be said but that nobody trusts it.
        let seen = look(settings(&[(SITE, 443, at), (AUTHORITY, 80, closed().await)], &[&authority.root])).await;
        assert!(
            matches!(&seen.chains[0].path, Path::Untrusted { why, fetched }
            if why == "UnknownIssuer" && fetched.contains("refused")),
            "{:?}",
            seen.chains[0].path
        );
        assert_eq!(states(&seen), ["chain-untrusted"]);
    });
}

/// A port where nothing listens.
async fn closed() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

#[test]
fn dates_are_judged_apart_from_trust() {
    run(async {
        let authority = Authority::new();
        let mut expired = params(&["site.example", "www.site.example"], "site.example");
        expired.not_before = date_time_ymd(2026, 1, 1);
        expired.not_after = date_time_ymd(2026, 4, 1);
        let (leaf, key) = authority.issue(expired);
        let at = https(rustls::ALL_VERSIONS, shows(vec![leaf, authority.intermediate.clone()], &key)).await;
        let seen = look(settings(&[(SITE, 443, at)], &[&authority.root])).await;
        assert_eq!(seen.chains[0].path, Path::Trusted);
        assert_eq!(states(&seen), ["certificate-expired"]);

        let authority = Authority::with_intermediate_until(2026);
        let (leaf, key) = authority.leaf();
        let at = https(rustls::ALL_VERSIONS, shows(vec![leaf, authority.intermediate.clone()], &key)).await;
        let seen = look(settings(&[(SITE, 443, at), (AUTHORITY, 80, closed().await)], &[&authority.root])).await;
        assert!(matches!(&seen.chains[0].path, Path::Untrusted { why, .. } if why == "CertExpired"));
        assert_eq!(states(&seen), ["chain-untrusted"]);
    });
}

#[test]
fn self_signed_and_foreign_certificates() {
    run(async {
        let key = KeyPair::generate().unwrap();
        let leaf = params(&["site.example", "www.site.example"], "site.example").self_signed(&key).unwrap();
        let private = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let at = https(rustls::ALL_VERSIONS, shows(vec![leaf.der().clone()], &private)).await;
        let seen = look(settings(&[(SITE, 443, at)], &[])).await;
        assert!(seen.chains[0].leaf().unwrap().self_signed);
        assert_eq!(states(&seen), ["self-signed"]);
        let seen = look(settings(&[(SITE, 443, at)], &[leaf.der()])).await;
        assert_eq!(states(&seen), Vec::<String>::new(), "the settings trust it");

        let authority = Authority::new();
        let (leaf, key) = authority.issue(params(&["other.example"], "other.example"));
        let at = https(rustls::ALL_VERSIONS, shows(vec![leaf, authority.intermediate.clone()], &key)).await;
        let seen = look(settings(&[(SITE, 443, at)], &[&authority.root])).await;
        assert_eq!(states(&seen), ["certificate-name-mismatch"]);
    });
}

#[test]
fn a_key_that_does_not_fit_is_a_finding() {
    run(async {
        let authority = Authority::new();
        let (leaf, _) = authority.leaf();
        let (_, other_key) = authority.leaf();
        for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
            let chain = vec![leaf.clone(), authority.intermediate.clone()];
            let at = https(&[version], shows(chain, &other_key)).await;
            let seen = look(settings(&[(SITE, 443, at)], &[&authority.root])).await;
            assert_eq!(seen.endpoints[0].shaken().unwrap().signature, Some(false));
            assert_eq!(states(&seen), ["tls-handshake-fails"]);
        }
    });
}

#[test]
fn plain_http_is_recognised() {
    run(async {
        for answer in ["HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n", "<!DOCTYPE HTML>\n<html>bad request</html>"]
        {
            let at = blurts(answer.into()).await;
            let seen = look(settings(&[(SITE, 443, at)], &[])).await;
            assert_eq!(seen.endpoints[0].fault(), Some(&Fault::PlainHttp), "{answer}");
            assert_eq!(states(&seen), ["plaintext-on-443"]);
        }
    });
}

#[test]
fn alerts_have_their_registered_names() {
    run(async {
        let at = blurts(vec![21, 3, 3, 0, 2, 2, 112]).await;
        let seen = look(settings(&[(SITE, 443, at)], &[])).await;
        assert_eq!(seen.endpoints[0].fault(), Some(&Fault::Alert("unrecognized_name".into())));
        assert_eq!(states(&seen), ["tls-handshake-fails"]);

        let at = https(rustls::ALL_VERSIONS, Arc::new(Never)).await;
        let seen = look(settings(&[(SITE, 443, at)], &[])).await;
        assert!(matches!(seen.endpoints[0].fault(), Some(Fault::Alert(_))), "{:?}", seen.endpoints[0].fault());
    });
}

#[test]
fn an_old_server_shows_its_version_and_its_chain_in_clear_text() {
    run(async {
        let authority = Authority::new();
        let (leaf, _) = authority.leaf();
        let with_length = |body: &[u8]| [&u32::try_from(body.len()).unwrap().to_be_bytes()[1..], body].concat();
        let list: Vec<u8> = [&leaf, &authority.intermediate].iter().flat_map(|der| with_length(der)).collect();
        let hello = [&[3, 1][..], &[9; 32], &[0, 0, 0x35, 0]].concat();
        let messages =
            [&[2][..], &with_length(&hello), &[11], &with_length(&with_length(&list)), &[14, 0, 0, 0]].concat();
        let length = u16::try_from(messages.len()).unwrap().to_be_bytes();
        let at = blurts([&[22, 3, 1][..], &length, &messages].concat()).await;
        let seen = look(settings(&[(SITE, 443, at)], &[&authority.root])).await;
        assert!(matches!(seen.endpoints[0].fault(), Some(Fault::Protocol(_))), "{:?}", seen.endpoints[0].fault());
        assert_eq!(seen.endpoints[0].clear_text_chain, Some(0));
        assert_eq!(seen.chains[0].path, Path::Trusted);
        assert_eq!(states(&seen), ["no-tls-1-2-or-1-3"]);
    });
}

#[test]
fn a_second_old_version_is_asked_about_only_where_the_newer_one_is_taken() {
    run(async {
        // The newest that the server has of TLS 1.0 and 1.1, by its second number.
        for (newest, accepted, questions) in
            [(None, [false, false], 1), (Some(1), [true, false], 1), (Some(2), [true; 2], 2)]
        {
            let asked = Rc::new(AtomicUsize::new(0));
            let count = Rc::clone(&asked);
            let at = serve(move |mut stream| {
                let count = Rc::clone(&count);
                async move {
                    let mut hello = [0; 4096];
                    let _ = stream.read(&mut hello).await;
                    let offered = hello[10];
                    if offered < 3 {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                    let answer = match newest {
                        Some(newest) => {
                            let choice =
                                [&[2, 0, 0, 38, 3, offered.min(newest)][..], &[9; 32], &[0, 0, 0x35, 0]].concat();
                            [&[22, 3, 1, 0, 42][..], &choice].concat()
                        }
                        None => vec![21, 3, 1, 0, 2, 2, 70],
                    };
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                }
            })
            .await;
            let seen = look(settings(&[(SITE, 443, at)], &[])).await;
            let of = |version| {
                let legacy = seen.endpoints[0].legacy.iter().find(|it| it.version == version);
                legacy.unwrap().accepted == Saw::Seen(true)
            };
            assert_eq!([of(Version::Tls10), of(Version::Tls11)], accepted, "{newest:?}: {seen:#?}");
            assert_eq!(asked.load(Ordering::Relaxed), questions, "{newest:?}");
        }
    });
}

#[test]
fn noise_silence_and_closed_ports_are_observations() {
    run(async {
        let at = blurts(b"SSH-2.0-OpenSSH_9.2\r\n".to_vec()).await;
        let seen = look(settings(&[(SITE, 443, at)], &[])).await;
        assert!(matches!(seen.endpoints[0].fault(), Some(Fault::Protocol(_))));
        assert_eq!(states(&seen), ["tls-handshake-fails"]);

        // As much as fits in: each answer has a bound.
        let at = blurts([22, 3, 3, 0x40, 0].into_iter().chain([0xff; 0x4000]).cycle().take(1 << 20).collect()).await;
        let seen = look(settings(&[(SITE, 443, at)], &[])).await;
        assert!(seen.endpoints[0].fault().is_some());

        let at = blurts(Vec::new()).await;
        let seen = look(settings(&[(SITE, 443, at)], &[])).await;
        assert!(matches!(seen.endpoints[0].fault(), Some(Fault::Unseen(Unseen::Closed | Unseen::Reset))));

        let seen = look(settings(&[(SITE, 443, closed().await)], &[])).await;
        assert_eq!(seen.endpoints[0].port, Saw::Unseen(Unseen::Refused));
        assert_eq!(states(&seen), ["port-443-closed"]);

        let at = serve(|stream| async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(stream);
        })
        .await;
        let settings = Settings { deadline: Duration::from_millis(300), ..settings(&[(SITE, 443, at)], &[]) };
        let seen = look(settings).await;
        assert_eq!(seen.endpoints[0].fault(), Some(&Fault::Unseen(Unseen::Deadline)));
        assert_eq!(states(&seen), Vec::<String>::new(), "our own limit is nobody's fault");
    });
}

/// The authority's list with these serial numbers, signed at that day and good for a week.
fn list(issuer: &Issuer<'static, KeyPair>, serials: &[u8], day: u8) -> Vec<u8> {
    let revoked = serials.iter().map(|serial| RevokedCertParams {
        serial_number: vec![5, *serial].into(),
        revocation_time: date_time_ymd(2026, 11, 1),
        reason_code: None,
        invalidity_date: None,
    });
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2026, 11, day),
        next_update: date_time_ymd(2026, 11, day + 7),
        crl_number: 1.into(),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(issuer).unwrap().der().to_vec()
}

#[test]
fn only_a_list_that_its_issuer_signed_and_that_is_current_revokes() {
    run(async {
        let authority = Authority::new();
        let mut with_list = params(&["site.example", "www.site.example"], "site.example");
        with_list.serial_number = Some(vec![5, 9].into());
        with_list.crl_distribution_points =
            vec![CrlDistributionPoint { uris: vec![format!("http://{AUTHORITY}/list.crl")] }];
        let (leaf, key) = authority.issue(with_list);
        let at = https(rustls::ALL_VERSIONS, shows(vec![leaf, authority.intermediate.clone()], &key)).await;
        // Of the same name, with another key.
        let impostor = Authority::new();
        for (list, expected) in [
            (list(&authority.issuer, &[7, 9], 18), Some(true)),
            (list(&authority.issuer, &[7, 8], 18), Some(false)),
            (list(&impostor.issuer, &[9], 18), None),
            (list(&authority.issuer, &[9], 2), None),
            (b"<html>not here</html>".to_vec(), None),
            (vec![0x30; 3 << 20], None),
        ] {
            let web = serve(move |mut stream| {
                let list = list.clone();
                async move {
                    let _ = stream.read(&mut [0; 4096]).await;
                    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", list.len());
                    let _ = stream.write_all(head.as_bytes()).await;
                    let _ = stream.write_all(&list).await;
                }
            })
            .await;
            let session = Session::new(
                Native(tokio::time::Instant::now()),
                settings(&[(SITE, 443, at), (AUTHORITY, 80, web)], &[&authority.root]),
            );
            let client = Client::new(session.settings(), session.started());
            let mut endpoints = Vec::new();
            for host in ["site.example", "www.site.example"] {
                endpoints.push(tls::visit(&client, &session, &name(host), site()).await.0);
            }
            let seen = extras(&client, &session, endpoints).await;
            let before = session.connections();
            let told = tls::revocations(&client, &session, &seen).await;
            assert_eq!(session.connections() - before, 1, "one list for one certificate");
            assert_eq!(told.len(), 1);
            assert_eq!(told[0].revoked.seen().copied(), expected, "{:?}", told[0].revoked);
        }
    });
}

#[test]
fn finer_questions_are_few_and_answered() {
    run(async {
        let authority = Authority::new();
        let (leaf, key) = authority.leaf();
        for (versions, modern, hybrid) in [
            (rustls::ALL_VERSIONS, true, Some(Saw::Seen(false))),
            (&[&rustls::version::TLS12][..], true, None),
            (&[&rustls::version::TLS13][..], false, Some(Saw::Seen(false))),
        ] {
            let at = https(versions, shows(vec![leaf.clone(), authority.intermediate.clone()], &key)).await;
            let settings = settings(&[(SITE, 443, at)], &[&authority.root]);
            let session = Session::new(Native(tokio::time::Instant::now()), settings);
            let client = Client::new(session.settings(), session.started());
            let (endpoint, _) = tls::visit(&client, &session, &name("site.example"), site()).await;
            let seen = extras(&client, &session, vec![endpoint]).await;
            let before = session.connections();
            let closer = tls::closer(&client, &session, &seen).await.unwrap();
            let most = if modern { 6 } else { 7 };
            assert!(session.connections() - before <= most, "an ECDSA certificate needs no questions about RSA");
            let agreed: Vec<Suites> =
                closer.tried.iter().filter(|it| it.accepted == Saw::Seen(true)).map(|it| it.suites).collect();
            assert_eq!(agreed, if modern { vec![Suites::Modern] } else { vec![] });
            assert!(closer.tried.iter().all(|tried| tried.lacks.is_empty()), "{:?}", closer.tried);
            assert_eq!(closer.hybrid, hybrid, "ring knows no such exchange");
            assert_eq!(closer.any_name.unwrap().names, ["site.example", "www.site.example"]);
            assert!(
                matches!(closer.second, Some(Err(tls::Fault::Alert(_)))),
                "there is one certificate: {:?}",
                closer.second
            );
        }
    });
}

#[test]
fn what_a_server_chose_from_is_left_out_the_next_time() {
    const CBC: [u8; 2] = [0xc0, 0x13];
    const TRIPLE_DES: [u8; 2] = [0x00, 0x0a];
    const PLAIN_RSA: [u8; 2] = [0x00, 0x2f];
    const NEWER: [[u8; 2]; 2] = [[0xc0, 0x2b], [0x13, 0x01]];
    run(async {
        let authority = Authority::new();
        let (leaf, key) = authority.leaf();
        let chain = vec![leaf, authority.intermediate.clone()];
        for (has, hangs_up, questions, agreed) in [
            (&[][..], false, 1, &[][..]),
            (&[CBC], false, 2, &[Suites::Cbc]),
            (&[TRIPLE_DES], false, 2, &[Suites::Broken]),
            (&[TRIPLE_DES, PLAIN_RSA, CBC], false, 4, &[Suites::PlainRsa, Suites::Cbc, Suites::Broken]),
            // Somebody on the way takes offence at 3DES.
            (&[PLAIN_RSA, CBC], true, 5, &[Suites::PlainRsa, Suites::Cbc]),
        ] {
            let asked = Rc::new(AtomicUsize::new(0));
            let count = Rc::clone(&asked);
            let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_cert_resolver(shows(chain.clone(), &key));
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let at = serve(move |mut stream| {
                let (count, acceptor) = (Rc::clone(&count), acceptor.clone());
                async move {
                    let mut hello = [0; 4096];
                    let length = stream.peek(&mut hello).await.unwrap();
                    // After version, random and the session's id.
                    let at = 44 + usize::from(hello[43]);
                    let suites = usize::from(u16::from_be_bytes([hello[at], hello[at + 1]]));
                    let offered = hello.get(at + 2..(at + 2 + suites).min(length)).unwrap_or_default();
                    let offers = |suite: &[u8; 2]| offered.chunks(2).any(|it| it == suite);
                    if NEWER.iter().any(offers) {
                        let _ = acceptor.accept(stream).await;
                        return;
                    }
                    count.fetch_add(1, Ordering::Relaxed);
                    let _ = stream.read(&mut [0; 4096]).await;
                    if hangs_up && offers(&TRIPLE_DES) {
                        return;
                    }
                    let answer = match has.iter().find(|suite| offers(suite)) {
                        Some(suite) => {
                            let choice = [&[2, 0, 0, 38, 3, 3][..], &[9; 32], &[0], suite, &[0]].concat();
                            [&[22, 3, 3, 0, 42][..], &choice].concat()
                        }
                        None => vec![21, 3, 3, 0, 2, 2, 40],
                    };
                    let _ = stream.write_all(&answer).await;
                    let _ = stream.shutdown().await;
                }
            })
            .await;
            let settings = settings(&[(SITE, 443, at)], &[&authority.root]);
            let session = Session::new(Native(tokio::time::Instant::now()), settings);
            let client = Client::new(session.settings(), session.started());
            let (endpoint, _) = tls::visit(&client, &session, &name("site.example"), site()).await;
            // Without the chain it is not known that the key is not RSA.
            let seen = Observation { endpoints: vec![endpoint], ..extras(&client, &session, Vec::new()).await };
            asked.store(0, Ordering::Relaxed);
            let closer = tls::closer(&client, &session, &seen).await.unwrap();
            let accepted = closer.tried.iter().filter(|it| it.accepted == Saw::Seen(true)).map(|it| it.suites);
            assert!(accepted.filter(|it| *it != Suites::Modern).eq(agreed.iter().copied()), "{has:?}: {closer:#?}");
            assert_eq!(closer.tried.len(), 5, "{has:?}: {closer:#?}");
            assert_eq!(asked.load(Ordering::Relaxed), questions, "{has:?}");
        }
    });
}

#[test]
fn a_request_for_a_visitors_certificate_is_noted_and_declined() {
    run(async {
        let authority = Authority::new();
        let (leaf, key) = authority.leaf();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.root.clone()).unwrap();
        let optional =
            rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()
                .unwrap();
        for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
            let config = ServerConfig::builder_with_provider(Arc::clone(&provider))
                .with_protocol_versions(&[version])
                .unwrap()
                .with_client_cert_verifier(optional.clone())
                .with_cert_resolver(shows(vec![leaf.clone(), authority.intermediate.clone()], &key));
            let acceptor = TlsAcceptor::from(Arc::new(config));
            let at = serve(move |stream| {
                let acceptor = acceptor.clone();
                async move {
                    let _ = acceptor.accept(stream).await;
                }
            })
            .await;
            let seen = look(settings(&[(SITE, 443, at)], &[&authority.root])).await;
            assert!(seen.endpoints[0].shaken().unwrap().asks_client);
            assert!(states(&seen).contains(&"client-certificate-requested".to_owned()));
        }
    });
}

#[test]
fn trust_anchors_are_read_from_pem() {
    let p521 = include_str!("data/p521.pem");
    let two = format!("Some words\n{p521}\nmore words\n{p521}");
    assert_eq!(tls::certificates_from_pem(&two).unwrap().len(), 2);
    for (text, word) in [
        ("", "BEGIN CERTIFICATE"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "trust anchor"),
        ("-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n", "not PEM"),
    ] {
        let error = tls::certificates_from_pem(text).unwrap_err();
        assert!(error.contains(word), "{error}");
    }
    assert!(tls::certificates_from_pem(&two.repeat(2000)).is_err());
}
