use findings::{Verdict, check, found, pass};

use super::{and, list, not_shown};
use crate::Observations;

check! {
    /// A database's port takes connections from the whole internet.
    ///
    /// ## Why it matters
    /// Such ports are found within hours and tried with common passwords. Redis and MongoDB often have none.
    /// It is looked at for the owner only: with `lockstep check example.com --mine`, or on the page under "This is my server".
    ///
    /// ## How to fix
    /// Let the database listen on the machine itself or a private network, and close the port in the firewall.
    CHECK: Check<Observations> = "database-port-public",
        section: App, severity: Warning,
        title: "A database port is open", healthy: "Database ports are closed",
        source: "seed B21", run: run
}

fn run(seen: &Observations) -> Vec<Verdict> {
    looked(seen).into_iter().chain(not_shown(seen)).collect()
}

fn looked(seen: &Observations) -> Option<Verdict> {
    let exposed = seen.exposed.as_ref()?;
    let host = seen.target.name.as_str();
    let databases = || exposed.ports.iter().filter(|port| port.database);
    let open: Vec<_> = databases().filter(|port| port.open.seen().is_some()).collect();
    let Some(first) = open.first() else {
        let ports = list(databases().map(|port| port.port).collect::<std::collections::BTreeSet<_>>());
        let looked = databases().any(|port| port.open.unseen().is_none_or(network::Unseen::is_about_the_site));
        return looked.then(|| pass(host, format!("Ports {ports} take no connections from outside.")));
    };
    let places = and(open.iter().map(|port| format!("{} on port {} ({})", port.address, port.port, port.usual)));
    let said = found(host, format!("Connections are taken at {places}."))
        .means("Whoever guesses a password there has the data; programs try such ports all day.")
        .fix_code(
            "Close the port, and let the database listen on 127.0.0.1 only.",
            format!("sudo ufw deny {}/tcp", first.port),
        )
        .prove(format!("nc -vz {host} {}", first.port), "refused, or no answer");
    let said = open
        .iter()
        .fold(said, |said, port| said.evidence(format!("{}:{}", port.address, port.port), "took a connection"));
    Some(said.into())
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::{super::tests::said, CHECK};
    use crate::{Exposed, Observations, Port, fixture::healthy};

    fn with(open: Saw<()>) -> Observations {
        let mut seen = healthy();
        let port = Port {
            address: "9.9.9.9".parse().unwrap(),
            port: 5432,
            usual: "PostgreSQL".into(),
            database: true,
            open,
            server: None,
        };
        seen.exposed = Some(Exposed { ports: vec![port], ..Exposed::default() });
        seen
    }

    #[test]
    fn an_open_one_warns_and_a_closed_one_passes() {
        assert_eq!(said(CHECK, &with(Saw::Seen(()))), ["warning example.com"]);
        assert_eq!(said(CHECK, &with(Saw::Unseen(Unseen::TimedOut))), ["passed example.com"]);
        assert!(said(CHECK, &with(Saw::Unseen(Unseen::NoVantage))).is_empty());
        assert!(said(CHECK, &healthy()).is_empty());
    }
}
