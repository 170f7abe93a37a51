use findings::{Verdict, check, found, not_tested, pass};
use network::Unseen;

use super::list;
use crate::{Direct, Observation, observation::NOT_RESPONSIBLE};

check! {
    /// A name server that the domain lists does not answer for it.
    ///
    /// ## Why it matters
    /// Resolvers pick one of the listed servers by chance. When it does not know the domain they have to try another,
    /// which makes some visitors wait, and with two such servers the name is gone.
    ///
    /// ## How to fix
    /// Set the domain up at that name server, or take the server off the list at the registrar and in the zone.
    CHECK: Check<Observation> = "name-server-not-responsible",
        section: Dns, severity: Warning,
        title: "A name server is not responsible", healthy: "Name servers answer for it",
        source: "RFC 1912 §2.8 (lame delegations); seed A1", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let zone = &seen.target.registrable;
    if seen.direct.is_empty() {
        return Vec::new();
    }
    let lame: Vec<&Direct> = seen.direct.iter().filter(|it| is_lame(it)).collect();
    if !lame.is_empty() {
        let names = list(lame.iter().map(|it| &it.server));
        let does = if lame.len() == 1 { "does" } else { "do" };
        let server = lame.first().map(|it| it.server.as_str()).unwrap_or_default();
        let said = found(
            zone.as_str(),
            format!("{names} {does} not answer for {zone}, which lists it as its name server."),
        )
        .means("Visitors whose resolver picks it wait longer, or do not find the site.")
        .fix(format!(
            "Set {zone} up at {names}, or take it off the list of name servers at the registrar and in the zone."
        ))
        .prove(format!("dig +norecurse +tcp @{server} {zone} SOA"), "flags with aa, and status: NOERROR");
        let said = lame
            .iter()
            .fold(said, |said, it| said.evidence(&it.server, it.fault().map(Unseen::clause).unwrap_or_default()));
        return vec![said.into()];
    }
    let answered: Vec<&String> = seen.direct.iter().filter(|it| it.fault().is_none()).map(|it| &it.server).collect();
    match (answered.as_slice(), seen.direct.first().and_then(Direct::fault)) {
        ([], Some(why)) => {
            vec![not_tested(zone.as_str(), format!("No name server could be asked directly: {}.", why.clause()))]
        }
        _ => vec![pass(zone.as_str(), format!("{}: asked directly, and responsible.", list(answered)))],
    }
}

/// It answered, and not as one that has the domain; or its name leads nowhere. Silence over TCP proves nothing.
fn is_lame(it: &Direct) -> bool {
    it.fault().is_some_and(|why| matches!(why, Unseen::Failed(what) if what == NOT_RESPONSIBLE))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn one_that_does_not_know_the_domain_warns() {
        let it = seen("@ns1.example.net SERIAL 7 9.9.9.9\n@ns2.example.net FAILS it does not answer for this domain");
        assert_eq!(said(CHECK, &it), ["warning example.com"]);
    }

    #[test]
    fn silence_proves_nothing() {
        assert_eq!(
            said(CHECK, &seen("@ns1.example.net SERIAL 7 9.9.9.9\n@ns2.example.net SILENT")),
            ["passed example.com"]
        );
        assert_eq!(said(CHECK, &seen("@ns2.example.net SILENT")), ["not tested example.com"]);
        assert!(said(CHECK, &seen("")).is_empty());
    }
}
