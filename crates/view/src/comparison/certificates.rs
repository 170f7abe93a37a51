//! The certificate of each name, and the chain it comes with.

use lockstep::Report;
use tls::{Certificate, Chain, Endpoint, Path};

use super::{Entry, Value, dns::unseen, place};

pub(super) fn entries(report: &Report) -> Vec<Entry> {
    let seen = &report.observed.tls;
    let mut all = Vec::new();
    for name in report.observed.target.names() {
        let mut entry = |what: &'static str, value: Value| {
            let of = name.to_string();
            all.push(Entry { place: place(report, &of), of, what, value });
        };
        let endpoints: Vec<&Endpoint> = seen.of(name).collect();
        let chains: Vec<&Chain> = endpoints.iter().filter_map(|endpoint| endpoint.chain(seen)).collect();
        let leaves: Vec<&Certificate> = chains.iter().filter_map(|chain| chain.leaf()).collect();
        if leaves.is_empty() {
            let why = endpoints.iter().find_map(|endpoint| endpoint.port.unseen());
            entry("Certificate", why.map_or_else(|| Value::Unseen("no certificate was shown".into()), unseen));
            continue;
        }
        let each = |said: fn(&Certificate) -> String| Value::sorted(leaves.iter().map(|leaf| said(leaf)));
        entry("Certificate", each(fingerprint));
        entry("Issued by", each(|leaf| leaf.issued_by.clone()));
        entry("Valid until", each(|leaf| [&leaf.not_after.long_date(), " at ", &leaf.not_after.clock()].concat()));
        entry("For the names", Value::sorted(leaves.iter().flat_map(|leaf| leaf.names.iter().cloned())));
        entry(
            "Key",
            each(|leaf| match leaf.key.bits {
                bits if bits > 0 && leaf.key.algorithm == "RSA" => format!("RSA {bits}"),
                _ => leaf.key.algorithm.clone(),
            }),
        );
        entry("Chain", Value::sorted(chains.iter().map(|chain| links(chain))));
        let versions = endpoints.iter().filter_map(|endpoint| endpoint.shaken());
        entry("Agreed on", Value::sorted(versions.map(|shaken| shaken.version.as_str().to_owned())));
    }
    all
}

fn fingerprint(leaf: &Certificate) -> String {
    let start: String = leaf.sha256.chars().take(16).collect();
    format!("{start}…, issued {}", leaf.not_before.long_date())
}

/// `example.com ← R11, which leads to a trusted root`.
fn links(chain: &Chain) -> String {
    let names: Vec<&str> = chain.certificates.iter().map(|it| common_name(&it.subject)).collect();
    let path = match &chain.path {
        Path::Trusted => "leads to a trusted root".into(),
        Path::Incomplete { missing, .. } => format!("{} is missing", common_name(missing)),
        Path::Untrusted { .. } => "leads to no trusted root".into(),
        Path::Unverified { .. } => "could not be verified".into(),
        Path::Unreadable { .. } => "could not be read".into(),
    };
    format!("{} ({path})", names.join(" ← "))
}

fn common_name(subject: &str) -> &str {
    let name = subject.split(',').find_map(|part| part.trim().strip_prefix("CN="));
    name.filter(|name| !name.is_empty()).unwrap_or(subject)
}
