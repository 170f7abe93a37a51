//! The one door to the world, and the rules for going through it.
//!
//! [`Network`] is what a host (edge worker, native process, test) supplies: connect, fetch, sleep, now, random.
//! [`Session`] is one check's way through that door: it applies the guard, the dial map, five slots, per-step
//! limits and the overall deadline, so that no probe has to. Without the feature `probe` only the words for what
//! could not be seen remain, which is all the page needs.

mod unseen;

#[cfg(feature = "probe")]
mod door;
#[cfg(feature = "probe")]
pub mod http;
#[cfg(feature = "probe")]
mod session;
#[cfg(feature = "probe")]
mod settings;
#[cfg(feature = "probe")]
mod together;

#[cfg(feature = "probe")]
pub use door::{ConnectError, FetchError, Method, Network, Request, Response};
#[cfg(feature = "mine")]
pub use session::Inside;
#[cfg(feature = "probe")]
pub use session::{FETCH_LIMIT, Held, Limits, Purpose, Session};
#[cfg(feature = "probe")]
pub use settings::{
    CLOUDFLARE, DEFAULT_ACME, DEFAULT_CERTSPOTTER, DEFAULT_CRTSH, DEFAULT_HSTS_PRELOAD, DEFAULT_RESOLVERS, Dial,
    Family, LogSearch, PathWanted, Proof, Resolver, SettingError, Settings, Vantage,
};
#[cfg(feature = "probe")]
pub use together::together;
pub use unseen::{Saw, Unseen};
