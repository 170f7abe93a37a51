//! The native command: the same crates as the edge, over tokio.

mod generate;
mod lint;
mod native;
mod route;
mod run;
mod settings;
mod sources;

pub use generate::GenerateArgs;
pub use lint::LintArgs;
pub use native::Native;
pub use route::{RedirectsArgs, RouteArgs};
pub use run::{Format, Outcome, check};
pub use settings::SettingsArgs;
