//! A stand-in for the search service of the public certificate logs: what the lab's authority issued, as Cert Spotter
//! tells it (API version 1).

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

/// Serves until the runtime ends; returns the base URL.
///
/// `listed` are names and how they stand with the browsers' built-in list: it is asked about at the same place, as
/// hstspreload.org answers.
pub(super) async fn serve(logged: Vec<Logged>, listed: Vec<(String, String)>) -> Result<String> {
    let listener = TcpListener::bind((IpAddr::V4(Ipv4Addr::LOCALHOST), 0)).await?;
    let address: SocketAddr = listener.local_addr()?;
    let known = Arc::new((logged, listed));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let known = Arc::clone(&known);
            tokio::spawn(async move {
                let service = service_fn(|request| {
                    let answer = answer(&request, &known.0, &known.1);
                    async move { answer }
                });
                let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(format!("http://{address}"))
}

fn answer(
    request: &Request<Incoming>,
    logged: &[Logged],
    listed: &[(String, String)],
) -> Result<Response<Full<Bytes>>> {
    let query = request.uri().query().unwrap_or_default();
    let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
    let json = |body: serde_json::Value| -> Result<Response<Full<Bytes>>> {
        let body = serde_json::to_vec(&body)?;
        Ok(Response::builder().header(header::CONTENT_TYPE, "application/json").body(Full::new(body.into()))?)
    };
    let domain = match (value("domain"), request.uri().path()) {
        (Some(domain), "/v1/issuances") => domain,
        (Some(domain), "/api/v2/status") => {
            let status = listed.iter().find(|(name, _)| name == domain).map_or("unknown", |(_, status)| status);
            return json(json!({ "name": domain, "status": status, "bulk": false }));
        }
        _ => return Ok(Response::builder().status(StatusCode::NOT_FOUND).body(Full::default())?),
    };
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
    json(page.into())
}
