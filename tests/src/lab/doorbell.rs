//! Ports inside that note who comes before they let them in: what no test may find there is as important as what it may.

use std::{fs, io::Write, net::SocketAddr, path::PathBuf};

use anyhow::{Context, Result};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};

/// One port inside.
#[derive(Debug, Clone)]
pub(super) struct Doorbell {
    /// The address and port of the machine.
    pub(super) of: SocketAddr,
    /// Where it is on loopback.
    pub(super) at: SocketAddr,
    /// Where visitors are let in.
    pub(super) to: SocketAddr,
    /// The file in which they are noted.
    pub(super) book: PathBuf,
}

impl Doorbell {
    /// Serves until the runtime ends.
    pub(super) async fn serve(&self) -> Result<()> {
        let listener = TcpListener::bind(self.at).await.with_context(|| format!("{} is taken", self.at))?;
        let bell = self.clone();
        tokio::spawn(async move {
            while let Ok((mut visitor, _)) = listener.accept().await {
                let mut book = fs::OpenOptions::new().create(true).append(true).open(&bell.book)?;
                book.write_all(format!("{}\n", bell.of).as_bytes())?;
                let to = bell.to;
                tokio::spawn(async move {
                    if let Ok(mut inside) = TcpStream::connect(to).await {
                        // Its end is the visitor's leaving.
                        let _ = copy_bidirectional(&mut visitor, &mut inside).await;
                    }
                });
            }
            Ok::<_, anyhow::Error>(())
        });
        Ok(())
    }
}
