use domain::Scheme;
use findings::{Verdict, check, found, pass};
use web::End;

use super::{and, https_works, list};
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
    let mut plain = Vec::new();
    let mut redirected = Vec::new();
    for name in seen.target.names() {
        if !https_works(seen, name) {
            continue; // forcing HTTPS before it works is not a step to ask for
        }
        let mut leads = false;
        let mut stays = false;
        for corner in seen.web.of(Scheme::Http, name) {
            let Some(trail) = seen.web.trail(corner) else { continue };
            let Some((url, response)) = trail.answer() else {
                leads |= matches!(&trail.end, End::Unseen { url, .. } if url.scheme() == Scheme::Https);
                continue;
            };
            match (url.scheme(), response.status) {
                (Scheme::Https, _) => leads = true,
                (Scheme::Http, 200..=299 | 404) => {
                    stays = true;
                    plain.push((name, corner.address, url, response.status));
                }
                (Scheme::Http, _) => {}
            }
        }
        if leads && !stays {
            redirected.push(name);
        }
    }
    let mut verdicts = Vec::new();
    if let Some((first, ..)) = plain.first() {
        let mut hosts: Vec<_> = plain.iter().map(|(name, ..)| *name).collect();
        hosts.dedup();
        let mut statuses: Vec<u16> = plain.iter().map(|(.., status)| *status).collect();
        statuses.sort();
        statuses.dedup();
        let entrances = and(hosts.iter().map(|name| format!("http://{name}/")));
        let (answers, leads) = if hosts.len() == 1 { ("answers", "does not lead") } else { ("answer", "do not lead") };
        let names = list(seen.target.names()).replace(',', "");
        let mut said = found(and(&hosts), format!("{entrances} {answers} {} and {leads} to https.", list(statuses)))
            .means("Visitors who arrive over http:// stay there, and what they send can be read and changed on the way.")
            .fix_code(
                "Let the server block on port 80 do nothing but redirect, then reload nginx.",
                format!("server {{\n    listen 80;\n    listen [::]:80;\n    server_name {names};\n    return 301 https://$host$request_uri;\n}}"),
            )
            .prove(format!("curl -I http://{first}/"), format!("HTTP/1.1 301 and Location: https://{first}/"));
        for (name, address, url, status) in &plain {
            said = said.evidence(format!("http://{name}/ at {address}"), format!("ends at {url} with {status}"));
        }
        verdicts.push(said.into());
    } else if !redirected.is_empty() {
        let words = and(redirected.iter().map(|name| format!("http://{name}/")));
        let leads = if redirected.len() == 1 { "leads" } else { "lead" };
        verdicts.push(pass(and(redirected), format!("{words} {leads} to https.")));
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
        assert_eq!(said(CHECK, &healthy()), ["passed example.com and www.example.com"]);
        assert_eq!(said(CHECK, &answering(403)), ["passed www.example.com"]);
    }

    #[test]
    fn before_https_works_nothing_is_asked() {
        let mut seen = answering(200);
        seen.tls.chains = vec![chain("old", &["example.com", "www.example.com"], -100, -10)];
        assert!(said(CHECK, &seen).is_empty());
    }
}
