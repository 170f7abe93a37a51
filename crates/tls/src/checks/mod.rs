//! What we think of it: one file per check, listed here in report order.

mod addresses_serve_different_certificates;
mod certificate_expired;
mod certificate_lives_too_long;
mod certificate_name_mismatch;
mod certificate_needs_staple;
mod certificate_not_for_servers;
mod certificate_not_logged;
mod certificate_not_yet_valid;
mod certificate_renewal_overdue;
mod chain_incomplete;
mod chain_untrusted;
mod client_certificate_requested;
mod default_certificate_for_any_name;
mod default_certificate_without_sni;
mod dh_parameters_short;
mod forward_secrecy_missing;
mod handshake_protection_missing;
mod http2_not_offered;
mod no_tls_1_2_or_1_3;
mod obsolete_protocol_accepted;
mod plaintext_on_443;
mod port_443_closed;
mod quantum_safe_exchange_missing;
mod root_only_newer_devices_know;
mod second_certificate_invalid;
mod self_signed;
mod staging_certificate;
mod tls_handshake_fails;
mod tls_settings_outdated;
mod weak_ciphers_accepted;
mod weak_key_or_signature;
mod wrong_order;

use findings::{Check, Verdict, not_tested, pass};
use network::Saw;

use crate::{Closer, Observation, Suites, Tried};

/// Every check of this subject, in report order.
pub const ALL: &[Check<Observation>] = &[
    port_443_closed::CHECK,
    plaintext_on_443::CHECK,
    tls_handshake_fails::CHECK,
    no_tls_1_2_or_1_3::CHECK,
    certificate_expired::CHECK,
    certificate_not_yet_valid::CHECK,
    certificate_name_mismatch::CHECK,
    self_signed::CHECK,
    staging_certificate::CHECK,
    chain_incomplete::CHECK,
    chain_untrusted::CHECK,
    certificate_not_for_servers::CHECK,
    weak_key_or_signature::CHECK,
    certificate_lives_too_long::CHECK,
    certificate_needs_staple::CHECK,
    addresses_serve_different_certificates::CHECK,
    certificate_renewal_overdue::CHECK,
    wrong_order::CHECK,
    obsolete_protocol_accepted::CHECK,
    forward_secrecy_missing::CHECK,
    client_certificate_requested::CHECK,
    default_certificate_without_sni::CHECK,
    root_only_newer_devices_know::CHECK,
    http2_not_offered::CHECK,
];

/// Those that read the answers to the finer questions, which come last.
pub const CLOSER: &[Check<Observation>] = &[
    second_certificate_invalid::CHECK,
    certificate_not_logged::CHECK,
    weak_ciphers_accepted::CHECK,
    dh_parameters_short::CHECK,
    handshake_protection_missing::CHECK,
    tls_settings_outdated::CHECK,
    default_certificate_for_any_name::CHECK,
    quantum_safe_exchange_missing::CHECK,
];

/// The ciphers of TLS 1.2 in Mozilla's intermediate profile (guidelines 6.0), as nginx takes them.
const CIPHERS: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:\
                       ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305";

/// `example.com at 203.0.113.7`.
fn place(closer: &Closer) -> String {
    format!("{} at {}", closer.host, closer.address)
}

/// Judges one group of suites: `agreed` says what to think where the server agrees to it, `declined` what it means that
/// it does not.
fn group_tried(
    seen: &Observation,
    suites: Suites,
    agreed: impl Fn(&Closer, &Tried) -> Verdict,
    declined: &str,
) -> Vec<Verdict> {
    let Some(closer) = &seen.closer else { return Vec::new() };
    let tried = closer.tried.iter().filter(|tried| tried.suites == suites);
    tried
        .map(|tried| match &tried.accepted {
            Saw::Seen(true) => agreed(closer, tried),
            Saw::Seen(false) => pass(place(closer), declined),
            Saw::Unseen(why) => not_tested(place(closer), format!("It was not tried: {}.", why.clause())),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use findings::{State, judge};
    use network::{Saw, Unseen};

    use super::*;
    use crate::{
        Fault, Lack, Path,
        sample::{DAY, NOW, healthy, legacy, with, with_fault, with_leaf},
    };

    fn every() -> impl Iterator<Item = &'static Check<Observation>> {
        ALL.iter().chain(CLOSER)
    }

    fn all(seen: &Observation) -> Vec<findings::Finding> {
        [ALL, CLOSER].into_iter().flat_map(|checks| judge(checks, seen)).collect()
    }

    /// The healthy site with one change to what was tried of one group.
    pub(super) fn closer_with(suites: Suites, change: impl FnOnce(&mut Tried)) -> Observation {
        with(|seen| {
            let tried = &mut seen.closer.as_mut().unwrap().tried;
            change(tried.iter_mut().find(|tried| tried.suites == suites).unwrap());
        })
    }

    impl Tried {
        pub(super) fn agree(&mut self, suite: &str) {
            self.accepted = Saw::Seen(true);
            self.suite = suite.into();
        }
    }

    #[test]
    fn the_folder_and_the_list_agree() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/checks");
        let files: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter_map(|name| name.strip_suffix(".rs").map(|stem| stem.replace('_', "-")))
            .filter(|stem| stem != "mod")
            .collect();
        let ids: BTreeSet<String> = every().map(|check| check.about.id.to_owned()).collect();
        assert_eq!(files, ids);
        assert_eq!(ids.len(), every().count());
    }

    #[test]
    fn titles_are_short_and_docs_are_whole() {
        for check in every() {
            let about = check.about;
            for title in [about.title, about.healthy] {
                assert!((1..=6).contains(&title.split_whitespace().count()), "{}: {title}", about.id);
            }
            let first = about.doc.lines().next().unwrap().trim();
            assert!(first.ends_with('.') && about.doc.contains("## Why it matters"), "{}", about.id);
            assert!(about.doc.contains("## How to fix"), "{}", about.id);
        }
    }

    #[test]
    fn a_healthy_site_has_neither_warnings_nor_gaps() {
        let findings = all(&healthy());
        assert!(findings.iter().all(|finding| finding.state == State::Passed), "{findings:#?}");
        let ids: HashSet<&str> = findings.iter().map(|finding| finding.id.as_str()).collect();
        assert_eq!(ids.len(), every().count());
    }

    /// Observations that between them make every check fire.
    fn troubled() -> Vec<Observation> {
        let mut all = vec![
            with_fault(Fault::PlainHttp),
            with_fault(Fault::Alert("unrecognized_name".into())),
            with_fault(Fault::Alert("protocol_version".into())),
            with_fault(Fault::Protocol("received corrupt message of type InvalidContentType".into())),
            with_fault(Fault::Unseen(Unseen::TimedOut)),
            with_leaf(|leaf| leaf.not_after = domain::Time::from_unix(NOW - DAY)),
            with_leaf(|leaf| leaf.not_after = domain::Time::from_unix(NOW + DAY)),
            with_leaf(|leaf| leaf.not_before = domain::Time::from_unix(NOW + DAY)),
            with_leaf(|leaf| leaf.names = vec!["other.example".into()]),
            with_leaf(|leaf| leaf.issuer = "CN=(STAGING) X".into()),
            with_leaf(|leaf| leaf.signature = "sha1WithRSAEncryption".into()),
            with(|seen| seen.chains[0].certificates.swap(0, 1)),
        ];
        for why in [Unseen::Refused, Unseen::TimedOut, Unseen::Reset, Unseen::Unreachable, Unseen::NoVantage] {
            all.push(with(|seen| {
                for endpoint in &mut seen.endpoints {
                    endpoint.port = Saw::Unseen(why.clone());
                    endpoint.handshake = None;
                }
            }));
        }
        for path in [
            Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() },
            Path::Incomplete { fetched: "http://ca.example/x.der".into(), missing: "CN=X".into() },
            Path::Unverified { why: "x".into() },
            Path::Unreadable { why: "x".into() },
        ] {
            all.push(with(|seen| seen.chains[0].path = path));
        }
        all.push(with(|seen| {
            seen.chains[0].certificates[0].self_signed = true;
            seen.chains[0].path = Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
        }));
        for (which, version) in [(0, crate::Version::Tls10), (1, crate::Version::Tls12)] {
            let mut seen = if which == 0 { healthy() } else { with_fault(Fault::Alert("handshake_failure".into())) };
            for endpoint in &mut seen.endpoints {
                endpoint.legacy = vec![legacy(version, true)];
            }
            all.push(seen);
        }
        all.push(with(|seen| seen.endpoints.iter_mut().for_each(|it| it.http2 = Some(Saw::Seen(false)))));
        let mut old = with_fault(Fault::Protocol("x".into()));
        for endpoint in &mut old.endpoints {
            endpoint.legacy = vec![legacy(crate::Version::Tls11, true)];
        }
        all.push(old);
        all.push(with(|seen| {
            let second = seen.closer.as_mut().unwrap().second.as_mut().unwrap().as_mut().unwrap();
            second.certificates[0].not_after = domain::Time::from_unix(NOW - DAY);
        }));
        all.push(with(|seen| {
            seen.chains[0].certificates[1].issuer = "CN=ISRG Root X2,O=Internet Security Research Group,C=US".into();
        }));
        all.push(with_leaf(|leaf| leaf.must_staple = true));
        all.push(with_leaf(|leaf| leaf.not_for_servers = true));
        all.push(with_leaf(|leaf| leaf.logs.clear()));
        all.push(with_leaf(|leaf| leaf.not_after = leaf.not_before.plus(201 * DAY)));
        all.push(closer_with(Suites::Modern, |tried| tried.lacks = vec![Lack::MasterSecret]));
        all.push(closer_with(Suites::Broken, |tried| tried.agree("TLS_RSA_WITH_RC4_128_SHA")));
        all.push(closer_with(Suites::FiniteField, |tried| {
            tried.agree("TLS_DHE_RSA_WITH_AES_128_CBC_SHA");
            tried.prime_bits = 1024;
        }));
        all.push(with(|seen| {
            let closer = seen.closer.as_mut().unwrap();
            closer.hybrid = Some(Saw::Seen(false));
            let mut other = crate::sample::leaf();
            (other.names, other.sha256) = (vec!["other.example".into()], "cc".repeat(32));
            closer.any_name = Ok(Box::new(other));
            for endpoint in &mut seen.endpoints {
                if let Some(Ok(handshake)) = &mut endpoint.handshake {
                    handshake.asks_client = true;
                }
            }
        }));
        let mut plain = with_fault(Fault::Alert("handshake_failure".into()));
        for endpoint in &mut plain.endpoints {
            endpoint.legacy = vec![legacy(crate::Version::Tls12, true)];
            endpoint.legacy[0].suite = "TLS_RSA_WITH_AES_128_GCM_SHA256".into();
        }
        all.push(plain);
        all.push(with(|seen| {
            let mut other = seen.chains[0].clone();
            other.certificates[0].sha256 = "cc".repeat(32);
            other.certificates[0].names = vec!["other.example".into()];
            seen.chains.extend([other.clone(), other]);
            seen.without_sni.as_mut().unwrap().chain = Ok(2);
            if let Some(Ok(handshake)) = &mut seen.endpoints[1].handshake {
                handshake.chain = 1;
            }
        }));
        all
    }

    #[test]
    fn every_finding_speaks_plainly_and_completely() {
        let mut fired = BTreeSet::new();
        for seen in troubled() {
            let findings = all(&seen);
            let keys: HashSet<String> = findings.iter().map(findings::Finding::key).collect();
            assert_eq!(keys.len(), findings.len(), "keys are unique: {findings:#?}");
            for finding in findings {
                for jargon in
                    ["SNI", "SAN", "ALPN", "OCSP", "EDE", "UnknownIssuer", "InvalidContentType", "handshake_failure"]
                {
                    for said in [&finding.title, &finding.seen, &finding.means] {
                        assert!(!said.contains(jargon), "{jargon} in {finding:#?}");
                    }
                }
                assert!(!finding.seen.is_empty() && !finding.subject.is_empty(), "{finding:#?}");
                if finding.state > State::NotTested {
                    fired.insert(finding.id.clone());
                    assert!(finding.fix.is_some() && !finding.means.is_empty(), "{finding:#?}");
                    assert!(finding.prove.is_some() || finding.state == State::Note, "{finding:#?}");
                }
            }
        }
        let ids: BTreeSet<String> = every().map(|check| check.about.id.to_owned()).collect();
        assert_eq!(fired, ids, "every check fires on some observation");
    }

    #[test]
    fn a_dead_port_makes_no_certificate_check_pass() {
        let seen = with(|seen| {
            for endpoint in &mut seen.endpoints {
                endpoint.port = Saw::Unseen(Unseen::Refused);
                endpoint.handshake = None;
                endpoint.legacy.clear();
                endpoint.http2 = None;
            }
            seen.without_sni = None;
            seen.closer = None;
            seen.chains.clear();
        });
        let findings = all(&seen);
        assert!(findings.iter().all(|finding| finding.state != State::Passed), "{findings:#?}");
        assert!(findings.iter().filter(|finding| finding.state == State::NotTested).count() > 8);
    }

    #[test]
    fn without_endpoints_nothing_is_said() {
        let seen = with(|seen| {
            seen.endpoints.clear();
            seen.without_sni = None;
            seen.closer = None;
        });
        assert!(all(&seen).is_empty());
    }
}
