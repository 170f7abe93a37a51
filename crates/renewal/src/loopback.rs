//! A small web on loopback sockets for the probe's tests: both schemes, one answer function.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use domain::Time;
use network::{ConnectError, Dial, FetchError, Network, Request, Resolver, Response, Session, Settings};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The addresses that lead to the server under test.
pub(crate) const HERE: &str = "203.0.113.7";
pub(crate) const THERE: &str = "203.0.113.8";

type Fetch = Box<dyn Fn(&str) -> Result<(u16, String), FetchError>>;

pub(crate) struct Web {
    pub(crate) settings: Settings,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What the platform's fetch answers is a function of the URL.
pub(crate) struct Door(Fetch);

pub(crate) fn reply(status: u16, headers: &[&str], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

pub(crate) fn to(location: &str) -> Vec<u8> {
    reply(301, &[&format!("Location: {location}")], "")
}

impl Web {
    /// A server that answers `scheme host/path`; nothing at all is closing the connection.
    pub(crate) async fn new(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Web {
        let (answer, asked) = (Arc::new(answer), Arc::new(Mutex::new(Vec::new())));
        let http = listen(None, Arc::clone(&answer), Arc::clone(&asked)).await;
        let https = listen(Some(acceptor()), answer, Arc::clone(&asked)).await;
        let mut settings = Settings {
            resolvers: vec![Resolver { name: "Test".into(), url: "http://resolver/".into() }],
            allow: vec!["203.0.113.0/24".parse().unwrap()],
            ..Settings::default()
        };
        for address in [HERE, THERE] {
            let address: IpAddr = address.parse().unwrap();
            settings.dial.push(Dial { from: SocketAddr::new(address, 80), to: http });
            settings.dial.push(Dial { from: SocketAddr::new(address, 443), to: https });
        }
        Web { settings, asked }
    }

    pub(crate) fn session(&self) -> Session<Door> {
        session(self.settings.clone(), |_| Err(FetchError::Failed("no such page".into())))
    }

    pub(crate) fn client(&self) -> tls::Client {
        tls::Client::new(&self.settings, Time::from_unix(1_795_242_600))
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A session whose fetches are answered by a function of the URL.
pub(crate) fn session(
    settings: Settings,
    fetch: impl Fn(&str) -> Result<(u16, String), FetchError> + 'static,
) -> Session<Door> {
    Session::new(Door(Box::new(fetch)), settings)
}

async fn listen(
    tls: Option<tokio_rustls::TlsAcceptor>,
    answer: Arc<impl Fn(&str) -> Vec<u8> + Send + Sync + 'static>,
    asked: Arc<Mutex<Vec<String>>>,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (answer, asked, tls) = (Arc::clone(&answer), Arc::clone(&asked), tls.clone());
            tokio::spawn(async move {
                let answer = |url: &str| {
                    asked.lock().unwrap().push(url.to_owned());
                    answer(url)
                };
                match tls {
                    None => converse(stream, "http", answer).await,
                    Some(tls) => {
                        if let Ok(stream) = tls.accept(stream).await {
                            converse(stream, "https", answer).await;
                        }
                    }
                }
            });
        }
    });
    at
}

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, scheme: &str, answer: impl FnOnce(&str) -> Vec<u8>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let path = head.split(' ').nth(1).unwrap();
    let bytes = answer(&format!("{scheme} {host}{path}"));
    let _ = stream.write_all(&bytes).await;
    let _ = stream.shutdown().await;
}

fn acceptor() -> tokio_rustls::TlsAcceptor {
    let made = rcgen::generate_simple_self_signed(["example.com".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let chain = vec![CertificateDer::from(made.cert.der().to_vec())];
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    tokio_rustls::TlsAcceptor::from(Arc::new(config))
}

impl Network for Door {
    type Stream = TcpStream;

    async fn connect(&self, to: SocketAddr) -> Result<TcpStream, ConnectError> {
        TcpStream::connect(to).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => ConnectError::Refused,
            _ => ConnectError::Other(error.to_string()),
        })
    }

    async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        let (status, body) = (self.0)(&request.url)?;
        if body.len() > request.limit {
            return Err(FetchError::TooLong);
        }
        Ok(Response { status, headers: Vec::new(), body: body.into() })
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn now(&self) -> u64 {
        u64::try_from(UNIX_EPOCH.elapsed().unwrap_or_default().as_millis()).unwrap()
    }

    fn random(&self, buffer: &mut [u8]) {
        buffer.fill(0xa5);
    }
}
