//! Port 443 is closed at every address: a firewall, or nginx does not listen.

use findings::{Diagnosis, Fix, Prove, Section};
use network::Unseen;

use super::Symptoms;
use crate::Observations;

pub(super) fn explain(observed: &Observations, symptoms: &Symptoms<'_>) -> Option<Diagnosis> {
    let closed = symptoms.first("port-443-closed")?;
    let endpoints = &observed.tls.endpoints;
    if endpoints.iter().any(|endpoint| endpoint.port.unseen().is_none()) {
        return None; // it is open somewhere, so it is no rule for the whole port
    }
    let name = &observed.target.name;
    let refused = endpoints.iter().any(|endpoint| endpoint.port.unseen() == Some(&Unseen::Refused));
    let http = observed
        .web
        .corners
        .iter()
        .any(|corner| corner.scheme == domain::Scheme::Http && corner.first.seen().is_some());
    let mut explains = vec![closed.key()];
    explains.extend(symptoms.keys(&["port-443-closed", "ipv6-differs"]));
    explains.extend(symptoms.untested(&[Section::Certificate, Section::App, Section::Redirects, Section::Renewal]));
    explains.sort();
    explains.dedup();
    let lineage = super::lineage(observed);
    let names = super::names(observed);
    let listen = format!(
        "server {{\n    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n    server_name {names};\n\n    ssl_certificate /etc/letsencrypt/live/{lineage}/fullchain.pem;\n    ssl_certificate_key /etc/letsencrypt/live/{lineage}/privkey.pem;\n    …\n}}"
    );
    let (cause, fix, otherwise) = if refused {
        (
            format!("Nothing listens on port 443 of the server that {name} leads to."),
            Fix { text: format!("Give nginx a server block that listens on 443 for {names}, and reload it."), code: Some(listen) },
            "If nginx does listen (sudo ss -ltnp | grep :443), a firewall rejects the connection: sudo ufw allow 443/tcp.".to_owned(),
        )
    } else {
        (
            format!("A firewall drops connections to port 443 of the server that {name} leads to."),
            Fix { text: "Open port 443 in the server's firewall, and in the provider's security group if there is one.".into(), code: Some("sudo ufw allow 443/tcp".into()) },
            "If both are open, the address may belong to another or a switched-off machine: compare it with the server's own (curl -4 ifconfig.me).".to_owned(),
        )
    };
    Some(Diagnosis {
        id: "port-443-blocked".into(),
        cause,
        affects: if http {
            "http:// answers, so the server is up; every visitor of https:// waits or gets an error, and the redirect leads into nothing.".into()
        } else {
            "Every visitor of https:// waits or gets an error.".into()
        },
        fix,
        prove: Prove { command: format!("curl -I https://{name}/"), expect: "an HTTP status line".into() },
        explains,
        evidence: closed.evidence.clone(),
        otherwise,
    })
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::super::tests::causes;
    use crate::{Observations, fixture::healthy};

    fn closed(why: Unseen, which: impl Fn(&tls::Endpoint) -> bool) -> Observations {
        let mut seen = healthy();
        for endpoint in seen.tls.endpoints.iter_mut().filter(|endpoint| which(endpoint)) {
            endpoint.port = Saw::Unseen(why.clone());
            endpoint.handshake = None;
        }
        seen
    }

    #[test]
    fn silence_everywhere_is_a_firewall_and_a_refusal_is_a_missing_listen() {
        let (ids, report) = causes(closed(Unseen::TimedOut, |_| true));
        assert_eq!(ids, ["port-443-blocked"]);
        let cause = &report.diagnoses[0];
        assert!(cause.cause.contains("firewall"), "{}", cause.cause);
        assert!(cause.explains.len() > 5, "{:?}", cause.explains);
        let (_, report) = causes(closed(Unseen::Refused, |_| true));
        assert!(report.diagnoses[0].cause.contains("Nothing listens"));
    }

    #[test]
    fn one_closed_address_is_not_the_port() {
        let (ids, _) = causes(closed(Unseen::Refused, |endpoint| endpoint.address.is_ipv6()));
        assert_eq!(ids, ["one-family-misconfigured"]);
    }
}
