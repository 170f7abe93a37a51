//! A stranger's input, parsed once at the gate: names, targets, URLs, addresses and moments.
//!
//! [`Target::parse`] is the only place that meets what a visitor typed; after it, the types speak.
//! The public suffix list and the IDNA tables sit behind the feature `parse`, which the page never enables.

mod address;
mod name;
mod repair;
#[cfg(feature = "parse")]
mod suffix;
mod target;
mod time;
mod url;

pub use address::{NotGlobal, classify, is_global};
pub use name::{DomainName, NameError};
pub use repair::{Repaired, repair};
#[cfg(feature = "parse")]
pub use suffix::{has_suffixes, use_suffixes};
#[cfg(feature = "parse")]
pub use target::TargetErrorOrExpect as RequestError;
pub use target::{Expect, ExpectError, Target, TargetError};
pub use time::Time;
pub use url::{HttpUrl, Scheme};
