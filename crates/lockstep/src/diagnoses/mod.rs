//! One cause for many symptoms: one file per cause, listed here with the most telling first.
//!
//! A cause is pure over observations and findings. Without its requirements it stays silent; what one cause explains,
//! a later one does not claim again.

mod app_builds_http_urls;
mod app_crashes;
mod app_not_answering;
mod application_loops;
mod cdn_asks_over_http;
mod certificate_not_renewed;
mod default_server_answers;
mod dns_leads_elsewhere;
mod hsts_lock_out;
mod https_block_redirects;
mod intermediate_left_out;
mod name_left_out_of_certificate;
mod name_without_server_block;
mod new_certificate_not_used;
mod nginx_not_reloaded;
mod one_family_misconfigured;
mod one_name_leads_elsewhere;
mod port_443_blocked;
mod renewal_cannot_succeed;
mod renewal_timer_dead;
mod slash_left_out;
mod stale_address;
mod www_left_out_of_dns;

use std::net::IpAddr;

use domain::DomainName;
use findings::{Diagnosis, Finding, State};

use crate::Observations;

/// A cause: what it needs is in its file, `None` when it is not there.
type Cause = fn(&Observations, &Symptoms<'_>) -> Option<Diagnosis>;

/// Every cause, the most telling first.
const ALL: &[Cause] = &[
    dns_leads_elsewhere::explain,
    port_443_blocked::explain,
    one_family_misconfigured::explain,
    stale_address::explain,
    one_name_leads_elsewhere::explain,
    default_server_answers::explain,
    name_without_server_block::explain,
    new_certificate_not_used::explain,
    name_left_out_of_certificate::explain,
    www_left_out_of_dns::explain,
    nginx_not_reloaded::explain,
    renewal_cannot_succeed::explain,
    certificate_not_renewed::explain,
    renewal_timer_dead::explain,
    intermediate_left_out::explain,
    hsts_lock_out::explain,
    slash_left_out::explain,
    cdn_asks_over_http::explain,
    https_block_redirects::explain,
    application_loops::explain,
    app_builds_http_urls::explain,
    app_not_answering::explain,
    app_crashes::explain,
];

/// The causes that explain what was found.
pub(crate) fn explain(observed: &Observations, findings: &[Finding]) -> Vec<Diagnosis> {
    let mut diagnoses: Vec<Diagnosis> = Vec::new();
    for cause in ALL {
        let open: Vec<&Finding> = findings
            .iter()
            .filter(|finding| !diagnoses.iter().any(|known| known.explains.contains(&finding.key())))
            .collect();
        diagnoses.extend(cause(observed, &Symptoms { open }));
    }
    diagnoses
}

/// The findings that no cause has claimed yet.
struct Symptoms<'f> {
    open: Vec<&'f Finding>,
}

impl<'f> Symptoms<'f> {
    /// The findings of a check that fired.
    fn of(&self, id: &str) -> impl Iterator<Item = &'f Finding> {
        self.open.iter().copied().filter(move |finding| finding.id == id && finding.state >= State::Note)
    }

    /// The first finding of a check that failed or warns.
    fn first(&self, id: &str) -> Option<&'f Finding> {
        self.of(id).find(|finding| finding.state >= State::Warning)
    }

    /// The keys of all findings of these checks that fired.
    fn keys(&self, ids: &[&str]) -> Vec<String> {
        let mut keys: Vec<String> = ids.iter().flat_map(|id| self.of(id)).map(Finding::key).collect();
        keys.dedup();
        keys
    }

    /// The keys of what could not be tested in these checks.
    fn untested(&self, sections: &[findings::Section]) -> impl Iterator<Item = String> {
        self.open
            .iter()
            .filter(|finding| finding.state == State::NotTested && sections.contains(&finding.section))
            .map(|finding| finding.key())
    }
}

/// The command that asks for the front page of this name; at the address in trouble, where others answer well.
fn ask(observed: &Observations, name: &DomainName, is: impl Fn(&web::Response) -> bool) -> String {
    let of = |troubled: bool| {
        let mut corners = observed.web.of(domain::Scheme::Https, name);
        corners.find(|corner| corner.first.seen().is_some_and(|first| is(first) == troubled)).map(|it| it.address)
    };
    match (of(true), of(false)) {
        (Some(IpAddr::V6(address)), Some(_)) => format!("curl -I --resolve {name}:443:[{address}] https://{name}/"),
        (Some(address), Some(_)) => format!("curl -I --resolve {name}:443:{address} https://{name}/"),
        _ => format!("curl -I https://{name}/"),
    }
}

/// What of the difference between families and of the challenge path is the application's error there.
fn also_said(symptoms: &Symptoms<'_>, statuses: &[&str]) -> Vec<String> {
    let is_it = |it: &&&Finding| {
        let of_it = |words: &str| statuses.iter().any(|status| it.seen.contains(&format!("{words} {status}")));
        (it.id == "ipv6-differs" && of_it("answers")) || (it.id == "acme-path-blocked" && of_it("with status"))
    };
    symptoms.open.iter().filter(is_it).filter(|it| it.state >= State::Warning).map(|it| it.key()).collect()
}

/// Whether the words of a finding are about this address.
fn mentions(finding: &Finding, address: IpAddr) -> bool {
    let text = format!("{} {}", finding.subject, finding.seen);
    text.split([' ', ',', ';']).any(|word| word.trim_end_matches('.') == address.to_string())
}

/// The name under which certbot keeps the certificate: the apex when it is looked at, else the name itself.
fn lineage(observed: &Observations) -> String {
    observed.target.apex().unwrap_or(&observed.target.name).to_string()
}

/// The first name of the target of which an entrance ends with such an answer: what a fix is proved at. One of the two
/// may be fine.
fn troubled(observed: &Observations, is: impl Fn(&web::Response) -> bool) -> &DomainName {
    let ends_so = |trail: &&web::Trail| trail.answer().is_some_and(|(_, response)| is(response));
    let is_of =
        |name: &DomainName| observed.web.trails.iter().filter(ends_so).any(|it| it.from.host() == name.as_str());
    observed.target.names().find(|name| is_of(name)).unwrap_or(&observed.target.name)
}

/// The names of the target with blanks between, as in `server_name`.
fn names(observed: &Observations) -> String {
    observed.target.names().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::{Report, Timing};

    /// The ids of the causes named, and the report they are in.
    pub(super) fn causes(observed: Observations) -> (Vec<String>, Report) {
        let report = crate::report(observed, Timing::default());
        (report.diagnoses.iter().map(|diagnosis| diagnosis.id.clone()).collect(), report)
    }

    #[test]
    fn no_row_is_explained_twice_and_every_key_exists() {
        let mut seen = crate::fixture::healthy();
        seen.tls.chains = vec![crate::fixture::chain("one", &["example.com"], -100, -10)];
        let (ids, report) = causes(seen);
        assert_eq!(ids, ["name-left-out-of-certificate", "certificate-not-renewed"]);
        let mut keys: Vec<&String> = report.diagnoses.iter().flat_map(|diagnosis| &diagnosis.explains).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all);
        assert!(keys.iter().all(|key| report.findings.iter().any(|finding| finding.key() == **key)));
    }

    #[test]
    fn the_list_and_the_folder_agree() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnoses")).unwrap().count() - 1;
        assert_eq!(files, ALL.len());
    }
}
