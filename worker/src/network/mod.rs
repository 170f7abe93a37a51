//! The platform as a [`Network`]: the one place that knows its sockets, fetch, timers and clock.

mod fetch;
mod platform;
mod stream;
mod timer;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use ipnet::IpNet;
use network::{ConnectError, FetchError, Network, Request, Response, Settings};
use worker::{console_error, js_sys::Date};

use stream::Stream;
use timer::Timer;

/// The edge's way to the world.
pub(crate) struct Edge {
    /// Cloudflare's own ranges, whose refusals say nothing about the site.
    own: Vec<IpNet>,
    timer: Timer,
}

impl Edge {
    pub(crate) fn new() -> Edge {
        Edge { own: Settings::cloudflare(), timer: Timer::new() }
    }
}

impl Network for Edge {
    type Stream = Stream;

    async fn connect(&self, to: SocketAddr) -> Result<Stream, ConnectError> {
        let started = now();
        let failed = |words: String| {
            let waited = Duration::from_millis(now().saturating_sub(started));
            connect_error(&words, waited, holds(&self.own, to.ip()))
        };
        let stream = Stream::new(&literal(to.ip()), to.port()).map_err(failed)?;
        stream.opened().await.map_err(failed)?;
        Ok(stream)
    }

    async fn fetch(&self, request: Request) -> Result<Response, FetchError> {
        fetch::exchange(request).await
    }

    async fn sleep(&self, duration: Duration) {
        self.timer.sleep(duration).await;
    }

    fn now(&self) -> u64 {
        now()
    }

    fn random(&self, buffer: &mut [u8]) {
        if let Err(error) = getrandom::fill(buffer) {
            // What is random here (a path that no site has, a ClientHello) is no secret: a check without is still true.
            console_error!("the platform gave no random bytes: {error}");
        }
    }
}

fn holds(ranges: &[IpNet], address: IpAddr) -> bool {
    ranges.iter().any(|range| range.contains(&address))
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

/// What the platform's words for a broken connection mean.
fn kind(message: &str) -> io::ErrorKind {
    if message.contains("Network connection lost") { io::ErrorKind::ConnectionReset } else { io::ErrorKind::Other }
}

/// Milliseconds since 1970; while the program computes it stands still here.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "f64 is JavaScript's only number")]
fn now() -> u64 {
    // The platform's crate makes an object of it, each time.
    Date::now() as u64
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
    fn own_ranges_are_known() {
        let own = Settings::cloudflare();
        assert!(holds(&own, "104.16.0.1".parse().unwrap()));
        assert!(holds(&own, "2606:4700::1".parse().unwrap()));
        assert!(!holds(&own, "203.0.113.7".parse().unwrap()));
    }
}
