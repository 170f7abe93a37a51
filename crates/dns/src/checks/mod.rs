//! What we think of it: one file per check, listed here in report order.

use findings::Check;

use crate::Observation;

/// Every check of this subject, in report order.
pub const ALL: &[Check<Observation>] = &[];
