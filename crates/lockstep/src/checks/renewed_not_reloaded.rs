use findings::{Verdict, check, found, not_tested, pass};
use network::Saw;

use super::and;
use crate::Observations;

check! {
    /// A newer certificate was issued, but the server still shows the old one.
    ///
    /// ## Why it matters
    /// Every certificate is publicly logged when it is issued. When the logs know a newer one for the same names and no
    /// address shows it, renewal works and nginx was not reloaded since: it reads certificates only when it starts or is
    /// reloaded. Visitors see the old one until it runs out.
    ///
    /// ## How to fix
    /// `sudo systemctl reload nginx`, and a deploy hook so that it happens after every renewal.
    CHECK: Check<Observations> = "renewed-not-reloaded",
        section: Renewal, severity: Warning,
        title: "A newer certificate is not shown", healthy: "The newest certificate is shown",
        source: "seed A14, A FAQ: Certbot succeeds but the old certificate shows; RFC 9162", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let history = match &seen.renewal.history {
        None => return Vec::new(),
        Some(Saw::Unseen(why)) => {
            return match groups(seen).as_slice() {
                [] => Vec::new(),
                groups => vec![not_tested(
                    and(groups.iter().flat_map(|group| &group.hosts).collect::<std::collections::BTreeSet<_>>()),
                    format!("The public logs of certificates could not be asked now: {}.", why.clause()),
                )],
            };
        }
        Some(Saw::Seen(history)) => history,
    };
    let mut verdicts: Vec<Verdict> = Vec::new();
    let (mut fine, mut unknown): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for group in groups(seen) {
        let leaf = group.leaf;
        match history.newer(&leaf.names, &leaf.issuer, leaf.not_before, leaf.lifetime(), seen.seen_at) {
            Some(newer) => {
                let means = if leaf.not_after < seen.seen_at {
                    "Browsers warn every visitor, although a valid certificate is there: the reload alone ends it."
                        .to_owned()
                } else {
                    format!(
                        "Everything works until {}. Then browsers warn every visitor, unless nginx is reloaded before.",
                        leaf.not_after.long_date()
                    )
                };
                verdicts.push(found(
                    and(&group.hosts),
                    format!(
                        "A certificate for the same names was issued on {} and is valid until {}; every address still shows the one of {}.",
                        newer.not_before.long_date(),
                        newer.not_after.long_date(),
                        leaf.not_before.long_date()
                    ),
                )
                .means(means)
                .fix_code(
                    "Reload nginx, and let certbot do so after each renewal.",
                    "sudo systemctl reload nginx\nsudo certbot reconfigure --deploy-hook 'systemctl reload nginx'",
                )
                .prove(
                    format!("openssl s_client -connect {host}:443 -servername {host} </dev/null 2>/dev/null | openssl x509 -noout -enddate", host = group.host()),
                    format!("notAfter= with {}", newer.not_after.date()),
                )
                .evidence("Told by", history.told_by())
                .evidence("Newer certificate", format!("{} to {}, {}", newer.not_before, newer.not_after, newer.issuer))
                .evidence("Certificate shown", format!("{} to {}, {}", leaf.not_before, leaf.not_after, leaf.issuer))
                .into());
            }
            // Only where the one shown is in the list do we know that the list is about it.
            None if is_listed(history, leaf) && !history.cut => fine.extend(group.hosts),
            None => unknown.extend(group.hosts),
        }
    }
    if !verdicts.is_empty() {
        return verdicts;
    }
    if !unknown.is_empty() {
        verdicts.push(not_tested(
            and(unknown),
            "The public logs do not list the certificate shown (yet), so nothing can be said about newer ones.",
        ));
    } else if !fine.is_empty() {
        verdicts.push(pass(
            and(fine),
            format!("The public logs know no newer certificate for these names (asked: {}).", history.told_by()),
        ));
    }
    verdicts
}

/// The newest certificate shown for one set of names, and the hosts that show it or an older one.
pub(crate) struct Group<'o> {
    pub(crate) hosts: Vec<&'o str>,
    pub(crate) leaf: &'o tls::Certificate,
}

impl Group<'_> {
    fn host(&self) -> &str {
        self.hosts.first().copied().unwrap_or_default()
    }
}

/// Certificates of public authorities that cover their hosts, by their names: of each the newest that any address
/// shows.
pub(crate) fn groups(seen: &Observations) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for (endpoint, leaf) in seen.tls.leaves() {
        let public = endpoint.chain(&seen.tls).is_some_and(|chain| {
            matches!(chain.path, tls::Path::Trusted | tls::Path::Incomplete { .. } | tls::Path::Unverified { .. })
        });
        if !public || leaf.self_signed || !leaf.covers(&endpoint.host) {
            continue;
        }
        let host = endpoint.host.as_str();
        match groups.iter_mut().find(|group| same_names(&group.leaf.names, &leaf.names)) {
            Some(group) => {
                if !group.hosts.contains(&host) {
                    group.hosts.push(host);
                }
                if leaf.not_before > group.leaf.not_before {
                    group.leaf = leaf;
                }
            }
            None => groups.push(Group { hosts: vec![host], leaf }),
        }
    }
    groups
}

fn same_names(one: &[String], other: &[String]) -> bool {
    let set =
        |names: &[String]| names.iter().map(|name| name.to_lowercase()).collect::<std::collections::BTreeSet<_>>();
    set(one) == set(other)
}

/// Whether the certificate shown is among those logged.
pub(crate) fn is_listed(history: &renewal::History, leaf: &tls::Certificate) -> bool {
    history.alike(&leaf.names, &leaf.issuer).iter().any(|logged| logged.not_before == leaf.not_before)
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy, with_history};

    #[test]
    fn a_newer_certificate_that_no_address_shows_fires_once() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -70, 20)];
        with_history(&mut seen, &[70, 10]);
        assert_eq!(said(CHECK, &seen), ["warning example.com and www.example.com"]);
    }

    #[test]
    fn one_address_that_shows_it_is_enough_for_this_check() {
        let mut seen = healthy();
        let names = ["example.com", "www.example.com"];
        seen.tls.chains = vec![chain("old", &names, -70, 20), chain("new", &names, -10, 80)];
        if let Some(Ok(handshake)) = &mut seen.tls.endpoints[1].handshake {
            handshake.chain = 1;
        }
        with_history(&mut seen, &[70, 10]);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"]);
    }

    #[test]
    fn the_newest_shown_passes_and_what_was_not_asked_is_not_spoken_of() {
        let mut seen = healthy();
        assert!(said(CHECK, &seen).is_empty());
        with_history(&mut seen, &[130, 70, 10]);
        assert_eq!(said(CHECK, &seen), ["passed example.com and www.example.com"]);
    }

    #[test]
    fn silence_and_ignorance_are_not_tested() {
        let mut seen = healthy();
        seen.renewal.history = Some(Saw::Unseen(Unseen::TimedOut));
        assert_eq!(said(CHECK, &seen), ["not tested example.com and www.example.com"]);
        with_history(&mut seen, &[70]);
        assert_eq!(said(CHECK, &seen), ["not tested example.com and www.example.com"]);
        seen.tls.chains.clear();
        assert!(said(CHECK, &seen).is_empty());
    }
}
