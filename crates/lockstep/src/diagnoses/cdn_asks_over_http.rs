//! A content network asks the server over plain HTTP, which the server redirects to https, for ever.

use domain::Scheme;
use findings::{Diagnosis, Fix, Prove};
use web::{End, Via};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let looping = symptoms.first("redirect-loop")?;
    let trail = observed.web.trails.iter().find(|trail| matches!(trail.end, End::Loop(_)))?;
    let End::Loop(url) = &trail.end else { return None };
    // https to the very same https URL, by somebody in front of the server.
    if url.scheme() != Scheme::Https || trail.hops.last()?.url != *url {
        return None;
    }
    let says_so =
        trail.hops.iter().any(|hop| hop.server.as_deref().is_some_and(|s| s.eq_ignore_ascii_case("cloudflare")));
    let by_fetch = observed.web.corners.iter().any(|it| it.via == Via::Fetch && it.host.as_str() == url.host());
    if !says_so && !by_fetch {
        return None;
    }
    let name = &observed.target.name;
    Some(Diagnosis {
        id: "cdn-asks-over-http".into(),
        cause: format!("The content network in front of {name} asks the server over plain HTTP, and the server redirects that to https again."),
        affects: "Browsers stop with \"too many redirects\"; nobody sees the site.".into(),
        fix: Fix {
            text: "In the content network's TLS settings, choose the mode that speaks HTTPS to the server (\"Full (strict)\" at Cloudflare).".into(),
            code: None,
        },
        prove: Prove { command: format!("curl -I {url}"), expect: "200, or a redirect to another URL".into() },
        explains: symptoms.keys(&["redirect-loop", "too-many-redirects", "corners-end-apart", "acme-path-blocked"]),
        evidence: looping.evidence.clone(),
        otherwise: "If it already does, the application forces https without believing X-Forwarded-Proto: compare curl -I on the server itself.".into(),
    })
}

#[cfg(test)]
mod tests {
    use domain::Scheme;

    use super::super::{application_loops::tests::looping, tests::causes};

    #[test]
    fn a_loop_behind_a_content_network_is_its_mode() {
        assert_eq!(causes(looping(Scheme::Https, "cloudflare")).0, ["cdn-asks-over-http"]);
        let mut seen = looping(Scheme::Https, "nginx");
        for corner in &mut seen.web.corners {
            corner.via = web::Via::Fetch;
        }
        assert_eq!(causes(seen).0, ["cdn-asks-over-http"]);
    }

    #[test]
    fn without_one_it_is_the_application() {
        assert_eq!(causes(looping(Scheme::Https, "nginx")).0, ["application-loops"]);
    }
}
