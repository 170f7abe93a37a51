//! The name has no 443 server block, so the default server shows another site's certificate.

use domain::DomainName;
use findings::{Diagnosis, Evidence, Fix, Prove};

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let mismatch = symptoms.first("certificate-name-mismatch")?;
    let nameless = observed.tls.without_sni.as_ref()?;
    let default = observed.tls.chains.get(*nameless.chain.as_ref().ok()?)?.leaf()?;
    // It must be the same certificate that a client gets who names no host at all.
    let (endpoint, leaf) =
        observed.tls.leaves().find(|(endpoint, leaf)| !leaf.covers(&endpoint.host) && leaf.sha256 == default.sha256)?;
    let host = &endpoint.host;
    if leaf.wildcard_above(host).is_some() {
        return None; // the site's own, which was thought to reach further
    }
    let lineage = super::lineage(observed);
    let names = super::names(observed);
    let shown = leaf.names.iter().take(4).cloned().collect::<Vec<_>>().join(", ");
    let shown = if shown.is_empty() { "no name at all".to_owned() } else { shown };
    let mut explains = vec![mismatch.key()];
    explains.extend(symptoms.keys(&[
        "certificate-name-mismatch",
        "default-certificate-without-sni",
        "default-site",
        "self-signed",
        "chain-untrusted",
        "certificate-expired",
        "certificate-renewal-overdue",
        "corners-end-apart",
        "hsts-locks-visitors-out",
        "preloaded-name-broken",
        "hsts-covers-broken-name",
    ]));
    explains.sort();
    explains.dedup();
    Some(Diagnosis {
        id: "default-server-answers".into(),
        cause: format!(
            "No server block on port 443 is for {host}, so the server's default site answers with its own certificate."
        ),
        affects: format!("Visitors of https://{host}/ see a certificate warning: the certificate is for {shown}."),
        fix: match served(observed, host) {
            // Its pair has a block of its own, which only has to name it.
            Some(other) => Fix {
                text: format!(
                    "Add {host} to the server_name of the block on port 443 that serves {other}, and reload nginx."
                ),
                code: Some(format!("server_name {names};")),
            },
            None => Fix {
                text: format!(
                    "Give {names} a server block of its own on port 443 with its certificate, and reload nginx."
                ),
                code: Some(format!(
                    "server {{\n    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n    server_name {names};\n\n    ssl_certificate /etc/letsencrypt/live/{lineage}/fullchain.pem;\n    ssl_certificate_key /etc/letsencrypt/live/{lineage}/privkey.pem;\n    …\n}}"
                )),
            },
        },
        prove: Prove {
            command: format!("sudo nginx -T 2>/dev/null | grep -n 'server_name.*{host}\\|listen.*443'"),
            expect: format!("a block that has both listen 443 ssl and server_name … {host}"),
        },
        explains,
        evidence: vec![
            Evidence { label: "Certificate for this name".into(), value: leaf.sha256.clone() },
            Evidence { label: "Certificate without a name".into(), value: default.sha256.clone() },
        ],
        otherwise: format!(
            "If the block is there, its ssl_certificate names another certificate than that of {host}, nginx was not reloaded since (sudo systemctl reload nginx), or {host} leads to another machine (compare dig +short {host} with the server's address)."
        ),
    })
}

/// The other name of the pair, where it is served with a certificate that is right for both.
fn served<'o>(observed: &'o Observations, host: &DomainName) -> Option<&'o DomainName> {
    let other = observed.target.names().find(|name| *name != host)?;
    let right = |(endpoint, leaf): (&tls::Endpoint, &tls::Certificate)| {
        endpoint.host == *other && leaf.covers(other) && leaf.covers(host)
    };
    observed.tls.leaves().any(right).then_some(other)
}

#[cfg(test)]
mod tests {
    use super::super::tests::causes;
    use crate::fixture::{chain, healthy};

    #[test]
    fn the_certificate_of_the_default_server_names_the_cause() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("default", &["other.net"], -10, 80)];
        seen.tls.without_sni = Some(tls::WithoutSni { address: "9.9.9.9".parse().unwrap(), chain: Ok(0) });
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["default-server-answers"]);
        assert!(report.diagnoses[0].fix.code.as_ref().unwrap().contains("server_name example.com www.example.com;"));
    }

    #[test]
    fn where_the_other_name_is_served_its_block_lacks_this_one() {
        let mut seen = healthy();
        seen.tls.chains.push(chain("default", &["other.net"], -10, 80));
        for endpoint in seen.tls.endpoints.iter_mut().filter(|it| it.host.as_str() == "www.example.com") {
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.chain = 1;
            }
        }
        seen.tls.without_sni = Some(tls::WithoutSni { address: "9.9.9.9".parse().unwrap(), chain: Ok(1) });
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["default-server-answers"]);
        let fix = &report.diagnoses[0].fix;
        assert!(fix.text.starts_with("Add www.example.com to the server_name of the block"), "{}", fix.text);
        assert_eq!(fix.code.as_deref(), Some("server_name example.com www.example.com;"));
    }

    #[test]
    fn a_wildcard_of_the_domain_is_no_other_site() {
        let mut seen = healthy();
        seen.target.name = "shop.eu.example.com".parse().unwrap();
        seen.target.twin = None;
        seen.tls.endpoints.truncate(1);
        seen.tls.endpoints[0].host = seen.target.name.clone();
        seen.tls.chains = vec![chain("wild", &["*.example.com"], -10, 80)];
        seen.tls.without_sni = Some(tls::WithoutSni { address: "9.9.9.9".parse().unwrap(), chain: Ok(0) });
        assert!(causes(seen).0.is_empty());
    }

    #[test]
    fn a_wrong_certificate_of_its_own_is_not_the_default() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("wrong", &["other.net"], -10, 80), chain("default", &["third.net"], -10, 80)];
        seen.tls.without_sni = Some(tls::WithoutSni { address: "9.9.9.9".parse().unwrap(), chain: Ok(1) });
        assert!(causes(seen).0.is_empty());
    }
}
