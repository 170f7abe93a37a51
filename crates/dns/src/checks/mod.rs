//! What we think of the names: one file per check, listed here in report order.

mod address_not_expected;
mod alias_leads_nowhere;
mod alias_loops;
mod any_name_resolves;
mod apex_is_an_alias;
mod caa_critical_unknown;
mod caa_lookup_fails;
mod caa_misspelt;
mod challenge_name_leads_nowhere;
mod challenge_record_doubled;
mod change_still_spreading;
mod dnssec_bogus;
mod https_record_differs;
mod name_does_not_resolve;
mod name_not_connected;
mod name_server_not_responsible;
mod name_servers_differ_at_registry;
mod name_servers_disagree;
mod reserved_address;
mod resolvers_disagree;
mod single_name_server;
mod soa_timers_unusual;
mod some_resolvers_without_answer;
mod www_does_not_resolve;

use findings::Check;

use crate::{Answer, Kind, NameSeen, Observation};

/// Every check of this subject, in report order.
pub const ALL: &[Check<Observation>] = &[
    name_not_connected::CHECK,
    name_does_not_resolve::CHECK,
    dnssec_bogus::CHECK,
    alias_loops::CHECK,
    alias_leads_nowhere::CHECK,
    www_does_not_resolve::CHECK,
    some_resolvers_without_answer::CHECK,
    resolvers_disagree::CHECK,
    reserved_address::CHECK,
    address_not_expected::CHECK,
    caa_lookup_fails::CHECK,
    caa_critical_unknown::CHECK,
    caa_misspelt::CHECK,
];

/// Those that read what the name servers say themselves and what was asked about further names, beside the site.
pub const DIRECT: &[Check<Observation>] = &[
    name_server_not_responsible::CHECK,
    name_servers_disagree::CHECK,
    change_still_spreading::CHECK,
    challenge_name_leads_nowhere::CHECK,
    challenge_record_doubled::CHECK,
    single_name_server::CHECK,
    name_servers_differ_at_registry::CHECK,
    soa_timers_unusual::CHECK,
    any_name_resolves::CHECK,
    apex_is_an_alias::CHECK,
    https_record_differs::CHECK,
];

/// `203.0.113.7, 2001:db8::7`. It pushes instead of collecting, which is half the code for each kind of list there is.
fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let mut all = String::new();
    for item in items {
        if !all.is_empty() {
            all.push_str(", ");
        }
        all.push_str(&item.to_string());
    }
    all
}

/// Whether the name is an alias that ends nowhere: other checks say how.
fn is_lost_alias(seen: &Observation, name: &NameSeen) -> bool {
    alias_loops::circle(seen, name).is_some() || alias_leads_nowhere::dangling(seen, name).is_some()
}

/// Every alias on the way from this name, whichever answer showed it.
fn aliases(name: &NameSeen) -> Vec<String> {
    let from_others = name.others.iter().filter(|asked| asked.kind == Kind::Cname).filter_map(|a| a.answer.seen());
    let mut all: Vec<String> = name
        .answers()
        .map(|(_, _, answer)| answer)
        .chain(from_others)
        .flat_map(Answer::aliases)
        .map(str::to_owned)
        .collect();
    all.sort();
    all.dedup();
    all
}

/// What each resolver said about a name's addresses, as evidence: (`Cloudflare, A`, `203.0.113.7`).
fn answers_in_words(name: &NameSeen) -> Vec<(String, String)> {
    name.addresses
        .iter()
        .map(|asked| {
            let label = format!("{}, {}", asked.resolver, asked.kind.as_str());
            let value = match &asked.answer {
                network::Saw::Unseen(why) => why.clause(),
                network::Saw::Seen(answer) if answer.addresses().next().is_some() => list(answer.addresses()),
                network::Saw::Seen(answer) if answer.rcode == "NOERROR" => {
                    format!("no {} record", if asked.kind == Kind::A { "A" } else { "AAAA" })
                }
                network::Saw::Seen(answer) => {
                    let errors = list(answer.ede.iter().map(|ede| format!("extended error {} {}", ede.code, ede.text)));
                    format!("{} {errors}", answer.rcode).trim_end().to_owned()
                }
            };
            (label, value)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_and_the_folder_agree() {
        let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/checks"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|file| file != "mod.rs")
            .map(|file| file.trim_end_matches(".rs").replace('_', "-"))
            .collect();
        let mut ids: Vec<&str> = ALL.iter().chain(DIRECT).map(|check| check.about.id).collect();
        files.sort();
        ids.sort_unstable();
        assert_eq!(files, ids);
    }

    /// Runs one check and gives its states and subjects: `failed example.com`.
    pub(super) fn said(check: Check<Observation>, seen: &Observation) -> Vec<String> {
        findings::judge(&[check], seen)
            .into_iter()
            .map(|finding| format!("{} {}", finding.state.word().to_lowercase(), finding.subject))
            .collect()
    }
}
