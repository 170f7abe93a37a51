//! The native command: the same crates as the edge, over tokio.

mod native;
mod run;
mod settings;

pub use native::Native;
pub use run::{Format, Outcome, check};
pub use settings::SettingsArgs;
