//! A stand-in for the search service of the public certificate logs: what the lab's authority issued, as Cert Spotter
//! tells it (API version 1). And for the authority's own word on renewal, as RFC 9773 has it.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};

use anyhow::Result;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;

/// One logged certificate.
#[derive(Debug, Clone)]
pub(super) struct Logged {
    /// Subject alternative names.
    pub(super) names: Vec<String>,
    /// The issuer's distinguished name.
    pub(super) issuer: String,
    /// Valid from, RFC 3339.
    pub(super) not_before: String,
    /// Valid until, RFC 3339.
    pub(super) not_after: String,
    /// Whether it is known to be revoked.
    pub(super) revoked: bool,
}

impl Logged {
    fn is_below(&self, domain: &str) -> bool {
        self.names.iter().any(|name| name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')))
    }

    fn covers(&self, domain: &str) -> bool {
        let wildcard = domain.split_once('.').map(|(_, parent)| format!("*.{parent}"));
        self.names.iter().any(|name| name == domain || Some(name) == wildcard.as_ref())
    }
}

/// When a certificate should be renewed.
#[derive(Debug, Clone)]
pub(super) struct Renewable {
    /// The serial number's bytes.
    pub(super) serial: Vec<u8>,
    /// From when, RFC 3339.
    pub(super) start: String,
    /// Until when, RFC 3339.
    pub(super) end: String,
    /// A page that says why.
    pub(super) explanation: Option<String>,
}

/// Where the authority's directory is, below the base URL.
pub(super) const DIRECTORY: &str = "/directory";

/// Serves until the runtime ends; returns the base URL.
///
/// `listed` are names and how they stand with the browsers' built-in list: it is asked about at the same place, as
/// hstspreload.org answers.
pub(super) async fn serve(
    logged: Vec<Logged>,
    listed: Vec<(String, String)>,
    renewable: Vec<Renewable>,
) -> Result<String> {
    let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await?;
    let address: SocketAddr = listener.local_addr()?;
    let known = Arc::new((logged, listed, renewable));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let known = Arc::clone(&known);
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let answer = match request.uri().path() {
                        "/v1/issuances" => answer(&request, &known.0),
                        "/api/v2/status" => status(&request, &known.1),
                        path => renewal(path, address, &known.2),
                    };
                    async move { answer }
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(format!("http://{address}"))
}

fn answer(request: &Request<Incoming>, logged: &[Logged]) -> Result<Response<Full<Bytes>>> {
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let Some(domain) = value("domain") else { return nothing() };
    let below = value("include_subdomains") == Some("true");
    // Oldest first; everything fits on the first page, and an empty page is the last.
    let mut found: Vec<&Logged> =
        logged.iter().filter(|it| it.covers(domain) || (below && it.is_below(domain))).collect();
    found.sort_by_key(|logged| &logged.not_before);
    if value("after").is_some() {
        found.clear();
    }
    let page: Vec<_> = found
        .iter()
        .enumerate()
        .map(|(index, logged)| {
            json!({
                "id": (index + 1).to_string(),
                "dns_names": logged.names,
                "issuer": { "name": logged.issuer },
                "not_before": logged.not_before,
                "not_after": logged.not_after,
                "revoked": logged.revoked,
            })
        })
        .collect();
    said(&page)
}

/// How a name stands with the browsers' built-in list, in the form of hstspreload.org.
fn status(request: &Request<Incoming>, listed: &[(String, String)]) -> Result<Response<Full<Bytes>>> {
    let query = request.uri().query().unwrap_or_default();
    let Some(domain) = query.split('&').find_map(|pair| pair.strip_prefix("domain=")) else { return nothing() };
    let status = listed.iter().find(|(name, _)| name == domain).map_or("unknown", |(_, status)| status);
    said(&json!({ "name": domain, "status": status, "bulk": false }))
}

/// The directory (RFC 8555 §7.1.1), and the time to renew the certificate whose serial number ends the path (RFC 9773
/// §4.1).
fn renewal(path: &str, at: SocketAddr, renewable: &[Renewable]) -> Result<Response<Full<Bytes>>> {
    if path == DIRECTORY {
        return said(
            &json!({ "newOrder": format!("http://{at}/new-order"), "renewalInfo": format!("http://{at}/renewal-info") }),
        );
    }
    let serial = path.strip_prefix("/renewal-info/").and_then(|id| id.split_once('.')).map(|(_, serial)| serial);
    let known = |it: &&Renewable| serial.is_some_and(|serial| serial == base64url(&it.serial));
    let Some(it) = renewable.iter().find(known) else { return nothing() };
    let mut told = json!({ "suggestedWindow": { "start": it.start, "end": it.end } });
    if let (Some(told), Some(why)) = (told.as_object_mut(), &it.explanation) {
        told.insert("explanationURL".into(), why.as_str().into());
    }
    said(&told)
}

fn base64url(bytes: &[u8]) -> String {
    <base64ct::Base64UrlUnpadded as base64ct::Encoding>::encode_string(bytes)
}

fn said(value: &impl serde::Serialize) -> Result<Response<Full<Bytes>>> {
    let body = serde_json::to_vec(value)?;
    Ok(Response::builder().header(header::CONTENT_TYPE, "application/json").body(Full::new(body.into()))?)
}

fn nothing() -> Result<Response<Full<Bytes>>> {
    Ok(Response::builder().status(StatusCode::NOT_FOUND).body(Full::default())?)
}
