//! What answers on port 443, and which certificate it shows.
//!
//! Handshakes are our own (rustls over our own sockets) and accept any certificate: what is wrong with it is a
//! finding, not an abort. What rustls does not speak is asked by hand-built ClientHellos. Parsing and verifying end
//! in plain data; checks read that data and nothing else.

pub mod checks;
mod judging;
mod observation;

#[cfg(feature = "probe")]
mod chain;
#[cfg(feature = "probe")]
mod client;
#[cfg(feature = "probe")]
mod closer;
#[cfg(feature = "probe")]
mod hello;
#[cfg(feature = "probe")]
mod probe;
#[cfg(any(feature = "probe", feature = "roots"))]
mod roots;
#[cfg(test)]
mod sample;

#[cfg(feature = "probe")]
pub use chain::certificates_from_pem;
#[cfg(feature = "probe")]
pub use chain::{revocations, sha256};
#[cfg(feature = "probe")]
pub use client::{Client, Tunnel};
#[cfg(feature = "probe")]
pub use closer::closer;
pub use observation::{
    Certificate, Chain, Closer, Endpoint, Fault, Handshake, Key, Lack, Legacy, Observation, Path, Revocation, Suites,
    Tried, Version, WithoutSni,
};
#[cfg(feature = "probe")]
pub use probe::{Shown, extras, paths, revisit, visit};
#[cfg(feature = "roots")]
pub use roots::packed_roots;
#[cfg(any(feature = "probe", feature = "roots"))]
pub use roots::{has_roots, use_roots};
