//! The certificate was renewed, and nginx still shows the one that it read before.

use findings::{Diagnosis, Fix};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    // Public logs know a newer certificate, and no address shows it.
    let newer = symptoms.first("renewed-not-reloaded")?;
    let expired = symptoms.first("certificate-expired");
    let expired = expired.and_then(|_| observed.tls.leaves().find(|(_, leaf)| leaf.not_after < observed.seen_at));
    let mut explains = symptoms.keys(&[
        "renewed-not-reloaded",
        "certificate-expired",
        "certificate-renewal-overdue",
        "hsts-locks-visitors-out",
        "preloaded-name-broken",
    ]);
    explains.sort();
    explains.dedup();
    Some(Diagnosis {
        id: "nginx-not-reloaded".into(),
        cause: "The certificate was renewed, but nginx was not reloaded and still shows the old one.".into(),
        affects: match expired {
            Some((endpoint, _)) => format!("Every visitor of https://{}/ sees a certificate warning.", endpoint.host),
            None => newer.means.clone(),
        },
        fix: Fix {
            text: "Reload nginx now. The deploy hook does it after each renewal from now on.".into(),
            code: Some("sudo systemctl reload nginx\nsudo certbot reconfigure --deploy-hook 'systemctl reload nginx'".into()),
        },
        prove: newer.prove.clone()?,
        explains,
        evidence: newer.evidence.clone(),
        otherwise: "If the dates stay the same after the reload, ssl_certificate names another file (compare sudo nginx -T | grep ssl_certificate with sudo certbot certificates), or another machine answers.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::fixture::{chain, healthy, with_history};

    const NAMES: [&str; 2] = ["example.com", "www.example.com"];

    #[test]
    fn a_newer_certificate_in_the_logs_is_a_missing_reload() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &NAMES, -80, 10)];
        with_history(&mut seen, &[80, 20]);
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["nginx-not-reloaded"]);
        let explained: Vec<&str> =
            report.diagnoses[0].explains.iter().filter_map(|key| key.split_once(':')).map(|(id, _)| id).collect();
        assert_eq!(explained, ["certificate-renewal-overdue", "renewed-not-reloaded"]);
    }

    #[test]
    fn with_an_expired_certificate_it_is_the_cause_too() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &NAMES, -100, -10)];
        with_history(&mut seen, &[100, 40]);
        assert_eq!(causes(seen).0, ["nginx-not-reloaded"]);
    }

    #[test]
    fn without_a_newer_one_the_renewal_itself_is_missing() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &NAMES, -100, -10)];
        with_history(&mut seen, &[160, 100]);
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["certificate-not-renewed"]);
        assert!(report.diagnoses[0].cause.contains("because it was not renewed."), "{}", report.diagnoses[0].cause);
    }

    #[test]
    fn a_second_name_left_out_and_a_missing_reload_are_two_causes() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("old", &["example.com"], -80, 10)];
        with_history(&mut seen, &[80, 20]);
        if let Some(network::Saw::Seen(history)) = &mut seen.renewal.history {
            history.issuances.iter_mut().for_each(|issuance| issuance.names = vec!["example.com".into()]);
        }
        assert_eq!(causes(seen).0, ["name-left-out-of-certificate", "nginx-not-reloaded"]);
    }
}
