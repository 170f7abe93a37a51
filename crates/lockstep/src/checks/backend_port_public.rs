use findings::{Verdict, check, found, pass};

use super::{and, list, not_shown};
use crate::Observations;

check! {
    /// The application server answers the whole internet, past nginx.
    ///
    /// ## Why it matters
    /// Whoever asks there goes round HTTPS, redirects and limits in nginx, and can tell the application any address and
    /// scheme in forwarded headers.
    /// It is looked at for the owner only: with `lockstep check example.com --mine`, or on the page under "This is my server".
    ///
    /// ## How to fix
    /// Bind it to `127.0.0.1:8000` or to a unix socket, and restart the service.
    CHECK: Check<Observations> = "backend-port-public",
        section: App, severity: Failed,
        title: "The application is reachable directly", healthy: "The application is behind nginx",
        source: "seed B21, C11, C-cause 8", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    looked(seen).into_iter().chain(not_shown(seen)).collect()
}

fn looked(seen: &Observations) -> Option<Verdict> {
    let exposed = seen.exposed.as_ref()?;
    let host = seen.target.name.as_str();
    let backends = || exposed.ports.iter().filter(|port| !port.database);
    // Whatever else listens there may be meant for the public.
    let open: Vec<_> = backends()
        .filter_map(|port| {
            let server = port.server.as_deref()?;
            let lower = server.to_ascii_lowercase();
            (lower.starts_with("gunicorn") || lower.starts_with("werkzeug")).then_some((port, server))
        })
        .collect();
    let Some((first, _)) = open.first() else {
        let ports = list(backends().map(|port| port.port).collect::<std::collections::BTreeSet<_>>());
        let looked = backends().any(|port| port.open.unseen().is_none_or(network::Unseen::is_about_the_site));
        return looked.then(|| pass(host, format!("No application server answers on ports {ports}.")));
    };
    let places =
        and(open.iter().map(|(port, server)| format!("{server} answers at {} on port {}", port.address, port.port)));
    let said = found(host, format!("{places}, without nginx in front of it."))
        .means("Anybody can go round HTTPS and nginx, and tell the application what address they come from.")
        .fix_code(
            "Let it listen on the machine itself only, and restart the service; until then close the port.",
            format!("gunicorn --bind unix:/run/gunicorn.sock wsgi:app\n\nsudo ufw deny {}/tcp", first.port),
        )
        .prove(format!("curl -I http://{host}:{}/", first.port), "Connection refused, or no answer");
    let said = open
        .iter()
        .fold(said, |said, (port, server)| said.evidence(format!("{}:{}", port.address, port.port), *server));
    Some(said.into())
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::{Exposed, Observations, Port, fixture::healthy};

    fn with(open: Saw<()>, server: Option<&str>) -> Observations {
        let mut seen = healthy();
        let port = Port {
            address: "9.9.9.9".parse().unwrap(),
            port: 8000,
            usual: "Gunicorn".into(),
            database: false,
            open,
            server: server.map(str::to_owned),
        };
        seen.exposed = Some(Exposed { ports: vec![port], ..Exposed::default() });
        seen
    }

    #[test]
    fn gunicorn_in_the_open_fails() {
        assert_eq!(said(CHECK, &with(Saw::Seen(()), Some("gunicorn"))), ["failed example.com"]);
        assert_eq!(said(CHECK, &with(Saw::Seen(()), Some("Werkzeug/3.0.1 Python/3.12"))), ["failed example.com"]);
    }

    #[test]
    fn a_closed_port_or_another_service_passes_and_without_the_owner_nothing_is_said() {
        assert_eq!(said(CHECK, &with(Saw::Unseen(Unseen::Refused), None)), ["passed example.com"]);
        assert_eq!(said(CHECK, &with(Saw::Seen(()), Some("nginx"))), ["passed example.com"]);
        assert!(said(CHECK, &with(Saw::Unseen(Unseen::Deadline), None)).is_empty());
        assert!(said(CHECK, &healthy()).is_empty());
    }
}
