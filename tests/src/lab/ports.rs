//! Unprivileged ports on loopback: free ones, closed ones and ones behind a firewall.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    time,
};

/// Below the range from which Linux takes the ports of outgoing connections (32768 and up).
const FIRST: u16 = 20_000;
const LAST: u16 = 32_000;

/// Hands out free ports.
#[derive(Debug)]
pub(super) struct Ports {
    next: u16,
    tried: u16,
}

impl Ports {
    /// Starts somewhere that depends on the process, so that two labs do not meet.
    pub(super) fn new() -> Result<Ports> {
        std::net::UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).context(
            "the practice network needs IPv6 on the loopback interface (sysctl net.ipv6.conf.lo.disable_ipv6=0)",
        )?;
        let spread = u32::from(LAST - FIRST);
        let start = std::process::id().wrapping_mul(613) % spread;
        Ok(Ports { next: FIRST + u16::try_from(start)?, tried: 0 })
    }

    /// A port that is free for TCP and UDP on both loopback addresses.
    pub(super) fn free(&mut self) -> Result<u16> {
        while self.tried < LAST - FIRST {
            let port = self.next;
            self.next = if port + 1 >= LAST { FIRST } else { port + 1 };
            self.tried += 1;
            let both = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];
            if both.iter().all(|ip| {
                std::net::TcpListener::bind((*ip, port)).is_ok() && std::net::UdpSocket::bind((*ip, port)).is_ok()
            }) {
                return Ok(port);
            }
        }
        bail!("no free port between {FIRST} and {LAST}")
    }
}

/// A port that is kept as it is while this lives.
#[derive(Debug)]
#[allow(dead_code, reason = "held, never read")]
pub(super) enum Held {
    /// Bound, not listening: the kernel refuses connections, and nobody else can take the port.
    Closed(TcpSocket),
    /// Listening with a full queue: the kernel drops what arrives, as a firewall does.
    Filtered(TcpListener, Vec<TcpStream>),
}

/// A port that refuses connections.
pub(super) fn closed(at: SocketAddr) -> Result<Held> {
    let socket = socket(at)?;
    socket.bind(at).with_context(|| format!("{at} is taken"))?;
    Ok(Held::Closed(socket))
}

/// A port that answers nothing at all.
pub(super) async fn filtered(at: SocketAddr) -> Result<Held> {
    let socket = socket(at)?;
    socket.bind(at).with_context(|| format!("{at} is taken"))?;
    let listener = socket.listen(0)?;
    let mut queue = Vec::new();
    // The queue takes a connection or two although none is asked for; then packets are dropped.
    for _ in 0..16 {
        match time::timeout(Duration::from_millis(300), TcpStream::connect(at)).await {
            Ok(Ok(stream)) => queue.push(stream),
            Ok(Err(error)) => return Err(error.into()),
            Err(_) => return Ok(Held::Filtered(listener, queue)),
        }
    }
    bail!("{at} keeps taking connections although nobody accepts them")
}

fn socket(at: SocketAddr) -> Result<TcpSocket> {
    Ok(if at.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? })
}
