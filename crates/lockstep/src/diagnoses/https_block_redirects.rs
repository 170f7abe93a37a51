//! nginx itself redirects what comes to port 443, in a circle: the redirect for port 80 was written there as well.

use domain::{HttpUrl, Scheme};
use findings::{Diagnosis, Evidence, Fix, Prove};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let looping = symptoms.first("redirect-loop")?;
    // Of the circles, one that nginx begins on port 443: its own page comes with the redirect, and not an application's.
    let (url, to) = observed.web.corners.iter().find_map(|corner| {
        let first = corner.first.seen().filter(|first| first.is_redirect() && first.is_nginx_own())?;
        let trail = observed.web.trail(corner)?;
        let web::End::Loop(repeated) = &trail.end else { return None };
        let url = corner.url();
        let begins_here = corner.scheme == Scheme::Https && *repeated == url;
        begins_here.then_some((url, first.location.as_deref()?))
    })?;
    let host = url.host().parse().ok()?;
    let is = |scheme| to.trim_end_matches('/') == HttpUrl::root(scheme, &host).as_str().trim_end_matches('/');
    let to_http = is(Scheme::Http);
    if !to_http && !is(Scheme::Https) {
        return None; // two names that lead to each other
    }
    let names = super::names(observed);
    let cause = match to_http {
        true => format!("The server block for port 443 redirects {url} to {to}, and port 80 leads back to https."),
        false => format!("The server block for port 443 redirects to https as well: nginx leads {url} to itself."),
    };
    let mut explains = symptoms.keys(&["redirect-loop", "too-many-redirects", "corners-end-apart", "plain-http-hop"]);
    explains.sort();
    Some(Diagnosis {
        id: "https-block-redirects".into(),
        cause,
        affects: "Browsers stop with \"too many redirects\"; nobody sees the site.".into(),
        fix: Fix {
            text: "Take the redirect out of the block that listens on 443 and let that one serve the site; only the block for port 80 redirects. Then test with `sudo nginx -t` and reload nginx.".into(),
            code: Some(format!(
                "server {{\n    listen 80;\n    listen [::]:80;\n    server_name {names};\n    return 301 https://$host$request_uri;\n}}\n\n\
                 server {{\n    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n    server_name {names};\n    # ssl_certificate and ssl_certificate_key as before, and no return\n\n    \
                 location / {{\n        proxy_pass http://unix:/run/gunicorn.sock;\n        include proxy_params;\n    }}\n}}"
            )),
        },
        prove: Prove { command: format!("curl -I {url}"), expect: "200, or a redirect to another URL".into() },
        explains,
        evidence: looping
            .evidence
            .iter()
            .cloned()
            .chain([Evidence { label: "Who redirects".into(), value: "nginx: its built-in page comes along".into() }])
            .collect(),
        otherwise: "If no block for 443 redirects, it hands requests to another nginx, whose port 80 redirects: pass them to what serves the site there.".into(),
    })
}

#[cfg(test)]
mod tests {
    use domain::Scheme;
    use network::Saw;

    use super::super::{application_loops::tests::looping, tests::causes};
    use crate::Observations;

    /// The circle, with the page that comes with each redirect over https.
    fn with_page(to: Scheme, page: &str) -> Observations {
        let mut seen = looping(to, "nginx");
        for corner in seen.web.corners.iter_mut().filter(|corner| corner.scheme == Scheme::Https) {
            if let Saw::Seen(first) = &mut corner.first {
                first.start = page.into();
            }
        }
        seen
    }

    const NGINX: &str = "<center><h1>301 Moved Permanently</h1></center>\n<hr><center>nginx</center>";

    #[test]
    fn nginx_itself_leads_443_to_itself_or_back_to_80() {
        let (ids, report) = causes(with_page(Scheme::Https, NGINX));
        assert_eq!(ids, ["https-block-redirects"]);
        assert!(report.diagnoses[0].cause.ends_with("nginx leads https://example.com/ to itself."));
        let (ids, report) = causes(with_page(Scheme::Http, NGINX));
        assert_eq!(ids, ["https-block-redirects"]);
        assert!(report.diagnoses[0].cause.contains("redirects https://example.com/ to http://example.com/"));
    }

    #[test]
    fn an_application_that_redirects_is_another_cause() {
        let flask = "<!doctype html>\n<title>Redirecting...</title>";
        assert_eq!(causes(with_page(Scheme::Https, flask)).0, ["application-loops"]);
        assert!(causes(with_page(Scheme::Http, flask)).0.is_empty());
    }

    #[test]
    fn without_a_circle_there_is_none() {
        let mut seen = crate::fixture::healthy();
        for corner in &mut seen.web.corners {
            if let Saw::Seen(first) = &mut corner.first {
                first.start = NGINX.into();
            }
        }
        assert!(causes(seen).0.is_empty());
    }
}
