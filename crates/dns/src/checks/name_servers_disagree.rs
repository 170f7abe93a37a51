use findings::{Verdict, check, found, pass};

use super::list;
use crate::{Direct, Observation};

check! {
    /// The domain's own name servers give different addresses, because one of them has an older version of the zone.
    ///
    /// ## Why it matters
    /// Which address visitors get depends on the name server that their resolver picks, for as long as the copy is not
    /// brought up to date; waiting for resolvers to forget does not help.
    ///
    /// ## How to fix
    /// Find out why the zone is not transferred to that server: its log, `allow-transfer`, the firewall on port 53.
    CHECK: Check<Observation> = "name-servers-disagree",
        section: Dns, severity: Warning,
        title: "Name servers give different addresses", healthy: "Name servers agree",
        source: "seed A-cause 1; RFC 1034 §4.3.5; Zonemaster CONSISTENCY01", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::new();
    let zone = &seen.target.registrable;
    let mut compared = 0;
    for name in seen.target.names() {
        let told: Vec<_> = seen.direct.iter().filter_map(|it| Some((it, it.addresses(name)?, it.serial()?))).collect();
        compared = compared.max(told.len());
        let newest = told.iter().map(|(.., serial)| *serial).max().unwrap_or_default();
        let Some((_, right, _)) = told.iter().find(|(.., serial)| *serial == newest) else { continue };
        // With the same serial it is one version that answers differently on purpose.
        let old: Vec<_> =
            told.iter().filter(|(_, addresses, serial)| *serial != newest && addresses != right).collect();
        let Some((server, wrong, serial)) = old.first() else { continue };
        let servers = list(old.iter().map(|(it, ..)| &it.server));
        let said = found(
            name.as_str(),
            format!("{servers} still has version {serial} of {zone} and gives {} for {name}; version {newest} gives {}.", or_none(wrong), or_none(right)),
        )
        .means("Which address visitors get depends on the name server that their resolver happens to ask; waiting does not end it.")
        .fix(format!("Bring {servers} up to date: see in its log why the zone is not transferred, or at your DNS provider whether it still belongs to you."))
        .prove(format!("dig +short @{} {name}", server.server), or_none(right));
        let said = told.iter().fold(said, |said, (it, addresses, serial): &(&Direct, _, _)| {
            said.evidence(format!("{}, version {serial}", it.server), or_none(addresses))
        });
        verdicts.push(said.into());
    }
    if verdicts.is_empty() && compared > 1 {
        let servers = list(seen.direct.iter().filter(|it| it.fault().is_none()).map(|it| &it.server));
        verdicts.push(pass(zone.as_str(), format!("{servers} give the same answers.")));
    }
    verdicts
}

fn or_none(addresses: &[std::net::IpAddr]) -> String {
    if addresses.is_empty() { "no address".into() } else { list(addresses) }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    #[test]
    fn an_old_version_with_another_address_warns() {
        let it = seen("@ns1.example.net SERIAL 7 9.9.9.9\n@ns2.example.net SERIAL 6 9.9.9.8");
        assert_eq!(said(CHECK, &it), ["warning example.com"]);
    }

    #[test]
    fn one_version_may_answer_differently_and_an_old_one_alike() {
        for second in ["SERIAL 7 9.9.9.8", "SERIAL 6 9.9.9.9"] {
            let it = seen(&format!("@ns1.example.net SERIAL 7 9.9.9.9\n@ns2.example.net {second}"));
            assert_eq!(said(CHECK, &it), ["passed example.com"]);
        }
        assert!(said(CHECK, &seen("@ns1.example.net SERIAL 7 9.9.9.9\n@ns2.example.net SILENT")).is_empty());
    }
}
