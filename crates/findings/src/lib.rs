//! What Lockstep says, in any subject: a check thinks, a verdict answers, a finding says, a diagnosis explains.
//!
//! Plain data and serde only. Nothing here knows a network, a clock or a page.

mod check;
mod diagnosis;
mod finding;
mod state;

pub use check::{About, Check, judge};
pub use diagnosis::Diagnosis;
pub use finding::{Evidence, Finding, Fix, Prove, Said, Verdict, found, not_tested, pass};
pub use state::{Section, Severity, State};
