//! The certificate was not renewed, and something that shows from outside would refuse any renewal.

use domain::{DomainName, Scheme};
use findings::Diagnosis;

use super::Symptoms;
use crate::Observations;

/// What refuses a renewal, the surest first.
const OBSTACLES: [&str; 5] = [
    "caa-refuses-current-issuer",
    "acme-path-blocked",
    "port-80-closed",
    "tls-on-port-80",
    "certificate-names-a-lost-host",
];

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let late = symptoms.first("certificate-expired").or_else(|| symptoms.first("certificate-renewal-overdue"))?;
    let stands = |id: &&str| *id != "port-80-closed" || observed.target.names().any(|name| is_shut(observed, name));
    let obstacle = OBSTACLES.into_iter().filter(stands).find_map(|id| symptoms.first(id))?;
    // Only where renewal goes over HTTP do port and path stand in its way.
    if obstacle.id != "caa-refuses-current-issuer" && observed.renewal.challenges.is_empty() {
        return None;
    }
    let mut explains = symptoms.keys(&[
        "certificate-expired",
        "certificate-renewal-overdue",
        "hsts-locks-visitors-out",
        "preloaded-name-broken",
    ]);
    explains.extend(symptoms.keys(&OBSTACLES));
    explains.sort();
    explains.dedup();
    Some(Diagnosis {
        id: "renewal-cannot-succeed".into(),
        cause: format!("The certificate was not renewed in time, because no renewal can succeed: {}", obstacle.seen),
        affects: late.means.clone(),
        fix: obstacle.fix.clone()?,
        prove: findings::Prove {
            command: "sudo certbot renew --dry-run".into(),
            expect: "all simulated renewals succeeded".into(),
        },
        explains,
        evidence: late.evidence.iter().chain(&obstacle.evidence).take(6).cloned().collect(),
        otherwise:
            "If the dry run succeeds all the same, the timer does not run: systemctl list-timers | grep certbot.".into(),
    })
}

/// Whether an authority meets nobody on port 80 of this name. It tries IPv6 first, and goes on to IPv4 only where no
/// connection comes about (Boulder va/http.go).
fn is_shut(observed: &Observations, name: &DomainName) -> bool {
    let mut corners = observed.web.of(Scheme::Http, name).peekable();
    if corners.peek().is_none() {
        return false;
    }
    let met = corners.filter(|corner| corner.port.unseen().is_none()).max_by_key(|corner| corner.address.is_ipv6());
    met.is_none_or(|corner| corner.first.unseen().is_some())
}

#[cfg(test)]
mod tests {
    use domain::Scheme;
    use network::{Saw, Unseen};

    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{chain, healthy, with_caa},
    };

    fn late() -> Observations {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        seen
    }

    #[test]
    fn records_that_refuse_the_authority_are_why_it_ran_out() {
        let mut seen = late();
        with_caa(&mut seen, "example.com", &["0 issue \"digicert.com\""]);
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["renewal-cannot-succeed"]);
        let explains = report.diagnoses[0].explains.join(" ");
        assert!(explains.contains("caa-refuses") && explains.contains("certificate-expired"), "{explains}");
    }

    /// Late, with port 80 closed at these addresses.
    fn closed(which: impl Fn(&web::Corner) -> bool) -> Observations {
        let mut seen = late();
        let unseen = Saw::Unseen(Unseen::Refused);
        for corner in seen.web.corners.iter_mut().filter(|it| it.scheme == Scheme::Http && which(it)) {
            (corner.port, corner.trail) = (unseen.clone(), None);
            corner.first = Saw::Unseen(Unseen::Refused);
        }
        let host = seen.target.name.clone();
        let url = domain::HttpUrl::root(Scheme::Http, &host);
        let end = renewal::End::Unseen { url, why: Unseen::Refused };
        let address = "9.9.9.9".parse().unwrap();
        let challenge = renewal::Challenge { host, address, port: unseen, hops: Vec::new(), end, like_front: false };
        seen.renewal.challenges = vec![challenge];
        seen
    }

    #[test]
    fn a_port_that_an_authority_meets_at_another_address_is_no_obstacle() {
        assert_eq!(causes(closed(|_| true)).0, ["renewal-cannot-succeed"]);
        assert_eq!(causes(closed(|it| it.address.is_ipv6())).0, ["certificate-not-renewed"]);
        assert_eq!(causes(closed(|it| it.address.is_ipv4())).0, ["certificate-not-renewed"]);
    }

    #[test]
    fn an_obstacle_alone_or_a_late_one_alone_is_not_it() {
        let mut seen = healthy();
        with_caa(&mut seen, "example.com", &["0 issue \"digicert.com\""]);
        assert!(causes(seen).0.is_empty());
        assert_eq!(causes(late()).0, ["certificate-not-renewed"]);
    }
}
