//! nginx serves cert.pem instead of fullchain.pem.

use findings::Diagnosis;

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let incomplete = symptoms.first("chain-incomplete")?;
    let served = observed.tls.chains.iter().find(|chain| matches!(chain.path, tls::Path::Incomplete { .. }))?;
    let alone = served.certificates.len() == 1;
    Some(Diagnosis {
        id: "intermediate-left-out".into(),
        cause: if alone {
            "nginx is given cert.pem, which holds the server's certificate alone, instead of fullchain.pem.".into()
        } else {
            "The file that nginx serves lacks an intermediate certificate.".into()
        },
        affects: "Browsers that have met the issuer before show no fault; phones, curl and API clients refuse the connection.".into(),
        fix: incomplete.fix.clone()?,
        prove: incomplete.prove.clone()?,
        explains: symptoms.keys(&["chain-incomplete", "chain-untrusted", "hsts-locks-visitors-out", "preloaded-name-broken"]),
        evidence: incomplete.evidence.clone(),
        otherwise: "If ssl_certificate names fullchain.pem already, nginx was not reloaded since, or that file was put together by hand and lacks the intermediate (grep -c BEGIN on it says 1).".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::fixture::healthy;

    #[test]
    fn a_chain_of_one_that_can_be_completed_is_cert_pem() {
        let mut seen = healthy();
        seen.tls.chains[0].certificates.truncate(1);
        seen.tls.chains[0].path =
            tls::Path::Incomplete { fetched: "http://r13.example/".into(), missing: "CN=R13".into() };
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["intermediate-left-out"]);
        assert!(report.diagnoses[0].cause.contains("cert.pem"));
    }

    #[test]
    fn an_unknown_authority_is_not_an_omission() {
        let mut seen = healthy();
        seen.tls.chains[0].path = tls::Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
        assert!(causes(seen).0.is_empty());
    }
}
