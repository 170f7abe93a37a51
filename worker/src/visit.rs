//! One request of a visitor, and the ways to answer it.

use std::rc::Rc;

use futures_util::{Stream, StreamExt};
use worker::{Context, Env, Request, Response, ResponseBuilder, Url};

use crate::{client, error::ApiError};

/// A request with what the routes need of it.
pub(crate) struct Visit {
    pub(crate) request: Request,
    pub(crate) env: Env,
    pub(crate) context: Rc<Context>,
    pub(crate) url: Url,
}

/// What a route gives back.
pub(crate) type Answer = Result<Response, ApiError>;

impl Visit {
    pub(crate) fn new(request: Request, env: Env, context: Context) -> Result<Visit, ApiError> {
        let mut url = request.url()?;
        // Behind a web server that ends TLS. Whoever claims it falsely is told addresses that do not work, and nobody else.
        if request.headers().get("x-forwarded-proto")?.as_deref() == Some("https") {
            let _ = url.set_scheme("https");
        }
        Ok(Visit { request, env, context: Rc::new(context), url })
    }

    /// A header's value, empty when it is missing.
    pub(crate) fn header(&self, name: &str) -> String {
        self.request.headers().get(name).ok().flatten().unwrap_or_default()
    }

    /// The first value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Every value of a query parameter.
    pub(crate) fn queries(&self, name: &str) -> Vec<String> {
        self.url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// Whether this visitor reads plain text.
    pub(crate) fn wants_text(&self) -> bool {
        client::wants_text(&self.header("accept"), &self.header("user-agent"))
    }

    /// Where this worker lives: `https://lockstep.example`.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Whether what was seen a moment ago will not do: `fresh=1`, or `Cache-Control: no-cache` (RFC 9111 §5.2.1.4).
    pub(crate) fn wants_fresh(&self) -> bool {
        self.query("fresh").as_deref() == Some("1") || client::wants_fresh(&self.header("cache-control"))
    }

    /// Whether whoever asks has what this tag stands for (RFC 9110 §13.1.2).
    pub(crate) fn has(&self, tag: &str) -> bool {
        let known = self.header("if-none-match");
        !tag.is_empty() && known.split(',').any(|it| it.trim().trim_start_matches("W/") == tag)
    }

    /// Whether only the head of the answer is asked for.
    pub(crate) fn is_head(&self) -> bool {
        self.request.method() == worker::Method::Head
    }
}

/// Headers of every answer that is not a file: not stored, not sniffed, not framed, different for different readers.
fn headers(builder: ResponseBuilder, content_type: &str) -> worker::Result<ResponseBuilder> {
    builder
        .with_header("content-type", content_type)?
        .with_header("cache-control", "no-store")?
        .with_header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")?
        .with_header("referrer-policy", "no-referrer")?
        .with_header("vary", "accept, user-agent")?
        .with_header("x-content-type-options", "nosniff")
}

/// Lets any page read the answer: it is public and carries no one's identity.
fn public(builder: ResponseBuilder) -> worker::Result<ResponseBuilder> {
    builder
        .with_header("access-control-allow-origin", "*")?
        .with_header("access-control-expose-headers", "age, etag, ratelimit-policy, retry-after")
}

/// An answer of the API.
pub(crate) fn api(content_type: &str, body: Vec<u8>) -> Answer {
    Ok(public(headers(Response::builder(), content_type)?)?.fixed(body))
}

/// An answer of the API that was made so many seconds ago.
pub(crate) fn api_known(content_type: &str, age: u64, body: String) -> Answer {
    let builder = public(headers(Response::builder(), content_type)?)?.with_header("age", &age.to_string())?;
    Ok(builder.fixed(body.into_bytes()))
}

/// An answer that others may keep for so many seconds and ask about by this tag, if it has one; pictures and calendars
/// are shown anywhere.
pub(crate) fn kept(content_type: &str, seconds: u32, tag: &str, body: String) -> Answer {
    let builder = public(headers(Response::builder(), content_type)?)?
        .with_header("cache-control", &format!("public, max-age={seconds}"))?
        .with_header("cross-origin-resource-policy", "cross-origin")?
        .with_header("x-robots-tag", "noindex")?;
    let builder = if tag.is_empty() { builder } else { builder.with_header("etag", tag)? };
    Ok(builder.fixed(body.into_bytes()))
}

/// Whoever asks has it already (RFC 9110 §15.4.5).
pub(crate) fn not_changed(tag: &str) -> Answer {
    Ok(public(Response::builder().with_status(304))?.with_header("etag", tag)?.empty())
}

/// The most pieces that are sent as one. What is told in one turn is one: each costs the platform a turn of its own.
const AT_ONCE: usize = 64;

/// An answer of the API that arrives in pieces.
pub(crate) fn api_stream(content_type: &str, pieces: impl Stream<Item = Vec<u8>> + 'static) -> Answer {
    let pieces = pieces.ready_chunks(AT_ONCE).map(|pieces| Ok::<_, worker::Error>(pieces.concat()));
    Ok(public(headers(Response::builder(), content_type)?)?.from_stream(pieces)?)
}

/// An answer of the API that something was made, and where it is.
pub(crate) fn api_created(location: &str, body: Vec<u8>) -> Answer {
    let builder = headers(Response::builder(), "application/json")?.with_header("location", location)?;
    Ok(public(builder)?.with_status(201).fixed(body))
}

/// An answer of the API that never changes as long as it is there: whoever has it asks whether it still is.
pub(crate) fn api_lasting(visit: &Visit, etag: &str, body: Vec<u8>) -> Answer {
    let known = visit.header("if-none-match");
    let is_known = known.split(',').any(|it| it.trim().trim_start_matches("W/") == etag || it.trim() == "*");
    let builder = headers(Response::builder(), "application/json")?
        .with_header("cache-control", "private, no-cache")?
        .with_header("etag", etag)?
        .with_header("vary", "accept-encoding")?
        .with_header("x-robots-tag", "noindex")?;
    let builder = public(builder)?;
    Ok(if is_known { builder.with_status(304).empty() } else { builder.fixed(body) })
}

/// An answer of the API that there is nothing more to say.
pub(crate) fn api_done() -> Answer {
    Ok(public(headers(Response::builder(), "application/json")?)?.with_status(204).empty())
}

/// Says what a page of another origin may ask (CORS preflight).
pub(crate) fn api_options() -> Answer {
    let builder = public(Response::builder().with_status(204))?
        .with_header("access-control-allow-methods", "GET, HEAD")?
        .with_header("access-control-allow-headers", "accept, cache-control")?
        .with_header("access-control-max-age", "86400")?;
    Ok(builder.empty())
}

/// An error of the API.
pub(crate) fn problem(error: &ApiError) -> worker::Result<Response> {
    let mut builder = headers(Response::builder(), "application/problem+json")?;
    for (name, value) in error.headers() {
        builder = builder.with_header(name, &value)?;
    }
    let document = serde_json::to_vec(&error.document()).unwrap_or_default();
    Ok(public(builder.with_status(error.problem().status))?.fixed(document))
}

/// The content type of everything for a terminal.
const TEXT: &str = "text/plain; charset=utf-8";

/// Plain text.
pub(crate) fn text(body: impl Into<String>) -> Answer {
    Ok(headers(Response::builder(), TEXT)?.fixed(body.into().into_bytes()))
}

/// Plain text that arrives in pieces.
pub(crate) fn text_stream(pieces: impl Stream<Item = String> + 'static) -> Answer {
    let pieces = pieces.map(|piece| Ok::<_, worker::Error>(piece.into_bytes()));
    Ok(headers(Response::builder(), TEXT)?.from_stream(pieces)?)
}

/// An error outside the API.
pub(crate) fn text_error(error: &ApiError) -> worker::Result<Response> {
    let mut builder = headers(Response::builder(), TEXT)?;
    for (name, value) in error.headers() {
        builder = builder.with_header(name, &value)?;
    }
    Ok(builder.with_status(error.problem().status).fixed(error.text().into_bytes()))
}

/// A page without scripts. It says what is so now: neither kept nor found by search engines. What it guards itself with
/// beside the policy is what the page's files have (`xtask`'s `headers.rs`).
pub(crate) fn page(status: u16, more: &[(&'static str, String)], html: String) -> Answer {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
                          frame-ancestors 'none'";
    let mut builder = headers(Response::builder(), "text/html; charset=utf-8")?
        .with_header("content-security-policy", POLICY)?
        .with_header("cross-origin-opener-policy", "same-origin")?
        .with_header("cross-origin-resource-policy", "same-origin")?
        .with_header("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")?
        .with_header("x-frame-options", "DENY")?
        .with_header("x-robots-tag", "noindex")?;
    for (name, value) in more {
        builder = builder.with_header(name, value)?;
    }
    Ok(builder.with_status(status).fixed(html.into_bytes()))
}

/// Sends the visitor on within this site.
pub(crate) fn redirect(status: u16, path: &str) -> Answer {
    Ok(headers(Response::builder(), TEXT)?.with_status(status).with_header("location", path)?.empty())
}
