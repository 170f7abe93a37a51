//! Nothing answers on port 80, or nothing that speaks HTTP.

use domain::Scheme;
use findings::{Said, Verdict, found, not_tested, pass};
use network::Unseen;

use crate::{
    Corner, Observation, Via,
    words::{addresses, groups, hosts, only_ipv6, redirect_block, subject},
};

findings::check! {
    /// Port 80 does not answer, or not in HTTP.
    ///
    /// ## Why it matters
    /// People who type the bare name or follow an old http link meet an error before the redirect to HTTPS can help
    /// them. A certificate that is renewed over port 80 (the HTTP-01 challenge, Certbot's usual way) cannot be
    /// renewed while the port is closed. Only a site whose certificate is renewed in another way can do without it.
    ///
    /// ## How to fix
    /// Refused: let nginx listen on port 80 with a server block that redirects to HTTPS. No answer: open port 80 in
    /// the server's firewall and in the provider's. Connected, but no answer: see which program has the port. If the port
    /// has to stay closed, renew through DNS (`dns-01`, the only way for a wildcard) or on port 443 (`tls-alpn-01`).
    CHECK: Check<Observation> = "port-80-closed",
        section: Ports, severity: Warning,
        title: "Port 80 does not answer", healthy: "Port 80 answers",
        source: "Seed A3, A14; RFC 8555 §8.3", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let corners: Vec<&Corner> = seen.corners.iter().filter(|corner| corner.scheme == Scheme::Http).collect();
    let mut open: Vec<&Corner> = Vec::new();
    let mut closed: Vec<(How, &Corner)> = Vec::new();
    let mut unknown: Vec<(&Unseen, &Corner)> = Vec::new();
    for corner in &corners {
        match (corner.port.unseen(), corner.via) {
            (None, _) if corner.first.unseen().is_some_and(is_mute) => closed.push((How::Mute, corner)),
            (None, _) => open.push(corner),
            (_, Via::Fetch) if corner.first.seen().is_some() => open.push(corner),
            (Some(why), _) => match How::of(why) {
                Some(how) => closed.push((how, corner)),
                None => unknown.push((why, corner)),
            },
        }
    }
    let closed = groups(closed);
    let unknown = groups(unknown);
    let rows = closed.len() + unknown.len() + usize::from(!open.is_empty());
    let about = |corners: &[&Corner]| match rows {
        1 => hosts(corners),
        _ => format!("{} at {}", hosts(corners), addresses(corners)),
    };
    let mut verdicts: Vec<Verdict> =
        closed.iter().map(|(how, corners)| say(seen, *how, about(corners), corners, open.is_empty()).into()).collect();
    if verdicts.is_empty() && !open.is_empty() {
        verdicts.push(pass(subject(seen), format!("Port 80 answers for {} at {}.", hosts(&open), addresses(&open))));
    }
    verdicts.extend(unknown.iter().map(|(why, corners)| {
        let seen = format!("Port 80 at {} was not looked at: {}.", addresses(corners), why.clause());
        not_tested(about(corners), seen)
    }));
    verdicts
}

/// Whether an open port fails to answer in HTTP: our own limits are not its fault.
fn is_mute(why: &Unseen) -> bool {
    why.is_about_the_site() || matches!(why, Unseen::Failed(_))
}

/// The ways in which a port is of no use; each has another remedy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// The machine answers that nothing listens.
    Refused,
    /// Silence, or the network says there is no way.
    Filtered,
    /// Accepted or half accepted, then cut.
    Reset,
    /// Accepted, and no HTTP comes.
    Mute,
}

impl How {
    fn of(why: &Unseen) -> Option<How> {
        match why {
            Unseen::Refused => Some(How::Refused),
            Unseen::TimedOut | Unseen::Unreachable => Some(How::Filtered),
            Unseen::Reset | Unseen::Closed => Some(How::Reset),
            Unseen::Deadline
            | Unseen::Failed(_)
            | Unseen::NotAllowed(_)
            | Unseen::NoVantage
            | Unseen::PlatformCannot => None,
        }
    }
}

/// Whether another name gets an answer on port 80 at each of these addresses.
fn is_answered_beside(seen: &Observation, corners: &[&Corner]) -> bool {
    corners.iter().all(|mute| {
        let beside = |it: &Corner| it.scheme == Scheme::Http && it.address == mute.address && it.host != mute.host;
        seen.corners.iter().any(|it| beside(it) && it.first.seen().is_some())
    })
}

/// How to renew all the same.
const OTHERWISE: &str = " If it has to stay closed, renew through DNS instead (dns-01, the only way for a wildcard) or on \
                         port 443 (tls-alpn-01).";

fn say(seen: &Observation, how: How, about: String, corners: &[&Corner], everywhere: bool) -> Said {
    let (hosts, places) = (hosts(corners), addresses(corners));
    let fact = match how {
        How::Refused => format!("Connections to port 80 at {places} for {hosts} are refused: nothing listens there."),
        How::Filtered => {
            format!("Port 80 at {places} gives no answer for {hosts}, as a firewall does that drops what it gets.")
        }
        How::Reset => format!("Connections to port 80 at {places} for {hosts} are cut before an answer comes."),
        How::Mute => format!("Port 80 at {places} takes connections for {hosts}, but no HTTP answer comes."),
    };
    let whom = if everywhere { "Visitors who" } else { "Visitors who are led there and" };
    let is_ipv6_only = only_ipv6(corners.iter().map(|corner| corner.address)) && !everywhere;
    // Boulder va/http.go: IPv4 is tried after IPv6, unless a connection came about.
    let renewal = match is_ipv6_only && how != How::Mute {
        true => "; an authority that renews the certificate goes on to IPv4.",
        false => ", and a certificate that is renewed over port 80 (Certbot's usual way) will not renew.",
    };
    let means = format!("{whom} type http:// or follow an old link see an error instead of your site{renewal}");
    let ipv6 = if is_ipv6_only { " Only IPv6 is affected: look for the line with [::]:80." } else { "" };
    let said = found(about, fact).means(means);
    let said = match how {
        How::Refused => said.fix_code(
            format!("Let nginx listen on port 80 and send visitors to HTTPS, then reload it.{ipv6}{OTHERWISE}"),
            redirect_block(seen),
        ),
        How::Filtered => said.fix_code(
            format!("Open port 80 on the server, and in your provider's firewall or security group if it has one.{OTHERWISE}"),
            "sudo ufw allow 80/tcp\nsudo ufw status",
        ),
        How::Mute if is_answered_beside(seen, corners) => said.fix_code(
            "The server answers the other name at the same address: name both in the server block for port 80, and \
             reload nginx. A default server that returns 444 answers nothing to names it does not know.",
            redirect_block(seen),
        ),
        How::Reset | How::Mute => said.fix_code(
            "See what listens on port 80 and whether a firewall or proxy in front of it cuts connections.",
            "sudo ss -ltnp 'sport = :80'",
        ),
    };
    let host = corners.first().map(|corner| corner.host.to_string()).unwrap_or_default();
    let said = said.prove(format!("curl -I http://{host}"), format!("A redirect: 301 and Location: https://{host}/"));
    corners.iter().fold(said, |said, corner| {
        let why = corner.port.unseen().or(corner.first.unseen()).map(Unseen::clause).unwrap_or_default();
        said.evidence(format!("Port 80 of {} at {}", corner.host, corner.address), why)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_not_tested, is_silent, judged, passes};

    #[test]
    fn refused_filtered_and_reset_are_told_apart() {
        let refused = fires(CHECK, "http example.com 203.0.113.7 refused\nhttps example.com 203.0.113.7 200");
        assert_eq!(
            refused.seen,
            "Connections to port 80 at 203.0.113.7 for example.com are refused: nothing listens there."
        );
        assert!(refused.fix.unwrap().code.unwrap().contains("server_name example.com;"));
        let filtered = fires(CHECK, "http example.com 203.0.113.7 timed-out");
        assert!(filtered.seen.contains("gives no answer") && filtered.fix.unwrap().code.unwrap().contains("ufw allow"));
        let reset = fires(CHECK, "http example.com 203.0.113.7 reset");
        assert!(reset.seen.contains("are cut"), "{}", reset.seen);
    }

    #[test]
    fn equal_problems_are_one_row() {
        let finding = fires(
            CHECK,
            "http example.com 203.0.113.7 refused
             http example.com 203.0.113.8 refused
             http www.example.com 203.0.113.7 refused",
        );
        assert_eq!(finding.subject, "example.com and www.example.com");
        assert!(
            finding.seen.contains("at 203.0.113.7 and 203.0.113.8 for example.com and www.example.com are refused")
        );
    }

    #[test]
    fn one_closed_address_beside_an_open_one_is_named() {
        let finding = fires(
            CHECK,
            "http example.com 203.0.113.7 301 https://example.com/
             http example.com 2001:db8::7 refused",
        );
        assert_eq!(finding.subject, "example.com at 2001:db8::7");
        assert!(finding.fix.unwrap().text.contains("[::]:80"));
    }

    #[test]
    fn a_port_that_answers_passes_whatever_it_says() {
        passes(CHECK, "http example.com 203.0.113.7 200");
        passes(CHECK, "http example.com 203.0.113.7 503");
    }

    #[test]
    fn a_port_that_takes_connections_and_says_nothing_fires() {
        for why in ["closed", "timed-out", "failed"] {
            let finding = fires(CHECK, &format!("http example.com 203.0.113.7 open {why}"));
            assert!(finding.seen.contains("no HTTP answer comes"), "{}", finding.seen);
        }
        passes(CHECK, "http example.com 203.0.113.7 open deadline");
    }

    #[test]
    fn a_name_left_out_beside_one_that_answers_is_named() {
        let fix = |other: &str| {
            let case = format!(
                "http example.com {other} 301 https://example.com/\nhttp www.example.com 203.0.113.7 open closed"
            );
            fires(CHECK, &case).fix.unwrap()
        };
        assert!(fix("203.0.113.7").text.contains("name both in the server block for port 80"));
        assert!(fix("203.0.113.8").text.starts_with("See what listens"));
    }

    #[test]
    fn an_authority_goes_on_to_ipv4() {
        let means = |case: &str| fires(CHECK, case).means;
        let refused = means("http example.com 203.0.113.7 200\nhttp example.com 2001:db8::7 refused");
        assert!(refused.ends_with("an authority that renews the certificate goes on to IPv4."), "{refused}");
        let mute = means("http example.com 203.0.113.7 200\nhttp example.com 2001:db8::7 open timed-out");
        assert!(mute.ends_with("will not renew."), "{mute}");
    }

    #[test]
    fn what_is_ours_is_never_held_against_the_site() {
        is_not_tested(CHECK, "http example.com 2001:db8::7 no-vantage");
        is_not_tested(CHECK, "http example.com 203.0.113.7 platform-cannot");
        is_silent(CHECK, "https example.com 203.0.113.7 200");
        let both = judged(CHECK, "http example.com 203.0.113.7 200\nhttp example.com 2001:db8::7 no-vantage");
        assert_eq!(both.len(), 2);
    }
}
