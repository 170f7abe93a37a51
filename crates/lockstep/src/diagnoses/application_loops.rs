//! The application redirects https to the same https URL: it does not know that the visitor came over TLS.

use domain::Scheme;
use findings::{Diagnosis, Fix, Prove};
use web::End;

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let looping = symptoms.first("redirect-loop")?;
    let trail = observed.web.trails.iter().find(|trail| matches!(trail.end, End::Loop(_)))?;
    let End::Loop(url) = &trail.end else { return None };
    let last = trail.hops.last()?;
    // https to the very same https URL: nobody but a server that believes it is http would say so.
    if url.scheme() != Scheme::Https || last.url != *url {
        return None;
    }
    let name = &observed.target.name;
    let explains = symptoms.keys(&["redirect-loop", "too-many-redirects", "corners-end-apart"]);
    let evidence = looping.evidence.clone();
    let prove = Prove { command: format!("curl -I {url}"), expect: "200, or a redirect to another URL".into() };
    Some(Diagnosis {
            id: "application-loops".into(),
            cause: format!("The application behind nginx does not learn that visitors of {name} came over https, and redirects them to https again and again."),
            affects: "Browsers stop with \"too many redirects\"; nobody sees the site.".into(),
            fix: Fix {
                text: "Pass the scheme in the location that has proxy_pass, let Flask believe it, then reload nginx and restart Gunicorn.".into(),
                code: Some("proxy_set_header X-Forwarded-Proto $scheme;\n\n# Flask\nfrom werkzeug.middleware.proxy_fix import ProxyFix\napp.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1, x_host=1)".into()),
            },
            prove,
            explains,
            evidence,
            otherwise: "If both are in place, the redirect comes from nginx: a rule in the 443 server block, such as an if that tests the wrong variable.".into(),
        })
}

#[cfg(test)]
pub(super) mod tests {
    use domain::{HttpUrl, Scheme};
    use web::End;

    use super::super::tests::causes;
    use crate::{
        Observations,
        fixture::{healthy, response},
    };

    /// Every trail ends at `https://example.com/`, which then leads to `to`.
    pub(in crate::diagnoses) fn looping(to: Scheme, server: &str) -> Observations {
        let mut seen = healthy();
        let home = HttpUrl::root(Scheme::Https, &seen.target.name);
        let next = HttpUrl::root(to, &seen.target.name);
        for trail in &mut seen.web.trails {
            if let Some(hop) = trail.hops.last_mut() {
                hop.status = 302;
                hop.location = Some(next.to_string());
                hop.server = Some(server.into());
            }
            if to == Scheme::Http && trail.from == home {
                let mut back = trail.hops[0].clone();
                back.url = next.clone();
                back.location = Some(home.to_string());
                trail.hops.push(back);
            }
            trail.end = End::Loop(if trail.from == next || to == Scheme::Https { next.clone() } else { home.clone() });
        }
        for corner in &mut seen.web.corners {
            if corner.first.seen().is_some_and(|first| first.status == 200) {
                corner.first = network::Saw::Seen(response(302, Some(next.as_str())));
            }
        }
        seen
    }

    #[test]
    fn https_to_itself_is_an_app_that_does_not_know() {
        let (ids, report) = causes(looping(Scheme::Https, "nginx"));
        assert_eq!(ids, ["application-loops"]);
        assert!(report.diagnoses[0].fix.code.as_ref().unwrap().contains("X-Forwarded-Proto"));
    }

    #[test]
    fn a_loop_between_the_schemes_has_other_causes() {
        assert!(causes(looping(Scheme::Http, "nginx")).0.is_empty());
    }
}
