//! `/check/<domain>`, once there is a report.

use crate::app::Shown;

/// The report.
pub(crate) fn shown(shown: &Shown) -> String {
    view::components::report(&shown.report, &shown.changes)
}
