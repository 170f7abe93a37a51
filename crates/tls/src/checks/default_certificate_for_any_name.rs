//! Which certificate does a client see that names a host nobody has?

use findings::{Verdict, found, not_tested, pass};

use super::place;
use crate::{
    Certificate, Fault, Observation,
    judging::{covered, hosts},
};

findings::check! {
    /// A name that the server does not know gets another site's certificate.
    ///
    /// ## Why it matters
    /// A name that is added in DNS and forgotten in nginx lands on the default server: visitors then see a warning about
    /// another site's certificate, and that other site's name.
    ///
    /// ## How to fix
    /// Give nginx a default server on port 443 with `ssl_reject_handshake on;`: a forgotten name is then refused at
    /// once, and nothing of the others is told.
    CHECK: Check<Observation> = "default-certificate-for-any-name",
        section: Hardening, severity: Note,
        title: "Unknown names meet another site", healthy: "Unknown names meet no other site",
        source: "nginx documentation: ssl_reject_handshake, server_name; seed C4", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let Some(closer) = &seen.closer else { return Vec::new() };
    let address = closer.address;
    let ours = |leaf: &Certificate| hosts(seen).iter().any(|host| leaf.covers(host));
    let only = |leaf: &Certificate| seen.leaves().all(|(_, known)| known.sha256 == leaf.sha256);
    // Whom the same address shows to a client without a name is told there.
    let told = seen.without_sni.as_ref().and_then(|it| seen.chains.get(*it.chain.as_ref().ok()?)?.leaf());
    let verdict = match &closer.any_name {
        Ok(leaf) if ours(leaf) => {
            pass(place(closer), format!("{address} answers a name that it does not know with this site's certificate."))
        }
        Ok(leaf) if only(leaf) => pass(
            place(closer),
            format!("{address} answers a name that it does not know with the one certificate it shows."),
        ),
        Ok(leaf) if told.is_some_and(|told| told.sha256 == leaf.sha256) => return Vec::new(),
        Ok(leaf) => {
            let whose = match leaf.names.is_empty() {
                true => "a certificate that lists no names".to_owned(),
                false => format!("the certificate of {}", covered(leaf)),
            };
            found(place(closer), format!("To a name that it does not know, {address} shows {whose}."))
                .means(
                    "A name that is forgotten in the configuration shows visitors a warning that names the other site.",
                )
                .fix_code(
                    "Nothing has to change. To refuse unknown names, add a default server and reload nginx.",
                    "server {\n    listen 443 ssl default_server;\n    listen [::]:443 ssl default_server;\n    \
                     ssl_reject_handshake on;\n}",
                )
                .prove(
                    format!(
                        "openssl s_client -connect {} -servername nobody.invalid </dev/null 2>&1 | head -n 3",
                        std::net::SocketAddr::new(address, 443)
                    ),
                    "An alert instead of a certificate.",
                )
                .evidence("Names in the certificate", leaf.names.join(", "))
                .evidence("Subject", &leaf.subject)
                .into()
        }
        Err(Fault::Alert(_) | Fault::Unseen(network::Unseen::Closed | network::Unseen::Reset)) => {
            pass(place(closer), format!("{address} refuses names that it does not know."))
        }
        Err(Fault::Unseen(why)) => not_tested(place(closer), format!("It was not seen: {}.", why.clause())),
        Err(Fault::PlainHttp | Fault::Protocol(_)) => {
            not_tested(place(closer), "The secure connection with an unknown name broke off.")
        }
    };
    vec![verdict]
}

#[cfg(test)]
mod tests {
    use network::Unseen;

    use super::*;
    use crate::sample::{healthy, leaf, says, text, with};

    fn shown(any_name: Result<Certificate, Fault>) -> Observation {
        with(|seen| seen.closer.as_mut().unwrap().any_name = any_name.map(Box::new))
    }

    fn other() -> Certificate {
        Certificate { names: vec!["other.example".into()], sha256: "cc".repeat(32), ..leaf() }
    }

    #[test]
    fn another_sites_certificate_is_a_note() {
        assert_eq!(says(&CHECK, &shown(Ok(other()))), ["! example.com at 203.0.113.7"]);
        assert!(text(&CHECK, &shown(Ok(other()))).contains("the certificate of other.example."));
    }

    #[test]
    fn the_sites_own_or_a_refusal_is_fine_and_what_is_told_already_is_not_told_twice() {
        assert_eq!(says(&CHECK, &healthy()), [". example.com at 203.0.113.7"]);
        // Shown to one of two names by mistake, it is another site's all the same.
        let mut mistaken = shown(Ok(other()));
        let mut chain = mistaken.chains[0].clone();
        chain.certificates[0] = other();
        mistaken.chains.push(chain);
        if let Some(Ok(handshake)) = &mut mistaken.endpoints[1].handshake {
            handshake.chain = mistaken.chains.len() - 1;
        }
        assert_eq!(says(&CHECK, &mistaken), ["! example.com at 203.0.113.7"]);
        let refused = Err(Fault::Alert("unrecognized_name".into()));
        assert_eq!(says(&CHECK, &shown(refused)), [". example.com at 203.0.113.7"]);
        assert_eq!(says(&CHECK, &shown(Err(Fault::Unseen(Unseen::TimedOut)))), ["? example.com at 203.0.113.7"]);
        let mut twice = shown(Ok(other()));
        let mut chain = twice.chains[0].clone();
        chain.certificates[0] = other();
        twice.chains.push(chain);
        twice.without_sni.as_mut().unwrap().chain = Ok(1);
        assert!(says(&CHECK, &twice).is_empty());
    }
}
