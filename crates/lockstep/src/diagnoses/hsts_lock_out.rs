//! The certificate is broken on a name where browsers insist on HTTPS, and no other cause says why.

use findings::{Diagnosis, Section, State};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(_observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let locked = symptoms.first("hsts-locks-visitors-out")?;
    let fault = symptoms.open.iter().find(|finding| {
        finding.section == Section::Certificate && finding.state == State::Failed && finding.id != locked.id
    })?;
    let mut explains = symptoms.keys(&["hsts-locks-visitors-out", "preloaded-name-broken", "hsts-covers-broken-name"]);
    explains.push(fault.key());
    Some(Diagnosis {
        id: "hsts-lock-out".into(),
        cause: format!(
            "{} Browsers that were here before offer no way past that, because the site told them to insist on HTTPS.",
            fault.seen
        ),
        affects: locked.means.clone(),
        fix: fault.fix.clone()?,
        prove: fault.prove.clone()?,
        explains,
        evidence: locked.evidence.iter().chain(&fault.evidence).take(6).cloned().collect(),
        otherwise: "If the files that ssl_certificate names hold a right one (sudo certbot certificates), nginx was not reloaded since: sudo systemctl reload nginx.".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{chain, healthy, with_hsts},
    };

    fn sending(value: &str) -> Observations {
        let mut seen = healthy();
        with_hsts(&mut seen, &["example.com", "www.example.com"], value);
        seen.tls.chains = vec![chain("own", &["example.com", "www.example.com"], -10, 80)];
        seen.tls.chains[0].certificates.truncate(1);
        seen.tls.chains[0].certificates[0].self_signed = true;
        seen.tls.chains[0].path = tls::Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
        seen
    }

    #[test]
    fn a_self_signed_certificate_behind_hsts_locks_out() {
        let (ids, report) = causes(sending("max-age=31536000"));
        assert_eq!(ids, ["hsts-lock-out"]);
        let explains = report.diagnoses[0].explains.join(" ");
        assert!(explains.contains("hsts-locks-visitors-out") && explains.contains("self-signed"), "{explains}");
    }

    #[test]
    fn without_the_header_it_is_a_plain_fault() {
        assert!(causes(sending("max-age=0")).0.is_empty());
    }

    #[test]
    fn a_cause_that_is_known_comes_first() {
        let mut seen = sending("max-age=31536000");
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert_eq!(causes(seen).0, ["certificate-not-renewed"]);
    }
}
