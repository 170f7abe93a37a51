//! Does the authority get an answer where it looks for its challenge?

use domain::DomainName;
use findings::{Said, Verdict, check, found, not_tested, pass};

use super::{answered, blocked, by_host, list, renewed_on};
use crate::{Challenge, Observation, Outcome, PATH};

check! {
    /// The path where the authority looks for its challenge is blocked.
    ///
    /// ## Why it matters
    /// To renew, an authority such as Let's Encrypt asks for a file under `/.well-known/acme-challenge/` over plain
    /// HTTP. A password, a deny rule, a test for robots or an error in the way of that path makes a renewal that places
    /// files there fail.
    /// Certbot's nginx plugin answers the question itself and is not affected.
    ///
    /// ## How to fix
    /// Let the path through before everything else: a `location ^~ /.well-known/acme-challenge/` in the server block
    /// for port 80.
    CHECK: Check<Observation> = "acme-path-blocked",
        section: Renewal, severity: Warning,
        title: "The challenge path is blocked", healthy: "The challenge path is open",
        source: "RFC 8555 §8.3; Boulder va/http.go; seed A7, A14", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut groups: Vec<(Vec<&DomainName>, String, &Challenge)> = Vec::new();
    let (mut open, mut unknown): (Vec<&DomainName>, Vec<(&DomainName, String)>) = (Vec::new(), Vec::new());
    let mut renewed: Vec<(&DomainName, String)> = Vec::new();
    for (host, challenges) in by_host(seen) {
        if challenges.iter().any(|challenge| answered(challenge)) {
            // Where it is blocked at some addresses only, acme-addresses-differ says so.
            open.push(host);
            continue;
        }
        match challenges.iter().find_map(|challenge| Some((blocked(challenge)?, *challenge))) {
            // Whatever answers when the authority asks, it does so regularly.
            Some((how, _)) if renewed_on(seen, host).is_some() => {
                let last = renewed_on(seen, host).map(|last| last.long_date()).unwrap_or_default();
                renewed.push((host, format!("{how}, and yet the certificate is renewed regularly, last on {last}")));
            }
            Some((how, challenge)) => {
                let how = how.replace(host.as_str(), "NAME");
                match groups.iter_mut().find(|(_, known, _)| *known == how) {
                    Some((hosts, ..)) => hosts.push(host),
                    None => groups.push((vec![host], how, challenge)),
                }
            }
            None => unknown.extend(challenges.iter().find_map(|challenge| match challenge.outcome() {
                Outcome::Unknown(why) => Some((host, why)),
                _ => None,
            })),
        }
    }
    let mut verdicts: Vec<Verdict> = groups.into_iter().map(|group| said(group).into()).collect();
    if !open.is_empty() {
        verdicts.push(pass(list(open), "A question on the challenge path reaches the server and is answered."));
    }
    if let Some((_, how)) = renewed.first() {
        let hosts = list(renewed.iter().map(|(host, _)| host));
        verdicts.push(pass(&hosts, format!("A question on the challenge path of {hosts} {how}.")));
    }
    if let Some((_, why)) = unknown.first() {
        let hosts = list(unknown.iter().map(|(host, _)| host));
        verdicts.push(not_tested(hosts, format!("The challenge path was not seen: {why}.")));
    }
    verdicts
}

fn said((hosts, how, challenge): (Vec<&DomainName>, String, &Challenge)) -> Said {
    let host = &challenge.host;
    let how = how.replace("NAME", host.as_str());
    let who = list(&hosts);
    let said = found(&who, format!("A question on the challenge path of {who} {how}."))
        .means(
            "A renewal that places files there (certbot with --webroot) fails, and the certificate runs out. Certbot's \
             nginx plugin answers the question itself and is not affected.",
        )
        .fix_code(
            "Let this path through in the server block for port 80, before passwords, deny rules, tests for robots and \
             redirects; the root is the folder that was given to certbot. Then test with `sudo nginx -t` and reload \
             nginx. Where something in front of the server cannot let it through, renew through DNS instead (dns-01).",
            format!("location ^~ {PATH} {{\n    root /var/www/html;\n}}"),
        )
        .prove(
            format!("curl -sIL http://{host}{PATH}test | grep HTTP"),
            "404 at the end: nothing is there now, and the path is open",
        );
    match challenge.hops.is_empty() {
        true => said,
        false => said.evidence("Asked", challenge.arrows()),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{renewed, said, seen, text},
        CHECK,
    };

    #[test]
    fn walls_errors_silence_and_broken_rules_fire_once_for_both_names() {
        for how in ["401", "403", "500", "502", "303", "silent", "glued"] {
            let both = seen(&format!("example.com 9.9.9.9 {how}\nwww.example.com 9.9.9.9 {how}"));
            assert_eq!(said(CHECK, &both), ["warning example.com and www.example.com"], "{how}");
        }
        assert!(text(CHECK, &seen("example.com 9.9.9.9 403")).contains("of example.com is answered with status 403."));
    }

    #[test]
    fn nothing_there_and_pages_are_answers() {
        for how in ["404", "410", "200", "page", "400"] {
            assert_eq!(said(CHECK, &seen(&format!("example.com 9.9.9.9 {how}"))), ["passed example.com"], "{how}");
        }
    }

    #[test]
    fn renewals_that_happen_anyway_are_believed() {
        let blocked = seen("example.com 9.9.9.9 403");
        assert_eq!(said(CHECK, &renewed(blocked.clone(), &[130, 70, 10])), ["passed example.com"]);
        assert_eq!(said(CHECK, &renewed(blocked, &[130, 40, 10])), ["warning example.com"]);
    }

    #[test]
    fn the_same_trouble_at_the_front_page_is_other_checks() {
        let mut both = seen("example.com 9.9.9.9 502");
        both.challenges[0].like_front = true;
        assert!(said(CHECK, &both).is_empty());
    }

    #[test]
    fn one_open_address_is_another_checks_and_a_closed_port_too() {
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 404\nexample.com 2a00::9 403")), ["passed example.com"]);
        assert!(said(CHECK, &seen("example.com 9.9.9.9 closed")).is_empty());
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 cdn")), ["not tested example.com"]);
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 429")), ["not tested example.com"]);
    }
}
