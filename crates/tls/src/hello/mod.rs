//! ClientHellos built by hand, for what rustls does not speak: old versions, old suites, chains in clear text.

mod read;
mod write;

use domain::DomainName;
use network::{Held, Limits, Network, Purpose, Session, Unseen, http::from_io};
use std::net::IpAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Version;

pub(crate) use read::{Heard, alert_name};

/// The most bytes read in answer: a chain of the largest size rustls accepts fits in.
const ANSWER_LIMIT: usize = 96 * 1024;

/// The most reads of one answer: a server that drips single bytes is not waited for.
const READ_LIMIT: usize = 256;

/// Says hello once, offering TLS up to `max`, and reads until the server's choice is known, with its chain if
/// `want_chain`.
///
/// # Errors
/// Why nothing was heard.
pub(crate) async fn ask<N: Network>(
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    max: Version,
    want_chain: bool,
) -> Result<Heard, Unseen> {
    let mut stream = session.connect(address, Purpose::Https).await?;
    let mut random = [0; 32];
    session.random(&mut random);
    let hello = write::client_hello(host, max, random);
    session.within(Limits::HANDSHAKE, converse(&mut stream, &hello, want_chain)).await?
}

async fn converse<S>(stream: &mut Held<S>, hello: &[u8], want_chain: bool) -> Result<Heard, Unseen>
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    stream.write_all(hello).await.map_err(|error| from_io(&error))?;
    stream.flush().await.map_err(|error| from_io(&error))?;
    let mut answer = Vec::new();
    let mut buffer = vec![0; 16 * 1024];
    for _ in 0..READ_LIMIT {
        let read = stream.read(&mut buffer).await;
        if let Ok(count) = read {
            answer.extend_from_slice(buffer.get(..count).unwrap_or_default());
        }
        let heard = read::read(&answer);
        let ended = !matches!(read, Ok(1..)) || answer.len() >= ANSWER_LIMIT;
        if heard.settles(want_chain) || (ended && heard.says_anything()) {
            return Ok(heard);
        }
        match read {
            Err(error) => return Err(from_io(&error)),
            Ok(0) => return Err(Unseen::Closed),
            Ok(_) if ended => break,
            Ok(_) => {}
        }
    }
    Err(Unseen::Failed("the answer went on without saying anything".into()))
}
