//! One cause for many symptoms: one file per cause, the most telling first.

use findings::{Diagnosis, Finding};

use crate::Observations;

/// The causes that explain what was found.
pub(crate) fn explain(_observed: &Observations, _findings: &[Finding]) -> Vec<Diagnosis> {
    Vec::new()
}
