use findings::{Said, Verdict, check, found, not_tested, pass};
use network::Saw;

use super::{and, groups, showing};
use crate::Observations;

check! {
    /// The certificate shown was revoked by its authority.
    ///
    /// ## Why it matters
    /// Browsers that ask about it refuse the connection; others follow within days. An authority revokes a certificate
    /// when it was issued by mistake or its key has leaked.
    ///
    /// ## How to fix
    /// Issue a new certificate with a new key now, and reload nginx.
    CHECK: Check<Observations> = "certificate-revoked",
        section: Certificate, severity: Failed,
        title: "The certificate was revoked", healthy: "The certificate was not revoked",
        source: "RFC 5280 §5, §6.3; Cert Spotter API: revoked; seed A10", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let by_list: Vec<(Vec<&str>, Verdict)> = seen.tls.revocations.iter().filter_map(|it| listed(seen, it)).collect();
    let mut verdicts = by_logs(seen, &by_list);
    verdicts.extend(by_list.into_iter().map(|(_, verdict)| verdict));
    // Of several certificates the worst counts, each of its hosts once: that another one is not revoked is no comfort.
    let worst = verdicts.iter().map(rank).max();
    let mut subjects: Vec<String> = Vec::new();
    verdicts.retain(|verdict| {
        let (Verdict::Found(said) | Verdict::NotTested(said) | Verdict::Pass(said)) = verdict;
        let counts = Some(rank(verdict)) == worst && !subjects.contains(&said.subject);
        if counts {
            subjects.push(said.subject.clone());
        }
        counts
    });
    verdicts
}

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Pass(_) => 0,
        Verdict::NotTested(_) => 1,
        Verdict::Found(_) => 2,
    }
}

/// What the issuer's own list says of one certificate, and of which hosts.
fn listed<'o>(seen: &'o Observations, told: &tls::Revocation) -> Option<(Vec<&'o str>, Verdict)> {
    let (hosts, leaf) = showing(seen, &told.sha256)?;
    let subject = and(&hosts);
    let verdict = match &told.revoked {
        Saw::Seen(true) => said(subject, hosts.first().copied().unwrap_or_default(), leaf)
            .evidence("Told by", format!("the authority's list, {}", told.url))
            .evidence("Serial number", &leaf.serial)
            .into(),
        Saw::Seen(false) => pass(subject, "It is not on the authority's list of revoked certificates."),
        Saw::Unseen(why) => {
            let what = "The authority's list of revoked certificates could not be read";
            not_tested(subject, format!("{what}: {}.", why.clause()))
        }
    };
    Some((hosts, verdict))
}

/// What the public logs say of certificates that the lists do not call revoked already.
fn by_logs(seen: &Observations, by_list: &[(Vec<&str>, Verdict)]) -> Vec<Verdict> {
    let Some(Saw::Seen(history)) = &seen.renewal.history else { return Vec::new() };
    let is_told = |host: &&str| {
        by_list.iter().any(|(hosts, verdict)| matches!(verdict, Verdict::Found(_)) && hosts.contains(host))
    };
    let mut verdicts = Vec::new();
    for group in groups(seen) {
        let leaf = group.leaf;
        let mut same = history.alike(&leaf.names, &leaf.issuer);
        same.retain(|it| (it.not_before, it.not_after) == (leaf.not_before, leaf.not_after));
        // Two of the same second cannot be told apart.
        if same.is_empty() || !same.iter().all(|it| it.revoked) {
            continue;
        }
        if group.hosts.iter().all(is_told) {
            continue;
        }
        let host = group.hosts.first().copied().unwrap_or_default();
        verdicts.push(said(and(&group.hosts), host, leaf).evidence("Told by", history.told_by()).into());
    }
    verdicts
}

fn said(subject: String, host: &str, leaf: &tls::Certificate) -> Said {
    found(subject, format!("The certificate of {} was revoked by its authority.", leaf.not_before.long_date()))
        .means("Browsers refuse it as soon as they learn of it: visitors see a warning without a way past it.")
        .fix_code(
            "Issue a new one with a new key, and reload nginx. The authority has written to the account's address why.",
            "sudo certbot renew --force-renewal --new-key\nsudo systemctl reload nginx",
        )
        .prove(
            format!("openssl s_client -connect {host}:443 -servername {host} </dev/null 2>/dev/null | openssl x509 -noout -startdate"),
            "notBefore= with today's date",
        )
        .evidence("Certificate shown", format!("{} to {}, {}", leaf.not_before, leaf.not_after, leaf.issuer))
}

#[cfg(test)]
mod tests {
    use network::Saw;

    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy, with_history};

    #[test]
    fn the_authoritys_list_counts_for_itself() {
        let listed = |revoked| {
            let mut seen = healthy();
            let url = "http://e7.c.lencr.org/12.crl".to_owned();
            seen.tls.revocations = vec![tls::Revocation { sha256: "fine".into(), url, revoked }];
            seen
        };
        assert_eq!(said(CHECK, &listed(Saw::Seen(true))), ["failed example.com and www.example.com"]);
        assert_eq!(said(CHECK, &listed(Saw::Seen(false))), ["passed example.com and www.example.com"]);
        let unseen = listed(Saw::Unseen(network::Unseen::TimedOut));
        assert_eq!(said(CHECK, &unseen), ["not tested example.com and www.example.com"]);
        let mut both = listed(Saw::Seen(true));
        with_history(&mut both, &[10]);
        if let Some(Saw::Seen(history)) = &mut both.renewal.history {
            history.issuances[0].revoked = true;
        }
        assert_eq!(said(CHECK, &both), ["failed example.com and www.example.com"], "once");
        both.tls.revocations[0].revoked = Saw::Seen(false);
        let again = both.tls.revocations[0].clone();
        both.tls.revocations.push(again);
        assert_eq!(said(CHECK, &both), ["failed example.com and www.example.com"], "lists run late");
    }

    #[test]
    fn the_one_shown_is_told_apart_from_older_ones() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("new", &["example.com", "www.example.com"], -10, 80)];
        with_history(&mut seen, &[70, 10]);
        assert!(said(CHECK, &seen).is_empty());
        let revoke = |seen: &mut crate::Observations, which: usize| {
            if let Some(Saw::Seen(history)) = &mut seen.renewal.history {
                history.issuances[which].revoked = true;
            }
        };
        revoke(&mut seen, 1);
        assert!(said(CHECK, &seen).is_empty(), "an older one was revoked");
        revoke(&mut seen, 0);
        assert_eq!(said(CHECK, &seen), ["failed example.com and www.example.com"]);
    }
}
