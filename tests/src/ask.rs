//! Requests of a test's own: whom to ask, any method, any headers, the answer whole.

use std::{
    env,
    io::{self, Write},
    time::Duration,
};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// Longer than a check may take.
const LIMIT: Duration = Duration::from_secs(60);

/// The worker's address, when there is one to test: `cargo xtask test` starts it.
pub fn worker() -> Option<String> {
    address("LOCKSTEP_WORKER_URL")
}

/// The address of one with cache and limits as deployed.
pub fn deployed() -> Option<String> {
    address("LOCKSTEP_DEPLOYED_URL")
}

fn address(name: &str) -> Option<String> {
    let url = env::var(name).ok();
    if url.is_none() {
        // Past the test runner, which keeps back what a passing test prints.
        let _ = writeln!(io::stderr(), "not run: {name} is not set (cargo xtask test sets it)");
    }
    Some(url?.trim_end_matches('/').to_owned())
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: http::HeaderMap,
    /// The body, which has to be text.
    pub body: String,
}

impl Answer {
    /// A header field, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap_or_default()).unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Panics
    /// Where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// That this is the problem of this kind.
    ///
    /// # Panics
    /// Where it is not.
    pub fn is_problem(&self, status: u16, kind: &str) {
        let start: String = self.body.chars().take(300).collect();
        assert_eq!(self.status, status, "{start}");
        assert_eq!(self.json()["type"], format!("/problems/{kind}"), "{start}");
        assert_eq!(self.header("content-type"), "application/problem+json");
    }
}

/// One request of a test's own.
///
/// # Panics
/// Where there is no answer.
pub fn send(method: Method, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Answer {
    attempt(method, url, headers, body).unwrap()
}

/// The same where no answer is one, too.
///
/// # Errors
/// Why there is none.
pub fn attempt(method: Method, url: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let asking = exchange(method, url, headers, body.into());
    runtime.block_on(async { tokio::time::timeout(LIMIT, asking).await.with_context(|| url.to_owned())? })
}

async fn exchange(method: Method, url: &str, headers: &[(&str, &str)], body: Bytes) -> Result<Answer> {
    let uri: http::Uri = url.parse()?;
    let authority = uri.authority().context("a URL has a host")?.as_str();
    let stream = tokio::net::TcpStream::connect(authority).await.with_context(|| url.to_owned())?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = http::Request::builder().method(method).uri(path).header("host", authority);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender.send_request(request.body(Full::new(body))?).await?;
    let (head, body) = answer.into_parts();
    let body = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
    driver.abort();
    Ok(Answer { status: head.status, headers: head.headers, body })
}

/// The same without a body.
///
/// # Panics
/// Where there is no answer.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Answer {
    send(Method::GET, url, headers, "")
}
