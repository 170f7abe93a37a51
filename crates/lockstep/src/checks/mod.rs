//! Questions that need two subjects at once: one file per check, listed here in report order.

#[cfg(any(test, feature = "owner"))]
mod backend_port_public;
mod caa_refuses_current_issuer;
mod certificate_misses_www;
mod certificate_revoked;
mod clock_wrong;
#[cfg(any(test, feature = "owner"))]
mod database_port_public;
mod early_renewal_asked;
mod hsts_covers_broken_name;
mod hsts_covers_broken_subdomain;
mod hsts_locks_visitors_out;
mod hsts_preload_asked;
mod hsts_preload_unmet;
mod http_not_redirected;
mod ipv6_differs;
mod other_authorities_issued;
mod path_not_as_expected;
mod preloaded_name_broken;
#[cfg(any(test, feature = "owner"))]
mod private_file_served;
mod renewal_window_missed;
mod renewed_not_reloaded;
mod subdomain_not_ready_for_hsts;
mod weekly_limit_near;

use findings::Check;
pub(crate) use ipv6_differs::{Fares, fare, fare_of};
pub(crate) use renewed_not_reloaded::{groups, is_listed};

use crate::Observations;

/// Every check across subjects that does not wait for the public logs. What only the site's owner asks for is judged
/// where it can be seen: not at the edge.
pub(crate) const ALL: &[Check<Observations>] = &[
    ipv6_differs::CHECK,
    certificate_misses_www::CHECK,
    hsts_locks_visitors_out::CHECK,
    hsts_covers_broken_name::CHECK,
    http_not_redirected::CHECK,
    #[cfg(any(test, feature = "owner"))]
    backend_port_public::CHECK,
    #[cfg(any(test, feature = "owner"))]
    database_port_public::CHECK,
    path_not_as_expected::CHECK,
    #[cfg(any(test, feature = "owner"))]
    private_file_served::CHECK,
    caa_refuses_current_issuer::CHECK,
    clock_wrong::CHECK,
];

/// Those that read what the public logs remember, what the browsers' list says and what the authority says, which comes
/// last.
pub(crate) const WITH_LOGS: &[Check<Observations>] = &[
    certificate_revoked::CHECK,
    preloaded_name_broken::CHECK,
    hsts_covers_broken_subdomain::CHECK,
    renewed_not_reloaded::CHECK,
    early_renewal_asked::CHECK,
    renewal_window_missed::CHECK,
    weekly_limit_near::CHECK,
    hsts_preload_asked::CHECK,
    hsts_preload_unmet::CHECK,
    subdomain_not_ready_for_hsts::CHECK,
    other_authorities_issued::CHECK,
];

/// What the authority suggests about a certificate: the hosts that show it, the certificate, and the time from and until.
type Suggested<'o> = (Vec<&'o str>, &'o tls::Certificate, Option<(domain::Time, domain::Time)>);

/// The certificate that a suggestion is about. `None` where no host shows it any more.
fn suggested<'o>(seen: &'o Observations, told: &renewal::Suggestion) -> Option<Suggested<'o>> {
    let (hosts, leaf) = showing(seen, &told.sha256)?;
    Some((hosts, leaf, told.window))
}

/// Whether the authority has moved the time to renew forward. Usual is a window around two thirds of the life; an
/// authority that makes half of it the rule has moved nothing.
fn is_moved_forward(leaf: &tls::Certificate, end: domain::Time, told: &renewal::Suggestion) -> bool {
    let lifetime = leaf.lifetime();
    let before = |moment: domain::Time, part: i64| end.plus(lifetime / part) < moment;
    let explained = told.explanation.is_some() && before(leaf.renewal_due(), 10);
    explained || before(leaf.not_before.plus(lifetime / 2), 20)
}

/// The certificate with this hash, and the hosts that it is shown for, each once.
fn showing<'o>(seen: &'o Observations, sha256: &str) -> Option<(Vec<&'o str>, &'o tls::Certificate)> {
    let mut hosts = Vec::new();
    let mut shown = None;
    for (endpoint, leaf) in seen.tls.leaves().filter(|(_, leaf)| leaf.sha256 == sha256) {
        shown = Some(leaf);
        if !hosts.contains(&endpoint.host.as_str()) {
            hosts.push(endpoint.host.as_str());
        }
    }
    Some((hosts, shown?))
}

/// Whether HTTPS works for visitors of this host, at one address at least: handshake, trusted path, name, dates, and
/// an answer.
fn https_works(seen: &Observations, host: &domain::DomainName) -> bool {
    seen.tls.of(host).any(|endpoint| certificate_fault(&seen.tls, endpoint).is_none() && endpoint.shaken().is_some())
        || seen.web.of(domain::Scheme::Https, host).any(|c| c.via == web::Via::Fetch && c.first.seen().is_some())
}

/// What a browser would say against this endpoint's certificate, if anything: a clause.
fn certificate_fault(tls: &tls::Observation, endpoint: &tls::Endpoint) -> Option<&'static str> {
    let chain = endpoint.chain(tls)?;
    let leaf = chain.leaf()?;
    if !leaf.covers(&endpoint.host) {
        return Some("shows a certificate for other names");
    }
    if leaf.not_after < tls.seen_at {
        return Some("shows an expired certificate");
    }
    if leaf.not_before > tls.seen_at {
        return Some("shows a certificate that is not valid yet");
    }
    match chain.path {
        tls::Path::Trusted | tls::Path::Unverified { .. } => None,
        tls::Path::Incomplete { .. } => Some("leaves out the intermediate certificate"),
        tls::Path::Untrusted { .. } => Some("shows a certificate that browsers do not trust"),
        tls::Path::Unreadable { .. } => Some("shows a certificate that cannot be read"),
    }
}

/// `203.0.113.7, 2001:db8::7`.
fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, ", ")
}

/// `example.com and www.example.com`.
fn and<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    joined(items, " and ")
}

/// Pushes instead of collecting, which is half the code for each kind of list there is.
fn joined<T: ToString>(items: impl IntoIterator<Item = T>, between: &str) -> String {
    let mut all = String::new();
    for item in items {
        if !all.is_empty() {
            all.push_str(between);
        }
        all.push_str(&item.to_string());
    }
    all
}

/// The hosts, each once.
fn host_list<'h>(hosts: impl Iterator<Item = &'h domain::DomainName>) -> Vec<&'h str> {
    let mut list: Vec<&str> = Vec::new();
    for host in hosts.map(domain::DomainName::as_str) {
        if !list.contains(&host) {
            list.push(host);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs one check and gives its states and subjects: `failed example.com`.
    pub(super) fn said(check: Check<Observations>, seen: &Observations) -> Vec<String> {
        findings::judge(&[check], seen)
            .into_iter()
            .map(|finding| format!("{} {}", finding.state.word().to_lowercase(), finding.subject))
            .collect()
    }

    #[test]
    fn the_list_and_the_folder_agree() {
        let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|file| file != "mod.rs")
            .map(|file| file.trim_end_matches(".rs").replace('_', "-"))
            .collect();
        let mut ids: Vec<&str> = ALL.iter().chain(WITH_LOGS).map(|check| check.about.id).collect();
        files.sort();
        ids.sort_unstable();
        assert_eq!(files, ids);
    }
}
