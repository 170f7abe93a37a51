//! Are old versions of TLS still accepted?

use findings::{Verdict, found};
use network::Saw;

use crate::{
    Endpoint, Observation, Version,
    judging::{Answer, judge, list, no_port},
};

findings::check! {
    /// TLS 1.0 or 1.1 is still accepted.
    ///
    /// ## Why it matters
    /// No current browser uses these versions, so nobody is served worse without them. They have known weaknesses, and
    /// card-payment rules and security scans ask for them to be off.
    ///
    /// ## How to fix
    /// Set `ssl_protocols TLSv1.2 TLSv1.3;` in nginx, in the `http` block or in the default server of port 443, and
    /// reload.
    CHECK: Check<Observation> = "obsolete-protocol-accepted",
        section: Hardening, severity: Note,
        title: "Obsolete TLS is still accepted", healthy: "Obsolete TLS is declined",
        source: "RFC 8996", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    judge(
        seen,
        |endpoint| ask(seen, endpoint),
        |group| {
            let versions = list(group.problem.iter().map(|version| version.as_str().to_owned()));
            found(
                group.subject(),
                format!("{} {} {versions}, besides newer versions.", group.places(), group.verb("accepts")),
            )
            .means("Browsers do not use it; security scans and card-payment rules object to it.")
            .fix_code(
                "Set this in the `http` block of nginx.conf, look for other `ssl_protocols` lines (certbot keeps one \
                     in /etc/letsencrypt/options-ssl-nginx.conf), and reload nginx.",
                "ssl_protocols TLSv1.2 TLSv1.3;",
            )
            .prove(
                format!(
                    "openssl s_client -connect {} -servername {} -tls1_1 -cipher 'DEFAULT@SECLEVEL=0' </dev/null",
                    group.endpoint(),
                    group.host()
                ),
                "An error that contains: alert protocol version.",
            )
        },
        |_| "TLS 1.0 and TLS 1.1 are declined.".into(),
    )
}

/// Asked once per address, with the first host of it.
fn ask(seen: &Observation, endpoint: &Endpoint) -> Answer<Vec<Version>> {
    let first = seen.endpoints.iter().find(|other| other.address == endpoint.address);
    if first.is_some_and(|first| first.host != endpoint.host) {
        return Answer::Moot;
    }
    if let Some(why) = endpoint.port.unseen() {
        return Answer::Unknown(no_port(why));
    }
    // Where nothing newer is offered, no-tls-1-2-or-1-3 says so.
    if endpoint.shaken().is_none() || endpoint.legacy.is_empty() {
        return Answer::Moot;
    }
    let old = || endpoint.legacy.iter().filter(|legacy| legacy.version < Version::Tls12);
    let accepted: Vec<Version> =
        old().filter(|legacy| legacy.accepted == Saw::Seen(true)).map(|legacy| legacy.version).collect();
    let unseen = old().find_map(|legacy| legacy.accepted.unseen());
    match (accepted.is_empty(), unseen) {
        (false, _) => Answer::Problem(accepted),
        (true, Some(why)) => Answer::Unknown(format!("Old versions of TLS were not tested: {}.", why.clause())),
        (true, None) => Answer::Fine,
    }
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::sample::{healthy, says, text, with};

    #[test]
    fn both_old_versions_are_named() {
        let seen = with(|seen| {
            for legacy in seen.endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.legacy) {
                legacy.accepted = Saw::Seen(true);
            }
        });
        assert_eq!(says(&CHECK, &seen), ["! example.com"]);
        assert!(text(&CHECK, &seen).contains("accept TLS 1.0 and TLS 1.1"));
    }

    #[test]
    fn a_dead_address_is_not_told_once_per_host() {
        let seen = with(|seen| {
            for endpoint in seen.endpoints.iter_mut().filter(|endpoint| endpoint.address.is_ipv6()) {
                endpoint.port = Saw::Unseen(Unseen::Refused);
                endpoint.handshake = None;
                endpoint.legacy.clear();
            }
        });
        assert_eq!(says(&CHECK, &seen), [". example.com"]);
    }

    #[test]
    fn declined_is_fine_and_unheard_is_not_tested() {
        assert_eq!(says(&CHECK, &healthy()), [". example.com"]);
        let unheard = with(|seen| {
            for legacy in seen.endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.legacy) {
                legacy.accepted = Saw::Unseen(Unseen::Deadline);
            }
        });
        assert_eq!(says(&CHECK, &unheard), ["? example.com"]);
    }
}
