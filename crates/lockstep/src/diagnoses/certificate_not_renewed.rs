//! The certificate ran out because nothing renewed it, or nginx was not reloaded afterwards.

use findings::{Diagnosis, Evidence, Fix, Prove};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let expired = symptoms.first("certificate-expired")?;
    let (endpoint, leaf) = observed.tls.leaves().find(|(_, leaf)| leaf.not_after < observed.seen_at)?;
    // Each name may have a certificate of its own.
    let name = &endpoint.host;
    let mut explains = vec![expired.key()];
    explains.extend(symptoms.keys(&[
        "certificate-expired",
        "certificate-renewal-overdue",
        "hsts-locks-visitors-out",
        "preloaded-name-broken",
    ]));
    explains.sort();
    explains.dedup();
    // Where a newer one is known to the public logs, the cause is nginx-not-reloaded.
    let logs = observed.renewal.history.as_ref().and_then(|history| history.seen());
    let logs = logs.filter(|logs| !logs.cut && crate::checks::is_listed(logs, leaf));
    let because = match logs {
        Some(_) => "because it was not renewed",
        None => "because it was not renewed or nginx was not reloaded after renewal",
    };
    let mut evidence = expired.evidence.clone();
    evidence.extend(logs.map(|logs| Evidence {
        label: format!("Public logs ({})", logs.told_by()),
        value: "no newer certificate for these names".into(),
    }));
    Some(Diagnosis {
        id: "certificate-not-renewed".into(),
        cause: format!("The certificate ran out on {}, {because}.", leaf.not_after.long_date()),
        affects: format!("Every visitor of https://{name}/ sees a certificate warning."),
        fix: Fix {
            text: "Renew it now and see what certbot says; then reload nginx. A deploy hook reloads it after each renewal.".into(),
            code: Some("sudo certbot renew\nsudo systemctl reload nginx\nsudo certbot reconfigure --deploy-hook 'systemctl reload nginx'".into()),
        },
        prove: Prove {
            command: format!("openssl s_client -connect {name}:443 -servername {name} </dev/null 2>/dev/null | openssl x509 -noout -enddate"),
            expect: "a date in the future".into(),
        },
        explains,
        evidence,
        otherwise: "If sudo certbot certificates shows a valid one, only the reload is missing. If renewal fails, its log says why: the challenge path, port 80, or a record that leads elsewhere.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::fixture::{chain, healthy};

    #[test]
    fn an_expired_certificate_was_not_renewed() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert_eq!(causes(seen).0, ["certificate-not-renewed"]);
    }

    #[test]
    fn of_two_certificates_the_one_that_ran_out_is_proved() {
        let mut seen = healthy();
        seen.tls.chains.push(chain("old", &["www.example.com"], -100, -10));
        for endpoint in seen.tls.endpoints.iter_mut().filter(|it| it.host.as_str() == "www.example.com") {
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.chain = 1;
            }
        }
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["certificate-not-renewed"]);
        let cause = &report.diagnoses[0];
        assert_eq!(cause.affects, "Every visitor of https://www.example.com/ sees a certificate warning.");
        assert!(cause.prove.command.contains("-servername www.example.com "), "{}", cause.prove.command);
    }

    #[test]
    fn an_overdue_one_is_a_finding_but_no_cause_yet() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("late", &["example.com", "www.example.com"], -85, 5)];
        let (ids, report) = causes(seen);
        assert!(ids.is_empty());
        assert!(report.findings.iter().any(|finding| finding.id == "certificate-renewal-overdue" && finding.state == findings::State::Warning));
    }
}
