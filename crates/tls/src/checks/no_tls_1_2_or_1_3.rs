//! Is a version of TLS that browsers speak on offer?

use findings::{Verdict, found};
use network::Saw;

use crate::{
    Endpoint, Fault, Observation, Version,
    judging::{Answer, judge, no_port},
};

findings::check! {
    /// The server speaks only TLS 1.0 or 1.1, which browsers no longer do.
    ///
    /// ## Why it matters
    /// All browsers dropped TLS 1.0 and 1.1 in 2020. A server that offers nothing newer cannot be opened at all.
    ///
    /// ## How to fix
    /// Set `ssl_protocols TLSv1.2 TLSv1.3;` in nginx. If nginx does not know TLSv1.3, its OpenSSL is older than 2018:
    /// upgrade the system.
    CHECK: Check<Observation> = "no-tls-1-2-or-1-3",
        section: Certificate, severity: Failed,
        title: "Only obsolete TLS is offered", healthy: "TLS 1.2 or 1.3 is offered",
        source: "RFC 8996", run: run
}

/// The newest old version that an endpoint agrees to, where nothing newer is agreed to. Old versions are asked once
/// per address, so any host's answer at this address counts.
pub(super) fn speaks_only_old(seen: &Observation, endpoint: &Endpoint) -> Option<Version> {
    if endpoint.shaken().is_some() {
        return None;
    }
    let asked = |endpoint: &Endpoint| -> Vec<Version> {
        let accepted = endpoint.legacy.iter().filter(|legacy| legacy.accepted == Saw::Seen(true));
        accepted.map(|legacy| legacy.version).collect()
    };
    let own = asked(endpoint);
    let others = seen.endpoints.iter().filter(|other| other.address == endpoint.address && other.shaken().is_none());
    let all: Vec<Version> = others.flat_map(asked).chain(own).collect();
    all.into_iter().max().filter(|newest| *newest < Version::Tls12)
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = |endpoint: &Endpoint| match (endpoint.port.unseen(), endpoint.fault()) {
        (Some(why), _) => Answer::Unknown(no_port(why)),
        (None, None) if endpoint.shaken().is_some() => Answer::Fine,
        (None, Some(Fault::PlainHttp)) => Answer::Moot,
        // Where nothing at all is agreed to, tls-handshake-fails says so.
        (None, _) => speaks_only_old(seen, endpoint).map_or(Answer::Moot, Answer::Problem),
    };
    judge(
        seen,
        ask,
        |group| {
            found(
                group.subject(),
                format!(
                    "{} {} to {}, but to nothing newer.",
                    group.places(),
                    group.verb("agrees"),
                    group.problem.as_str()
                ),
            )
            .means("Browsers dropped this version in 2020: they show an error page and nothing of the site.")
            .fix_code(
                "Allow TLS 1.2 and TLS 1.3 in the nginx configuration, test with `sudo nginx -t` and reload.",
                "ssl_protocols TLSv1.2 TLSv1.3;",
            )
            .prove(
                format!(
                    "openssl s_client -connect {} -servername {} -brief </dev/null",
                    group.endpoint(),
                    group.host()
                ),
                "A line with Protocol version: TLSv1.3 or TLSv1.2.",
            )
            .evidence("Newest version agreed to", group.problem.as_str())
        },
        |endpoints| {
            let newest = endpoints.iter().filter_map(|endpoint| Some(endpoint.shaken()?.version)).max();
            format!("{} is offered.", newest.unwrap_or(Version::Tls12).as_str())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{healthy, legacy, says, text, with_fault};

    fn with_legacy(answers: &[(Version, bool)]) -> Observation {
        let mut seen = with_fault(Fault::Protocol("server does not support TLS 1.2 or 1.3".into()));
        for endpoint in seen.endpoints.iter_mut().take(2) {
            endpoint.legacy = answers.iter().map(|(version, accepted)| legacy(*version, *accepted)).collect();
        }
        seen
    }

    #[test]
    fn an_old_server_fails_at_both_hosts_though_asked_once() {
        let seen = with_legacy(&[(Version::Tls10, true), (Version::Tls11, true), (Version::Tls12, false)]);
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        assert!(text(&CHECK, &seen).contains("agree to TLS 1.1"));
    }

    #[test]
    fn old_ciphers_with_tls_1_2_are_another_matter() {
        assert!(says(&CHECK, &with_legacy(&[(Version::Tls10, true), (Version::Tls12, true)])).is_empty());
        assert!(says(&CHECK, &with_legacy(&[(Version::Tls10, false), (Version::Tls12, false)])).is_empty());
        assert_eq!(says(&CHECK, &healthy()), [". example.com, www.example.com"]);
    }
}
