//! A way between two network namespaces that takes time: every packet arrives half a round trip after it was sent.
//!
//! netem is in few kernels, and a proxy that waits would answer the first packet of a connection itself; so packets are
//! read from a TUN device in one namespace and written to another in the other, later. On the far side forwarders lead
//! to the practice network's servers on loopback, which takes no time.

use std::{
    collections::HashMap,
    fs::File,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail};
use nix::sched::{CloneFlags, setns};
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tun_rs::{DeviceBuilder, SyncDevice};

/// The side of the servers.
pub const FAR: (Ipv4Addr, Ipv6Addr) = (Ipv4Addr::new(10, 99, 0, 1), Ipv6Addr::new(0xfd99, 0, 0, 0, 0, 0, 0, 1));
/// The side of who asks.
const NEAR: (Ipv4Addr, Ipv6Addr) = (Ipv4Addr::new(10, 99, 0, 2), Ipv6Addr::new(0xfd99, 0, 0, 0, 0, 0, 0, 2));

/// One TCP connection as the packets tell it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// The port on the far side.
    pub port: u16,
    /// Whether it was opened since the last time, and not kept open from before.
    pub opened: bool,
    /// Round trips that it had to wait for: one to open, and one for each time data went out and data came back.
    pub round_trips: u32,
}

/// What went over the way since it was last asked.
#[derive(Debug, Default)]
pub struct Tally {
    flows: HashMap<Flow, State>,
}

/// The near side's port and the far side's.
type Flow = (u16, u16);

#[derive(Debug)]
struct State {
    opened: bool,
    round_trips: u32,
    /// Data went out, and none has come back since.
    asked: bool,
}

impl Tally {
    /// What there was, in no order; counts anew from here.
    pub fn take(&mut self) -> Vec<Connection> {
        let told = self.flows.iter_mut().map(|((_, port), state)| {
            let opened = std::mem::take(&mut state.opened);
            Connection { port: *port, opened, round_trips: std::mem::take(&mut state.round_trips) }
        });
        // One that is kept open goes on counting; where nothing went over it, there is nothing to tell.
        told.filter(|it| it.opened || it.round_trips > 0).collect()
    }

    fn count(&mut self, segment: &Segment, outward: bool) {
        let flow = if outward { (segment.from, segment.to) } else { (segment.to, segment.from) };
        if outward && segment.opens {
            self.flows.insert(flow, State { opened: true, round_trips: 0, asked: true });
            return;
        }
        let Some(state) = self.flows.get_mut(&flow) else { return };
        if outward && segment.carries {
            state.asked = true;
        } else if !outward && (segment.carries || segment.accepts) && state.asked {
            state.asked = false;
            state.round_trips += 1;
        }
    }
}

/// What counts of a TCP segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Segment {
    from: u16,
    to: u16,
    opens: bool,
    accepts: bool,
    carries: bool,
}

/// The TCP segment in an IP packet; none in others, and none in packets with IPv6 extension headers, which nobody here
/// sends.
fn segment(packet: &[u8]) -> Option<Segment> {
    const TCP: u8 = 6;
    let (protocol, segment) = match packet.first()? >> 4 {
        4 => {
            let length = usize::from(u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]));
            let header = usize::from(packet.first()? & 15) * 4;
            (*packet.get(9)?, packet.get(header..length)?)
        }
        6 => (*packet.get(6)?, packet.get(40..)?),
        _ => return None,
    };
    let port = |at: usize| Some(u16::from_be_bytes([*segment.get(at)?, *segment.get(at + 1)?]));
    let flags = *segment.get(13)?;
    let data = segment.get(usize::from(segment.get(12)? >> 4) * 4..)?;
    let (syn, ack) = (flags & 2 != 0, flags & 16 != 0);
    (protocol == TCP).then_some(Segment {
        from: port(0)?,
        to: port(2)?,
        opens: syn && !ack,
        // An answer to the first packet, a refusal included.
        accepts: (syn && ack) || flags & 4 != 0,
        carries: !data.is_empty(),
    })
}

/// Lays the way between two namespaces. It stays until the process ends.
///
/// # Errors
/// Without the rights for it, or where the kernel has no TUN devices.
pub fn lay(far: &str, near: &str, round_trip: Duration) -> Result<Arc<Mutex<Tally>>> {
    let far = Arc::new(device(far, FAR)?);
    let near = Arc::new(device(near, NEAR)?);
    let tally = Arc::new(Mutex::new(Tally::default()));
    for (from, to, outward) in [(Arc::clone(&near), Arc::clone(&far), true), (far, near, false)] {
        let (send, due) = mpsc::channel::<(Instant, Vec<u8>)>();
        let tally = Arc::clone(&tally);
        thread::spawn(move || {
            let mut buffer = vec![0; 65_536];
            while let Ok(length) = from.recv(&mut buffer) {
                let (now, packet) = (Instant::now(), buffer.get(..length).unwrap_or_default());
                if let Some(segment) = segment(packet) {
                    tally.lock().unwrap_or_else(PoisonError::into_inner).count(&segment, outward);
                }
                if send.send((now + round_trip / 2, packet.to_owned())).is_err() {
                    return;
                }
            }
        });
        thread::spawn(move || {
            for (at, packet) in due {
                thread::sleep(at.saturating_duration_since(Instant::now()));
                // A packet that the other side does not take is a packet lost.
                let _ = to.send(&packet);
            }
        });
    }
    Ok(tally)
}

/// A TUN device in a namespace. It belongs to that namespace wherever its descriptor is used.
fn device(namespace: &str, (v4, v6): (Ipv4Addr, Ipv6Addr)) -> Result<SyncDevice> {
    inside(namespace, move || Ok(DeviceBuilder::new().ipv4(v4, 24, None).ipv6(v6, 64).mtu(1500).build_sync()?))?
        .join()
        .map_err(|_| anyhow!("no TUN device"))?
}

/// Runs something in a thread of that namespace.
fn inside<T: Send + 'static>(
    namespace: &str,
    what: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<thread::JoinHandle<Result<T>>> {
    let path = format!("/run/netns/{namespace}");
    let file = File::open(&path).with_context(|| format!("{path} cannot be opened"))?;
    Ok(thread::spawn(move || {
        setns(file, CloneFlags::CLONE_NEWNET).context("the namespace cannot be entered")?;
        what()
    }))
}

/// In the far namespace, leads each port of the way's address to the same port on loopback, TCP and UDP. It stays until
/// the process ends.
///
/// # Errors
/// When a port is taken.
pub fn forward(far: &str, ports: Vec<u16>) -> Result<()> {
    let (ready, wait) = mpsc::channel();
    let thread = inside(far, move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            for port in ports {
                for (address, loopback) in [
                    (IpAddr::V4(FAR.0), IpAddr::V4(Ipv4Addr::LOCALHOST)),
                    (IpAddr::V6(FAR.1), IpAddr::V6(Ipv6Addr::LOCALHOST)),
                ] {
                    let (at, to) = (SocketAddr::new(address, port), SocketAddr::new(loopback, port));
                    // What refuses on loopback, or never answers, does so here too: nobody listens for it.
                    if tokio::time::timeout(Duration::from_millis(100), TcpStream::connect(to))
                        .await
                        .is_ok_and(|it| it.is_ok())
                    {
                        tokio::spawn(tcp(TcpListener::bind(at).await?, to));
                    }
                    if UdpSocket::bind(to).await.is_err() {
                        tokio::spawn(udp(UdpSocket::bind(at).await?, to));
                    }
                }
            }
            let _ = ready.send(());
            std::future::pending::<()>().await;
            Ok(())
        })
    })?;
    match wait.recv() {
        Ok(()) => Ok(()),
        Err(_) => match thread.join() {
            Ok(Err(error)) => Err(error),
            _ => bail!("the forwarders ended early"),
        },
    }
}

async fn tcp(listener: TcpListener, to: SocketAddr) {
    while let Ok((mut near, _)) = listener.accept().await {
        tokio::spawn(async move {
            let Ok(mut far) = TcpStream::connect(to).await else { return };
            let _ = (near.set_nodelay(true), far.set_nodelay(true));
            let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
        });
    }
}

/// Questions and single answers, which is what DNS has.
async fn udp(socket: UdpSocket, to: SocketAddr) {
    let socket = Arc::new(socket);
    let mut buffer = vec![0; 4096];
    while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
        let (question, socket) = (buffer.get(..length).unwrap_or_default().to_owned(), Arc::clone(&socket));
        tokio::spawn(async move {
            let any = if to.is_ipv4() { "127.0.0.1:0" } else { "[::1]:0" };
            let Ok(upstream) = UdpSocket::bind(any).await else { return };
            let mut answer = vec![0; 4096];
            let asked = async {
                upstream.send_to(&question, to).await?;
                let length = upstream.recv(&mut answer).await?;
                socket.send_to(answer.get(..length).unwrap_or_default(), from).await
            };
            let _ = tokio::time::timeout(Duration::from_secs(5), asked).await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IPv4 packet without options.
    fn packet(from: u16, to: u16, flags: u8, data: &[u8]) -> Vec<u8> {
        let length = u16::try_from(40 + data.len()).unwrap();
        let mut packet = vec![0x45, 0];
        packet.extend(length.to_be_bytes());
        packet.extend([0, 0, 0, 0, 64, 6, 0, 0, 10, 99, 0, 2, 10, 99, 0, 1]);
        packet.extend(from.to_be_bytes());
        packet.extend(to.to_be_bytes());
        packet.extend([0, 0, 0, 0, 0, 0, 0, 0, 0x50, flags, 0, 0, 0, 0, 0, 0]);
        packet.extend(data);
        packet
    }

    #[test]
    fn a_request_over_a_new_connection_takes_two_round_trips() {
        let mut tally = Tally::default();
        for (flags, data, outward) in [
            (2, "", true),
            (18, "", false),
            (16, "", true),
            (24, "GET / HTTP/1.1\r\n", true),
            (24, "Host: a.test\r\n\r\n", true),
            (16, "", false),
            (24, "HTTP/1.1 200 OK\r\n", false),
            (24, "\r\nhello", false),
            (17, "", true),
        ] {
            let (from, to) = if outward { (5000, 80) } else { (80, 5000) };
            let segment = segment(&packet(from, to, flags, data.as_bytes())).unwrap();
            tally.count(&segment, outward);
        }
        assert_eq!(tally.take(), [Connection { port: 80, opened: true, round_trips: 2 }]);
        assert!(tally.take().is_empty());
        // Kept open, it is asked once more.
        tally.count(&segment(&packet(5000, 80, 24, b"GET / HTTP/1.1\r\n\r\n")).unwrap(), true);
        tally.count(&segment(&packet(80, 5000, 24, b"HTTP/1.1 200 OK\r\n\r\n")).unwrap(), false);
        assert_eq!(tally.take(), [Connection { port: 80, opened: false, round_trips: 1 }]);
    }

    #[test]
    fn a_refusal_is_one_round_trip_and_other_packets_are_none() {
        let mut tally = Tally::default();
        tally.count(&segment(&packet(5000, 443, 2, b"")).unwrap(), true);
        tally.count(&segment(&packet(443, 5000, 20, b"")).unwrap(), false);
        assert_eq!(tally.take()[0].round_trips, 1);
        let mut udp = packet(1, 53, 0, b"x");
        udp[9] = 17;
        for other in [&udp[..], &[], &[0x45], &[0x60; 39]] {
            assert_eq!(segment(other), None);
        }
    }
}
