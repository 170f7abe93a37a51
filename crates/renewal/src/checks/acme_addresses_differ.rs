//! Does the authority get an answer at every address?

use std::net::IpAddr;

use domain::DomainName;
use findings::{Said, Verdict, check, found, pass};

use super::{answered, blocked, by_host, list};
use crate::{Challenge, Observation, PATH};

check! {
    /// The challenge path is open at one address of the name and blocked at another.
    ///
    /// ## Why it matters
    /// The authority chooses one address, IPv6 first, and asks from several places in the world. Renewal works or fails
    /// by which address it meets.
    ///
    /// ## How to fix
    /// Let every address reach the same server block, with `listen 80;` and `listen [::]:80;`, or remove the DNS record
    /// of an address that is no longer yours.
    CHECK: Check<Observation> = "acme-addresses-differ",
        section: Renewal, severity: Warning,
        title: "The challenge path differs by address", healthy: "The challenge path is alike everywhere",
        source: "Boulder va/http.go: IPv6 first; seed A7, A14", run: run
}

/// Hosts of which the same addresses are shut in the same way.
struct Group<'o> {
    hosts: Vec<&'o DomainName>,
    shut: Vec<(IpAddr, String)>,
    open: Vec<IpAddr>,
    challenges: Vec<&'o Challenge>,
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut alike = Vec::new();
    for (host, challenges) in by_host(seen) {
        let open: Vec<IpAddr> =
            challenges.iter().filter(|challenge| answered(challenge)).map(|challenge| challenge.address).collect();
        let shut: Vec<(IpAddr, String)> = challenges
            .iter()
            .filter_map(|challenge| Some((challenge.address, blocked(challenge)?.replace(host.as_str(), "NAME"))))
            .collect();
        match (shut.is_empty(), open.is_empty()) {
            (true, true) | (false, true) => {} // blocked everywhere: acme-path-blocked says so
            (true, false) => alike.push(host),
            (false, false) => match groups.iter_mut().find(|group| group.shut == shut && group.open == open) {
                Some(group) => group.hosts.push(host),
                None => groups.push(Group { hosts: vec![host], shut, open, challenges }),
            },
        }
    }
    let mut verdicts: Vec<Verdict> = groups.iter().map(|group| said(group).into()).collect();
    if !alike.is_empty() {
        verdicts.push(pass(list(alike), "Every address that answers on port 80 lets the question through."));
    }
    verdicts
}

fn said(group: &Group<'_>) -> Said {
    let hosts = list(&group.hosts);
    let addresses = list(group.shut.iter().map(|(address, _)| address));
    let host = group.hosts.first().map_or("", |host| host.as_str());
    let how = group.shut.first().map_or(String::new(), |(_, how)| how.replace("NAME", host));
    let at = match group.shut.first() {
        Some((IpAddr::V6(address), _)) => format!("[{address}]"),
        Some((IpAddr::V4(address), _)) => address.to_string(),
        None => String::new(),
    };
    let names: Vec<&str> = group.hosts.iter().map(|host| host.as_str()).collect();
    let said = found(
        format!("{hosts} at {addresses}"),
        format!(
            "At {addresses}, a question on the challenge path of {hosts} {how}. {} lets it through.",
            list(&group.open)
        ),
    )
    .means("A renewal over this path works or fails by the address that the authority meets, and it tries IPv6 first.")
    .fix_code(
        "Let every address reach the same server block, or remove the record of an address that is not yours any more.",
        format!("listen 80;\nlisten [::]:80;\nserver_name {};", names.join(" ")),
    )
    .prove(
        format!("curl -sI --resolve {host}:80:{at} http://{host}{PATH}test | head -n 1"),
        "the same line as at the other addresses: 404, or a redirect to https",
    );
    group.challenges.iter().fold(said, |said, challenge| match challenge.hops.is_empty() {
        true => said.evidence(challenge.address.to_string(), blocked(challenge).unwrap_or_default()),
        false => said.evidence(challenge.address.to_string(), challenge.arrows()),
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{said, seen, text},
        CHECK,
    };

    #[test]
    fn one_blocked_address_fires() {
        let seen = seen("example.com 9.9.9.9 404\nexample.com 2a00::9 403\nwww.example.com 9.9.9.9 404");
        assert_eq!(said(CHECK, &seen), ["warning example.com at 2a00::9", "passed www.example.com"]);
        assert!(text(CHECK, &seen).contains("--resolve example.com:80:[2a00::9]"));
    }

    #[test]
    fn the_same_at_both_names_is_said_once() {
        let both = seen(
            "example.com 9.9.9.9 404\nexample.com 2a00::9 403\nwww.example.com 9.9.9.9 404\nwww.example.com 2a00::9 403",
        );
        assert_eq!(said(CHECK, &both), ["warning example.com and www.example.com at 2a00::9"]);
    }

    #[test]
    fn all_open_or_all_blocked_stays_quiet() {
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 404\nexample.com 2a00::9 page")), ["passed example.com"]);
        assert!(said(CHECK, &seen("example.com 9.9.9.9 403\nexample.com 2a00::9 502")).is_empty());
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 404\nexample.com 2a00::9 closed")), ["passed example.com"]);
    }
}
