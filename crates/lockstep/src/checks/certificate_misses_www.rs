use domain::DomainName;
use findings::{Verdict, check, found, pass};

use super::list;
use crate::Observations;

check! {
    /// The certificate covers one of apex and www, and the other one shows the same certificate.
    ///
    /// ## Why it matters
    /// Visitors who type the other form see a certificate warning before any redirect can help them: the redirect
    /// travels over the connection that the warning stops.
    ///
    /// ## How to fix
    /// Issue the certificate again with both names; one certificate can cover both.
    CHECK: Check<Observations> = "certificate-misses-www",
        section: Certificate, severity: Failed,
        title: "Certificate misses one name", healthy: "Certificate covers both names",
        source: "seed A8, A-cause 3; RFC 9525 §6.3", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    let names: Vec<&DomainName> = seen.target.names().collect();
    let [one, other] = names.as_slice() else { return Vec::new() };
    let leaves = |host: &DomainName| {
        seen.tls.leaves().filter(|(e, _)| e.host == *host).map(|(e, leaf)| (e.address, leaf)).collect::<Vec<_>>()
    };
    let (of_one, of_other) = (leaves(one), leaves(other));
    if of_one.is_empty() || of_other.is_empty() {
        return Vec::new(); // only one of the two answers over TLS, so there is no pair to compare
    }
    let mut verdicts = Vec::new();
    for (host, pair, leaves) in [(one, other, &of_one), (other, one, &of_other)] {
        let missing: Vec<_> = leaves.iter().filter(|(_, leaf)| !leaf.covers(host) && leaf.covers(pair)).collect();
        let Some((_, leaf)) = missing.first() else { continue };
        let addresses = list(missing.iter().map(|(address, _)| address));
        let wildcard = leaf.names.iter().find(|name| name.strip_prefix("*.") == Some(host.as_str()));
        let (fix, code) = match wildcard {
            Some(wildcard) => (
                format!(
                    "{wildcard} stands for the names below {host} and not for {host} itself. Issue the certificate again with both, through DNS as before, then reload nginx."
                ),
                format!(
                    "sudo certbot certonly --cert-name {host} -d {host} -d '{wildcard}'\nsudo systemctl reload nginx"
                ),
            ),
            None => (
                "Issue the certificate again with both names, then reload nginx.".to_owned(),
                format!("sudo certbot --nginx --cert-name {pair} -d {pair} -d {host}\nsudo systemctl reload nginx"),
            ),
        };
        verdicts.push(
            found(
                host.as_str(),
                format!(
                    "{host} at {addresses} shows a certificate that covers {}, but not {host}.",
                    list(leaf.names.iter().take(6))
                ),
            )
            .means(if leads_there(seen, pair, host) {
                format!("Every visitor sees a certificate warning: {pair} redirects to {host}.")
            } else {
                format!("Visitors who type {host} see a certificate warning before any redirect can help them.")
            })
            .fix_code(fix, code)
            .prove(
                format!("curl -Iv https://{host} 2>&1 | grep subjectAltName"),
                format!("host \"{host}\" matched cert's \"{host}\""),
            )
            .evidence("Names in the certificate", list(&leaf.names))
            .evidence("Fingerprint (SHA-256)", leaf.sha256.as_str())
            .into(),
        );
    }
    let covers_all = |host: &DomainName, leaves: &[(std::net::IpAddr, &tls::Certificate)]| {
        leaves.iter().all(|(_, leaf)| leaf.covers(host))
    };
    if verdicts.is_empty() && covers_all(one, &of_one) && covers_all(other, &of_other) {
        verdicts.push(pass(
            format!("{one}, {other}"),
            format!("{one} and {other} are both covered by the certificates they show."),
        ));
    }
    verdicts
}

/// Whether entrances of one name lead to the other over HTTPS.
fn leads_there(seen: &Observations, from: &DomainName, to: &DomainName) -> bool {
    let of_it = seen.web.trails.iter().filter(|trail| trail.from.host() == from.as_str());
    let mut hops = of_it.flat_map(|trail| &trail.hops).map(|hop| &hop.url);
    hops.any(|url| url.host() == to.as_str() && url.scheme() == domain::Scheme::Https)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy};

    #[test]
    fn a_forgotten_www_fires() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("one", &["example.com"], -10, 80)];
        assert_eq!(said(CHECK, &seen), ["failed www.example.com"]);
    }

    #[test]
    fn where_the_other_name_leads_there_it_is_everybody() {
        let means = |names: &[&str]| {
            let mut seen = healthy();
            seen.tls.chains = vec![chain("one", names, -10, 80)];
            findings::judge(&[CHECK], &seen).remove(0).means
        };
        assert!(means(&["example.com"]).starts_with("Visitors who type www.example.com see"));
        let everybody = "Every visitor sees a certificate warning: www.example.com redirects to example.com.";
        assert_eq!(means(&["www.example.com"]), everybody);
    }

    #[test]
    fn a_wildcard_is_kept_and_does_not_stand_for_the_name_itself() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("one", &["*.example.com"], -10, 80)];
        assert_eq!(said(CHECK, &seen), ["failed example.com"]);
        let fix = findings::judge(&[CHECK], &seen)[0].fix.clone().unwrap();
        assert!(fix.text.starts_with("*.example.com stands for the names below example.com"), "{}", fix.text);
        assert!(fix.code.unwrap().contains("-d example.com -d '*.example.com'"));
    }

    #[test]
    fn two_certificates_for_two_names_are_fine() {
        let mut seen = healthy();
        assert_eq!(said(CHECK, &seen), ["passed example.com, www.example.com"]);
        seen.tls.chains = vec![chain("one", &["example.com"], -10, 80), chain("two", &["*.example.com"], -10, 80)];
        for endpoint in &mut seen.tls.endpoints {
            let www = endpoint.host.as_str().starts_with("www.");
            if let Some(Ok(handshake)) = &mut endpoint.handshake {
                handshake.chain = usize::from(www);
            }
        }
        assert_eq!(said(CHECK, &seen), ["passed example.com, www.example.com"]);
    }

    #[test]
    fn a_www_that_does_not_answer_is_not_asked() {
        let mut seen = healthy();
        seen.tls.endpoints.retain(|endpoint| !endpoint.host.as_str().starts_with("www."));
        assert!(said(CHECK, &seen).is_empty());
    }

    #[test]
    fn the_certificate_of_another_site_is_another_checks() {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("one", &["other.example"], -10, 80)];
        assert!(said(CHECK, &seen).is_empty());
    }
}
