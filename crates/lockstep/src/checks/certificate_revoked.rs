use findings::{Verdict, check, found};
use network::Saw;

use super::{and, groups};
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
        source: "RFC 5280 §5; Cert Spotter API: revoked; seed A10", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(Saw::Seen(history)) = &seen.renewal.history else { return Vec::new() };
    let mut verdicts = Vec::new();
    for group in groups(seen) {
        let leaf = group.leaf;
        let mut same = history.alike(&leaf.names, &leaf.issuer);
        same.retain(|it| (it.not_before, it.not_after) == (leaf.not_before, leaf.not_after));
        // Two of the same second cannot be told apart.
        if same.is_empty() || !same.iter().all(|it| it.revoked) {
            continue;
        }
        let host = group.hosts.first().copied().unwrap_or_default();
        let said = found(and(&group.hosts), format!("The certificate of {} was revoked by its authority.", leaf.not_before.long_date()))
            .means("Browsers refuse it as soon as they learn of it: visitors see a warning without a way past it.")
            .fix_code(
                "Issue a new one with a new key, and reload nginx. The authority has written to the account's address why.",
                "sudo certbot renew --force-renewal --new-key\nsudo systemctl reload nginx",
            )
            .prove(
                format!("openssl s_client -connect {host}:443 -servername {host} </dev/null 2>/dev/null | openssl x509 -noout -startdate"),
                "notBefore= with today's date",
            )
            .evidence("Told by", history.told_by())
            .evidence("Certificate shown", format!("{} to {}, {}", leaf.not_before, leaf.not_after, leaf.issuer));
        verdicts.push(said.into());
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use network::Saw;

    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy, with_history};

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
