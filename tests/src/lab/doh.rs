//! DNS over HTTPS (RFC 8484) over plain HTTP/1.1 in front of BIND, whose own speaks HTTP/2 only.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use base64ct::{Base64UrlUnpadded, Encoding};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, UdpSocket},
    time,
};

use super::names::Upstream;

/// The most bytes of a question.
const QUESTION_LIMIT: usize = 4096;

/// Bit TC in the third byte of a message: the answer was cut, ask again by TCP (RFC 1035 §4.1.1).
const TRUNCATED: u8 = 0x02;

const UPSTREAM_LIMIT: Duration = Duration::from_secs(3);

/// Type CAA (RFC 8659).
const CAA: u16 = 257;

/// Zones about which resolvers answer in another way.
#[derive(Debug, Clone)]
pub(super) struct Oddities {
    /// Questions for CAA are answered with an error.
    pub(super) refusing: Vec<String>,
    /// Aliases are followed and signatures checked.
    pub(super) resolved: Vec<String>,
    /// By whom.
    pub(super) resolver: Upstream,
}

/// Serves until the runtime ends; returns where.
pub(super) async fn serve(upstream: Upstream, oddities: Oddities) -> Result<SocketAddr> {
    let oddities = Arc::new(oddities);
    let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let oddities = Arc::clone(&oddities);
            tokio::spawn(async move {
                let service = service_fn(|request| answer(request, upstream, Arc::clone(&oddities)));
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(address)
}

async fn answer(
    request: Request<Incoming>,
    upstream: Upstream,
    oddities: Arc<Oddities>,
) -> Result<Response<Full<Bytes>>> {
    let question = match question(request).await {
        Ok(question) => question,
        Err(status) => return Ok(Response::builder().status(status).body(Full::default())?),
    };
    let asked = Asked::read(&question);
    let is_in = |zones: &[String]| asked.as_ref().is_some_and(|asked| asked.is_in(zones));
    let is_caa = asked.as_ref().is_some_and(|asked| asked.kind == CAA);
    let refusal =
        if is_caa && is_in(&oddities.refusing) { asked.as_ref().and_then(|it| it.failure(&question)) } else { None };
    let answered = match refusal {
        Some(failure) => Ok(failure),
        None if is_in(&oddities.resolved) => ask(&question, oddities.resolver).await,
        None => ask(&question, upstream).await,
    };
    match answered {
        Ok(message) => Ok(Response::builder()
            .header(header::CONTENT_TYPE, "application/dns-message")
            .header(header::CACHE_CONTROL, "max-age=0")
            .body(Full::new(message.into()))?),
        Err(error) => {
            Ok(Response::builder().status(StatusCode::BAD_GATEWAY).body(Full::new(error.to_string().into()))?)
        }
    }
}

/// The question of a message.
struct Asked {
    name: String,
    kind: u16,
    /// Where it ends.
    end: usize,
}

const HEADER: usize = 12;

impl Asked {
    fn read(message: &[u8]) -> Option<Asked> {
        let mut labels = Vec::new();
        let mut at = HEADER;
        loop {
            let length = usize::from(*message.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            labels.push(String::from_utf8_lossy(message.get(at..at + length)?).to_ascii_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]);
        Some(Asked { name: labels.join("."), kind, end: at + 4 })
    }

    fn is_in(&self, zones: &[String]) -> bool {
        zones.iter().any(|zone| self.name == *zone || self.name.ends_with(&format!(".{zone}")))
    }

    /// SERVFAIL for this question.
    fn failure(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut failure = message.get(..self.end)?.to_vec();
        // QR, RA and RCODE 2; the question alone, without the sender's EDNS record (RFC 1035 §4.1.1).
        let flags = [failure.get(2)? | 0x80, 0x82];
        failure.get_mut(2..4)?.copy_from_slice(&flags);
        failure.get_mut(6..HEADER)?.fill(0);
        Some(failure)
    }
}

async fn question(request: Request<Incoming>) -> Result<Vec<u8>, StatusCode> {
    if request.uri().path() != "/dns-query" {
        return Err(StatusCode::NOT_FOUND);
    }
    match *request.method() {
        Method::GET => {
            let query = request.uri().query().unwrap_or_default();
            let dns = query.split('&').find_map(|pair| pair.strip_prefix("dns=")).ok_or(StatusCode::BAD_REQUEST)?;
            Base64UrlUnpadded::decode_vec(dns).map_err(|_| StatusCode::BAD_REQUEST)
        }
        Method::POST => {
            let kind = request.headers().get(header::CONTENT_TYPE).map(|kind| kind.as_bytes());
            if kind != Some(b"application/dns-message") {
                return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE);
            }
            let body = Limited::new(request.into_body(), QUESTION_LIMIT).collect().await;
            body.map(|body| body.to_bytes().to_vec()).map_err(|_| StatusCode::PAYLOAD_TOO_LARGE)
        }
        _ => Err(StatusCode::METHOD_NOT_ALLOWED),
    }
}

async fn ask(question: &[u8], upstream: Upstream) -> Result<Vec<u8>> {
    ensure!(question.len() >= 12, "a DNS message has a header");
    let answer = time::timeout(UPSTREAM_LIMIT, by_udp(question, upstream)).await.context("BIND is silent")??;
    if answer.get(2).is_some_and(|flags| flags & TRUNCATED != 0) {
        return time::timeout(UPSTREAM_LIMIT, by_tcp(question, upstream)).await.context("BIND is silent")?;
    }
    Ok(answer)
}

async fn by_udp(question: &[u8], upstream: Upstream) -> Result<Vec<u8>> {
    let socket = UdpSocket::bind((upstream.from, 0)).await?;
    socket.connect(upstream.to).await?;
    socket.send(question).await?;
    let mut buffer = vec![0; 65_535];
    let length = socket.recv(&mut buffer).await?;
    buffer.truncate(length);
    Ok(buffer)
}

async fn by_tcp(question: &[u8], upstream: Upstream) -> Result<Vec<u8>> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((upstream.from, 0).into())?;
    let mut stream = socket.connect(upstream.to).await?;
    stream.write_all(&u16::try_from(question.len())?.to_be_bytes()).await?;
    stream.write_all(question).await?;
    let length = usize::from(stream.read_u16().await?);
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).await?;
    Ok(answer)
}
