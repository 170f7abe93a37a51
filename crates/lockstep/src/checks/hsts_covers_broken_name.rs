use domain::DomainName;
use findings::{Verdict, check, found, pass};

use super::{Fares, fare, https_works};
use crate::Observations;

check! {
    /// HSTS with `includeSubDomains` covers a name that does not work over HTTPS.
    ///
    /// ## Why it matters
    /// Browsers that were at the one name open the other by HTTPS only, where it does not work; its plain HTTP, which
    /// may be fine, is never tried.
    ///
    /// ## How to fix
    /// Get HTTPS to work at that name, or leave `includeSubDomains` out until it does.
    CHECK: Check<Observations> = "hsts-covers-broken-name",
        section: Redirects, severity: Warning,
        title: "HSTS covers a broken name", healthy: "HSTS covers working names",
        source: "RFC 6797 §6.1.2, §14.4; seed A15", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let sent = web::hsts::sent(&seen.web);
    for (corner, _) in sent.iter().filter(|(_, it)| it.include_subdomains && it.max_age > 0) {
        let host = &corner.host;
        let covered = seen.target.names().find(|name| *name != host && name.is_within(host));
        let Some(name) = covered.filter(|name| seen.tls.of(name).next().is_some()) else { continue };
        if https_works(seen, name) {
            return vec![pass(name.as_str(), format!("{host} includes its subdomains, and {name} works over HTTPS."))];
        }
        let Some(how) = broken(seen, name) else { continue };
        let said =
            found(name.as_str(), format!("{host} tells browsers to insist on HTTPS for {name} too, which {}.", how.0))
                .means(format!("Visitors who were at {host} cannot open {name} at all, not even over plain HTTP."))
                .fix_code(
                    format!("Get HTTPS to work at {name}; until then leave includeSubDomains out at {host}."),
                    "add_header Strict-Transport-Security \"max-age=86400\" always;",
                )
                .prove(format!("curl -I https://{name}/"), "an HTTP status line")
                .evidence(format!("{name} at {}", how.1), how.0);
        return vec![said.into()];
    }
    Vec::new()
}

/// How the name fails at its first address, if it fails at all of them.
fn broken(seen: &Observations, name: &DomainName) -> Option<(String, String)> {
    let mut all = seen.tls.of(name).map(|endpoint| match fare(seen, endpoint) {
        Fares::Badly(how) => Some((how, endpoint.address.to_string())),
        Fares::Well | Fares::Unknown(_) => None,
    });
    let first = all.next()??;
    all.all(|it| it.is_some()).then_some(first)
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::{
        Observations,
        fixture::{chain, healthy, with_hsts},
    };

    fn sending(value: &str) -> Observations {
        let mut seen = healthy();
        with_hsts(&mut seen, &["example.com"], value);
        seen
    }

    #[test]
    fn a_broken_www_under_include_subdomains_warns() {
        let mut seen = sending("max-age=31536000; includeSubDomains");
        assert_eq!(said(CHECK, &seen), ["passed www.example.com"]);
        seen.tls.chains = vec![chain("one", &["example.com"], -10, 80)];
        assert_eq!(said(CHECK, &seen), ["warning www.example.com"]);
    }

    #[test]
    fn without_the_word_or_where_nothing_was_seen_it_stays_quiet() {
        let mut seen = sending("max-age=31536000");
        seen.tls.chains = vec![chain("one", &["example.com"], -10, 80)];
        assert!(said(CHECK, &seen).is_empty());
        let mut seen = sending("max-age=31536000; includeSubDomains");
        for endpoint in seen.tls.endpoints.iter_mut().filter(|it| it.host.as_str() != "example.com") {
            endpoint.port = Saw::Unseen(Unseen::PlatformCannot);
            endpoint.handshake = None;
        }
        assert!(said(CHECK, &seen).is_empty());
    }
}
