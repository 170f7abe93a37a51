//! The tokio side of the door: sockets and fetch of an ordinary computer.

use std::{
    cell::RefCell,
    collections::HashSet,
    io,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use network::{ConnectError, FetchError, Method, Network, Request, Response};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;

/// The network of this computer. One thread, like the edge.
pub struct Native {
    client: reqwest::Client,
    prior_knowledge: reqwest::Client,
    /// Plain-http services that turned out to speak HTTP/2 only.
    http2_only: RefCell<HashSet<String>>,
}

impl Native {
    /// Trusts Mozilla's roots and the given anchors for fetching; sites are judged elsewhere.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up, in its own words.
    pub fn new(trust: &[Vec<u8>]) -> Result<Native, String> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        roots.add_parsable_certificates(trust.iter().map(|der| der.clone().into()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let builder = |mut config: ClientConfig, alpn: &[&str]| {
            config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
            reqwest::Client::builder()
                .tls_backend_preconfigured(config)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .user_agent(network::http::USER_AGENT)
        };
        let client = builder(config.clone(), &["h2", "http/1.1"]).build().map_err(|error| error.to_string())?;
        let prior_knowledge =
            builder(config, &["h2"]).http2_prior_knowledge().build().map_err(|error| error.to_string())?;
        Ok(Native { client, prior_knowledge, http2_only: RefCell::default() })
    }
}

impl Network for Native {
    type Stream = TcpStream;

    async fn connect(&self, to: SocketAddr) -> Result<TcpStream, ConnectError> {
        let stream = TcpStream::connect(to).await.map_err(|error| match error.kind() {
            io::ErrorKind::ConnectionRefused => ConnectError::Refused,
            io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => ConnectError::Reset,
            io::ErrorKind::TimedOut => ConnectError::TimedOut,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::AddrNotAvailable => {
                ConnectError::Unreachable
            }
            _ => ConnectError::Other(error.to_string()),
        })?;
        // Small writes (a ClientHello, a request) should leave at once.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }

    /// HTTP/1.1 and HTTP/2 by ALPN; on plain `http://` 1.1 first, then HTTP/2 with prior knowledge.
    async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        let plain = request.url.starts_with("http://");
        if plain && self.http2_only.borrow().contains(&request.url) {
            return exchange(&self.prior_knowledge, &request).await;
        }
        match exchange(&self.client, &request).await {
            Err(FetchError::Failed(first)) if plain => match exchange(&self.prior_knowledge, &request).await {
                Ok(response) => {
                    self.http2_only.borrow_mut().insert(request.url);
                    Ok(response)
                }
                Err(_) => Err(FetchError::Failed(first)),
            },
            other => other,
        }
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    #[expect(clippy::disallowed_methods, reason = "this is the native side of the door, where the clock comes from")]
    fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn random(&self, buffer: &mut [u8]) {
        // Without randomness the nonces are predictable, which only makes a redirect probe guessable.
        let _ = getrandom::fill(buffer);
    }
}

async fn exchange(client: &reqwest::Client, request: &Request) -> Result<Response, FetchError> {
    let failed = |error: reqwest::Error| FetchError::Failed(innermost(&error));
    let mut builder = match request.method {
        Method::Get => client.get(&request.url),
        Method::Post => client.post(&request.url).body(request.body.clone()),
    };
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let mut response = builder.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > request.limit {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body: body.into() })
}

/// The cause at the bottom of the chain: "connection refused" rather than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
