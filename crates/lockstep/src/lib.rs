//! The whole: what is looked at in which order, the questions that need two subjects, the causes, the report.

mod checks;
mod compare;
mod diagnoses;
mod event;
mod exposed;
mod facts;
#[cfg(test)]
mod fixture;
mod markdown;
mod observation;
mod report;
mod text;

#[cfg(feature = "mine")]
mod mine;
#[cfg(feature = "probe")]
mod probe;

pub use compare::{Comparison, compare};
pub use event::{Event, Plan, Progress, Row};
pub use exposed::{Exposed, File, Port, Wanted};
pub use facts::{Fact, FactId};
pub use markdown::markdown;
pub use observation::Observations;
#[cfg(feature = "probe")]
pub use probe::check;
pub use report::{Report, SCHEMA, Situation, Timing, catalogue, report};
pub use text::{text, verdict};
