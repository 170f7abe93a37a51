//! A certificate with the missing name was issued since; nginx still names the files of the one before.

use findings::{Diagnosis, Evidence, Fix};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let misses = symptoms.first("certificate-misses-www")?;
    let host = observed.target.names().find(|name| name.as_str() == misses.subject)?;
    let pair = observed.target.names().find(|name| *name != host)?;
    let (_, shown) = observed.tls.leaves().find(|(endpoint, leaf)| endpoint.host == *host && !leaf.covers(host))?;
    let logs = observed.renewal.history.as_ref()?.seen()?;
    let now = observed.seen_at;
    // Another authority's may be a content network's, whose files are not here.
    let issued = logs.issuances.iter().find(|it| {
        let valid = !it.revoked && it.not_before <= now && now < it.not_after;
        let ours = dns::authorities::of_issuer(&it.issuer).map(|it| it.name)
            == dns::authorities::of_issuer(&shown.issuer).map(|it| it.name);
        valid && ours && it.not_before > shown.not_before && it.covers(host) && it.covers(pair)
    })?;
    let date = issued.not_before.long_date();
    let mut explains = symptoms.keys(&[
        "certificate-misses-www",
        "hsts-locks-visitors-out",
        "preloaded-name-broken",
        "hsts-covers-broken-name",
    ]);
    explains.sort();
    Some(Diagnosis {
        id: "new-certificate-not-used".into(),
        cause: format!("A certificate with {host} in it was issued on {date}; nginx still shows the one before, for {pair} alone."),
        affects: misses.means.clone(),
        fix: Fix {
            text: "Look up where certbot keeps the new one (often under a name that ends in -0001), put its paths into the server block on port 443, and reload nginx.".into(),
            code: Some(format!(
                "sudo certbot certificates\n\n# in the server block on port 443, the paths from that list:\n\
                 ssl_certificate /etc/letsencrypt/live/{pair}-0001/fullchain.pem;\n\
                 ssl_certificate_key /etc/letsencrypt/live/{pair}-0001/privkey.pem;\n\n\
                 sudo nginx -t && sudo systemctl reload nginx"
            )),
        },
        prove: misses.prove.clone()?,
        explains,
        evidence: misses
            .evidence
            .iter()
            .cloned()
            .chain([
                Evidence { label: "Told by".into(), value: logs.told_by() },
                Evidence { label: "New certificate".into(), value: format!("{} to {}: {}", issued.not_before, issued.not_after, issued.names.join(", ")) },
            ])
            .collect(),
        otherwise: "If the paths are the new one's already, only the reload is missing; if certbot does not list it, it was made on another machine.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{chain, healthy, with_history},
    };

    /// www is missing in what is shown; the logs know one with both names, issued so many days ago.
    fn expanded(days_ago: i64) -> Observations {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("one", &["example.com"], -30, 60)];
        with_history(&mut seen, &[days_ago]);
        seen
    }

    #[test]
    fn a_newer_one_with_both_names_only_has_to_be_named() {
        let (ids, report) = causes(expanded(3));
        assert_eq!(ids, ["new-certificate-not-used"]);
        let cause = &report.diagnoses[0];
        assert!(cause.cause.starts_with("A certificate with www.example.com in it was issued on 18 November 2026;"));
        assert!(cause.fix.code.as_ref().unwrap().contains("live/example.com-0001/fullchain.pem;"));
    }

    #[test]
    fn an_older_or_a_spent_one_and_another_authoritys_leave_it_to_be_issued() {
        assert_eq!(causes(expanded(50)).0, ["name-left-out-of-certificate"]);
        let mut revoked = expanded(3);
        let mut foreign = expanded(3);
        if let Some(network::Saw::Seen(history)) = &mut revoked.renewal.history {
            history.issuances[0].revoked = true;
        }
        if let Some(network::Saw::Seen(history)) = &mut foreign.renewal.history {
            history.issuances[0].issuer = "C=US, O=Google Trust Services, CN=WE1".into();
        }
        assert_eq!(causes(revoked).0, ["name-left-out-of-certificate"]);
        assert_eq!(causes(foreign).0, ["name-left-out-of-certificate"]);
    }
}
