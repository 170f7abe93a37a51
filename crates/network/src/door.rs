//! The one trait: what a host has to supply.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};

/// The world as Lockstep sees it. Implemented by the worker (edge) and by tokio (command line and tests).
///
/// Plain `async fn`, no `Send`: JavaScript futures are not, and native runs on one thread. Implementations only do
/// as they are told; guard, slots and limits are [`crate::Session`]'s.
#[allow(async_fn_in_trait, reason = "callers take `&impl Network`, and nothing here is Send")]
pub trait Network {
    /// A connected TCP stream.
    type Stream: AsyncRead + AsyncWrite + Unpin + 'static;

    /// Opens a TCP connection. Needs no time limit of its own.
    async fn connect(&self, to: SocketAddr) -> Result<Self::Stream, ConnectError>;

    /// One HTTP exchange that follows nothing: DNS over HTTPS and public HTTP APIs, and the second-best look at
    /// addresses that cannot be dialled. Never an oracle for certificates. Bodies are read up to
    /// [`Request::limit`] bytes.
    async fn fetch(&self, request: Request) -> Result<Response, FetchError>;

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64;

    /// Fills the buffer with unpredictable bytes.
    fn random(&self, buffer: &mut [u8]);
}

/// Why a connection could not be opened, as far as the host can tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Something else, in the host's own words.
    #[error("{0}")]
    Other(String),
    /// The host will never dial this address.
    #[error("this address cannot be dialled from here")]
    PlatformCannot,
    /// Nothing listens there.
    #[error("connection refused")]
    Refused,
    /// The connection was reset while it was being set up.
    #[error("connection reset")]
    Reset,
    /// No answer, by the host's own limit.
    #[error("timed out")]
    TimedOut,
    /// No way there.
    #[error("unreachable")]
    Unreachable,
}

/// Why an exchange had no response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The host's own words.
    #[error("{0}")]
    Failed(String),
    /// The body was longer than the limit.
    #[error("the answer was too long")]
    TooLong,
}

/// The two methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// An exchange to make.
#[derive(Debug, Clone)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// An absolute http or https URL.
    pub url: String,
    /// Header names and values.
    pub headers: Vec<(String, String)>,
    /// Empty for GET.
    pub body: Bytes,
    /// The most bytes of body to read; what is over is [`FetchError::TooLong`].
    pub limit: usize,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// Header names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// At most [`Request::limit`] bytes.
    pub body: Bytes,
}

impl Response {
    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}
