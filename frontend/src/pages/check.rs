//! `/check/<domain>`, once there is a report.

use crate::app::Shown;

/// The report.
pub(crate) fn shown(shown: &Shown) -> String {
    view::components::report(&shown.seen.report, &shown.changes)
}
