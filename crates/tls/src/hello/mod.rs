//! ClientHellos built by hand, for what rustls does not speak: old versions, old suites, chains in clear text.

mod read;
mod write;

use std::{net::IpAddr, time::Duration};

use domain::DomainName;
use network::{Held, Network, Purpose, Session, Unseen, http::from_io};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub(crate) use read::{Heard, alert_name};
pub(crate) use write::{EXTENDED_MASTER_SECRET, HYBRID_GROUP, PROMISES, RENEGOTIATION, group_of, suite_name};

use crate::Suites;

/// What to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Greeting<'g> {
    /// TLS 1.0 and nothing newer.
    Tls10,
    /// TLS 1.1 and older.
    Tls11,
    /// TLS 1.2 and older, with the suites and groups that browsers still offer.
    AsBrowsers,
    /// The same with HTTP/2 and HTTP/1.1 to choose from: TLS 1.2 says in clear text which.
    Protocols,
    /// The same without naming a host.
    Nameless,
    /// TLS 1.2 and older, with every suite of its time.
    Anything,
    /// TLS 1.2 and older, with these groups of suites.
    Among(&'g [Suites]),
    /// TLS 1.3 with X25519MLKEM768 as the only way to exchange keys, and no key yet: a server that knows it asks for
    /// one (RFC 8446 §4.1.4), any other declines.
    Hybrid,
}

/// What has to be heard before the conversation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    /// The server's choice.
    Choice,
    /// Its chain too.
    Chain,
    /// Its choice, and where that is finite-field Diffie-Hellman its prime too.
    Prime,
}

/// The most bytes read in answer: a chain of the largest size rustls accepts fits in.
const ANSWER_LIMIT: usize = 96 * 1024;

/// The most reads of one answer: a server that drips single bytes is not waited for.
const READ_LIMIT: usize = 256;

/// How long an answer is waited for: a server that speaks TLS answers at once, one that does not may never.
const PATIENCE: Duration = Duration::from_secs(3);

/// Says hello once and reads until the server's choice is known; greetings of TLS 1.2 wait for the chain as well.
///
/// # Errors
/// Why nothing was heard.
pub(crate) async fn ask<N: Network>(
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    greeting: Greeting<'_>,
) -> Result<Heard, Unseen> {
    let mut stream = session.connect(address, Purpose::Https).await?;
    let mut random = [0; 32];
    session.random(&mut random);
    let hello = write::client_hello(host, greeting, random);
    let want = match greeting {
        Greeting::AsBrowsers | Greeting::Nameless | Greeting::Anything => Want::Chain,
        Greeting::Among(groups) if groups.contains(&Suites::FiniteField) => Want::Prime,
        _ => Want::Choice,
    };
    session.within(PATIENCE, converse(&mut stream, &hello, want)).await?
}

async fn converse<S>(stream: &mut Held<S>, hello: &[u8], want: Want) -> Result<Heard, Unseen>
where
    S: AsyncRead + AsyncWrite + Unpin,
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
        if heard.settles(want) || (ended && heard.says_anything()) {
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
