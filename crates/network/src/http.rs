//! One HTTP/1.1 exchange over a stream of our own, by hyper: bounded in size, following nothing.

use std::{
    cell::RefCell,
    io,
    net::IpAddr,
    pin::{Pin, pin},
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use domain::HttpUrl;
use futures_util::{
    future::{Either, select},
    poll,
};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::{Held, Limits, Network, Purpose, Response, Session, Unseen};

/// What we call ourselves where there is no page about us: see [`crate::Settings::user_agent`].
pub const USER_AGENT: &str = "Mozilla/5.0 (compatible; Lockstep/1; HTTPS deployment check)";

/// The most header bytes read from a stranger's server.
const HEADER_LIMIT: usize = 32 * 1024;

/// The most headers kept.
const HEADER_COUNT: usize = 100;

/// Sends `GET` for the URL over this stream and reads at most `limit` bytes of the body; a longer body is cut, not an
/// error. Runs until done: callers put it under [`Session::within`], or use [`get_within`].
///
/// # Errors
/// [`Unseen::Closed`] or [`Unseen::Reset`] when the peer ended it, [`Unseen::Failed`] when it was not HTTP.
pub async fn get<S>(stream: S, url: &HttpUrl, extra: &[(&str, &str)], limit: usize) -> Result<Response, Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let read = RefCell::new(None);
    exchange(stream, url, extra, limit, &read).await?;
    read.into_inner().map(Reading::finish).ok_or(Unseen::Closed)
}

/// The same under a time limit and the check's deadline. A body that is still coming by then is cut like one that is
/// too long: status and headers are an answer.
///
/// # Errors
/// As [`get`], and [`Unseen::TimedOut`] or [`Unseen::Deadline`] when no answer began in time.
pub async fn get_within<N: Network, S>(
    session: &Session<N>,
    time: Duration,
    stream: S,
    url: &HttpUrl,
    extra: &[(&str, &str)],
    limit: usize,
) -> Result<Response, Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let read = RefCell::new(None);
    let agent = session.settings().user_agent();
    let extra = named(extra, &agent);
    let ended = session.within(time, exchange(stream, url, &extra, limit, &read)).await;
    match (read.into_inner(), ended) {
        (Some(reading), _) => Ok(reading.finish()),
        (None, Ok(Ok(()))) => Err(Unseen::Closed),
        (None, Ok(Err(why)) | Err(why)) => Err(why),
    }
}

/// These headers, with our name among them.
fn named<'h>(extra: &[(&'h str, &'h str)], agent: &'h str) -> Vec<(&'h str, &'h str)> {
    [&[("user-agent", agent)], extra].concat()
}

/// What was read so far: kept outside the exchange, so that it survives when the exchange is cut off.
struct Reading {
    status: u16,
    headers: Vec<(String, String)>,
    body: BytesMut,
}

impl Reading {
    fn finish(self) -> Response {
        Response { status: self.status, headers: self.headers, body: self.body.freeze() }
    }
}

async fn exchange<S>(
    stream: S,
    url: &HttpUrl,
    extra: &[(&str, &str)],
    limit: usize,
    read: &RefCell<Option<Reading>>,
) -> Result<(), Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let (mut sender, connection) = builder().handshake(Io(stream)).await.map_err(describe)?;
    let request = request(url, extra, false)?;
    let (talked, _) = drive(talk(&mut sender, request, limit, read), Box::pin(connection)).await;
    talked.map(|_| ())
}

/// A talk, and the connection that does the reading and writing beside it; also the connection, if it has not ended. It
/// is boxed so that it is dropped the moment it ends: then the talk cannot wait for more.
async fn drive<S>(
    talk: impl Future<Output = Result<Whole, Unseen>>,
    mut connection: Driver<S>,
) -> (Result<Whole, Unseen>, Option<Driver<S>>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    // It takes requests once it has been looked after: so the first one goes out in this very turn.
    let ended = match poll!(&mut connection) {
        Poll::Ready(ended) => {
            drop(connection);
            (talk.await, ended)
        }
        Poll::Pending => match select(pin!(talk), connection).await {
            Either::Left((talked, connection)) => return (talked, Some(connection)),
            Either::Right((ended, talk)) => (talk.await, ended),
        },
    };
    match ended {
        (Err(Unseen::Closed), Err(error)) => (Err(describe(error)), None),
        (talked, _) => (talked, None),
    }
}

/// What reads and writes while an exchange waits.
type Driver<S> = Pin<Box<http1::Connection<Io<S>, Empty<Bytes>>>>;

/// One connection for several exchanges, one after the other, for as long as the server keeps it open.
pub struct Line<S: AsyncRead + AsyncWrite + Unpin + 'static> {
    sender: http1::SendRequest<Empty<Bytes>>,
    connection: Option<Driver<S>>,
    exchanges: u32,
}

impl<S: AsyncRead + AsyncWrite + Unpin + 'static> Line<S> {
    /// Takes a stream over; nothing is sent yet.
    ///
    /// # Errors
    /// [`Unseen::Failed`] when the stream cannot carry HTTP.
    pub async fn over(stream: S) -> Result<Line<S>, Unseen> {
        let (sender, connection) = builder().handshake(Io(stream)).await.map_err(describe)?;
        Ok(Line { sender, connection: Some(Box::pin(connection)), exchanges: 0 })
    }

    /// Whether another exchange may be tried; the server can still have closed it unnoticed.
    pub fn is_open(&self) -> bool {
        self.connection.is_some()
    }

    /// How many exchanges came to their end on it.
    pub fn exchanges(&self) -> u32 {
        self.exchanges
    }

    /// One exchange, as [`get_within`]. After an answer that was cut, or by which the server ends the connection, it
    /// is closed.
    ///
    /// # Errors
    /// As [`get_within`]; [`Unseen::Closed`] when it is no longer open.
    pub async fn get_within<N: Network>(
        &mut self,
        session: &Session<N>,
        time: Duration,
        url: &HttpUrl,
        extra: &[(&str, &str)],
        limit: usize,
    ) -> Result<Response, Unseen> {
        let connection = self.connection.take().ok_or(Unseen::Closed)?;
        let agent = session.settings().user_agent();
        let request = request(url, &named(extra, &agent), true)?;
        let read = RefCell::new(None);
        let sender = &mut self.sender;
        let ended = session.within(time, drive(talk(sender, request, limit, &read), connection)).await;
        match (read.into_inner(), ended) {
            (Some(reading), ended) => {
                if let Ok((Ok(Whole(true)), Some(connection))) = ended {
                    self.connection = Some(connection);
                    self.exchanges = self.exchanges.saturating_add(1);
                }
                Ok(reading.finish())
            }
            (None, Ok((Ok(_), _))) => Err(Unseen::Closed),
            (None, Ok((Err(why), _)) | Err(why)) => Err(why),
        }
    }
}

/// Port 80 of one address, asked several times: over one connection while it lasts.
pub struct Plain<N: Network> {
    address: IpAddr,
    line: Option<Line<Held<N::Stream>>>,
}

impl<N: Network> Plain<N> {
    /// Nothing is dialled yet.
    pub fn new(address: IpAddr) -> Plain<N> {
        Plain { address, line: None }
    }

    /// Where it is.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Dials, unless the last connection is still open.
    ///
    /// # Errors
    /// Why it could not be opened.
    pub async fn open(&mut self, session: &Session<N>) -> Result<(), Unseen> {
        if self.line.as_ref().is_none_or(|line| !line.is_open()) {
            // The slot that the last one held is needed for the next.
            self.line = None;
            self.line = Some(Line::over(session.connect(self.address, Purpose::Http).await?).await?);
        }
        Ok(())
    }

    /// One exchange, as [`get_within`].
    ///
    /// # Errors
    /// As [`get_within`], and why no connection could be opened.
    pub async fn get(
        &mut self,
        session: &Session<N>,
        url: &HttpUrl,
        extra: &[(&str, &str)],
        limit: usize,
    ) -> Result<Response, Unseen> {
        self.open(session).await?;
        let line = self.line.as_mut().ok_or(Unseen::Closed)?;
        let used = line.exchanges() > 0;
        match line.get_within(session, Limits::EXCHANGE, url, extra, limit).await {
            // The server closed it while nothing was said; that says nothing about the URL.
            Err(Unseen::Closed | Unseen::Reset) if used => {}
            answer => return answer,
        }
        self.open(session).await?;
        let line = self.line.as_mut().ok_or(Unseen::Closed)?;
        line.get_within(session, Limits::EXCHANGE, url, extra, limit).await
    }
}

fn builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    // As forgiving as browsers are: what they show is an answer.
    builder
        .max_headers(HEADER_COUNT)
        .max_buf_size(HEADER_LIMIT)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true);
    builder
}

/// Whether a body was read to its end and the server keeps the connection.
struct Whole(bool);

/// One request and its answer; the connection must be driven beside it.
async fn talk(
    sender: &mut http1::SendRequest<Empty<Bytes>>,
    request: http::Request<Empty<Bytes>>,
    limit: usize,
    read: &RefCell<Option<Reading>>,
) -> Result<Whole, Unseen> {
    sender.ready().await.map_err(describe)?;
    let response = sender.send_request(request).await.map_err(describe)?;
    let (head, mut body) = response.into_parts();
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    // Not every platform notices that the server has closed; it said so, and that is enough (RFC 9112 §9.6).
    let stays = head.version > http::Version::HTTP_10
        && !head.headers.get_all("connection").iter().any(|value| {
            value.to_str().is_ok_and(|it| it.split(',').any(|option| option.trim().eq_ignore_ascii_case("close")))
        });
    read.replace(Some(Reading { status: head.status.as_u16(), headers, body: BytesMut::new() }));
    let mut room = limit;
    while room > 0 {
        // A body that breaks off is still an answer: status and headers were complete.
        let frame = match body.frame().await {
            Some(Ok(frame)) => frame,
            Some(Err(_)) => return Ok(Whole(false)),
            None => return Ok(Whole(stays)),
        };
        if let (Some(data), Some(reading)) = (frame.data_ref(), read.borrow_mut().as_mut()) {
            let data = data.get(..room.min(data.len())).unwrap_or_default();
            reading.body.extend_from_slice(data);
            room -= data.len();
        }
    }
    Ok(Whole(false))
}

fn request(url: &HttpUrl, extra: &[(&str, &str)], stays: bool) -> Result<http::Request<Empty<Bytes>>, Unseen> {
    let host = match url.explicit_port() {
        Some(port) => format!("{}:{port}", url.host()),
        None => url.host().to_owned(),
    };
    let mut request = http::Request::get(url.path());
    if !extra.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", host);
    }
    if !extra.iter().any(|(name, _)| *name == "user-agent") {
        request = request.header("user-agent", USER_AGENT);
    }
    if !extra.iter().any(|(name, _)| *name == "accept") {
        request = request.header("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
    }
    request = request.header("accept-encoding", "identity");
    if !stays {
        request = request.header("connection", "close");
    }
    for (name, value) in extra {
        request = request.header(*name, *value);
    }
    request.body(Empty::new()).map_err(|_| Unseen::Failed("the URL cannot be asked for".into()))
}

fn describe(error: hyper::Error) -> Unseen {
    // hyper tells this apart only in its words; a test notices when they change.
    if error.to_string() == "message head is too large" {
        return Unseen::Failed("the headers of the answer were too long".into());
    }
    if error.is_parse() {
        return Unseen::Failed("the answer was not HTTP".into());
    }
    let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return from_io(io);
        }
        source = cause.source();
    }
    if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        return Unseen::Closed;
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

    /// Says no goodbye: what is asked for has come, and the connection is dropped with what drives it.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use domain::Scheme;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    /// Reads the request's head and hands the stream to `answer`; drives the exchange beside it.
    async fn exchanged<F: Future<Output = ()>>(
        limit: usize,
        answer: impl FnOnce(String, DuplexStream) -> F,
    ) -> Result<Response, Unseen> {
        let (ours, mut theirs) = duplex(16 * 1024);
        let url = HttpUrl::root(Scheme::Http, &"example.com".parse().unwrap()).with_path("/a?b=c%20d");
        let server = async {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                head.push(theirs.read_u8().await.unwrap());
            }
            answer(String::from_utf8(head).unwrap(), theirs).await;
        };
        let client = async { get(ours, &url, &[("cookie", "a=b")], limit).await };
        let client = tokio::time::timeout(Duration::from_secs(5), client);
        match select(pin!(client), pin!(server)).await {
            Either::Left((result, _)) => result.unwrap(),
            Either::Right(((), client)) => client.await.unwrap(),
        }
    }

    async fn answered(limit: usize, answer: &[u8]) -> Result<Response, Unseen> {
        exchanged(limit, |_, mut stream| async move {
            let _ = stream.write_all(answer).await;
        })
        .await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_request_names_host_and_path() {
        let said = RefCell::new(String::new());
        let response = exchanged(100, |head, mut stream| {
            said.replace(head);
            async move { stream.write_all(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n").await.unwrap() }
        })
        .await
        .unwrap();
        let said = said.into_inner();
        assert!(said.starts_with("GET /a?b=c%20d HTTP/1.1\r\nhost: example.com\r\n"), "{said}");
        assert!(said.contains("\r\nconnection: close\r\n") && said.contains("\r\ncookie: a=b\r\n"));
        assert_eq!((response.status, response.header("x-a")), (204, Some("1")));
    }

    #[test]
    fn another_host_is_named_instead_of_its_own() {
        let url = HttpUrl::parse("https://example.com/a").unwrap();
        let request = request(&url, &[("host", "other.invalid")], false).unwrap();
        let hosts: Vec<_> = request.headers().get_all("host").iter().collect();
        assert_eq!(hosts, ["other.invalid"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn bodies_are_read_by_length_by_chunks_and_to_the_end() {
        for answer in [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nhello",
            "HTTP/1.0 200 OK\r\n\r\nhello",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        ] {
            let response = answered(100, answer.as_bytes()).await.unwrap();
            assert_eq!((response.status, &response.body[..]), (200, &b"hello"[..]), "{answer}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_long_or_broken_body_is_still_an_answer() {
        let cut = answered(3, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await.unwrap();
        assert_eq!(&cut.body[..], b"hel");
        let broken = answered(100, b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello").await.unwrap();
        assert_eq!(&broken.body[..], b"hello");
        let none = answered(0, b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").await.unwrap();
        assert!(none.body.is_empty());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_endless_body_is_cut() {
        let endless = exchanged(100_000, |_, mut stream| async move {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            while stream.write_all(&[b'x'; 1000]).await.is_ok() {}
        });
        assert_eq!(endless.await.unwrap().body.len(), 100_000);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_not_http_is_named() {
        let not_http = Unseen::Failed("the answer was not HTTP".into());
        let too_long = Unseen::Failed("the headers of the answer were too long".into());
        assert_eq!(answered(10, b"SSH-2.0-OpenSSH_9.2\r\n").await.unwrap_err(), not_http);
        assert_eq!(answered(10, b"\x15\x03\x03\x00\x02\x02\x0a and then some more").await.unwrap_err(), not_http);
        assert_eq!(answered(10, b"").await.unwrap_err(), Unseen::Closed);
        assert_eq!(answered(10, b"HTTP/1.1 20").await.unwrap_err(), Unseen::Closed);
        let huge = format!("HTTP/1.1 200 OK\r\nX: {}\r\n\r\n", "x".repeat(HEADER_LIMIT));
        assert_eq!(answered(10, huge.as_bytes()).await.unwrap_err(), too_long);
        let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "X: x\r\n".repeat(HEADER_COUNT + 1));
        assert!(matches!(answered(10, many.as_bytes()).await, Err(Unseen::Failed(_))));
    }

    /// Several exchanges over one line; the server sends `answers`, one a request, and then hangs up.
    async fn on_one_line(answers: &'static [&'static str]) -> (Vec<Result<u16, Unseen>>, bool) {
        let (ours, mut theirs) = duplex(16 * 1024);
        let server = tokio::spawn(async move {
            for answer in answers {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let Ok(byte) = theirs.read_u8().await else { return };
                    head.push(byte);
                }
                assert!(!String::from_utf8(head).unwrap().contains("connection: close"));
                theirs.write_all(answer.as_bytes()).await.unwrap();
            }
            if answers.len() == 3 {
                std::future::pending::<()>().await;
            }
        });
        let session = Session::new(Still, crate::Settings::default());
        let url = HttpUrl::root(Scheme::Http, &"example.com".parse().unwrap());
        let mut line = Line::over(ours).await.unwrap();
        let mut seen = Vec::new();
        for _ in 0..3 {
            let got = line.get_within(&session, Duration::from_secs(5), &url, &[("accept", "text/css")], 5).await;
            seen.push(got.map(|response| response.status));
        }
        server.abort();
        (seen, line.is_open())
    }

    /// A world in which no time passes and nothing can be reached.
    struct Still;

    impl Network for Still {
        type Stream = DuplexStream;

        async fn connect(&self, _: std::net::SocketAddr) -> Result<DuplexStream, crate::ConnectError> {
            Err(crate::ConnectError::Refused)
        }

        async fn fetch(&self, _: crate::Request) -> Result<Response, crate::FetchError> {
            Err(crate::FetchError::TooLong)
        }

        async fn sleep(&self, _: Duration) {
            std::future::pending::<()>().await;
        }

        fn now(&self) -> u64 {
            0
        }

        fn random(&self, _: &mut [u8]) {}
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_line_carries_exchanges_until_it_is_closed() {
        const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        const GONE: &str = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        let closed = || Err(Unseen::Closed);
        assert_eq!(on_one_line(&[OK, GONE, OK]).await, (vec![Ok(200), Ok(404), Ok(200)], true));
        // The server hangs up between two requests.
        assert_eq!(on_one_line(&[OK]).await, (vec![Ok(200), closed(), closed()], false));
        // The server says that it will.
        const LAST: &str = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc";
        assert_eq!(on_one_line(&[LAST, OK]).await, (vec![Ok(200), closed(), closed()], false));
        // A body longer than what we read: the rest is in the way.
        const LONG: &str = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabcdefghi";
        assert_eq!(on_one_line(&[LONG, OK]).await, (vec![Ok(200), closed(), closed()], false));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn sloppy_headers_are_forgiven() {
        let answer = b"HTTP/1.1 200 OK\r\nServer : odd\r\nX-Long: a\r\n b\r\nbad header\r\nX-B: \xff\r\nContent-Length: 0\r\n\r\n";
        let response = answered(10, answer).await.unwrap();
        assert_eq!(response.header("server"), Some("odd"));
        assert_eq!(response.header("x-b"), Some("\u{fffd}"));
    }
}
