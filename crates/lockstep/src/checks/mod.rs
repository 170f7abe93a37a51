//! Questions that need two subjects at once: one file per check, listed here in report order.

#[cfg(any(test, feature = "owner"))]
mod backend_port_public;
mod caa_refuses_current_issuer;
mod certificate_misses_www;
mod certificate_revoked;
#[cfg(any(test, feature = "owner"))]
mod database_port_public;
mod hsts_covers_broken_name;
mod hsts_locks_visitors_out;
mod http_not_redirected;
mod ipv6_differs;
#[cfg(any(test, feature = "owner"))]
mod path_not_as_expected;
#[cfg(any(test, feature = "owner"))]
mod private_file_served;
mod renewed_not_reloaded;

use findings::Check;
pub(crate) use ipv6_differs::{Fares, fare};
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
    #[cfg(any(test, feature = "owner"))]
    path_not_as_expected::CHECK,
    #[cfg(any(test, feature = "owner"))]
    private_file_served::CHECK,
    caa_refuses_current_issuer::CHECK,
];

/// Those that read what the public logs remember, which comes last.
pub(crate) const WITH_LOGS: &[Check<Observations>] = &[certificate_revoked::CHECK, renewed_not_reloaded::CHECK];

/// Whether HTTPS works for visitors of this host, at one address at least: handshake, trusted path, name, dates, and
/// an answer.
fn https_works(seen: &Observations, host: &domain::DomainName) -> bool {
    seen.tls.of(host).any(|endpoint| certificate_fault(seen, endpoint).is_none() && endpoint.shaken().is_some())
        || seen.web.of(domain::Scheme::Https, host).any(|c| c.via == web::Via::Fetch && c.first.seen().is_some())
}

/// What a browser would say against this endpoint's certificate, if anything: a clause.
fn certificate_fault(seen: &Observations, endpoint: &tls::Endpoint) -> Option<&'static str> {
    let chain = endpoint.chain(&seen.tls)?;
    let leaf = chain.leaf()?;
    if !leaf.covers(&endpoint.host) {
        return Some("shows a certificate for other names");
    }
    if leaf.not_after < seen.seen_at {
        return Some("shows an expired certificate");
    }
    if leaf.not_before > seen.seen_at {
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
