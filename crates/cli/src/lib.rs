//! The native command: the same crates as the edge, over tokio.

mod check;
mod compare;
pub mod config;
mod forms;
mod generate;
mod lint;
mod native;
mod route;
mod run;
mod settings;
pub mod smoke;
mod sources;

pub use check::{CheckArgs, FailOn, read_file};
pub use compare::compare;
pub use generate::GenerateArgs;
pub use lint::LintArgs;
pub use native::Native;
pub use route::{RedirectsArgs, RouteArgs};
pub use run::{Format, Outcome, against, check, outcome, read_reports, write};
pub use settings::{FileSettings, SettingsArgs};
