//! The certificate that a server left out, from where the one below it says it is (RFC 5280 §4.2.2.1).

use std::{collections::HashMap, net::IpAddr, time::Duration};

use domain::{DomainName, HttpUrl, Scheme};
use network::{Family, Method, Network, Purpose, Request, Response, Session, Unseen, http};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use tokio::sync::Mutex;

use super::certificate;

/// The most bytes of an answer: certificates have one to three thousand.
const LIMIT: usize = 64 * 1024;

/// How long one fetch may take.
const PATIENCE: Duration = Duration::from_secs(4);

/// How many addresses of a host are tried.
const ADDRESSES: usize = 2;

/// The certificates fetched in one check, each once. The lock is held while one is fetched: chains of one site mostly
/// name the same.
#[derive(Default)]
pub(crate) struct Fetches(Mutex<HashMap<String, Result<CertificateDer<'static>, String>>>);

impl Fetches {
    /// The certificate at a URL.
    ///
    /// # Errors
    /// Why there is none, in words.
    pub(super) async fn certificate<N: Network>(
        &self,
        session: &Session<N>,
        url: &str,
    ) -> Result<CertificateDer<'static>, String> {
        let mut known = self.0.lock().await;
        if let Some(result) = known.get(url) {
            return result.clone();
        }
        let result = fetch(session, url).await;
        known.insert(url.to_owned(), result.clone());
        result
    }
}

async fn fetch<N: Network>(session: &Session<N>, url: &str) -> Result<CertificateDer<'static>, String> {
    let body = document(session, url, LIMIT).await?;
    let der = match CertificateDer::from_pem_slice(&body) {
        Ok(der) => der,
        Err(_) => CertificateDer::from(body),
    };
    match certificate::read(&der, &[]).unreadable {
        Some(_) => Err("what is there is not a certificate".into()),
        None => Ok(der),
    }
}

/// What is at an authority's URL, over one redirect at most.
///
/// # Errors
/// Why there is nothing, in words.
pub(super) async fn document<N: Network>(session: &Session<N>, url: &str, limit: usize) -> Result<Vec<u8>, String> {
    let mut url = plain(HttpUrl::parse(url))?;
    let mut response = get(session, &url, limit).await?;
    if let (301 | 302 | 303 | 307 | 308, Some(location)) = (response.status, response.header("location")) {
        url = plain(url.join(location))?;
        response = get(session, &url, limit).await?;
    }
    match response.status {
        200 => Ok(response.body.to_vec()),
        status => Err(format!("HTTP status {status}")),
    }
}

/// Plain HTTP on port 80: no certificate is needed to fetch one.
fn plain(url: Option<HttpUrl>) -> Result<HttpUrl, String> {
    url.filter(|url| url.scheme() == Scheme::Http && url.explicit_port().is_none())
        .ok_or_else(|| "this is not an http address on port 80".into())
}

async fn get<N: Network>(session: &Session<N>, url: &HttpUrl, limit: usize) -> Result<Response, String> {
    if let Some(address) = url.address() {
        return get_at(session, url, address, limit).await.map_err(|why| why.clause());
    }
    let host: DomainName = url.host().parse().map_err(|_| "this is not a host name".to_owned())?;
    let mut why = None;
    let mut left = ADDRESSES;
    // Authorities have both families: the second is asked about where the first led to nothing.
    for family in [Family::V4, Family::V6] {
        let addresses = match dns::addresses_in(session, &host, family).await {
            Ok(addresses) => addresses,
            Err(error) => {
                why.get_or_insert(error);
                continue;
            }
        };
        for address in addresses.into_iter().take(left) {
            match get_at(session, url, address, limit).await {
                Ok(response) => return Ok(response),
                Err(error) => why = Some(error),
            }
            left -= 1;
        }
        if left == 0 {
            break;
        }
    }
    Err(why.map_or_else(|| "the name has no address".to_owned(), |why| why.clause()))
}

async fn get_at<N: Network>(
    session: &Session<N>,
    url: &HttpUrl,
    address: IpAddr,
    limit: usize,
) -> Result<Response, Unseen> {
    if session.is_fetch_only(address) {
        return session.fetch(by_name(session, url, limit), PATIENCE).await;
    }
    let stream = session.connect(address, Purpose::Http).await?;
    let agent = session.settings().user_agent();
    let headers = [("user-agent", agent.as_str())];
    session.within(PATIENCE, http::get(stream, url, &headers, limit)).await?
}

/// The way to addresses that the platform cannot dial. The URL's address has passed the guard's list of such ranges.
fn by_name<N: Network>(session: &Session<N>, url: &HttpUrl, limit: usize) -> Request {
    let url = match &session.settings().fetch_base {
        Some(base) => format!("{base}/{}/{}{}", url.scheme(), url.host(), url.path()),
        None => url.to_string(),
    };
    Request { method: Method::Get, url, headers: Vec::new(), body: Default::default(), limit }
}
