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
        explains: symptoms.keys(&["chain-incomplete", "chain-untrusted"]),
        evidence: incomplete.evidence.clone(),
        otherwise: String::new(),
    })
}
