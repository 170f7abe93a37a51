//! The subdomains that the public logs know, looked at one by one: on request only.

use std::{collections::BTreeSet, time::Duration};

use domain::{DomainName, Target};
use network::{Method, Network, Request, Saw, Session, Unseen, together};
use serde::Deserialize;

use crate::subdomains::{Subdomain, Subdomains};

/// At most this many are looked at.
pub(crate) const NAMES: usize = 20;

/// An exchange with a log search ends after this time.
const TIME: Duration = Duration::from_secs(8);

/// The most bytes of an answer, and certificates of it that are read.
const LIMIT: usize = 2 * 1024 * 1024;
const CERTIFICATES: usize = 2_000;

/// Asks the logs for names below the registered domain, then each name for its addresses, and its first address for TLS.
/// `plan` learns how many there are, `step` of each when it is done.
pub(crate) async fn look<N: Network>(
    session: &Session<N>,
    target: &Target,
    plan: &dyn Fn(u32),
    step: &dyn Fn(&str),
) -> Subdomains {
    let unseen = tls::Observation {
        seen_at: session.started(),
        endpoints: Vec::new(),
        chains: Vec::new(),
        without_sni: None,
        closer: None,
        revocations: Vec::new(),
    };
    let (names, more) = match known(session, target).await {
        Ok(names) => names,
        Err(why) => return Subdomains { names: Saw::Unseen(why), more: 0, tls: unseen },
    };
    let client = &tls::Client::new(session.settings(), session.started());
    plan(u32::try_from(names.len()).unwrap_or_default());
    let looks = names.into_iter().map(|name| async move {
        let addresses = dns::addresses_of(session, &name).await;
        // The worst that can happen below is to a visitor of any address; the first stands for the rest.
        let endpoint = match addresses.as_ref().ok().and_then(|all| all.first()) {
            Some(first) => Some(tls::visit(client, session, &name, *first).await.0),
            None => None,
        };
        step(&format!("https://{name}/"));
        (Subdomain { name, addresses: addresses.into() }, endpoint)
    });
    // In the order of the names, whoever answered first.
    let (names, endpoints): (Vec<_>, Vec<_>) = together(looks).await.into_iter().unzip();
    let tls = tls::paths(client, session, endpoints.into_iter().flatten().collect()).await.observation(session);
    Subdomains { names: Saw::Seen(names), more, tls }
}

/// The names below the registered domain that are not looked at anyway, and how many more there are.
async fn known<N: Network>(session: &Session<N>, target: &Target) -> Result<(Vec<DomainName>, u32), Unseen> {
    let settings = session.settings();
    let base = target.registrable.as_str();
    let mut why = Unseen::Failed("no search is set".into());
    let searches = [
        settings
            .certspotter
            .as_ref()
            .map(|it| format!("{it}/v1/issuances?domain={base}&include_subdomains=true&expand=dns_names")),
        settings.crtsh.as_ref().map(|it| format!("{it}/?q=%25.{base}&output=json&deduplicate=Y")),
    ];
    for url in searches.into_iter().flatten() {
        match ask(session, url).await {
            Ok(logged) => return Ok(choose(target, &logged)),
            Err(error) => why = error,
        }
    }
    Err(why)
}

/// A certificate as either search tells it.
#[derive(Deserialize)]
struct Logged {
    /// Cert Spotter's list.
    #[serde(default)]
    dns_names: Vec<String>,
    /// crt.sh's lines.
    #[serde(default)]
    name_value: String,
}

async fn ask<N: Network>(session: &Session<N>, url: String) -> Result<Vec<Logged>, Unseen> {
    let headers = vec![("accept".into(), "application/json".into())];
    let request = Request { method: Method::Get, url, headers, body: Default::default(), limit: LIMIT };
    let response = session.fetch(request, TIME).await?;
    if response.status != 200 {
        return Err(Unseen::Failed(format!("HTTP status {}", response.status)));
    }
    serde_json::from_slice(&response.body).map_err(|_| Unseen::Failed("the answer could not be read".into()))
}

/// Those nearest to the domain first: they are the ones that people type.
fn choose(target: &Target, logged: &[Logged]) -> (Vec<DomainName>, u32) {
    let texts = logged
        .iter()
        .take(CERTIFICATES)
        .flat_map(|it| it.dns_names.iter().map(String::as_str).chain(it.name_value.lines()));
    let names: BTreeSet<(usize, String)> = texts
        .filter_map(|text| text.trim().trim_end_matches('.').to_ascii_lowercase().parse::<DomainName>().ok())
        .filter(|name| {
            name.is_within(&target.registrable) && target.names().all(|it| it != name) && *name != target.registrable
        })
        .map(|name| (name.labels().count(), name.to_string()))
        .collect();
    let more = u32::try_from(names.len().saturating_sub(NAMES)).unwrap_or(u32::MAX);
    (names.into_iter().take(NAMES).filter_map(|(_, name)| name.parse().ok()).collect(), more)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target() -> Target {
        let name: DomainName = "example.com".parse().unwrap();
        Target { twin: name.with_www(), unicode: None, registrable: name.clone(), name, expect: None }
    }

    fn chosen(json: &str) -> (Vec<String>, u32) {
        let logged: Vec<Logged> = serde_json::from_str(json).unwrap();
        let (names, more) = choose(&target(), &logged);
        (names.iter().map(ToString::to_string).collect(), more)
    }

    #[test]
    fn both_searches_are_read_and_only_subdomains_are_kept() {
        let (names, more) = chosen(
            r#"[{"id":"1","dns_names":["example.com","www.example.com","*.example.com","a.b.example.com","Shop.Example.com."]},
                {"name_value":"mail.example.com\nshop.example.com\nexample.net\nnotexample.com\nx@example.com","id":7}]"#,
        );
        assert_eq!(
            (names, more),
            (vec!["mail.example.com".into(), "shop.example.com".into(), "a.b.example.com".into()], 0)
        );
    }

    #[test]
    fn many_are_cut_and_counted() {
        let names: Vec<String> = (0..50).map(|n| format!("\"n{n}.example.com\"")).collect();
        let (names, more) = chosen(&format!("[{{\"dns_names\":[{}]}}]", names.join(",")));
        assert_eq!((names.len(), more), (NAMES, 30));
    }
}
