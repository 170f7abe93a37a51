//! Does the authority get an answer at every address?

use findings::{Verdict, check, found, pass};

use super::{answered, blocked, by_host, list};
use crate::{Challenge, Observation};

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

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let mut alike = Vec::new();
    for (host, challenges) in by_host(seen) {
        let open: Vec<&&Challenge> = challenges.iter().filter(|challenge| answered(challenge)).collect();
        let shut: Vec<(String, &Challenge)> =
            challenges.iter().filter_map(|challenge| Some((blocked(challenge)?, *challenge))).collect();
        let Some((how, first)) = shut.first() else {
            if !open.is_empty() {
                alike.push(host);
            }
            continue;
        };
        if open.is_empty() {
            continue; // blocked everywhere: acme-path-blocked says so
        }
        let addresses = list(shut.iter().map(|(_, challenge)| challenge.address));
        let said = found(
            format!("{host} at {addresses}"),
            format!(
                "At {addresses}, a question on the challenge path of {host} {how}. {} lets it through.",
                list(open.iter().map(|challenge| challenge.address))
            ),
        )
        .means("A renewal over this path works or fails by the address that the authority meets, and it tries IPv6 first.")
        .fix_code(
            format!("Let every address of {host} reach the same server block, or remove the record of an address that is not yours any more."),
            format!("listen 80;\nlisten [::]:80;\nserver_name {host};"),
        )
        .prove(
            format!("curl -sI --resolve {host}:80:{} http://{host}{}test | head -n 1", bracketed(first), crate::PATH),
            "the same line as at the other addresses: 404, or a redirect to https",
        );
        verdicts.push(
            challenges
                .iter()
                .fold(said, |said, challenge| {
                    said.evidence(
                        challenge.address.to_string(),
                        if challenge.hops.is_empty() {
                            blocked(challenge).unwrap_or_default()
                        } else {
                            challenge.arrows()
                        },
                    )
                })
                .into(),
        );
    }
    if !alike.is_empty() {
        verdicts.push(pass(list(alike), "Every address that answers on port 80 lets the question through."));
    }
    verdicts
}

fn bracketed(challenge: &Challenge) -> String {
    if challenge.address.is_ipv6() { format!("[{}]", challenge.address) } else { challenge.address.to_string() }
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
    fn all_open_or_all_blocked_stays_quiet() {
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 404\nexample.com 2a00::9 page")), ["passed example.com"]);
        assert!(said(CHECK, &seen("example.com 9.9.9.9 403\nexample.com 2a00::9 502")).is_empty());
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 404\nexample.com 2a00::9 closed")), ["passed example.com"]);
    }
}
