use std::net::IpAddr;

use domain::{DomainName, Scheme};
use findings::{Verdict, check, found, not_tested, pass};

use super::{and, certificate_fault, list};
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
    let mut verdicts: Vec<(Vec<&DomainName>, Compared)> = Vec::new();
    for host in seen.target.names() {
        let Some(compared) = compare(seen, host) else { continue };
        match verdicts.iter_mut().find(|(_, known)| *known == compared) {
            Some((hosts, _)) => hosts.push(host),
            None => verdicts.push((vec![host], compared)),
        }
    }
    verdicts.into_iter().map(|(hosts, compared)| say(&hosts, &compared)).collect()
}

/// How the two families compare at one host.
#[derive(PartialEq)]
enum Compared {
    Alike,
    Unknown {
        family: &'static str,
        why: String,
    },
    /// `port_80`: whether port 80 is open at the broken addresses.
    Differ {
        broken: &'static str,
        how: Vec<(IpAddr, String)>,
        fine: String,
        port_80: bool,
    },
}

fn say(hosts: &[&DomainName], compared: &Compared) -> Verdict {
    let names = and(hosts);
    match compared {
        Compared::Alike => {
            let answers = if hosts.len() == 1 { "answers" } else { "answer" };
            pass(&names, format!("{names} {answers} alike over IPv4 and IPv6."))
        }
        Compared::Unknown { family, why } => not_tested(&names, format!("{family} could not be looked at: {why}.")),
        Compared::Differ { broken, how, fine, port_80 } => {
            let v6 = *broken == "IPv6";
            let (works, record, flag, other) =
                if v6 { ("IPv4", "AAAA", "-6", "-4") } else { ("IPv6", "A", "-4", "-6") };
            let (secure, plain) =
                if v6 { ("listen [::]:443 ssl;", "listen [::]:80;") } else { ("listen 443 ssl;", "listen 80;") };
            // A line that is there already would be one too many.
            let (add, listen) = match port_80 {
                true => ("Add this line, or the word ssl in it,", secure.to_owned()),
                false => ("Add these lines", format!("{secure}\n{plain}")),
            };
            let host = hosts.first().map(ToString::to_string).unwrap_or_default();
            let words = how.iter().map(|(address, how)| format!("{address} {how}")).collect::<Vec<_>>().join("; ");
            let work = if fine.contains(", ") { "work" } else { "works" };
            let said = found(&names, format!("Over {broken}, {words}. Over {works}, {fine} {work}.")).means(format!(
                "Visitors who reach {names} over {broken} meet an error that you do not see over {works}."
            ));
            let said = if how.iter().all(|(_, how)| how.starts_with(ANSWERS)) {
                said.fix_code(
                    format!("The server is reached over {broken}, and the application behind it is not. If it is a machine of its own, look there."),
                    "sudo systemctl status gunicorn --no-pager\nsudo tail -n 20 /var/log/nginx/error.log",
                )
            } else {
                said.fix_code(
                    format!("{add} to the server block for {names} and reload nginx; or, if the {record} record is left over from another server, delete it."),
                    listen,
                )
            };
            let said = said.prove(
                format!("curl {flag} -I https://{host}/"),
                format!("the same answer as curl {other} -I https://{host}/"),
            );
            how.iter().fold(said, |said, (address, how)| said.evidence(format!("{host} at {address}"), how)).into()
        }
    }
}

/// How one address fares over https, as far as it could be seen.
pub(crate) enum Fares {
    Well,
    Badly(String),
    Unknown(String),
}

/// How it is said of an address that an error is answered there.
pub(crate) const ANSWERS: &str = "answers 5";

fn compare(seen: &Observations, host: &DomainName) -> Option<Compared> {
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
            return Some(Compared::Unknown { family, why: why.clone() });
        }
    }
    let well = |group: &[(IpAddr, Fares)]| group.iter().any(|(_, fares)| matches!(fares, Fares::Well));
    let (broken, bad, good) = match (well(&v4), well(&v6)) {
        (true, true) => return Some(Compared::Alike),
        (true, false) => ("IPv6", &v6, &v4),
        (false, true) => ("IPv4", &v4, &v6),
        (false, false) => return None, // both are broken: the checks of each address say how
    };
    let how = bad.iter().filter_map(|(address, fares)| match fares {
        Fares::Badly(how) => Some((*address, how.clone())),
        Fares::Well | Fares::Unknown(_) => None,
    });
    let how: Vec<(IpAddr, String)> = how.collect();
    let open = |corner: &web::Corner| corner.port.seen().is_some() && how.iter().any(|(bad, _)| *bad == corner.address);
    let port_80 = seen.web.of(Scheme::Http, host).any(open);
    Some(Compared::Differ { broken, how, fine: list(good.iter().map(|(address, _)| address)), port_80 })
}

pub(crate) fn fare(seen: &Observations, endpoint: &tls::Endpoint) -> Fares {
    let fares = fare_of(&seen.tls, endpoint);
    if !matches!(fares, Fares::Well) {
        return fares;
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

/// The same as far as TLS goes.
pub(crate) fn fare_of(tls: &tls::Observation, endpoint: &tls::Endpoint) -> Fares {
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
            tls::Fault::PlainHttp => Fares::Badly("answers in plain HTTP on port 443".into()),
            _ => Fares::Badly("does not complete the TLS handshake".into()),
        };
    }
    certificate_fault(tls, endpoint).map_or(Fares::Well, |fault| Fares::Badly(fault.into()))
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
        assert_eq!(said(CHECK, &seen), ["failed example.com and www.example.com"]);
    }

    #[test]
    fn a_dead_ipv6_address_fires() {
        let seen = with_v6(|endpoint| {
            endpoint.port = Saw::Unseen(Unseen::TimedOut);
            endpoint.handshake = None;
        });
        assert_eq!(said(CHECK, &seen), ["failed example.com and www.example.com"]);
    }

    #[test]
    fn only_the_line_that_is_missing_is_asked_for() {
        let fix = |seen: &Observations| findings::judge(&[CHECK], seen)[0].fix.clone().unwrap();
        let mut seen = with_v6(|endpoint| endpoint.handshake = Some(Err(tls::Fault::PlainHttp)));
        assert_eq!(fix(&seen).code.as_deref(), Some("listen [::]:443 ssl;"));
        for corner in seen.web.corners.iter_mut().filter(|it| it.address.is_ipv6()) {
            corner.port = Saw::Unseen(Unseen::Refused);
        }
        assert_eq!(fix(&seen).code.as_deref(), Some("listen [::]:443 ssl;\nlisten [::]:80;"));
    }

    #[test]
    fn families_that_agree_pass() {
        assert_eq!(said(CHECK, &healthy()), ["passed example.com and www.example.com"]);
    }

    #[test]
    fn without_ipv6_of_our_own_nothing_is_known() {
        let seen = with_v6(|endpoint| {
            endpoint.port = Saw::Unseen(Unseen::NoVantage);
            endpoint.handshake = None;
        });
        assert_eq!(said(CHECK, &seen), ["not tested example.com and www.example.com"]);
    }

    #[test]
    fn one_family_alone_is_not_asked() {
        let mut seen = healthy();
        seen.tls.endpoints.retain(|endpoint| endpoint.address.is_ipv4());
        assert!(said(CHECK, &seen).is_empty());
    }
}
