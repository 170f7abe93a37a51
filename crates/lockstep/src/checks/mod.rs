//! Questions that need two subjects at once: one file per check, listed here in report order.

mod answer_never_comes;
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
pub(crate) use ipv6_differs::{ANSWERS, Fares, fare, fare_of};
pub(crate) use renewed_not_reloaded::{groups, is_listed};

use crate::Observations;

/// Every check across subjects that does not wait for the public logs. What only the site's owner asks for is judged
/// where it can be seen.
pub(crate) const ALL: &[Check<Observations>] = &[
    ipv6_differs::CHECK,
    certificate_misses_www::CHECK,
    hsts_locks_visitors_out::CHECK,
    hsts_covers_broken_name::CHECK,
    http_not_redirected::CHECK,
    answer_never_comes::CHECK,
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
pub(crate) fn certificate_fault(tls: &tls::Observation, endpoint: &tls::Endpoint) -> Option<&'static str> {
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

/// What the owner asked for and nobody looked at: the domain was not proved to be theirs, or an address was not.
#[cfg(any(test, feature = "owner"))]
fn not_shown(seen: &Observations) -> Option<findings::Verdict> {
    let exposed = seen.exposed.as_ref()?;
    let control = exposed.control.as_ref()?;
    let host = &control.host;
    if !control.is_proved() {
        let said = format!("Not looked at, because control of {host} has not been proved: {}.", control.lack());
        let said = findings::found(host.as_str(), said).evidence("Looked for", control.value.as_str());
        let said = control.texts().fold(said, |said, text| said.evidence("TXT record", text));
        return Some(findings::Verdict::NotTested(said));
    }
    let mut left = Vec::new();
    let mut said = String::from("Not looked at:");
    for (address, _) in &control.served {
        let looked = exposed.ports.iter().any(|port| port.address == *address);
        if looked {
            continue;
        }
        let why = control.doubt(&seen.tls, *address);
        let why = why.map_or_else(
            || "is one address too many for one check".into(),
            |doubt| format!("has not shown that it is yours, it {doubt}"),
        );
        said.push_str(&format!("{}{address} {why}", if left.is_empty() { " " } else { "; " }));
        left.push(*address);
    }
    match (left.is_empty(), control.served.is_empty()) {
        (true, true) => Some(findings::not_tested(host.as_str(), format!("{host} leads to no address."))),
        (true, false) => None,
        (false, _) if exposed.ports.is_empty() => Some(findings::not_tested(host.as_str(), format!("{said}."))),
        (false, _) => Some(findings::not_tested(format!("{host} at {}", list(&left)), format!("{said}."))),
    }
}

/// `203.0.113.7, 2001:db8::7`.
pub(crate) fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
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
    use std::net::IpAddr;

    use findings::State;
    use network::Saw;

    use super::*;

    /// Runs one check and gives its states and subjects: `failed example.com`.
    pub(super) fn said(check: Check<Observations>, seen: &Observations) -> Vec<String> {
        findings::judge(&[check], seen)
            .into_iter()
            .map(|finding| format!("{} {}", finding.state.word().to_lowercase(), finding.subject))
            .collect()
    }

    /// The healthy site with a proof by record or by file at its first address; ports are looked at where it says so.
    fn with_proof(record: bool, file: bool, looked: &[IpAddr]) -> Observations {
        let mut seen = crate::fixture::healthy();
        let value = "lockstep=0123";
        let records = record.then(|| dns::Record {
            name: "_lockstep.example.com".into(),
            kind: "TXT".into(),
            ttl: 300,
            value: value.into(),
        });
        let answer = dns::Answer {
            rcode: "NOERROR".into(),
            authenticated: false,
            records: records.into_iter().collect(),
            negative_ttl: None,
            zone: None,
            ede: Vec::new(),
        };
        let [first, second] = crate::fixture::ADDRESSES.map(|address| address.parse().unwrap());
        let missing = Saw::Seen((404, false));
        let control = crate::Control {
            host: "example.com".parse().unwrap(),
            value: value.into(),
            record: "_lockstep.example.com".into(),
            answers: vec![dns::Asked { resolver: "North".into(), kind: dns::Kind::Txt, answer: Saw::Seen(answer) }],
            file: domain::HttpUrl::parse("http://example.com/.well-known/acme-challenge/lockstep-0123").unwrap(),
            served: vec![(first, if file { Saw::Seen((200, true)) } else { missing.clone() }), (second, missing)],
        };
        let port = |address: &IpAddr, port: u16| crate::Port {
            address: *address,
            port,
            usual: String::new(),
            database: port == 5432,
            open: Saw::Unseen(network::Unseen::Refused),
            server: None,
        };
        let ports = looked.iter().flat_map(|address| [port(address, 8000), port(address, 5432)]).collect();
        seen.exposed = Some(crate::Exposed { ports, control: Some(control), ..crate::Exposed::default() });
        seen
    }

    const OWNERS: &[Check<Observations>] =
        &[backend_port_public::CHECK, database_port_public::CHECK, private_file_served::CHECK];

    #[test]
    fn without_a_proof_that_holds_nothing_passes() {
        for row in findings::judge(OWNERS, &with_proof(false, false, &[])) {
            assert_eq!((row.state, row.subject.as_str()), (State::NotTested, "example.com"));
            let start = "Not looked at, because control of example.com has not been proved: there is no TXT record at \
                         _lockstep.example.com; ";
            assert!(row.seen.starts_with(start), "{}", row.seen);
        }
    }

    #[test]
    fn an_address_that_is_not_the_visitors_is_named_with_its_reason() {
        let [first, second] = crate::fixture::ADDRESSES.map(|address| address.parse().unwrap());
        let ports = OWNERS.get(..2).unwrap();
        let shown = |seen: &Observations| -> Vec<String> {
            let rows = findings::judge(ports, seen).into_iter();
            rows.map(|row| format!("{} {}: {}", row.state.word(), row.subject, row.seen)).collect()
        };
        let some = shown(&with_proof(false, true, &[first]));
        let left = "Not tested example.com at 2a00::9: Not looked at: 2a00::9 has not shown that it is yours, it does not serve \
                    the file.";
        assert!(some.len() == 4 && some[0].starts_with("Passed example.com: ") && some[1] == left, "{some:#?}");
        let mut none = with_proof(true, false, &[]);
        none.tls.chains[0].certificates[0].names = vec!["else.example".into()];
        let none = findings::judge(OWNERS, &none);
        let why = "9.9.9.9 has not shown that it is yours, it shows a certificate for other names";
        assert!(none.iter().all(|row| row.state == State::NotTested && row.seen.contains(why)), "{none:#?}");
        // The same with the certificate in order: both are looked at, and nothing is left to say.
        let all = shown(&with_proof(true, false, &[first, second]));
        assert!(all.len() == 2 && all.iter().all(|row| row.starts_with("Passed example.com: ")), "{all:#?}");
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
