//! Does a page answer where the authority looks for a file?

use findings::{Verdict, check, found, pass};

use super::{answered, by_host, list, renewed_on};
use crate::{Challenge, Observation, Outcome, PATH};

check! {
    /// A page answers on the challenge path, although nothing was placed there.
    ///
    /// ## Why it matters
    /// A single-page app or a login page answers every path. That hurts only if files placed for the authority are
    /// answered by the app as well, which is so when the proxy has no location of its own for them.
    ///
    /// ## How to fix
    /// Nothing, if renewal works. If certbot places files (`--webroot`), give the path a location of its own in front of
    /// the proxy.
    CHECK: Check<Observation> = "acme-path-swallowed",
        section: Renewal, severity: Note,
        title: "A page answers on challenge paths", healthy: "No page answers on challenge paths",
        source: "RFC 8555 §8.3; seed A14", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut pages: Vec<(&domain::DomainName, &Challenge)> = Vec::new();
    let mut fine = Vec::new();
    for (host, challenges) in by_host(seen) {
        match challenges.iter().find(|challenge| challenge.outcome() == Outcome::Page) {
            Some(_) if renewed_on(seen, host).is_some() => fine.push(host),
            Some(challenge) => pages.push((host, challenge)),
            None if challenges.iter().any(|challenge| answered(challenge)) => fine.push(host),
            None => {}
        }
    }
    let mut verdicts: Vec<Verdict> = Vec::new();
    if let Some((host, first)) = pages.first() {
        let who = list(pages.iter().map(|(host, _)| host));
        let ends = first.hops.last().map(|hop| hop.url.as_str()).unwrap_or_default();
        let what = match ends.contains(PATH) {
            true => format!("A challenge that nobody set is answered with a page at {who}."),
            false => format!("A challenge that nobody set leads to a page at {who}: {ends}."),
        };
        let said = found(&who, what)
            .means("Renewal works as long as whatever renews the certificate answers before the app does, as certbot's nginx plugin does.")
            .fix_code(
                "Nothing has to change if renewal works. If certbot places files (--webroot), give them a location in front of the app.",
                format!("location ^~ {PATH} {{\n    root /var/www/html;\n}}"),
            )
            .prove(format!("curl -sIL http://{host}{PATH}test | grep HTTP"), "404 at the end");
        verdicts.push(said.evidence("Asked", first.arrows()).into());
    }
    if !fine.is_empty() {
        verdicts.push(pass(list(fine), "No page of the app stands in the way of renewal."));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{renewed, said, seen},
        CHECK,
    };

    #[test]
    fn a_page_for_everything_is_a_note() {
        let seen = seen("example.com 9.9.9.9 page\nwww.example.com 9.9.9.9 page\nwww.example.com 2a00::9 404");
        assert_eq!(said(CHECK, &seen), ["note example.com and www.example.com"]);
        let seen = renewed(seen, &[130, 70, 10]);
        assert_eq!(said(CHECK, &seen), ["note www.example.com", "passed example.com"], "renewed all the same");
    }

    #[test]
    fn a_page_that_says_not_found_is_none_and_a_wall_another_checks() {
        assert_eq!(said(CHECK, &seen("example.com 9.9.9.9 404")), ["passed example.com"]);
        assert!(said(CHECK, &seen("example.com 9.9.9.9 403")).is_empty());
        assert!(said(CHECK, &seen("example.com 9.9.9.9 closed")).is_empty());
    }
}
