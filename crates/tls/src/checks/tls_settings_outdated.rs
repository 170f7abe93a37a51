//! Which of Mozilla's profiles do the TLS settings come nearest to?

use findings::{Verdict, found, not_tested, pass};
use network::Saw;

use super::{dh_parameters_short::is_short, place};
use crate::{Closer, Observation, Suites, Tried, Version, judging::list};

findings::check! {
    /// The TLS settings allow more than Mozilla's intermediate profile.
    ///
    /// ## Why it matters
    /// Mozilla keeps three profiles for servers: modern (TLS 1.3 alone), intermediate (every browser of the last ten
    /// years) and old. What the old one allows besides, no visitor needs.
    ///
    /// ## How to fix
    /// Copy the lines of the intermediate profile into the `http` block of nginx, and leave no other `ssl_protocols` and
    /// `ssl_ciphers` behind.
    CHECK: Check<Observation> = "tls-settings-outdated",
        section: Hardening, severity: Note,
        title: "TLS allows more than needed", healthy: "TLS allows what is needed",
        source: "Mozilla's server-side TLS guidelines 6.0", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(closer) = &seen.closer else { return Vec::new() };
    if let Some(why) = closer.tried.iter().find_map(|tried| tried.accepted.unseen()) {
        return vec![not_tested(place(closer), format!("Not every cipher could be tried: {}.", why.clause()))];
    }
    let of_address = || seen.endpoints.iter().filter(|endpoint| endpoint.address == closer.address);
    let newest = of_address().filter_map(|it| it.shaken()).map(|it| it.version).max();
    let old = of_address().flat_map(|it| &it.legacy).filter(|it| it.version < Version::Tls12);
    let mut more: Vec<String> = old
        .filter(|legacy| legacy.accepted == Saw::Seen(true))
        .map(|legacy| legacy.version.as_str().to_owned())
        .collect();
    let of = |suites| agreed(closer, suites);
    if of(Suites::Broken).is_some() {
        more.push("broken ciphers".into());
    }
    if of(Suites::PlainRsa).is_some() {
        more.push("key exchange without forward secrecy".into());
    }
    if of(Suites::Cbc).is_some() {
        more.push("CBC ciphers".into());
    }
    if let Some(tried) = of(Suites::FiniteField).filter(|tried| is_short(tried.prime_bits)) {
        more.push(format!("Diffie-Hellman parameters of {} bits", tried.prime_bits));
    }
    let speaks_1_2 = closer.tried.iter().any(|tried| tried.accepted == Saw::Seen(true));
    if more.is_empty() {
        let profile = match (newest, speaks_1_2) {
            (Some(Version::Tls13), false) => "modern",
            (Some(Version::Tls13), true) => "intermediate",
            _ => "intermediate, but for TLS 1.3,",
        };
        return vec![pass(place(closer), format!("Mozilla's {profile} profile is kept."))];
    }
    let host = &closer.host;
    vec![
        found(
            place(closer),
            format!("{} comes nearest to Mozilla's old profile: it also accepts {}.", closer.address, list(more)),
        )
        .means("Nothing has to change: browsers choose something better. No visitor of today needs it.")
        .fix_code(
            "Mozilla's intermediate profile: set these in the `http` block of nginx.conf, remove other lines of these \
             names (certbot keeps some in /etc/letsencrypt/options-ssl-nginx.conf), and reload nginx.",
            format!(
                "ssl_protocols TLSv1.2 TLSv1.3;\nssl_ecdh_curve X25519:prime256v1:secp384r1;\nssl_ciphers {};\n\
                 ssl_prefer_server_ciphers off;",
                super::CIPHERS
            ),
        )
        .prove(
            format!("openssl s_client -connect {host}:443 -servername {host} -tls1_2 -cipher 'AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA' </dev/null"),
            "An error that contains: alert handshake failure.",
        )
        .evidence(
            "Agreed to",
            list(closer.tried.iter().filter(|it| !it.suite.is_empty()).map(|it| it.suite.clone())),
        )
        .into(),
    ]
}

fn agreed(closer: &Closer, suites: Suites) -> Option<&Tried> {
    closer.tried.iter().find(|tried| tried.suites == suites && tried.accepted == Saw::Seen(true))
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::{
        checks::tests::closer_with,
        sample::{healthy, says, text, with},
    };

    #[test]
    fn what_goes_beyond_intermediate_is_listed() {
        let cbc = closer_with(Suites::Cbc, |tried| tried.agree("TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"));
        assert_eq!(says(&CHECK, &cbc), ["! example.com at 203.0.113.7"]);
        let mut both = cbc;
        for legacy in both.endpoints.iter_mut().flat_map(|endpoint| &mut endpoint.legacy) {
            legacy.accepted = Saw::Seen(legacy.version == Version::Tls11);
        }
        assert!(text(&CHECK, &both).contains("also accepts TLS 1.1 and CBC ciphers."));
    }

    #[test]
    fn groups_that_were_not_offered_are_not_held_against_it() {
        let ecdsa = with(|seen| {
            let tried = &mut seen.closer.as_mut().unwrap().tried;
            tried.retain(|tried| !matches!(tried.suites, Suites::PlainRsa | Suites::FiniteField));
        });
        assert!(text(&CHECK, &ecdsa).contains("intermediate profile"));
    }

    #[test]
    fn each_profile_has_its_name() {
        assert!(text(&CHECK, &healthy()).contains("intermediate profile"));
        let modern = closer_with(Suites::Modern, |tried| {
            tried.accepted = Saw::Seen(false);
            tried.suite.clear();
        });
        assert!(text(&CHECK, &modern).contains("modern profile"));
        let long = closer_with(Suites::FiniteField, |tried| {
            tried.agree("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256");
            tried.prime_bits = 2048;
        });
        assert_eq!(says(&CHECK, &long), [". example.com at 203.0.113.7"]);
        let unheard = closer_with(Suites::Cbc, |tried| tried.accepted = Saw::Unseen(Unseen::TimedOut));
        assert_eq!(says(&CHECK, &unheard), ["? example.com at 203.0.113.7"]);
        assert!(says(&CHECK, &with(|seen| seen.closer = None)).is_empty());
    }
}
