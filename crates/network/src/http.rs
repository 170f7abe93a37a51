//! One HTTP/1.1 exchange over a stream of our own, by hyper: bounded in size, following nothing.

use std::{
    io,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use domain::HttpUrl;
use futures_util::future::{Either, select};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{Response, Unseen};

/// What we call ourselves.
pub const USER_AGENT: &str = "Mozilla/5.0 (compatible; Lockstep/1; HTTPS deployment check)";

/// The most header bytes read from a stranger's server.
const HEADER_LIMIT: usize = 32 * 1024;

/// The most headers kept.
const HEADER_COUNT: usize = 100;

/// Sends `GET` for the URL over this stream and reads at most `limit` bytes of the body; a longer body is cut, not an
/// error. Runs until done: callers put it under [`crate::Session::within`].
///
/// # Errors
/// [`Unseen::Closed`] or [`Unseen::Reset`] when the peer ended it, [`Unseen::Failed`] when it was not HTTP.
pub async fn get<S>(stream: S, url: &HttpUrl, extra: &[(&str, &str)], limit: usize) -> Result<Response, Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_headers(HEADER_COUNT).max_buf_size(HEADER_LIMIT);
    let (mut sender, connection) = builder.handshake(Io(stream)).await.map_err(describe)?;
    let host = match url.explicit_port() {
        Some(port) => format!("{}:{port}", url.host()),
        None => url.host().to_owned(),
    };
    let mut request = http::Request::get(url.path())
        .header("host", host)
        .header("user-agent", USER_AGENT)
        .header("accept", "text/html,application/xhtml+xml,*/*;q=0.8")
        .header("accept-encoding", "identity")
        .header("connection", "close");
    for (name, value) in extra {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new()).map_err(|error| Unseen::Failed(error.to_string()))?;
    let exchange = async move {
        let response = sender.send_request(request).await.map_err(describe)?;
        let (head, mut body) = response.into_parts();
        let mut read = BytesMut::new();
        while read.len() < limit {
            match body.frame().await {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        let room = limit - read.len();
                        read.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
                    }
                }
                // A body that breaks off is still an answer: status and headers were complete.
                Some(Err(_)) | None => break,
            }
        }
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        Ok(Response { status: head.status.as_u16(), headers, body: read.freeze() })
    };
    // The connection does the reading and writing; it is driven beside the exchange and dropped with it.
    match select(pin!(exchange), pin!(connection)).await {
        Either::Left((result, _)) => result,
        Either::Right((ended, exchange)) => match select(exchange, pin!(std::future::ready(()))).await {
            Either::Left((result, _)) => result,
            Either::Right(_) => Err(ended.err().map_or(Unseen::Closed, describe)),
        },
    }
}

fn describe(error: hyper::Error) -> Unseen {
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return Unseen::Closed;
    }
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return from_io(io);
        }
        source = cause.source();
    }
    Unseen::Failed(error.to_string())
}

/// The words for an I/O error on an open connection.
pub fn from_io(error: &io::Error) -> Unseen {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => Unseen::Reset,
        io::ErrorKind::UnexpectedEof => Unseen::Closed,
        io::ErrorKind::TimedOut => Unseen::TimedOut,
        _ => Unseen::Failed(error.to_string()),
    }
}

/// Lets hyper read and write a tokio stream; hyper-util's own adapter would bring tokio's runtime along.
struct Io<S>(S);

impl<S: AsyncRead + Unpin> hyper::rt::Read for Io<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        // A buffer of our own, because filling hyper's uninitialised one in place needs `unsafe`.
        let mut buffer = [0; 8192];
        let room = cursor.remaining().min(buffer.len());
        let mut read = ReadBuf::new(buffer.get_mut(..room).unwrap_or_default());
        match Pin::new(&mut self.0).poll_read(cx, &mut read) {
            Poll::Ready(Ok(())) => {
                cursor.put_slice(read.filled());
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> hyper::rt::Write for Io<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}
