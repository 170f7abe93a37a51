use domain::Scheme;
use findings::{Verdict, check, found, pass};
use web::End;

use super::{https_works, list};
use crate::Observations;

check! {
    /// Plain HTTP serves pages instead of leading to HTTPS, although HTTPS works.
    ///
    /// ## Why it matters
    /// Visitors who arrive over http:// stay there: what they type and their session cookies travel in clear text.
    ///
    /// ## How to fix
    /// Let the server block on port 80 answer every request with a permanent redirect to the same URL over https.
    CHECK: Check<Observations> = "http-not-redirected",
        section: Redirects, severity: Failed,
        title: "HTTP does not lead to HTTPS", healthy: "HTTP leads to HTTPS",
        source: "seed A7, A11; RFC 9110 §15.4", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    let mut redirected = Vec::new();
    for name in seen.target.names() {
        if !https_works(seen, name) {
            continue; // forcing HTTPS before it works is not a step to ask for
        }
        let mut plain = Vec::new();
        let mut leads = false;
        for corner in seen.web.of(Scheme::Http, name) {
            let Some(trail) = seen.web.trail(corner) else { continue };
            let Some((url, response)) = trail.answer() else {
                leads |= matches!(&trail.end, End::Unseen { url, .. } if url.scheme() == Scheme::Https);
                continue;
            };
            match (url.scheme(), response.status) {
                (Scheme::Https, _) => leads = true,
                (Scheme::Http, 200..=299 | 404) => plain.push((corner.address, url, response.status)),
                (Scheme::Http, _) => {}
            }
        }
        if let Some((_, url, status)) = plain.first() {
            let addresses = list(plain.iter().map(|(address, _, _)| address));
            let names = list(seen.target.names()).replace(',', "");
            verdicts.push(
                found(name.as_str(), format!("http://{name}/ at {addresses} answers {status} at {url} and does not lead to https."))
                    .means("Visitors who arrive over http:// stay there, and what they send can be read and changed on the way.")
                    .fix_code(
                        "Let the server block on port 80 do nothing but redirect, then reload nginx.",
                        format!("server {{\n    listen 80;\n    listen [::]:80;\n    server_name {names};\n    return 301 https://$host$request_uri;\n}}"),
                    )
                    .prove(format!("curl -I http://{name}/"), format!("HTTP/1.1 301 and Location: https://{name}/"))
                    .into(),
            );
        } else if leads {
            redirected.push(name);
        }
    }
    if verdicts.is_empty() && !redirected.is_empty() {
        let words = redirected.iter().map(|name| format!("http://{name}/")).collect::<Vec<_>>().join(" and ");
        let leads = if redirected.len() == 1 { "leads" } else { "lead" };
        verdicts.push(pass(list(redirected), format!("{words} {leads} to https.")));
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use domain::{HttpUrl, Scheme};
    use web::{End, Trail};

    use super::{super::tests::said, CHECK};
    use crate::{
        Observations,
        fixture::{chain, healthy, response},
    };

    fn answering(status: u16) -> Observations {
        let mut seen = healthy();
        let from = HttpUrl::root(Scheme::Http, &seen.target.name);
        let answer = response(status, None);
        for trail in seen.web.trails.iter_mut().filter(|trail| trail.from == from) {
            let mut hops = trail.hops.clone();
            hops.truncate(1);
            *trail = Trail { from: from.clone(), hops, end: End::Answer(Box::new(answer.clone())) };
        }
        seen
    }

    #[test]
    fn a_page_over_http_fires() {
        assert_eq!(said(CHECK, &answering(200)), ["failed example.com"]);
        assert_eq!(said(CHECK, &answering(404)), ["failed example.com"]);
    }

    #[test]
    fn redirects_pass_and_refusals_stay_quiet() {
        assert_eq!(said(CHECK, &healthy()), ["passed example.com, www.example.com"]);
        assert_eq!(said(CHECK, &answering(403)), ["passed www.example.com"]);
    }

    #[test]
    fn before_https_works_nothing_is_asked() {
        let mut seen = answering(200);
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert!(said(CHECK, &seen).is_empty());
    }
}
