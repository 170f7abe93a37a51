use std::net::IpAddr;

use findings::{Said, Verdict, check, found, pass};

use super::list;
use crate::{Kind, NameSeen, Observation, service::Service};

check! {
    /// The HTTPS record of the name leads elsewhere than its address records.
    ///
    /// ## Why it matters
    /// Some browsers go by the HTTPS record first. With addresses in it from before a move they try the old server, and
    /// only fall back to the address records when that fails.
    ///
    /// ## How to fix
    /// Bring the addresses in the record up to date, or leave them out: browsers then use the address records. A target
    /// that leads nowhere is to be replaced or removed.
    CHECK: Check<Observation> = "https-record-differs",
        section: Hardening, severity: Note,
        title: "HTTPS record leads elsewhere", healthy: "HTTPS record fits the addresses",
        source: "RFC 9460 §2.4.2 and §7.3", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let mut fine = Vec::new();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for name in seen.names.iter().filter(|name| name.resolves()) {
        let services: Vec<Service<'_>> = Service::all(name).collect();
        match services.iter().find_map(|service| Some((fault(seen, name, service)?, service))) {
            Some((fact, service)) => verdicts.push(say(name, fact, service).into()),
            None if !services.is_empty() => fine.push(&name.name),
            None => {}
        }
    }
    if verdicts.is_empty() && !fine.is_empty() {
        verdicts.push(pass(list(fine), "The HTTPS record leads to the same place as the address records."));
    }
    verdicts
}

fn fault(seen: &Observation, name: &NameSeen, service: &Service<'_>) -> Option<String> {
    let host = &name.name;
    if let Some(elsewhere) = service.elsewhere() {
        let gone = [Kind::A, Kind::Aaaa].into_iter().all(|kind| {
            let answer = seen.further(&elsewhere, kind).and_then(|asked| asked.answer.seen());
            answer.is_some_and(|it| {
                matches!(it.rcode.as_str(), "NOERROR" | "NXDOMAIN") && it.addresses().next().is_none()
            })
        });
        let how = if service.priority == 0 { "as an alias " } else { "" };
        return gone.then(|| {
            format!("The HTTPS record of {host} sends browsers {how}to {elsewhere}, which leads to no address.")
        });
    }
    let stale: Vec<&IpAddr> = service.hints.iter().filter(|hint| !name.visit.contains(hint)).collect();
    // Where answers differ by place on purpose, or not all were kept, hints may differ as well.
    if stale.is_empty() || name.left_out > 0 || !agree(name) {
        return None;
    }
    Some(format!(
        "The HTTPS record of {host} names {}; its address records lead to {}.",
        list(stale),
        list(&name.visit)
    ))
}

/// Whether every resolver that answered gave the same addresses.
fn agree(name: &NameSeen) -> bool {
    name.answers().all(|(_, kind, answer)| {
        let same = name.visit.iter().filter(|address| address.is_ipv4() == (kind == Kind::A)).count();
        answer.addresses().count() == same
    })
}

fn say(name: &NameSeen, fact: String, service: &Service<'_>) -> Said {
    let host = &name.name;
    found(host.as_str(), fact)
        .means("Browsers that go by the HTTPS record first try another place than the rest, and reach your site late or not at all when nothing of yours answers there.")
        .fix("At your DNS provider, leave the address hints out of the HTTPS record, or bring them up to date; remove a target that leads nowhere.")
        .prove(format!("dig +short {host} HTTPS"), format!("no addresses but {}", list(&name.visit)))
        .evidence("HTTPS record", service.text)
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::seen;

    const UP: &str = "example.com A * 9.9.9.9\nexample.com AAAA * 2a00::9\n";

    #[test]
    fn an_address_from_before_and_a_target_that_is_gone_are_noted() {
        let old = seen(&format!("{UP}example.com HTTPS - 1_._alpn=h2_ipv4hint=9.9.9.8"));
        assert_eq!(said(CHECK, &old), ["note example.com"]);
        let gone =
            "example.com HTTPS - 0_old.example.net.\n+old.example.net A NXDOMAIN\n+old.example.net AAAA NXDOMAIN";
        assert_eq!(said(CHECK, &seen(&format!("{UP}{gone}"))), ["note example.com"]);
    }

    #[test]
    fn hints_that_fit_or_differ_by_place_and_targets_that_lead_somewhere_are_fine() {
        let fits = seen(&format!("{UP}example.com HTTPS - 1_._alpn=h3,h2_ipv4hint=9.9.9.9_ipv6hint=2a00::9"));
        assert_eq!(said(CHECK, &fits), ["passed example.com"]);
        let by_place =
            "example.com A Cloudflare 9.9.9.9\nexample.com A Google 9.9.9.7\nexample.com HTTPS - 1_._ipv4hint=9.9.9.8";
        assert_eq!(said(CHECK, &seen(by_place)), ["passed example.com"]);
        let there =
            "example.com HTTPS - 0_cdn.example.net.\n+cdn.example.net A 9.9.9.1\n+cdn.example.net AAAA NXDOMAIN";
        assert_eq!(said(CHECK, &seen(&format!("{UP}{there}"))), ["passed example.com"]);
        assert!(said(CHECK, &seen(UP)).is_empty(), "no HTTPS record");
    }
}
