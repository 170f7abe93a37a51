//! What the resolvers say about a name.
//!
//! Each resolver's answer is kept apart: whether they agree is itself a question. Observation and checks are plain
//! data and pure functions; asking sits behind the feature `probe`.

pub mod authorities;
pub mod caa;
pub mod checks;
#[cfg(test)]
mod fixture;
mod observation;
mod service;

#[cfg(feature = "probe")]
mod direct;
#[cfg(feature = "probe")]
mod further;
#[cfg(feature = "probe")]
mod probe;
#[cfg(feature = "probe")]
mod resolve;

#[cfg(feature = "probe")]
pub use direct::{DIRECT_LOOKS, direct};
#[cfg(feature = "probe")]
pub use further::{FURTHER_LOOKS, further};
pub use observation::{Answer, Asked, Direct, EdeCode, Kind, NameSeen, Observation, ParentSeen, Record, Registry};
#[cfg(feature = "probe")]
pub use probe::{Addresses, addresses, nearest, others, probe, questions};
#[cfg(feature = "probe")]
pub use resolve::{addresses_in, addresses_of, ask, leads};
