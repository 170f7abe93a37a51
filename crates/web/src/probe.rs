//! The first look at an entrance: one request, one response.

use std::{cell::RefCell, collections::HashMap, net::IpAddr, time::Duration};

use bytes::Bytes;
use domain::{DomainName, HttpUrl, Scheme};
use network::{
    Held, Limits, Method, Network, Request, Saw, Session, Unseen,
    http::{self, Plain},
};
use tls::{Endpoint, Fault, Tunnel};

use crate::{Corner, Deep, Response, Via, pages::is_html, reading};

/// At most this many bytes of a first response are read.
pub(crate) const FIRST_LIMIT: usize = 64 * 1024;

/// What the platform may hand us of a page: it reads whole bodies and calls a longer one an error.
const FETCHED_LIMIT: usize = 4 * 1024 * 1024;

/// The pages that came whole with the first look, each with its URL and the address that showed it: for the rest of the
/// check, which need not ask for them again, and for nothing that is kept.
#[derive(Default)]
pub struct Fronts(RefCell<HashMap<Place, network::Response>>);

/// No address when the platform asked for us.
type Place = (HttpUrl, Option<IpAddr>);

impl Fronts {
    /// Reads what an entrance has shown since `began`, and keeps a page.
    fn read<N: Network>(
        &self,
        session: &Session<N>,
        url: &HttpUrl,
        address: Option<IpAddr>,
        raw: &network::Response,
        began: u64,
    ) -> Response {
        let millis = session.elapsed().saturating_sub(began);
        let is_over = |limit: Duration, since: u64| u128::from(since) >= limit.as_millis();
        let promised = raw.header("content-length").and_then(|length| length.trim().parse::<usize>().ok());
        let cut = raw.body.len() >= FIRST_LIMIT
            || promised.is_some_and(|length| length > raw.body.len())
            || is_over(Limits::EXCHANGE, millis)
            || is_over(session.settings().deadline, session.elapsed());
        if (200..300).contains(&raw.status) && is_html(raw.header("content-type")) && !cut {
            self.0.borrow_mut().insert((url.clone(), address), raw.clone());
        }
        reading::read(raw, millis)
    }

    /// What this address showed there, once.
    pub(crate) fn take(&self, url: &HttpUrl, address: Option<IpAddr>) -> Option<network::Response> {
        self.0.borrow_mut().remove(&(url.clone(), address))
    }
}

/// Asks for the front page over plain HTTP at one address.
pub async fn first_http<N: Network>(session: &Session<N>, host: &DomainName, door: &mut Plain<N>) -> Corner {
    let url = HttpUrl::root(Scheme::Http, host);
    let (port, first) = match door.open(session).await {
        Ok(()) => (Ok(()), plain_exchange(session, door, &url).await),
        Err(why) => (Err(why.clone()), Err(why)),
    };
    corner(Scheme::Http, host, door.address(), Via::Socket, port.into(), first.into())
}

/// Asks for the front page through a tunnel that [`tls::visit`] opened; without one the endpoint says why.
pub async fn first_https<N: Network>(
    session: &Session<N>,
    endpoint: &Endpoint,
    tunnel: Option<Tunnel<Held<N::Stream>>>,
    fronts: &Fronts,
) -> Corner {
    let url = HttpUrl::root(Scheme::Https, &endpoint.host);
    let first = match tunnel {
        Some(tunnel) => {
            let began = session.elapsed();
            let raw = http::get_within(session, Limits::EXCHANGE, tunnel, &url, &[], FIRST_LIMIT).await;
            let address = Some(endpoint.address);
            raw.map(|raw| fronts.read(session, &url, address, &raw, began))
        }
        None => Err(no_tunnel(endpoint)),
    };
    corner(Scheme::Https, &endpoint.host, endpoint.address, Via::Socket, endpoint.port.clone(), first.into())
}

/// The second-best look at an address that the platform cannot dial: its own fetch, which goes by name. Nothing is
/// known about the port or the certificate.
pub async fn via_fetch<N: Network>(
    session: &Session<N>,
    scheme: Scheme,
    host: &DomainName,
    address: IpAddr,
    fronts: &Fronts,
) -> Corner {
    let url = HttpUrl::root(scheme, host);
    let began = session.elapsed();
    let raw = fetch_raw(session, &url, &[]).await;
    let first = raw.map(|raw| fronts.read(session, &url, None, &raw, began));
    corner(scheme, host, address, Via::Fetch, Saw::Unseen(Unseen::PlatformCannot), first.into())
}

/// Asks for a path and query that nobody has, over plain HTTP: `/lockstep-<16 hex digits>/a?b=c%20d`.
pub async fn deep<N: Network>(session: &Session<N>, host: &DomainName, door: &mut Plain<N>) -> Deep {
    let url = HttpUrl::root(Scheme::Http, host).with_path(&format!("{}/a?b=c%20d", nobodys_path(session)));
    let first = match plain_exchange(session, door, &url).await {
        Err(Unseen::PlatformCannot) => fetch(session, &url, &[]).await.map(|(it, _)| it),
        answer => answer,
    };
    Deep { url, address: door.address(), first: first.into() }
}

/// Asks for the front page of a host that nobody has: `http://lockstep-<16 hex digits>.invalid/` (RFC 6761 §6.4). On a
/// connection of its own: some routers go by the first name of one.
pub async fn stranger<N: Network>(session: &Session<N>, address: IpAddr) -> Option<Deep> {
    let host: DomainName = format!("{}.invalid", nobodys_path(session).trim_start_matches('/')).parse().ok()?;
    let Corner { first, .. } = first_http(session, &host, &mut Plain::new(address)).await;
    Some(Deep { url: HttpUrl::root(Scheme::Http, &host), address, first })
}

/// `/lockstep-<16 hex digits>`.
pub(crate) fn nobodys_path<N: Network>(session: &Session<N>) -> String {
    format!("/lockstep-{}", session.nonce())
}

/// One exchange with port 80, over the connection that is open or a new one.
async fn plain_exchange<N: Network>(
    session: &Session<N>,
    door: &mut Plain<N>,
    url: &HttpUrl,
) -> Result<Response, Unseen> {
    door.open(session).await?;
    let began = session.elapsed();
    let raw = door.get(session, url, &[], FIRST_LIMIT).await?;
    Ok(reading::read(&raw, session.elapsed().saturating_sub(began)))
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
    let began = session.elapsed();
    let raw = fetch_raw(session, url, extra).await?;
    let millis = session.elapsed().saturating_sub(began);
    Ok((reading::read(&raw, millis), cookies(&raw)))
}

/// The same, as it came.
pub(crate) async fn fetch_raw<N: Network>(
    session: &Session<N>,
    url: &HttpUrl,
    extra: &[(&str, &str)],
) -> Result<network::Response, Unseen> {
    let target = match &session.settings().fetch_base {
        Some(base) => format!("{base}/{}/{}{}", url.scheme(), url.host(), url.path()),
        None => url.to_string(),
    };
    let agent = session.settings().user_agent();
    let own = [("user-agent", agent.as_str()), ("accept", "text/html,application/xhtml+xml,*/*;q=0.8")];
    let own = own.iter().filter(|(name, _)| !extra.iter().any(|(other, _)| other == name));
    let headers = own.chain(extra).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = Request { method: Method::Get, url: target, headers, body: Bytes::new(), limit: FETCHED_LIMIT };
    let raw = session.fetch(request, Limits::EXCHANGE).await?;
    if (520..=530).contains(&raw.status) {
        // The platform's words about its own attempt, not the site's.
        return Err(Unseen::Failed(format!(
            "Cloudflare has no answer from the server behind it: status {}",
            raw.status
        )));
    }
    Ok(raw)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loopback::{BEHIND_CDN, HERE, Reply, Web, address, name, reply, to};

    #[tokio::test(flavor = "current_thread")]
    async fn the_first_response_is_read_and_bounded() {
        let body = format!("<title>A &amp; B</title>{}", "x".repeat(200_000));
        let web = Web::new(move |_| {
            reply(
                200,
                &["Server: nginx", "Set-Cookie: session=s3cret; Secure", "Strict-Transport-Security: max-age=1"],
                &body,
            )
        })
        .await;
        let corner = first_http(&web.session(), &name("example.com"), &mut Plain::new(address(HERE))).await;
        assert_eq!((corner.port.seen(), corner.via), (Some(&()), Via::Socket));
        let first = corner.first.seen().unwrap();
        assert_eq!((first.status, first.length, first.title.as_deref()), (200, FIRST_LIMIT, Some("A & B")));
        assert_eq!((first.server.as_deref(), first.header("set-cookie")), (Some("nginx"), Some("session; Secure")));
        assert_eq!(first.hsts, ["max-age=1"]);
        assert_eq!(web.asked(), ["http example.com/"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn https_goes_through_the_tunnel() {
        let web = Web::new(|_| reply(204, &[], "")).await;
        let (session, client) = (web.session(), web.client());
        let (endpoint, tunnel) = tls::visit(&client, &session, &name("example.com"), address(HERE)).await;
        assert!(tunnel.is_some(), "{endpoint:?}");
        let corner = first_https(&session, &endpoint, tunnel, &Fronts::default()).await;
        assert_eq!(corner.first.seen().map(|first| first.status), Some(204));
        assert_eq!(web.asked(), ["https example.com/"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_closed_port_is_the_reason_for_port_and_response() {
        let mut web = Web::new(|_| Reply::Silence).await;
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        web.settings.dial.iter_mut().for_each(|dial| dial.to = closed);
        let (session, client) = (web.session(), web.client());
        let corner = first_http(&session, &name("example.com"), &mut Plain::new(address(HERE))).await;
        assert_eq!((corner.port.unseen(), corner.first.unseen()), (Some(&Unseen::Refused), Some(&Unseen::Refused)));
        let (endpoint, tunnel) = tls::visit(&client, &session, &name("example.com"), address(HERE)).await;
        let corner = first_https(&session, &endpoint, tunnel, &Fronts::default()).await;
        assert_eq!((corner.port.unseen(), corner.first.unseen()), (Some(&Unseen::Refused), Some(&Unseen::Refused)));
        let private = first_http(&session, &name("example.com"), &mut Plain::new(address("10.0.0.1"))).await;
        assert!(matches!(private.port.unseen(), Some(Unseen::NotAllowed(_))));
        assert!(web.dialled().iter().all(|to| *to == closed));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn slow_endless_and_odd_servers_end_in_words() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "http silent.test/" => Reply::Silence,
            "http drip.test/" => Reply::Drip,
            "http endless.test/" => Reply::Endless,
            "http garbage.test/" => Reply::Bytes(b"220 mail.example.com ESMTP\r\n".to_vec()),
            _ => Reply::Bytes(Vec::new()),
        })
        .await;
        let session = web.session();
        let ask = async |host: &str| first_http(&session, &name(host), &mut Plain::new(address(HERE))).await;
        assert_eq!(ask("silent.test").await.first.unseen(), Some(&Unseen::TimedOut));
        let drip = ask("drip.test").await.first;
        let drip = drip.seen().unwrap();
        assert!(drip.status == 200 && drip.length > 0 && drip.server.as_deref() == Some("slow"), "{drip:?}");
        assert_eq!(ask("endless.test").await.first.seen().map(|first| first.length), Some(FIRST_LIMIT));
        let garbage = ask("garbage.test").await;
        assert_eq!(garbage.first.unseen(), Some(&Unseen::Failed("the answer was not HTTP".into())));
        assert_eq!(garbage.port, Saw::Seen(()));
        assert_eq!(ask("closing.test").await.first.unseen(), Some(&Unseen::Closed));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_path_that_nobody_has_is_new_each_time() {
        let web = Web::new(|asked| to(&format!("https://{}", asked.url.trim_start_matches("http ")))).await;
        let session = web.session();
        let one = deep(&session, &name("example.com"), &mut Plain::new(address(HERE))).await;
        let two = deep(&session, &name("example.com"), &mut Plain::new(address(HERE))).await;
        assert_ne!(one.url, two.url);
        let path = one.url.path();
        let nonce = path.strip_prefix("/lockstep-").and_then(|rest| rest.strip_suffix("/a?b=c%20d")).unwrap();
        assert!(nonce.len() == 16 && nonce.bytes().all(|b| b.is_ascii_hexdigit()), "{path}");
        let location = one.first.seen().unwrap().location.clone().unwrap();
        assert_eq!(location, format!("https://example.com{path}"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_cannot_be_dialled_is_fetched_by_name() {
        let mut web = Web::new(|_| Reply::Silence)
            .await
            .with_page("https://example.com/", 200, &[("server", "cloudflare")])
            .with_page("https://down.example/", 522, &[])
            .with_page("http://stand.in/http/example.com/", 301, &[("location", "https://example.com/")]);
        let session = web.session();
        let corner =
            via_fetch(&session, Scheme::Https, &name("example.com"), address(BEHIND_CDN), &Fronts::default()).await;
        assert_eq!((corner.via, corner.port.unseen()), (Via::Fetch, Some(&Unseen::PlatformCannot)));
        assert_eq!(corner.first.seen().and_then(|first| first.title.as_deref()), Some("Fetched"));
        let down =
            via_fetch(&session, Scheme::Https, &name("down.example"), address(BEHIND_CDN), &Fronts::default()).await;
        assert!(matches!(down.first.unseen(), Some(Unseen::Failed(why)) if why.contains("522")));
        web.settings.fetch_base = Some("http://stand.in".into());
        let corner =
            via_fetch(&web.session(), Scheme::Http, &name("example.com"), address(BEHIND_CDN), &Fronts::default())
                .await;
        assert_eq!(corner.first.seen().map(|first| first.status), Some(301));
        assert!(web.dialled().is_empty());
    }
}
