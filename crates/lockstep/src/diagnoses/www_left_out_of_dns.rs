//! One of apex and www is in the certificate, and was left out of DNS.

use findings::Diagnosis;

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let twin = observed.target.twin.as_ref()?;
    let is_twins = |id: &str| symptoms.of(id).find(|finding| finding.subject == twin.as_str());
    let missing = ["www-does-not-resolve", "alias-leads-nowhere", "alias-loops"].into_iter().find_map(is_twins)?;
    // That it was meant shows in the certificate; a wildcard says nothing about it.
    let (_, leaf) = observed.tls.leaves().find(|(_, leaf)| leaf.names.iter().any(|name| name == twin.as_str()))?;
    let lost = symptoms
        .of("certificate-names-a-lost-host")
        .filter(|it| it.evidence.iter().any(|it| it.label == twin.as_str()));
    let mut explains = vec![missing.key()];
    explains.extend(lost.map(findings::Finding::key));
    // Redirects that lead there have no fault of their own.
    let to_it = format!(" redirects to {twin}, ");
    let led: Vec<String> = symptoms
        .of("redirect-leads-nowhere")
        .filter(|it| it.seen.contains(&to_it))
        .map(findings::Finding::key)
        .collect();
    let led_there = if led.is_empty() { "" } else { " and everyone who is redirected there" };
    explains.extend(led);
    Some(Diagnosis {
        id: "www-left-out-of-dns".into(),
        cause: format!("{twin} is in the certificate, but was left out of DNS, or is gone from there."),
        affects: format!(
            "Visitors of {twin}{led_there} see \"server not found\"; the renewal due from {} fails where it checks names over HTTP.",
            leaf.renewal_due().long_date()
        ),
        fix: missing.fix.clone()?,
        prove: missing.prove.clone()?,
        explains,
        evidence: missing.evidence.clone(),
        otherwise: format!("If {twin} is not wanted any more, issue the certificate again without it."),
    })
}

#[cfg(test)]
mod tests {
    use domain::{HttpUrl, Scheme};

    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{chain, healthy},
    };

    fn without_www(names: &[&str]) -> Observations {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("one", names, -10, 80)];
        seen.tls.endpoints.retain(|it| it.host.as_str() == "example.com");
        seen.web.corners.retain(|it| it.host.as_str() == "example.com");
        seen.dns.names[1].visit.clear();
        for asked in &mut seen.dns.names[1].addresses {
            if let network::Saw::Seen(answer) = &mut asked.answer {
                answer.records.clear();
            }
        }
        seen
    }

    #[test]
    fn a_name_of_the_certificate_was_meant() {
        assert_eq!(causes(without_www(&["example.com", "www.example.com"])).0, ["www-left-out-of-dns"]);
    }

    #[test]
    fn redirects_that_lead_there_follow_from_it() {
        let mut seen = without_www(&["example.com", "www.example.com"]);
        let www = HttpUrl::root(Scheme::Https, &"www.example.com".parse().unwrap());
        for trail in seen.web.trails.iter_mut().filter(|trail| trail.from.host() == "example.com") {
            trail.hops.truncate(1);
            trail.hops[0].location = Some(www.to_string());
            let why = network::Unseen::Failed("the name does not lead to any address".into());
            trail.end = web::End::Unseen { url: www.clone(), why };
        }
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["www-left-out-of-dns"]);
        let cause = &report.diagnoses[0];
        assert!(cause.affects.contains("and everyone who is redirected there see"), "{}", cause.affects);
        assert!(cause.explains.iter().any(|key| key.starts_with("redirect-leads-nowhere")), "{:?}", cause.explains);
    }

    #[test]
    fn one_that_is_nowhere_is_not_missed() {
        assert!(causes(without_www(&["example.com"])).0.is_empty());
        assert!(causes(without_www(&["example.com", "*.example.com"])).0.is_empty());
    }
}
