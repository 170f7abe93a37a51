//! Entry points, redirect trails, headers and the page.
//!
//! Everything goes over our own sockets by address, with the host named in TLS and in `Host`: per-address truth.
//! HTTPS is HTTP over TLS, so this crate knows `tls`; it resolves hops to other hosts, so it knows `dns`.

pub mod checks;
mod content;
mod cookie;
mod errors;
mod finals;
mod headers;
pub mod hsts;
mod location;
mod observation;
mod policy;
mod words;

#[cfg(test)]
mod case;
#[cfg(feature = "probe")]
mod crawl;
#[cfg(feature = "probe")]
mod css;
#[cfg(feature = "probe")]
mod jar;
#[cfg(feature = "probe")]
mod line;
#[cfg(test)]
#[cfg(feature = "probe")]
mod loopback;
#[cfg(feature = "probe")]
mod pages;
#[cfg(feature = "mine")]
mod private;
#[cfg(feature = "probe")]
mod probe;
#[cfg(feature = "probe")]
mod reading;
#[cfg(feature = "probe")]
mod robots;
#[cfg(feature = "probe")]
mod scan;
#[cfg(feature = "probe")]
mod script;
#[cfg(feature = "probe")]
mod tags;
#[cfg(feature = "probe")]
mod trail;
#[cfg(feature = "probe")]
mod wanted;

#[cfg(feature = "probe")]
pub use crawl::{CRAWL_LIMIT, crawl};
use observation::NO_ADDRESS;
pub use observation::{
    Asset, Brief, Corner, Crawl, Deep, End, HOP_LIMIT, Hop, Observation, PAGE_LIMIT, Page, REFERENCE_LIMIT, Reference,
    Response, Shared, Trail, Use, Via,
};
#[cfg(feature = "probe")]
pub use pages::{before_https, pages};
#[cfg(feature = "mine")]
pub use private::private_files;
#[cfg(feature = "probe")]
pub use probe::{Fronts, deep, first_http, first_https, stranger, via_fetch};
#[cfg(feature = "probe")]
pub use trail::follow;
#[cfg(feature = "probe")]
pub use wanted::wanted_paths;
