//! Questions that need two subjects at once: one file per check, listed here in report order.

use findings::Check;

use crate::Observations;

/// Every check across subjects.
pub const ALL: &[Check<Observations>] = &[];
