//! Is the certificate made out to this host?

use domain::DomainName;
use findings::{Verdict, found};

use crate::{
    Certificate, Observation, Path,
    judging::{Answer, covered, hosts, judge, lineage, of_certificate},
};

findings::check! {
    /// The certificate is made out to other names than this one.
    ///
    /// ## Why it matters
    /// Browsers refuse a certificate that does not list the name in the address bar. When it belongs to another site
    /// on the same server, no server block on port 443 carries this name, and nginx answers with the first one it
    /// has.
    ///
    /// ## How to fix
    /// Give this name a server block on port 443 with its own certificate, or have a certificate issued that lists it:
    /// `sudo certbot --nginx -d NAME`.
    CHECK: Check<Observation> = "certificate-name-mismatch",
        section: Certificate, severity: Failed,
        title: "The certificate names another host", healthy: "The certificate names this host",
        source: "RFC 9525 §6.3", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let known = hosts(seen);
    let ask = of_certificate(seen, |endpoint, chain, leaf| {
        if leaf.covers(&endpoint.host) {
            Answer::Fine
        } else if twin(&endpoint.host).is_some_and(|twin| known.contains(&&twin) && leaf.covers(&twin)) {
            // The site's own certificate, which lacks one of the pair: certificate-misses-www says so.
            Answer::Moot
        } else {
            Answer::Problem((leaf, chain.path == Path::Trusted))
        }
    });
    judge(
        seen,
        ask,
        |group| {
            let (leaf, trusted): (&Certificate, bool) = group.problem;
            let (host, live) = (group.host(), group.live());
            let (names, many) = (group.names(), group.hosts.len() > 1);
            let listed = match leaf.names.is_empty() {
                true => format!("The certificate at {} lists no names at all.", group.places()),
                false => format!("The certificate at {} is made out to {}.", group.places(), covered(leaf)),
            };
            let said = found(group.subject(), listed);
            let wildcard = group.hosts.first().and_then(|host| leaf.wildcard_above(host));
            let said = match (wildcard, trusted) {
                (Some(wildcard), _) => said
                    .means(format!(
                        "{wildcard} stands for one label: {host} has more in front. Browsers warn every visitor with a full page."
                    ))
                    .fix_code(
                        format!(
                            "Have a certificate issued that lists {names}, and name it in the server block on port 443."
                        ),
                        format!("sudo certbot --nginx {}", group.certbot_names()),
                    ),
                (None, true) => said
                    .means(format!(
                        "It is valid, but belongs to another site: no server block on port 443 carries the {word} {names}, \
                         so another one answers. Browsers warn every visitor with a full page.",
                        word = if many { "names" } else { "name" },
                    ))
                    .fix_code(
                        format!(
                            "Give {names} {whose} own server block on port 443, test with `sudo nginx -t` and reload nginx. \
                             Without a certificate for it yet, first run `sudo certbot certonly --nginx {}`.",
                            group.certbot_names(),
                            whose = if many { "their" } else { "its" },
                        ),
                        format!(
                            "server {{\n    listen 443 ssl;\n    listen [::]:443 ssl;\n    server_name {};\n    \
                             ssl_certificate {live}/fullchain.pem;\n    ssl_certificate_key {live}/privkey.pem;\n}}",
                            group.server_name()
                        ),
                    ),
                (None, false) => said.means("Browsers warn every visitor with a full page.").fix_code(
                    format!("Have a certificate issued that lists {names}."),
                    format!("sudo certbot --nginx {}", group.certbot_names()),
                ),
            };
            said.prove(
                group.show_certificate("-ext subjectAltName"),
                format!("A line that contains DNS:{host}, or a wildcard for it."),
            )
            .evidence("Names in the certificate", leaf.names.join(", "))
            .evidence("Subject", &leaf.subject)
            .evidence("Issuer", &leaf.issuer)
        },
        |endpoints| {
            let mut texts: Vec<String> =
                endpoints.iter().filter_map(|endpoint| Some(covered(endpoint.chain(seen)?.leaf()?))).collect();
            texts.dedup();
            format!("Covers {}.", texts.first().cloned().unwrap_or_default())
        },
    )
}

/// The other host of the pair that differs by a leading `www.`.
fn twin(host: &DomainName) -> Option<DomainName> {
    let bare = lineage(host);
    if bare == *host { host.with_www() } else { Some(bare) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{says, text, with, with_leaf};

    #[test]
    fn another_sites_certificate_is_named() {
        let seen = with_leaf(|leaf| leaf.names = vec!["other.example".into(), "www.other.example".into()]);
        assert_eq!(says(&CHECK, &seen), ["! example.com and www.example.com"]);
        let text = text(&CHECK, &seen);
        assert!(text.contains("made out to other.example and www.other.example."));
        assert!(text.contains("belongs to another site"));
    }

    #[test]
    fn an_untrusted_one_is_not_called_another_sites() {
        let seen = with(|seen| {
            seen.chains[0].certificates[0].names = Vec::new();
            seen.chains[0].path = Path::Untrusted { why: "UnknownIssuer".into(), fetched: String::new() };
        });
        assert!(text(&CHECK, &seen).contains("lists no names at all"));
        assert!(!text(&CHECK, &seen).contains("another site"));
    }

    #[test]
    fn a_missing_twin_is_another_checks_business() {
        let seen = with_leaf(|leaf| leaf.names = vec!["example.com".into()]);
        assert_eq!(says(&CHECK, &seen), [". example.com"]);
        let seen = with_leaf(|leaf| leaf.names = vec!["www.example.com".into()]);
        assert_eq!(says(&CHECK, &seen), [". www.example.com"]);
    }

    #[test]
    fn a_twin_that_was_not_looked_at_does_not_count() {
        let seen = with(|seen| {
            seen.endpoints.retain(|endpoint| endpoint.host.as_str() == "example.com");
            seen.chains[0].certificates[0].names = vec!["www.example.com".into()];
        });
        assert_eq!(says(&CHECK, &seen), ["! example.com"]);
    }

    #[test]
    fn a_wildcard_that_stops_short_is_said_to() {
        let shown = |wildcard: &str| {
            text(
                &CHECK,
                &with(|seen| {
                    seen.endpoints.iter_mut().for_each(|it| it.host = "shop.eu.example.com".parse().unwrap());
                    seen.chains[0].certificates[0].names = vec![wildcard.into()];
                }),
            )
        };
        assert!(shown("*.example.com").contains("stands for one label: shop.eu.example.com has more in front."));
        assert!(!shown("*.anexample.com").contains("one label"));
    }

    #[test]
    fn wildcards_cover_one_label() {
        let seen = with_leaf(|leaf| leaf.names = vec!["*.example.com".into(), "example.com".into()]);
        assert_eq!(says(&CHECK, &seen), [". example.com, www.example.com"]);
    }
}
