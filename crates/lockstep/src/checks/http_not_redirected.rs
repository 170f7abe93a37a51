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
    let mut only_some = false;
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
                    plain.push((name, corner.address, url, response));
                }
                (Scheme::Http, _) => {}
            }
        }
        if leads && !stays {
            redirected.push(name);
        }
        only_some |= leads && stays;
    }
    let mut verdicts = Vec::new();
    if let Some((first, ..)) = plain.first() {
        let mut hosts: Vec<_> = plain.iter().map(|(name, ..)| *name).collect();
        hosts.dedup();
        let mut statuses: Vec<u16> = plain.iter().map(|(.., response)| response.status).collect();
        statuses.sort();
        statuses.dedup();
        let entrances = and(hosts.iter().map(|name| format!("http://{name}/")));
        let (answers, leads) = if hosts.len() == 1 { ("answers", "does not lead") } else { ("answer", "do not lead") };
        let names = list(seen.target.names()).replace(',', "");
        let mut addresses: Vec<_> = plain.iter().map(|(_, address, ..)| *address).collect();
        addresses.sort();
        addresses.dedup();
        // Where other addresses do redirect, it is these that are to be mended.
        let at = if only_some { format!(" at {}", list(&addresses)) } else { String::new() };
        let mut said = found(and(&hosts), format!("{entrances} {answers} {}{at} and {leads} to https.", list(statuses)))
            .means("Visitors who arrive over http:// stay there, and what they send can be read and changed on the way.")
            .fix_code(
                "Let the server block on port 80 do nothing but redirect, then reload nginx.",
                format!("server {{\n    listen 80;\n    listen [::]:80;\n    server_name {names};\n    return 301 https://$host$request_uri;\n}}"),
            )
            .prove(format!("curl -I http://{first}/"), format!("HTTP/1.1 301 and Location: https://{first}/"));
        if let Some(by) = plain.iter().find_map(|(.., response)| goes_on_by_itself(response)) {
            said.means.push_str(&format!(
                " The page sends browsers on by {by}, after it was shown: that protects nobody, and programs and \
                 certificate authorities do not follow it."
            ));
        }
        for (name, address, url, response) in &plain {
            let status = response.status;
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

/// How the page itself sends browsers to https, if it does.
fn goes_on_by_itself(response: &web::Response) -> Option<&'static str> {
    let page = response.start.to_lowercase();
    let meta = page.match_indices("<meta").filter_map(|(at, _)| page.get(at..)?.split('>').next());
    let mut meta = meta.filter(|tag| tag.contains("http-equiv") && tag.contains("refresh") && tag.contains("https:"));
    let script = ["location.replace(", "location.assign(", "location.href", "location.protocol", "window.location"];
    let assigns = page.contains("https:") && script.iter().any(|it| page.contains(it));
    match (meta.next(), assigns && response.length < SHORT) {
        (Some(_), _) => Some("a refresh of its own"),
        (None, true) => Some("a script"),
        (None, false) => None,
    }
}

/// A page that does nothing but send on is shorter than this, in bytes.
const SHORT: usize = 1500;

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
    fn a_page_that_redirects_itself_is_told_so() {
        let means = |body: &str| {
            let mut seen = answering(200);
            for trail in &mut seen.web.trails {
                if let End::Answer(answer) = &mut trail.end {
                    answer.start = body.into();
                }
            }
            findings::judge(&[CHECK], &seen)[0].means.clone()
        };
        let meta = "<html><META content='0; URL=https://example.com/' HTTP-EQUIV=\"Refresh\"></html>";
        assert!(means(meta).contains("by a refresh of its own"));
        assert!(means("<script>location.replace('https://example.com/')</script>").contains("by a script"));
        assert!(!means("<meta charset=utf-8><a href='https://example.com/'>on</a>").contains("by"));
        assert!(!means("<meta http-equiv=refresh content=30><title>Board</title>").contains("sends browsers on"));
    }

    #[test]
    fn where_one_address_redirects_the_others_are_named() {
        let mut seen = healthy();
        let (home, answer) = (HttpUrl::root(Scheme::Http, &seen.target.name), response(200, None));
        let mut hops = seen.web.trails[0].hops.clone();
        hops.truncate(1);
        seen.web.trails.push(Trail { from: home.clone(), hops, end: End::Answer(Box::new(answer.clone())) });
        let last = seen.web.trails.len() - 1;
        seen.web.trails[last].hops[0].url = home.clone();
        for corner in seen.web.corners.iter_mut().filter(|it| it.url() == home && it.address.is_ipv6()) {
            (corner.first, corner.trail) = (network::Saw::Seen(answer.clone()), Some(last));
        }
        let said = findings::judge(&[CHECK], &seen).remove(0).seen;
        assert_eq!(said, "http://example.com/ answers 200 at 2a00::9 and does not lead to https.");
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
