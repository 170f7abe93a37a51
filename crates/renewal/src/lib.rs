//! Whether the certificate will be renewed: can the authority ask its question, and what do the public logs remember?
//!
//! Observation and checks are plain data and pure functions; asking sits behind the feature `probe`.

pub mod checks;
mod history;
mod observation;

#[cfg(feature = "probe")]
mod challenge;
#[cfg(feature = "probe")]
mod logs;
#[cfg(test)]
#[cfg(feature = "probe")]
mod loopback;
#[cfg(feature = "probe")]
mod suggestion;

#[cfg(feature = "probe")]
pub use challenge::{challenge_path, first_answer, follow};
pub use history::{Cadence, History, Issuance};
#[cfg(feature = "probe")]
pub use logs::{Told, history};
pub use observation::{
    Answer, Challenge, Companions, End, Hop, Observation, Outcome, PATH, REDIRECT_LIMIT, Rule, Suggestion,
};
#[cfg(feature = "probe")]
pub use suggestion::suggestion;
