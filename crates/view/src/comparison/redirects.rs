//! Where each entrance leads.

use domain::Scheme;
use lockstep::Report;
use web::Trail;

use super::{Entry, Value, dns::unseen, place};

pub(super) fn entries(report: &Report) -> Vec<Entry> {
    let seen = &report.observed.web;
    let mut all = Vec::new();
    for scheme in [Scheme::Http, Scheme::Https] {
        for name in report.observed.target.names() {
            let corners: Vec<&web::Corner> = seen.of(scheme, name).collect();
            let trails = corners.iter().filter_map(|corner| seen.trails.get(corner.trail?));
            let trails: Vec<String> = trails.filter(|trail| !trail.hops.is_empty()).map(Trail::told).collect();
            let value = match corners.iter().find_map(|corner| corner.first.unseen()) {
                Some(why) if trails.is_empty() => unseen(why),
                _ if corners.is_empty() => Value::Unseen("the name leads to no address".into()),
                _ => Value::sorted(trails),
            };
            let scheme = format!("{scheme}://");
            all.push(Entry {
                place: [scheme.as_str(), &place(report, name.as_str())].concat(),
                of: format!("{scheme}{name}/"),
                what: "Leads to",
                value,
            });
        }
    }
    all
}
