//! Lays a way with a chosen round-trip time between two network namespaces and keeps it until the end of standard
//! input. Every line there is answered by one line of JSON: the connections since the line before.

use std::{
    io::{self, BufRead, Write},
    sync::PoisonError,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use tests::relay;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [far, near, milliseconds, ports @ ..] = arguments.as_slice() else {
        bail!("usage: relay FAR-NAMESPACE NEAR-NAMESPACE ROUND-TRIP-MILLISECONDS PORT…");
    };
    let round_trip = Duration::from_millis(milliseconds.parse().context("the round-trip time is no number")?);
    let ports: Vec<u16> = ports.iter().map(|port| port.parse().context("a port")).collect::<Result<_>>()?;
    let tally = relay::lay(far, near, round_trip)?;
    relay::forward(far, ports)?;
    let mut out = io::stdout();
    writeln!(out, "relay ready")?;
    for line in io::stdin().lock().lines() {
        line?;
        let taken = tally.lock().unwrap_or_else(PoisonError::into_inner).take();
        writeln!(out, "{}", serde_json::to_string(&taken)?)?;
    }
    Ok(())
}
