//! The platform as a [`Network`]: the one file that knows its sockets, fetch, timers and clock.

use std::{
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use ipnet::IpNet;
use network::{ConnectError, FetchError, Method, Network, Request, Response, Settings};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use wasm_bindgen::{JsCast, JsValue};
use worker::{
    AbortSignal, CacheMode, Date, Fetch, Headers, RequestInit, RequestRedirect, ResponseBody, Socket, console_error,
    js_sys::{Array, Function, Promise, Reflect, Uint8Array, futures::JsFuture, global},
    web_sys::{AbortController, ReadableStream, ReadableStreamDefaultReader},
};

/// The edge's way to the world.
pub(crate) struct Edge {
    /// Cloudflare's own ranges, whose refusals say nothing about the site.
    own: Vec<IpNet>,
}

impl Edge {
    pub(crate) fn new() -> Edge {
        Edge { own: Settings::cloudflare() }
    }

    fn is_own(&self, address: IpAddr) -> bool {
        self.own.iter().any(|range| range.contains(&address))
    }
}

impl Network for Edge {
    type Stream = Stream;

    async fn connect(&self, to: SocketAddr) -> Result<Stream, ConnectError> {
        let started = self.now();
        let failed = |error: worker::Error| {
            let waited = Duration::from_millis(self.now().saturating_sub(started));
            connect_error(&error.to_string(), waited, self.is_own(to.ip()))
        };
        // Half-open, as sockets are everywhere else: what the peer ends is its own direction only.
        let socket = Socket::builder().allow_half_open(true).connect(literal(to.ip()), to.port()).map_err(failed)?;
        let stream = Stream { socket, read: Half::Open, write: Half::Open };
        stream.socket.opened().await.map_err(failed)?;
        Ok(stream)
    }

    async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        exchange(request).await
    }

    async fn sleep(&self, duration: Duration) {
        Sleep::new(duration).await;
    }

    fn now(&self) -> u64 {
        Date::now().as_millis()
    }

    fn random(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            // What is random here (a path that no site has, a ClientHello) is no secret: a check without is still true.
            console_error!("the platform gave no random bytes: {error}");
        }
    }
}

/// How long a refusal may take: a round trip, after one lost attempt. What ends later was not refused.
const REFUSAL: Duration = Duration::from_millis(2500);

/// The platform has one sentence for refused, unreachable and its own addresses.
fn connect_error(message: &str, waited: Duration, own: bool) -> ConnectError {
    if own {
        ConnectError::PlatformCannot
    } else if !message.contains("cannot connect to the specified address") {
        match kind(message) {
            io::ErrorKind::ConnectionReset => ConnectError::Reset,
            _ => ConnectError::Other(message.to_owned()),
        }
    } else if waited < REFUSAL {
        ConnectError::Refused
    } else {
        ConnectError::TimedOut
    }
}

/// The address as the platform reads it: IPv6 in brackets.
fn literal(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

/// A TCP connection that ends with its owner.
pub(crate) struct Stream {
    socket: Socket,
    read: Half,
    write: Half,
}

/// One direction of a connection. After an error the platform's stream stays locked and throws when it is touched
/// again, so the first error is kept and repeated.
enum Half {
    Open,
    Broken(io::ErrorKind, String),
    Shut,
}

impl Half {
    fn check(&self) -> io::Result<()> {
        match self {
            Half::Broken(kind, message) => Err(io::Error::new(*kind, message.clone())),
            Half::Open | Half::Shut => Ok(()),
        }
    }

    /// Keeps an error of the platform, with the kind its words mean.
    fn fail(&mut self, error: &io::Error) -> io::Error {
        let message = error.to_string();
        let kind = kind(&message);
        *self = Half::Broken(kind, message.clone());
        io::Error::new(kind, message)
    }
}

/// What the platform's words for a broken connection mean.
fn kind(message: &str) -> io::ErrorKind {
    if message.contains("Network connection lost") { io::ErrorKind::ConnectionReset } else { io::ErrorKind::Other }
}

impl AsyncRead for Stream {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.read.check()?;
        if buf.remaining() == 0 {
            return Poll::Ready(Ok(()));
        }
        let result = ready!(Pin::new(&mut self.socket).poll_read(cx, buf));
        Poll::Ready(result.map_err(|error| self.read.fail(&error)))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        self.write.check()?;
        if matches!(self.write, Half::Shut) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        let result = ready!(Pin::new(&mut self.socket).poll_write(cx, buf));
        Poll::Ready(result.map_err(|error| self.write.fail(&error)))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write.check()?;
        let result = ready!(Pin::new(&mut self.socket).poll_flush(cx));
        Poll::Ready(result.map_err(|error| self.write.fail(&error)))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write.check()?;
        if matches!(self.write, Half::Shut) {
            return Poll::Ready(Ok(()));
        }
        let result = ready!(Pin::new(&mut self.socket).poll_shutdown(cx));
        if result.is_ok() {
            self.write = Half::Shut;
        }
        Poll::Ready(result.map_err(|error| self.write.fail(&error)))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // The platform's socket lives until it is closed, and the first poll asks for that. When it is done is of
        // no interest: nobody is left to wait.
        let _ = self.socket.close().now_or_never();
    }
}

async fn exchange(request: Request) -> Result<Response, FetchError> {
    let failed = |error: worker::Error| FetchError::Failed(error.to_string());
    let limit = request.limit;
    let request = outgoing(request).map_err(failed)?;
    let abort = AbortOnDrop::new().map_err(|error| failed(error.into()))?;
    let response = Fetch::Request(request).send_with_signal(&abort.signal()).await.map_err(failed)?;
    let status = response.status_code();
    let headers = response.headers().entries().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    let body = match response.body() {
        ResponseBody::Empty => Bytes::new(),
        ResponseBody::Body(bytes) => Bytes::copy_from_slice(bytes.get(..limit).unwrap_or(bytes)),
        ResponseBody::Stream(stream) => read(stream, limit).await?,
    };
    abort.done();
    Ok(Response { status, headers, body })
}

fn outgoing(request: Request) -> worker::Result<worker::Request> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.append(name, value)?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers).with_redirect(RequestRedirect::Manual).with_cache(CacheMode::NoStore);
    init.with_method(match request.method {
        Method::Get => worker::Method::Get,
        Method::Post => worker::Method::Post,
    });
    if !request.body.is_empty() {
        init.with_body(Some(Uint8Array::from(request.body.as_ref()).into()));
    }
    worker::Request::new_with_init(&request.url, &init)
}

/// Reads a body up to the limit, by hand: what the platform's crate wraps around it may throw when it is dropped.
async fn read(stream: &ReadableStream, limit: usize) -> Result<Bytes, FetchError> {
    let failed = |error: JsValue| FetchError::Failed(worker::Error::from(error).to_string());
    let reader: ReadableStreamDefaultReader = stream.get_reader().dyn_into().map_err(|object| failed(object.into()))?;
    let mut body = BytesMut::new();
    loop {
        let piece = JsFuture::from(reader.read()).await.map_err(failed)?;
        if Reflect::get(&piece, &"done".into()).map_err(failed)?.is_truthy() {
            return Ok(body.freeze());
        }
        let bytes: Uint8Array = Reflect::get(&piece, &"value".into()).and_then(JsCast::dyn_into).map_err(failed)?;
        let bytes = bytes.to_vec();
        if body.len().saturating_add(bytes.len()) > limit {
            return Err(FetchError::TooLong);
        }
        body.extend_from_slice(&bytes);
    }
}

/// Calls a method of a JavaScript object. An exception becomes an error here. Through the usual bindings it would end
/// the whole instance and every check in it; and what is dropped late, when its request is over, does meet exceptions.
fn call(object: &JsValue, method: &str, arguments: &[&JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    let list = Array::new();
    for argument in arguments {
        list.push(argument);
    }
    function.apply(object, &list)
}

/// A timer. Unlike `worker::Delay` it wakes whoever polled it last, and can be dropped at any time.
struct Sleep {
    over: JsFuture,
    end: Option<Function>,
    timer: JsValue,
}

impl Sleep {
    fn new(duration: Duration) -> Sleep {
        let mut end = None;
        let promise = Promise::new(&mut |resolve, _| end = Some(resolve));
        let milliseconds = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX).min(i32::MAX as u32);
        let function = end.as_ref().map_or(JsValue::UNDEFINED, JsValue::from);
        let timer = call(&global(), "setTimeout", &[&function, &milliseconds.into()]).unwrap_or_else(|error| {
            console_error!("no timer: {error:?}");
            JsValue::UNDEFINED
        });
        Sleep { over: JsFuture::from(promise), end, timer }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.over).poll(cx).map(|_| ())
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        // Both do nothing after the timer has fired, and nobody is left to hear of an error.
        let _ = call(&global(), "clearTimeout", &[&self.timer]);
        // The promise has to end, because only then are the two callbacks freed that wait for it.
        if let Some(end) = &self.end {
            let _ = end.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Ends an exchange that nobody waits for any longer, so that it gives its connection back.
struct AbortOnDrop {
    controller: AbortController,
    is_done: bool,
}

impl AbortOnDrop {
    fn new() -> Result<AbortOnDrop, JsValue> {
        Ok(AbortOnDrop { controller: AbortController::new()?, is_done: false })
    }

    fn signal(&self) -> AbortSignal {
        self.controller.signal().into()
    }

    fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if !self.is_done {
            // Where it fails the request is over, and the exchange with it.
            let _ = call(&self.controller, "abort", &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFUSED: &str = "Error: proxy request failed, cannot connect to the specified address";

    #[test]
    fn one_sentence_of_the_platform_has_three_meanings() {
        let soon = Duration::from_millis(40);
        assert_eq!(connect_error(REFUSED, soon, false), ConnectError::Refused);
        assert_eq!(connect_error(REFUSED, soon, true), ConnectError::PlatformCannot);
        assert_eq!(connect_error(REFUSED, Duration::from_secs(3), false), ConnectError::TimedOut);
        let port_80 = format!("{REFUSED}. It looks like you might be trying to connect to a HTTP-based service");
        assert_eq!(connect_error(&port_80, soon, false), ConnectError::Refused);
        assert_eq!(connect_error("Error: Network connection lost.", soon, false), ConnectError::Reset);
        assert_eq!(connect_error("something new", soon, false), ConnectError::Other("something new".into()));
    }

    #[test]
    fn addresses_are_written_as_the_platform_reads_them() {
        assert_eq!(literal([203, 0, 113, 7].into()), "203.0.113.7");
        assert_eq!(literal("2001:db8::7".parse().unwrap()), "[2001:db8::7]");
    }

    #[test]
    fn a_broken_half_repeats_its_first_error() {
        let mut half = Half::Open;
        assert!(half.check().is_ok());
        let error = half.fail(&io::Error::other("Error: Network connection lost."));
        assert_eq!(error.kind(), io::ErrorKind::ConnectionReset);
        assert_eq!(half.check().unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }

    #[test]
    fn own_ranges_are_known() {
        let edge = Edge::new();
        assert!(edge.is_own("104.16.0.1".parse().unwrap()));
        assert!(edge.is_own("2606:4700::1".parse().unwrap()));
        assert!(!edge.is_own("203.0.113.7".parse().unwrap()));
    }
}
