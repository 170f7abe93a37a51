//! The whole: what is looked at in which order, the questions that need two subjects, the causes, the report.

mod checks;
mod compare;
mod control;
mod diagnoses;
mod event;
mod exposed;
mod facts;
#[cfg(test)]
mod fixture;
mod markdown;
mod observation;
mod preload;
mod report;
mod runbook;
mod share;
mod subdomains;
mod text;

#[cfg(feature = "mine")]
mod mine;
#[cfg(feature = "probe")]
mod probe;
#[cfg(feature = "probe")]
mod sweep;

pub use compare::{Comparison, compare};
#[cfg(feature = "probe")]
pub use control::Publication;
pub use control::{Control, RECORD};
pub use event::{Event, Plan, Progress, Row};
pub use exposed::{Exposed, File, Port, Wanted};
pub use facts::{Fact, FactId};
pub use markdown::markdown;
pub use observation::Observations;
pub use preload::{Listed, Preload};
#[cfg(feature = "probe")]
pub use probe::check;
pub use report::{Report, SCHEMA, Situation, Timing, catalogue, report};
pub use runbook::runbook;
pub use share::{Keep, shared};
pub use subdomains::{Subdomain, Subdomains};
pub use text::{line, summary, text, verdict, whole};
