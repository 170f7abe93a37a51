//! The first look at an entrance: one request, one response.

use std::net::IpAddr;

use bytes::Bytes;
use domain::{DomainName, HttpUrl, Scheme};
use network::{Held, Limits, Method, Network, Purpose, Request, Saw, Session, Unseen, http};
use tls::{Endpoint, Fault, Tunnel};

use crate::{Corner, Deep, Response, Via, reading};

/// At most this many bytes of a first response are read.
const FIRST_LIMIT: usize = 64 * 1024;

/// What the platform may hand us of a page: it reads whole bodies and calls a longer one an error.
const FETCHED_LIMIT: usize = 4 * 1024 * 1024;

/// Asks for the front page over plain HTTP at one address.
pub async fn first_http<N: Network>(session: &Session<N>, host: &DomainName, address: IpAddr) -> Corner {
    let url = HttpUrl::root(Scheme::Http, host);
    let (port, first) = match session.connect(address, Purpose::Http).await {
        Ok(stream) => (Ok(()), exchange(session, stream, &url, &[], FIRST_LIMIT).await.map(|(it, _)| it)),
        Err(why) => (Err(why.clone()), Err(why)),
    };
    corner(Scheme::Http, host, address, Via::Socket, port.into(), first.into())
}

/// Asks for the front page through a tunnel that [`tls::visit`] opened; without one the endpoint says why.
pub async fn first_https<N: Network>(
    session: &Session<N>,
    endpoint: &Endpoint,
    tunnel: Option<Tunnel<Held<N::Stream>>>,
) -> Corner {
    let url = HttpUrl::root(Scheme::Https, &endpoint.host);
    let first = match tunnel {
        Some(tunnel) => exchange(session, tunnel, &url, &[], FIRST_LIMIT).await.map(|(it, _)| it),
        None => Err(no_tunnel(endpoint)),
    };
    corner(Scheme::Https, &endpoint.host, endpoint.address, Via::Socket, endpoint.port.clone(), first.into())
}

/// The second-best look at an address that the platform cannot dial: its own fetch, which goes by name. Nothing is
/// known about the port or the certificate.
pub async fn via_fetch<N: Network>(session: &Session<N>, scheme: Scheme, host: &DomainName, address: IpAddr) -> Corner {
    let first = fetch(session, &HttpUrl::root(scheme, host), &[]).await.map(|(it, _)| it);
    corner(scheme, host, address, Via::Fetch, Saw::Unseen(Unseen::PlatformCannot), first.into())
}

/// Asks for a path and query that nobody has, over plain HTTP: `/lockstep-<16 hex digits>/a?b=c%20d`.
pub async fn deep<N: Network>(session: &Session<N>, host: &DomainName, address: IpAddr) -> Deep {
    let mut nonce = [0; 8];
    session.random(&mut nonce);
    let nonce: String = nonce.iter().map(|byte| format!("{byte:02x}")).collect();
    let url = HttpUrl::root(Scheme::Http, host).with_path(&format!("/lockstep-{nonce}/a?b=c%20d"));
    let first = match session.connect(address, Purpose::Http).await {
        Ok(stream) => exchange(session, stream, &url, &[], FIRST_LIMIT).await,
        Err(Unseen::PlatformCannot) => fetch(session, &url, &[]).await,
        Err(why) => Err(why),
    };
    Deep { url, address, first: first.map(|(it, _)| it).into() }
}

/// The values of `Set-Cookie`, for a walk that needs them; they are never kept.
pub(crate) type Cookies = Vec<String>;

/// One exchange over an open stream.
pub(crate) async fn exchange<N: Network, S>(
    session: &Session<N>,
    stream: S,
    url: &HttpUrl,
    extra: &[(&str, &str)],
    limit: usize,
) -> Result<(Response, Cookies), Unseen>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + 'static,
{
    let began = session.elapsed();
    let raw = http::get_within(session, Limits::EXCHANGE, stream, url, extra, limit).await?;
    let millis = session.elapsed().saturating_sub(began);
    Ok((reading::read(&raw, millis), cookies(&raw)))
}

/// One exchange by the platform's fetch, for hosts whose addresses cannot be dialled.
pub(crate) async fn fetch<N: Network>(
    session: &Session<N>,
    url: &HttpUrl,
    extra: &[(&str, &str)],
) -> Result<(Response, Cookies), Unseen> {
    let target = match &session.settings().fetch_base {
        Some(base) => format!("{base}/{}/{}{}", url.scheme(), url.host(), url.path()),
        None => url.to_string(),
    };
    let own = [("user-agent", http::USER_AGENT), ("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let headers = own.iter().chain(extra).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = Request { method: Method::Get, url: target, headers, body: Bytes::new(), limit: FETCHED_LIMIT };
    let began = session.elapsed();
    let raw = session.fetch(request, Limits::EXCHANGE).await?;
    if (520..=530).contains(&raw.status) {
        // The platform's words about its own attempt, not the site's.
        return Err(Unseen::Failed(format!(
            "Cloudflare has no answer from the server behind it: status {}",
            raw.status
        )));
    }
    let millis = session.elapsed().saturating_sub(began);
    Ok((reading::read(&raw, millis), cookies(&raw)))
}

/// Why there is no tunnel through this endpoint.
pub(crate) fn no_tunnel(endpoint: &Endpoint) -> Unseen {
    match (endpoint.port.unseen(), endpoint.fault()) {
        (Some(why), _) | (None, Some(Fault::Unseen(why))) => why.clone(),
        (None, Some(Fault::PlainHttp)) => Unseen::Failed("the server speaks plain HTTP there".into()),
        (None, Some(Fault::Alert(_) | Fault::Protocol(_)) | None) => {
            Unseen::Failed("no secure connection came about".into())
        }
    }
}

fn cookies(raw: &network::Response) -> Cookies {
    raw.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value.clone()).collect()
}

fn corner(scheme: Scheme, host: &DomainName, address: IpAddr, via: Via, port: Saw<()>, first: Saw<Response>) -> Corner {
    Corner { scheme, host: host.clone(), address, via, port, first, trail: None }
}
