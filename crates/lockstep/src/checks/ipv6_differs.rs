use std::net::IpAddr;

use domain::{DomainName, Scheme};
use findings::{Verdict, check, found, not_tested, pass};

use super::{certificate_fault, list};
use crate::Observations;

check! {
    /// One address family works and the other does not.
    ///
    /// ## Why it matters
    /// Browsers with IPv6 try it first and fall back silently or slowly; certificate authorities prefer it too. The
    /// owner, testing from one network, sees nothing wrong.
    ///
    /// ## How to fix
    /// Add `listen [::]:443 ssl;` and `listen [::]:80;` to the same server block, or remove the stale AAAA record.
    CHECK: Check<Observations> = "ipv6-differs",
        section: Ports, severity: Failed,
        title: "IPv6 and IPv4 differ", healthy: "IPv6 and IPv4 agree",
        source: "seed A2, A4; RFC 8305", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    seen.target.names().filter_map(|host| judge(seen, host)).collect()
}

/// How one address fares over https, as far as it could be seen.
enum Fares {
    Well,
    Badly(String),
    Unknown(String),
}

fn judge(seen: &Observations, host: &DomainName) -> Option<Verdict> {
    let endpoints: Vec<&tls::Endpoint> = seen.tls.of(host).collect();
    let (v4, v6): (Vec<&tls::Endpoint>, Vec<&tls::Endpoint>) =
        endpoints.into_iter().partition(|endpoint| endpoint.address.is_ipv4());
    if v4.is_empty() || v6.is_empty() {
        return None; // one family only: there is nothing to compare
    }
    let fares = |group: &[&tls::Endpoint]| -> Vec<(IpAddr, Fares)> {
        group.iter().map(|endpoint| (endpoint.address, fare(seen, endpoint))).collect()
    };
    let (v4, v6) = (fares(&v4), fares(&v6));
    for (family, group) in [("IPv4", &v4), ("IPv6", &v6)] {
        if let [(_, Fares::Unknown(why)), ..] = group.as_slice()
            && group.iter().all(|(_, fares)| matches!(fares, Fares::Unknown(_)))
        {
            return Some(not_tested(host.as_str(), format!("{family} could not be looked at: {why}.")));
        }
    }
    let bad = |group: &[(IpAddr, Fares)]| {
        let mut bad = Vec::new();
        for (address, fares) in group {
            if let Fares::Badly(how) = fares {
                bad.push((*address, how.clone()));
            }
        }
        bad
    };
    let well = |group: &[(IpAddr, Fares)]| group.iter().any(|(_, fares)| matches!(fares, Fares::Well));
    let (broken, fine, family, works) = match (bad(&v4), bad(&v6)) {
        (_, v6_bad) if !v6_bad.is_empty() && !well(&v6) && well(&v4) => (v6_bad, &v4, "IPv6", "IPv4"),
        (v4_bad, _) if !v4_bad.is_empty() && !well(&v4) && well(&v6) => (v4_bad, &v6, "IPv4", "IPv6"),
        _ if well(&v4) && well(&v6) => {
            return Some(pass(host.as_str(), format!("{host} answers alike over IPv4 and IPv6.")));
        }
        _ => return None, // both are broken: the checks of each address say how
    };
    let words = broken.iter().map(|(address, how)| format!("{address} {how}")).collect::<Vec<_>>().join("; ");
    let good = list(fine.iter().map(|(address, _)| address));
    let (flag, listen) = if family == "IPv6" {
        ("-6", "listen [::]:443 ssl;\nlisten [::]:80;")
    } else {
        ("-4", "listen 443 ssl;\nlisten 80;")
    };
    let record = if family == "IPv6" { "AAAA" } else { "A" };
    Some(
        found(host.as_str(), format!("Over {family}, {words}. Over {works}, {good} works."))
            .means(format!("Visitors who reach {host} over {family} meet an error that you do not see over {works}."))
            .fix_code(
                format!("Add these lines to the server block for {host} and reload nginx; or, if the {record} record is left over from another server, delete it."),
                listen,
            )
            .prove(format!("curl {flag} -I https://{host}/"), format!("the same answer as curl {} -I https://{host}/", if flag == "-6" { "-4" } else { "-6" }))
            .into(),
    )
}

fn fare(seen: &Observations, endpoint: &tls::Endpoint) -> Fares {
    if let Some(why) = endpoint.port.unseen() {
        return if why.is_about_the_site() {
            Fares::Badly(format!("does not answer on port 443 ({})", why.clause()))
        } else {
            Fares::Unknown(why.clause())
        };
    }
    if let Some(fault) = endpoint.fault() {
        return match fault {
            tls::Fault::Unseen(why) if !why.is_about_the_site() => Fares::Unknown(why.clause()),
            _ => Fares::Badly("does not complete the TLS handshake".into()),
        };
    }
    if let Some(fault) = certificate_fault(seen, endpoint) {
        return Fares::Badly(fault.into());
    }
    let corner = seen.web.of(Scheme::Https, &endpoint.host).find(|corner| corner.address == endpoint.address);
    match corner.map(|corner| &corner.first) {
        Some(network::Saw::Seen(response)) if response.status >= 500 => {
            Fares::Badly(format!("answers {}", response.status))
        }
        Some(network::Saw::Seen(_)) | None => Fares::Well,
        Some(network::Saw::Unseen(why)) if why.is_about_the_site() => {
            Fares::Badly("does not answer the request".into())
        }
        Some(network::Saw::Unseen(why)) => Fares::Unknown(why.clause()),
    }
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::{
        Observations,
        fixture::{chain, healthy},
    };

    fn with_v6(change: impl Fn(&mut tls::Endpoint)) -> Observations {
        let mut seen = healthy();
        seen.tls.chains.push(chain("other", &["other.example"], -10, 80));
        seen.tls.endpoints.iter_mut().filter(|endpoint| endpoint.address.is_ipv6()).for_each(change);
        seen
    }

    #[test]
    fn another_certificate_over_ipv6_fires() {
        let seen = with_v6(|endpoint| {
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.chain = 1;
            }
        });
        assert_eq!(said(CHECK, &seen), ["failed example.com", "failed www.example.com"]);
    }

    #[test]
    fn a_dead_ipv6_address_fires() {
        let seen = with_v6(|endpoint| {
            endpoint.port = Saw::Unseen(Unseen::TimedOut);
            endpoint.handshake = None;
        });
        assert_eq!(said(CHECK, &seen), ["failed example.com", "failed www.example.com"]);
    }

    #[test]
    fn families_that_agree_pass() {
        assert_eq!(said(CHECK, &healthy()), ["passed example.com", "passed www.example.com"]);
    }

    #[test]
    fn without_ipv6_of_our_own_nothing_is_known() {
        let seen = with_v6(|endpoint| {
            endpoint.port = Saw::Unseen(Unseen::NoVantage);
            endpoint.handshake = None;
        });
        assert_eq!(said(CHECK, &seen), ["not tested example.com", "not tested www.example.com"]);
    }

    #[test]
    fn one_family_alone_is_not_asked() {
        let mut seen = healthy();
        seen.tls.endpoints.retain(|endpoint| endpoint.address.is_ipv4());
        assert!(said(CHECK, &seen).is_empty());
    }
}
