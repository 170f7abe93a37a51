//! The explainer against the real nginx over TLS, where one is installed: which certificate is shown for which name, who
//! is refused in the handshake, and which server answers when the name in the handshake and the Host header differ.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking
#![allow(clippy::print_stderr)] // it says what was not run
#![allow(clippy::disallowed_methods)] // a real socket to a real server

use std::{
    collections::HashMap,
    fmt::Write as _,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use nginx::{Config, Fancy, Outcome, Request, Source, route};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::CryptoProvider,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

const NAMES: [&str; 10] = [
    "a.test",
    "b.test",
    "www.b.test",
    "deep.www.b.test",
    "c.test",
    "shop.c.test",
    "mail.any",
    "r1.test",
    "none.test",
    "d.test",
];

#[test]
fn certificates_and_servers_are_nginx_s() {
    if Command::new("nginx").arg("-v").output().is_err() {
        eprintln!("not run: no nginx on PATH");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scratch = folder.path().display().to_string();
    let mut made = HashMap::new();
    let mut certificate = |name: &str| {
        let pair = rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let path = format!("{scratch}/{name}.pem");
        std::fs::write(&path, pair.cert.pem()).unwrap();
        std::fs::write(format!("{scratch}/{name}.key"), pair.signing_key.serialize_pem()).unwrap();
        made.insert(path.clone(), pair.cert.der().to_vec());
        format!("ssl_certificate {path}; ssl_certificate_key {scratch}/{name}.key;")
    };
    let held: Vec<TcpListener> = (0..5).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap()).collect();
    let ports: Vec<u16> = held.iter().map(|one| one.local_addr().unwrap().port()).collect();
    drop(held);
    let mut text = format!(
        "daemon off;\nmaster_process off;\npid {scratch}/pid;\nerror_log {scratch}/log;\nevents {{}}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {scratch}/t1;\nproxy_temp_path {scratch}/t2;\nfastcgi_temp_path {scratch}/t3;\nuwsgi_temp_path {scratch}/t4;\nscgi_temp_path {scratch}/t5;\n\
         {}\n",
        certificate("outer.test")
    );
    // Names; default_server; refuses the handshake; a certificate of its own.
    let sets: [&[(&str, bool, bool, bool)]; 5] = [
        &[("a.test", false, false, true), (".b.test", false, false, true), ("*.c.test", false, false, false)],
        &[("none.test", true, true, false), ("a.test", false, false, true), ("~^r\\d\\.test$", false, false, true)],
        &[("b.test", false, false, true), ("mail.*", false, false, true), ("\"\"", true, false, true)],
        &[("a.test", false, false, true)],
        &[
            ("c.test", false, true, true),
            ("*.b.test", true, false, true),
            ("*.www.b.test", false, false, true),
            ("d.test", false, false, false),
        ],
    ];
    for (set, port) in sets.iter().zip(&ports) {
        for (at, (name, default, refuses, own)) in set.iter().enumerate() {
            let flag = if *default { " default_server" } else { "" };
            let _ = writeln!(text, "server {{\nlisten 127.0.0.1:{port} ssl{flag};\nserver_name {name};");
            if *refuses {
                text.push_str("ssl_reject_handshake on;\n");
            }
            if *own {
                let _ = writeln!(text, "{}", certificate(&format!("own-{port}-{at}.test")));
            }
            let _ = writeln!(text, "return 200 \"{port} {at} $host $ssl_server_name\";\n}}");
        }
    }
    // One that speaks plain HTTP.
    let plain = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let _ = writeln!(text, "server {{\nlisten 127.0.0.1:{plain};\nreturn 200 plain;\n}}\n}}");

    let file = folder.path().join("nginx.conf");
    std::fs::write(&file, &text).unwrap();
    let mut child = Command::new("nginx")
        .arg("-p")
        .arg(folder.path())
        .arg("-c")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, plain)).is_err() {
        assert!(start.elapsed() < Duration::from_secs(10) && child.try_wait().unwrap().is_none(), "{text}");
        std::thread::sleep(Duration::from_millis(20));
    }

    let config = Config::read(&[Source { name: "nginx.conf", text: &text }], None, true);
    let client = client();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for port in ports.iter().chain([&plain]) {
        for sni in NAMES {
            for host in NAMES {
                let mut request = Request::parse(&format!("https://{host}:{port}/")).unwrap();
                request.sni = Some(sni.to_owned());
                request.arrives_at = Some(Ipv4Addr::LOCALHOST.into());
                let way = route(&config, &request, &Fancy::default());
                let ours = match &way.outcome {
                    Outcome::Answer { body, .. } => {
                        let shown = made.get(way.certificate.as_deref().unwrap()).unwrap();
                        Some((shown.clone(), body.replace("$ssl_server_name", sni)))
                    }
                    Outcome::HandshakeFails { .. } => None,
                    other => panic!("{other:?}"),
                };
                let theirs = ask(&client, *port, sni, host);
                asked += 1;
                if ours != theirs {
                    let said = |it: Option<(Vec<u8>, String)>| it.map(|(_, body)| body);
                    wrong.push(format!("{sni} {host}:{port}: {:?}, nginx {:?}", said(ours), said(theirs)));
                }
            }
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    assert!(wrong.is_empty(), "{} of {asked} differ:\n{}\n{text}", wrong.len(), wrong.join("\n"));
}

/// The certificate that is shown, and the answer; `None` when the handshake fails.
fn ask(client: &Arc<ClientConfig>, port: u16, sni: &str, host: &str) -> Option<(Vec<u8>, String)> {
    let name = ServerName::try_from(sni.to_owned()).unwrap();
    let mut connection = ClientConnection::new(client.clone(), name).unwrap();
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    socket.set_nodelay(true).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    while connection.is_handshaking() {
        connection.complete_io(&mut socket).ok()?;
    }
    let shown = connection.peer_certificates()?.first()?.to_vec();
    let mut stream = StreamOwned::new(connection, socket);
    write!(stream, "GET / HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    Some((shown, answer.split("\r\n\r\n").nth(1)?.to_owned()))
}

fn client() -> Arc<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anything(provider)))
        .with_no_client_auth();
    Arc::new(config)
}

/// Which certificate is shown is what is asked here, not whether it is good.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
