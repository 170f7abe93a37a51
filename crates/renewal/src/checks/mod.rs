//! What we think of it: one file per check, listed here in report order.

mod acme_addresses_differ;
mod acme_path_blocked;
mod acme_path_swallowed;
mod certificate_names_a_lost_host;

use domain::DomainName;
use findings::Check;

use crate::{Challenge, Observation, Outcome};

/// Every check of this subject, in report order.
pub const ALL: &[Check<Observation>] = &[
    acme_path_blocked::CHECK,
    acme_addresses_differ::CHECK,
    certificate_names_a_lost_host::CHECK,
    acme_path_swallowed::CHECK,
];

/// The challenges of each host, in the order visited.
fn by_host(seen: &Observation) -> Vec<(&DomainName, Vec<&Challenge>)> {
    let mut hosts: Vec<(&DomainName, Vec<&Challenge>)> = Vec::new();
    for challenge in &seen.challenges {
        match hosts.iter_mut().find(|(host, _)| **host == challenge.host) {
            Some((_, challenges)) => challenges.push(challenge),
            None => hosts.push((&challenge.host, vec![challenge])),
        }
    }
    hosts
}

/// The clause of a challenge that is blocked.
fn blocked(challenge: &Challenge) -> Option<String> {
    match challenge.outcome() {
        Outcome::Blocked(how) => Some(how),
        _ => None,
    }
}

/// Whether a challenge got through to something.
fn answered(challenge: &Challenge) -> bool {
    matches!(challenge.outcome(), Outcome::Open | Outcome::Page)
}

/// When the certificate of a host was last renewed, if the public logs show that it is renewed regularly.
fn renewed_on(seen: &Observation, host: &DomainName) -> Option<domain::Time> {
    let cadence = seen.history.as_ref()?.seen()?.cadence_of(host)?;
    Some(cadence.last)
}

/// `a`, `a and b`, `a, b and c`.
fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match (items.pop(), items.is_empty()) {
        (Some(last), false) => format!("{} and {last}", items.join(", ")),
        (Some(only), true) => only,
        (None, _) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::{HttpUrl, Scheme};
    use network::{Saw, Unseen};

    use super::*;
    use crate::{Answer, End, Hop, PATH, Rule};

    #[test]
    fn the_list_and_the_folder_agree() {
        let files: BTreeSet<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|file| file != "mod.rs")
            .map(|file| file.trim_end_matches(".rs").replace('_', "-"))
            .collect();
        let ids: BTreeSet<String> = ALL.iter().map(|check| check.about.id.to_owned()).collect();
        assert_eq!(files, ids);
    }

    /// Runs one check and gives its states and subjects: `warning example.com`.
    pub(super) fn said(check: Check<Observation>, seen: &Observation) -> Vec<String> {
        findings::judge(&[check], seen)
            .into_iter()
            .map(|finding| format!("{} {}", finding.state.word().to_lowercase(), finding.subject))
            .collect()
    }

    pub(super) fn text(check: Check<Observation>, seen: &Observation) -> String {
        format!("{:?}", findings::judge(&[check], seen))
    }

    /// An observation from lines such as `example.com 9.9.9.9 403`: a status, `page`, `303`, `closed` or `silent`.
    pub(super) fn seen(lines: &str) -> Observation {
        let challenges = lines
            .lines()
            .map(|line| {
                let words: Vec<&str> = line.split_whitespace().collect();
                let host: DomainName = words[0].parse().unwrap();
                let url = HttpUrl::root(Scheme::Http, &host).with_path(&format!("{PATH}x"));
                let address = words[1].parse().unwrap();
                let (port, end) = match words[2] {
                    "closed" => (Saw::Unseen(Unseen::Refused), End::Unseen { url: url.clone(), why: Unseen::Refused }),
                    "cdn" => {
                        let why = Unseen::PlatformCannot;
                        (Saw::Unseen(why.clone()), End::Unseen { url: url.clone(), why })
                    }
                    "silent" => (Saw::Seen(()), End::Unseen { url: url.clone(), why: Unseen::TimedOut }),
                    "glued" => {
                        let host = format!("{host}.well-known").parse().unwrap();
                        let why = Unseen::Failed("the name does not lead to any address".into());
                        (Saw::Seen(()), End::Unseen { url: HttpUrl::root(Scheme::Https, &host), why })
                    }
                    "303" => (Saw::Seen(()), End::Broken(Rule::Status(303))),
                    "page" => (
                        Saw::Seen(()),
                        End::Answer(Answer {
                            status: 200,
                            html: true,
                            wall: false,
                            cookie_test: false,
                            server: Some("nginx".into()),
                        }),
                    ),
                    status => (
                        Saw::Seen(()),
                        End::Answer(Answer {
                            status: status.parse().unwrap(),
                            html: true,
                            wall: false,
                            cookie_test: false,
                            server: None,
                        }),
                    ),
                };
                let hops = match &end {
                    End::Answer(answer) => vec![Hop { url, address, status: answer.status, location: None }],
                    _ => Vec::new(),
                };
                Challenge { host, address, port, hops, end, like_front: false }
            })
            .collect();
        Observation { challenges, ..Observation::default() }
    }

    /// A certificate for `example.com` and these.
    pub(super) fn companions(others: &[(&str, Saw<bool>)]) -> crate::Companions {
        crate::Companions {
            host: "example.com".parse().unwrap(),
            names: ["example.com"].into_iter().chain(others.iter().map(|(name, _)| *name)).map(str::to_owned).collect(),
            leads: others.iter().map(|(name, leads)| (name.parse().unwrap(), leads.clone())).collect(),
        }
    }

    /// The same with certificates of 90 days for `example.com`, issued so many days ago.
    pub(super) fn renewed(mut seen: Observation, days_ago: &[i64]) -> Observation {
        let now = 1_795_242_600;
        let issuances = days_ago.iter().map(|days| crate::Issuance {
            names: vec!["example.com".into()],
            issuer: "C=US, O=Let's Encrypt, CN=R13".into(),
            not_before: domain::Time::from_unix(now - days * 86_400),
            not_after: domain::Time::from_unix(now + (90 - days) * 86_400),
            revoked: false,
        });
        let mut history = crate::History::default();
        history.merge(crate::History { issuances: issuances.collect(), ..crate::History::default() });
        seen.history = Some(Saw::Seen(history));
        seen
    }

    #[test]
    fn what_was_not_asked_is_not_spoken_of() {
        assert!(findings::judge(ALL, &Observation::default()).is_empty());
    }

    #[test]
    fn the_usual_site_passes_everywhere() {
        let mut seen = seen("example.com 9.9.9.9 404\nexample.com 2a00::9 404");
        seen.companions = Some(companions(&[("shop.example.com", Saw::Seen(true))]));
        let findings = findings::judge(ALL, &seen);
        assert_eq!(findings.len(), ALL.len());
        assert!(findings.iter().all(|finding| finding.state == findings::State::Passed), "{findings:#?}");
    }
}
