//! Servers that mean no good, or are broken in ways that no real server can be configured to be.

use std::{net::SocketAddr, time::Duration};

use anyhow::Result;
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time,
};

/// What a stranger does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stranger {
    /// One byte of a header each second, for ever.
    Drip,
    /// A page that never ends.
    EndlessPage,
    /// Bytes of no protocol at all.
    Garbage,
    /// More header than anyone reads.
    HugeHeader,
    /// Ends the connection with a reset as soon as something is said.
    Reset,
    /// A router's login page.
    Router,
    /// Takes the connection and says nothing.
    Silence,
}

/// Serves until the runtime ends.
pub(super) async fn serve(at: SocketAddr, stranger: Stranger) -> Result<()> {
    let listener = TcpListener::bind(at).await?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                // Its end is the visitor's leaving.
                let _ = stranger.meet(stream).await;
            });
        }
    });
    Ok(())
}

impl Stranger {
    async fn meet(self, mut stream: TcpStream) -> Result<()> {
        let mut heard = [0; 4096];
        if stream.read(&mut heard).await? == 0 {
            return Ok(());
        }
        match self {
            Stranger::Drip => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nx-drip: ").await?;
                loop {
                    stream.write_all(b"a").await?;
                    time::sleep(Duration::from_secs(1)).await;
                }
            }
            Stranger::EndlessPage => {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<!doctype html><title>").await?;
                loop {
                    stream.write_all(&[b'a'; 16_384]).await?;
                }
            }
            Stranger::Garbage => {
                let garbage: Vec<u8> = (0..4096_u32).map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
                stream.write_all(&garbage).await?;
            }
            Stranger::HugeHeader => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
                for number in 0..100_000 {
                    stream.write_all(format!("x-header-{number}: {}\r\n", "a".repeat(100)).as_bytes()).await?;
                }
            }
            Stranger::Reset => stream.set_zero_linger()?,
            Stranger::Router => {
                let login = "<html><head><title>401 Unauthorized</title></head></html>";
                let head = "HTTP/1.1 401 Unauthorized\r\nServer: micro_httpd\r\nContent-Type: text/html\r\n\
                            WWW-Authenticate: Basic realm=\"Broadband Router\"\r\nConnection: close\r\n\r\n";
                stream.write_all(format!("{head}{login}").as_bytes()).await?;
            }
            Stranger::Silence => while stream.read(&mut heard).await? > 0 {},
        }
        Ok(())
    }
}
