//! Which certificate does a client see that names no host?

use findings::{Verdict, found, not_tested, pass};

use crate::{
    Endpoint, Fault, Observation,
    judging::{covered, hosts, list},
};

findings::check! {
    /// Clients that do not name a host are shown another site's certificate.
    ///
    /// ## Why it matters
    /// Every browser since 2011 names the host it wants, so visitors never see this. Scanners that only know the address
    /// do, and so learn which other site lives on this server.
    ///
    /// ## How to fix
    /// Nothing has to change. To show nothing to such clients, give nginx a default server on port 443 with
    /// `ssl_reject_handshake on;`.
    CHECK: Check<Observation> = "default-certificate-without-sni",
        section: Hardening, severity: Note,
        title: "Another certificate by default", healthy: "No other site by default",
        source: "RFC 6066 §3; nginx documentation: ssl_reject_handshake", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(without) = &seen.without_sni else { return Vec::new() };
    let hosts = hosts(seen);
    let subject = list(hosts.iter().take(1).map(|host| format!("{host} at {}", without.address)));
    let address = without.address;
    let verdict = match &without.chain {
        Ok(index) => match seen.chains.get(*index).and_then(|chain| chain.leaf()) {
            Some(leaf) if hosts.iter().any(|host| leaf.covers(host)) => {
                pass(subject, format!("{address} shows this site's certificate to clients that name no host."))
            }
            Some(_) if seen.endpoints.iter().any(|endpoint| shows(endpoint, *index)) => {
                pass(subject, format!("{address} shows the same certificate whether a client names the host or not."))
            }
            Some(leaf) => {
                let whose = match leaf.names.is_empty() {
                    true => "one that lists no names".to_owned(),
                    false => format!("one made out to {}", covered(leaf)),
                };
                found(subject, format!("To a client that names no host, {address} shows another certificate: {whose}."))
                    .means("Browsers always name the host, so visitors are not affected. Scanners learn of the other site.")
                    .fix_code(
                        "Nothing has to change. To show nothing to such clients, add a default server and reload nginx.",
                        "server {\n    listen 443 ssl default_server;\n    listen [::]:443 ssl default_server;\n    \
                         ssl_reject_handshake on;\n}",
                    )
                    .prove(
                        format!("openssl s_client -connect {} -noservername </dev/null 2>&1 | head -n 3", connect(address)),
                        "An alert instead of a certificate.",
                    )
                    .evidence("Names in the certificate", leaf.names.join(", "))
                    .evidence("Subject", &leaf.subject)
                    .into()
            }
            None => not_tested(subject, "No certificate was shown."),
        },
        Err(Fault::Alert(_)) => pass(subject, format!("{address} shows no certificate to clients that name no host.")),
        Err(Fault::Unseen(why)) => not_tested(subject, format!("It was not seen: {}.", why.clause())),
        Err(Fault::PlainHttp | Fault::Protocol(_)) => {
            not_tested(subject, "The secure connection without a name broke off.")
        }
    };
    vec![verdict]
}

/// Whether this endpoint shows that chain to a client that names its host.
fn shows(endpoint: &Endpoint, chain: usize) -> bool {
    endpoint.shaken().is_some_and(|handshake| handshake.chain == chain)
}

fn connect(address: std::net::IpAddr) -> String {
    std::net::SocketAddr::new(address, 443).to_string()
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::sample::{healthy, says, text, with};

    #[test]
    fn another_sites_certificate_is_a_note() {
        let seen = with(|seen| {
            let mut other = seen.chains[0].clone();
            other.certificates[0].names = vec!["other.example".into()];
            seen.chains.push(other);
            seen.without_sni.as_mut().unwrap().chain = Ok(1);
        });
        assert_eq!(says(&CHECK, &seen), ["! example.com at 203.0.113.7"]);
        assert!(text(&CHECK, &seen).contains("made out to other.example."));
    }

    #[test]
    fn a_wrong_certificate_for_everybody_is_another_checks_business() {
        let seen = with(|seen| seen.chains[0].certificates[0].names = vec!["other.example".into()]);
        assert_eq!(says(&CHECK, &seen), [". example.com at 203.0.113.7"]);
    }

    #[test]
    fn the_sites_own_or_none_at_all_is_fine() {
        assert_eq!(says(&CHECK, &healthy()), [". example.com at 203.0.113.7"]);
        let fault = |fault| with(|seen| seen.without_sni.as_mut().unwrap().chain = Err(fault));
        assert_eq!(says(&CHECK, &fault(Fault::Alert("unrecognized_name".into()))), [". example.com at 203.0.113.7"]);
        assert_eq!(says(&CHECK, &fault(Fault::Unseen(Unseen::Deadline))), ["? example.com at 203.0.113.7"]);
        assert!(says(&CHECK, &with(|seen| seen.without_sni = None)).is_empty());
    }
}
