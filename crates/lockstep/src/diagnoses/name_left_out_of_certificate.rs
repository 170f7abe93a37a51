//! One of apex and www was left out when the certificate was issued.

use findings::Diagnosis;

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(_observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let misses = symptoms.first("certificate-misses-www")?;
    let host = &misses.subject;
    let mut explains = symptoms.keys(&[
        "certificate-misses-www",
        "hsts-locks-visitors-out",
        "preloaded-name-broken",
        "hsts-covers-broken-name",
    ]);
    explains.extend(
        symptoms
            .of("certificate-name-mismatch")
            .filter(|finding| finding.subject.contains(host.as_str()))
            .map(|f| f.key()),
    );
    Some(Diagnosis {
        id: "name-left-out-of-certificate".into(),
        cause: format!("{host} was left out when the certificate was issued."),
        affects: misses.means.clone(),
        fix: misses.fix.clone()?,
        prove: misses.prove.clone()?,
        explains,
        evidence: misses.evidence.clone(),
        otherwise: format!(
            "If sudo certbot certificates lists {host}, the certificate is there and nginx was not reloaded since, or points at an older one."
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::fixture::{chain, healthy};

    #[test]
    fn a_forgotten_www_is_named() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("one", &["example.com"], -10, 80)];
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["name-left-out-of-certificate"]);
        assert!(report.diagnoses[0].cause.starts_with("www.example.com"));
    }

    #[test]
    fn a_wildcard_covers_it() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("one", &["example.com", "*.example.com"], -10, 80)];
        assert!(causes(seen).0.is_empty());
    }
}
