//! A small web on loopback sockets for the probe's tests, and a door to it that writes down what was dialled.
//!
//! `203.0.113.7` and `203.0.113.8` are allowed and lead to the server under test; whatever else is dialled is real.

use std::{
    cell::RefCell,
    net::{IpAddr, SocketAddr},
    rc::Rc,
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use domain::{DomainName, Time};
use network::{ConnectError, Dial, FetchError, Network, Request, Resolver, Response, Session, Settings};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The addresses that lead to the server under test.
pub(crate) const HERE: &str = "203.0.113.7";
pub(crate) const THERE: &str = "203.0.113.8";

/// An address that the platform cannot dial.
pub(crate) const BEHIND_CDN: &str = "198.51.100.1";

/// How much faster than real time limits run out.
const HURRY: u32 = 20;

/// What the server does with a request.
pub(crate) enum Reply {
    /// Sends this and closes.
    Bytes(Vec<u8>),
    /// Sends a head and then one byte after another, slowly, for ever.
    Drip,
    /// Sends a head and then bytes for ever.
    Endless,
    /// Says nothing and stays.
    Silence,
}

/// A response with headers, `Location: /x` and the like, and a body.
pub(crate) fn reply(status: u16, headers: &[&str], body: &str) -> Reply {
    let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
    let length = body.len();
    Reply::Bytes(format!("HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n{body}").into_bytes())
}

/// A redirect.
pub(crate) fn to(location: &str) -> Reply {
    reply(301, &[&format!("Location: {location}")], "")
}

/// One request as the server saw it: `https example.com/path`, and its cookies.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) cookie: String,
}

/// The web: its door, and what was asked of its server.
pub(crate) struct Web {
    pub(crate) settings: Settings,
    pub(crate) door: Door,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// What the door is told and what it saw.
#[derive(Clone, Default)]
pub(crate) struct Door(Rc<Inner>);

#[derive(Default)]
struct Inner {
    dialled: RefCell<Vec<SocketAddr>>,
    fetched: RefCell<Vec<String>>,
    names: RefCell<Vec<(String, IpAddr)>>,
    pages: RefCell<Vec<Page>>,
}

/// A page that only the platform's fetch reaches.
struct Page {
    url: String,
    status: u16,
    headers: Vec<(String, String)>,
}

impl Web {
    /// A server that answers `scheme host/path` for both schemes.
    pub(crate) async fn new(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Web {
        let answer = Arc::new(answer);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let http = listen(None, Arc::clone(&answer), Arc::clone(&asked)).await;
        let https = listen(Some(acceptor()), answer, Arc::clone(&asked)).await;
        let mut settings = Settings {
            resolvers: vec![Resolver { name: "Test".into(), url: "http://resolver/".into() }],
            allow: vec!["203.0.113.0/24".parse().unwrap(), "198.51.100.0/24".parse().unwrap()],
            fetch_only: vec!["198.51.100.0/24".parse().unwrap()],
            deadline: Duration::from_secs(20),
            ..Settings::default()
        };
        for address in [HERE, THERE] {
            let address: IpAddr = address.parse().unwrap();
            settings.dial.push(Dial { from: SocketAddr::new(address, 80), to: http });
            settings.dial.push(Dial { from: SocketAddr::new(address, 443), to: https });
        }
        Web { settings, door: Door::default(), asked }
    }

    /// A name of another site and where DNS says it is.
    pub(crate) fn with_name(self, name: &str, address: &str) -> Web {
        self.door.0.names.borrow_mut().push((name.to_owned(), address.parse().unwrap()));
        self
    }

    /// A page that only the platform's fetch reaches.
    pub(crate) fn with_page(self, url: &str, status: u16, headers: &[(&str, &str)]) -> Web {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        self.door.0.pages.borrow_mut().push(Page { url: url.to_owned(), status, headers });
        self
    }

    pub(crate) fn session(&self) -> Session<Door> {
        Session::new(self.door.clone(), self.settings.clone())
    }

    pub(crate) fn client(&self) -> tls::Client {
        tls::Client::new(&self.settings, Time::from_unix(1_795_242_600))
    }

    /// What the server was asked for, in order.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|asked| asked.url.clone()).collect()
    }

    /// The addresses that were dialled.
    pub(crate) fn dialled(&self) -> Vec<SocketAddr> {
        self.door.0.dialled.borrow().clone()
    }

    /// The URLs that the platform was asked to fetch, names apart.
    pub(crate) fn fetched(&self) -> Vec<String> {
        self.door.0.fetched.borrow().clone()
    }
}

pub(crate) fn name(text: &str) -> DomainName {
    text.parse().unwrap()
}

pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

async fn listen(
    tls: Option<tokio_rustls::TlsAcceptor>,
    answer: Arc<impl Fn(&Asked) -> Reply + Send + Sync + 'static>,
    asked: Arc<Mutex<Vec<Asked>>>,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (answer, asked, tls) = (Arc::clone(&answer), Arc::clone(&asked), tls.clone());
            tokio::spawn(async move {
                let answer = |it: &Asked| {
                    asked.lock().unwrap().push(it.clone());
                    answer(it)
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

async fn converse(mut stream: impl AsyncRead + AsyncWrite + Unpin, scheme: &str, answer: impl Fn(&Asked) -> Reply) {
    while talk(&mut stream, scheme, &answer).await {}
}

/// One exchange; whether another may follow.
async fn talk(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    scheme: &str,
    answer: &impl Fn(&Asked) -> Reply,
) -> bool {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return false,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(&format!("{name}: ")));
        line.map(|line| line[name.len() + 2..].to_owned()).unwrap_or_default()
    };
    let path = head.split(' ').nth(1).unwrap();
    let asked = Asked { url: format!("{scheme} {}{path}", header("host")), cookie: header("cookie") };
    let open = b"HTTP/1.1 200 OK\r\nServer: slow\r\n\r\n";
    match answer(&asked) {
        Reply::Bytes(bytes) => {
            let _ = stream.write_all(&bytes).await;
            let says_close = bytes.windows(17).any(|window| window == b"Connection: close");
            if !says_close && !bytes.is_empty() && header("connection") != "close" {
                return true;
            }
            let _ = stream.shutdown().await;
        }
        Reply::Drip => {
            let _ = stream.write_all(open).await;
            while stream.write_all(b"x").await.is_ok() && stream.flush().await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Reply::Endless => {
            let _ = stream.write_all(open).await;
            while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
        }
        Reply::Silence => tokio::time::sleep(Duration::from_secs(60)).await,
    }
    false
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
        self.0.dialled.borrow_mut().push(to);
        TcpStream::connect(to).await.map_err(|error| match error.kind() {
            std::io::ErrorKind::ConnectionRefused => ConnectError::Refused,
            _ => ConnectError::Other(error.to_string()),
        })
    }

    async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        if request.url == "http://resolver/" {
            let body = resolve(&request.body, &self.0.names.borrow());
            let headers = vec![("content-type".into(), "application/dns-message".into())];
            return Ok(Response { status: 200, headers, body: body.into() });
        }
        self.0.fetched.borrow_mut().push(request.url.clone());
        match self.0.pages.borrow().iter().find(|page| page.url == request.url) {
            Some(Page { status, headers, .. }) => {
                Ok(Response { status: *status, headers: headers.clone(), body: "<title>Fetched</title>".into() })
            }
            None => Err(FetchError::Failed("no such page".into())),
        }
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration / HURRY).await;
    }

    fn now(&self) -> u64 {
        u64::try_from(UNIX_EPOCH.elapsed().unwrap_or_default().as_millis()).unwrap()
    }

    fn random(&self, buffer: &mut [u8]) {
        let seed = self.0.dialled.borrow().len();
        for (index, byte) in buffer.iter_mut().enumerate() {
            *byte = u8::try_from((seed * 31 + index * 7 + 1) % 256).unwrap();
        }
    }
}

/// A resolver's answer in wire format (RFC 1035 §4): the question back, and an A record if the name is known.
fn resolve(query: &[u8], names: &[(String, IpAddr)]) -> Vec<u8> {
    let (mut labels, mut at) = (Vec::new(), 12);
    while query[at] != 0 {
        let end = at + 1 + usize::from(query[at]);
        labels.push(String::from_utf8_lossy(&query[at + 1..end]).to_ascii_lowercase());
        at = end;
    }
    let question = &query[12..at + 5];
    let is_a = query[at + 2] == 1;
    let found = names.iter().find(|(name, _)| *name == labels.join("."));
    let octets = match found {
        Some((_, IpAddr::V4(address))) if is_a => Some(address.octets()),
        _ => None,
    };
    let mut answer = vec![query[0], query[1], 0x81, 0x80, 0, 1, 0, u8::from(octets.is_some()), 0, 0, 0, 0];
    answer.extend_from_slice(question);
    if let Some(octets) = octets {
        answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        answer.extend_from_slice(&octets);
    }
    answer
}
