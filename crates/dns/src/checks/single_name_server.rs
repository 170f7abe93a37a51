use findings::{Verdict, check, found, pass};

use super::list;
use crate::{Direct, Observation};

check! {
    /// The domain lists one name server only.
    ///
    /// ## Why it matters
    /// While that server does not answer, nobody finds the site, however well everything else runs. Registries ask for
    /// two on different networks.
    ///
    /// ## How to fix
    /// Let your DNS provider add a second name server, or add a secondary elsewhere.
    CHECK: Check<Observation> = "single-name-server",
        section: Hardening, severity: Note,
        title: "There is one name server", healthy: "There are several name servers",
        source: "RFC 2182 §5; Zonemaster DELEGATION01", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let zone = seen.target.registrable.as_str();
    match seen.direct.as_slice() {
        [] => Vec::new(),
        [only] => vec![
            found(zone, format!("{zone} lists {} as its only name server.", only.server))
                .means("Nothing has to change today. While that server is down, nobody finds the site.")
                .fix("Add a second name server on another network at your DNS provider.")
                .prove(format!("dig +short NS {zone}"), "two lines or more")
                .into(),
        ],
        several if same_machine(several) => vec![
            found(
                zone,
                format!(
                    "The name servers of {zone}, {}, have one and the same address.",
                    list(several.iter().map(|it| &it.server))
                ),
            )
            .means("Nothing has to change today. While that machine is down, nobody finds the site.")
            .fix("Add a name server on another network at your DNS provider.")
            .prove(format!("dig +short NS {zone} | xargs -n1 dig +short"), "two different addresses or more")
            .into(),
        ],
        several => vec![pass(zone, format!("Name servers: {}.", list(several.iter().map(|it| &it.server))))],
    }
}

/// Whether all of them are at one address, as far as their addresses are known.
fn same_machine(servers: &[Direct]) -> bool {
    let mut addresses = servers.iter().map(|it| it.address);
    let first = addresses.next().flatten();
    first.is_some() && addresses.all(|address| address == first)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn one_is_noted_and_two_pass() {
        let one = "@ns1.example.net SERIAL 7 9.9.9.9";
        assert_eq!(said(CHECK, &seen(one)), ["note example.com"]);
        let mut two = seen(&format!("{one}\n@ns2.example.net SILENT"));
        assert_eq!(said(CHECK, &two), ["note example.com"], "two names of one machine");
        two.direct[1].address = Some("9.9.9.54".parse().unwrap());
        assert_eq!(said(CHECK, &two), ["passed example.com"]);
        two.direct.iter_mut().for_each(|it| it.address = None);
        assert_eq!(said(CHECK, &two), ["passed example.com"], "not known");
        assert!(said(CHECK, &seen("")).is_empty());
    }
}
