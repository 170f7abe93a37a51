//! One request of a test's own to the worker, with everything that came back.

use std::time::Duration;

use anyhow::{Context, Result};
use http::{HeaderMap, Method, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;

/// Longer than any check may take.
const LIMIT: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// A header's value, empty when it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// What it is instead.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_str(&self.text).with_context(|| self.text.chars().take(300).collect::<String>())
    }
}

/// `GET` with these headers.
///
/// # Errors
/// There was no answer.
pub fn get(url: &str, headers: &[(&str, &str)]) -> Result<Answer> {
    send(Method::GET, url, headers, "")
}

/// Any request.
///
/// # Errors
/// There was no answer.
pub fn send(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        tokio::time::timeout(LIMIT, exchange(method, url, headers, body)).await.with_context(|| url.to_owned())?
    })
}

async fn exchange(method: Method, url: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
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
    let answer = sender.send_request(request.body(Full::new(bytes::Bytes::copy_from_slice(body.as_bytes())))?).await?;
    let (head, body) = answer.into_parts();
    let text = String::from_utf8(body.collect().await?.to_bytes().to_vec())?;
    driver.abort();
    Ok(Answer { status: head.status, headers: head.headers, text })
}
