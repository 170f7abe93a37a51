//! The public logs, asked through their search services: Cert Spotter first, crt.sh second. Neither is waited for by
//! anything else.

use std::{cell::RefCell, time::Duration};

use domain::{Target, Time};
use network::{Method, Network, Request, Saw, Session, Unseen};
use serde::Deserialize;

use crate::{History, Issuance, history::normal};

/// An exchange with Cert Spotter ends after this time: there is somebody else to ask.
const SPOTTER_LIMIT: Duration = Duration::from_secs(3);

/// One with crt.sh ends after this. It often takes longer, or never answers.
const CRTSH_LIMIT: Duration = Duration::from_secs(6);

/// The most bytes read of one answer.
const BODY_LIMIT: usize = 1024 * 1024;

/// Cert Spotter answers in pages, the oldest certificate first; an empty page is the last.
const PAGES: usize = 5;

/// The most names kept of one certificate.
const NAME_LIMIT: usize = 200;

/// What has been told so far; kept outside the asking, so that it survives when the asking is cut off.
pub type Told = RefCell<Option<Saw<History>>>;

/// Asks for the certificates that were publicly logged for the name checked. Cert Spotter knows those that are still
/// valid; crt.sh, which remembers all, is asked when that did not answer or showed no renewal.
pub async fn history<N: Network>(session: &Session<N>, target: &Target, told: &Told) {
    let settings = session.settings();
    if let Some(base) = &settings.certspotter {
        tell(told, certspotter(session, base, target).await);
    }
    if renewal_was_seen(told, target) {
        return;
    }
    if let Some(base) = &settings.crtsh {
        tell(told, crtsh(session, base, target).await);
    }
}

/// What one source knows is added to what another told; why it did not answer counts only where nobody did.
fn tell(told: &Told, answer: Result<History, Unseen>) {
    let mut told = told.borrow_mut();
    match (told.as_mut(), answer) {
        (Some(Saw::Seen(known)), Ok(history)) => known.merge(history),
        (Some(Saw::Seen(_)), Err(_)) => {}
        (_, answer) => *told = Some(answer.into()),
    }
}

fn renewal_was_seen(told: &Told, target: &Target) -> bool {
    match &*told.borrow() {
        Some(Saw::Seen(history)) => history.cadence_of(&target.name).is_some(),
        _ => false,
    }
}

async fn certspotter<N: Network>(session: &Session<N>, base: &str, target: &Target) -> Result<History, Unseen> {
    let first = format!(
        "{base}/v1/issuances?domain={}&include_subdomains=false&match_wildcards=true&expand=dns_names&expand=issuer",
        target.name
    );
    let mut history = History { sources: vec!["Cert Spotter".into()], ..History::default() };
    let mut url = first.clone();
    for page in 0..PAGES {
        let logged: Vec<Spotted> = match ask(session, &url, SPOTTER_LIMIT).await.and_then(|body| read(&body)) {
            Ok(logged) => logged,
            Err(why) if page == 0 => return Err(why),
            Err(_) => {
                history.cut = true;
                return Ok(history);
            }
        };
        let Some(last) = logged.last().map(|it| it.id.clone()) else { return Ok(history) };
        let issuances = logged.into_iter().filter_map(Spotted::issuance).collect();
        history.merge(History { issuances, ..History::default() });
        if !last.bytes().all(|b| b.is_ascii_alphanumeric()) {
            break;
        }
        url = format!("{first}&after={last}");
    }
    history.cut = true;
    Ok(history)
}

async fn crtsh<N: Network>(session: &Session<N>, base: &str, target: &Target) -> Result<History, Unseen> {
    let url = format!("{base}/?q={}&output=json&deduplicate=Y", target.name);
    let logged: Vec<Remembered> = read(&ask(session, &url, CRTSH_LIMIT).await?)?;
    let mut history = History { sources: vec!["crt.sh".into()], ..History::default() };
    let issuances = logged.into_iter().filter_map(Remembered::issuance).collect();
    history.merge(History { issuances, ..History::default() });
    Ok(history)
}

async fn ask<N: Network>(session: &Session<N>, url: &str, limit: Duration) -> Result<Vec<u8>, Unseen> {
    let request = Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![("accept".into(), "application/json".into())],
        body: Default::default(),
        limit: BODY_LIMIT,
    };
    let response = session.fetch(request, limit).await?;
    match response.status {
        200 => Ok(response.body.into()),
        429 => Err(Unseen::Failed("too many questions were asked there; it answers again later".into())),
        status => Err(Unseen::Failed(format!("HTTP status {status}"))),
    }
}

fn read<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Unseen> {
    serde_json::from_slice(body).map_err(|_| Unseen::Failed("the answer could not be read".into()))
}

/// An issuance object of Cert Spotter's API, version 1.
#[derive(Deserialize)]
struct Spotted {
    id: String,
    #[serde(default)]
    dns_names: Vec<String>,
    #[serde(default)]
    issuer: Option<Issuer>,
    not_before: String,
    not_after: String,
    #[serde(default)]
    revoked: Option<bool>,
}

#[derive(Deserialize)]
struct Issuer {
    #[serde(default)]
    name: String,
}

impl Spotted {
    fn issuance(self) -> Option<Issuance> {
        let issuer = self.issuer.map(|issuer| issuer.name).unwrap_or_default();
        issuance(&self.dns_names, &issuer, &self.not_before, &self.not_after, self.revoked.unwrap_or_default())
    }
}

/// A row of crt.sh.
#[derive(Deserialize)]
struct Remembered {
    #[serde(default)]
    issuer_name: String,
    #[serde(default)]
    name_value: String,
    not_before: String,
    not_after: String,
}

impl Remembered {
    fn issuance(self) -> Option<Issuance> {
        let names: Vec<String> = self.name_value.split('\n').map(str::to_owned).collect();
        issuance(&names, &self.issuer_name, &self.not_before, &self.not_after, false)
    }
}

fn issuance(names: &[String], issuer: &str, from: &str, until: &str, revoked: bool) -> Option<Issuance> {
    let fits = |name: &String| (1..=253).contains(&name.len()) && !name.contains('@');
    let names = normal(&names.iter().map(|name| name.trim().to_owned()).filter(fits).collect::<Vec<_>>());
    if names.is_empty() || names.len() > NAME_LIMIT {
        return None;
    }
    Some(Issuance {
        names,
        issuer: issuer.chars().filter(|c| !c.is_control()).take(300).collect(),
        not_before: moment(from)?,
        not_after: moment(until)?,
        revoked,
    })
}

/// `2026-11-21T06:30:00Z`; crt.sh leaves the zone out, which is UTC.
pub(crate) fn moment(text: &str) -> Option<Time> {
    Time::try_from(format!("{}Z", text.get(..19)?)).ok()
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, rc::Rc};

    use network::{FetchError, Settings};

    use super::*;
    use crate::loopback::session;

    fn target() -> Target {
        let name: domain::DomainName = "example.com".parse().unwrap();
        Target { name: name.clone(), unicode: None, registrable: name, twin: None, expect: None }
    }

    fn spotted(id: u32, from: &str, until: &str) -> String {
        format!(
            r#"{{"id":"{id}","tbs_sha256":"88","cert_sha256":"87","dns_names":["example.com","www.example.com"],
            "pubkey_sha256":"26","issuer":{{"friendly_name":"Let's Encrypt","pubkey_sha256":"14",
            "name":"C=US, O=Let's Encrypt, CN=R13"}},"not_before":"{from}T10:00:00Z","not_after":"{until}T09:59:59Z","revoked":false}}"#
        )
    }

    fn remembered(from: &str, until: &str) -> String {
        format!(
            r#"{{"issuer_ca_id":1,"issuer_name":"C=US, O=Let's Encrypt, CN=R13","common_name":"example.com",
            "name_value":"example.com\nwww.example.com","id":2,"entry_timestamp":"{from}T11:00:00.118",
            "not_before":"{from}T10:00:00","not_after":"{until}T09:59:59","serial_number":"03b5"}}"#
        )
    }

    async fn told(
        change: impl FnOnce(&mut Settings),
        fetch: impl Fn(&str) -> Result<(u16, String), FetchError> + 'static,
    ) -> (Option<Saw<History>>, usize) {
        let mut settings = Settings {
            certspotter: Some("https://spotter".into()),
            crtsh: Some("https://crt".into()),
            ..Settings::default()
        };
        change(&mut settings);
        let asked = Rc::new(Cell::new(0));
        let count = Rc::clone(&asked);
        let session = session(settings, move |url| {
            count.set(count.get() + 1);
            fetch(url)
        });
        let told = Told::default();
        history(&session, &target(), &told).await;
        (told.into_inner(), asked.get())
    }

    fn list(items: &[String]) -> Result<(u16, String), FetchError> {
        Ok((200, format!("[{}]", items.join(","))))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_renewal_seen_by_the_first_needs_no_second() {
        let (seen, asked) = told(
            |_| (),
            |url| match url {
                "https://spotter/v1/issuances?domain=example.com&include_subdomains=false&match_wildcards=true&expand=dns_names&expand=issuer" => list(&[spotted(7, "2026-08-20", "2026-11-18"), spotted(8, "2026-10-19", "2027-01-17")]),
                url if url.starts_with("https://spotter/") && url.ends_with("&after=8") => list(&[]),
                url => panic!("{url}"),
            },
        )
        .await;
        let Some(Saw::Seen(history)) = seen else { panic!("{seen:?}") };
        assert_eq!((asked, history.issuances.len(), history.cut), (2, 2, false));
        assert_eq!(history.issuances[0].not_before.to_string(), "2026-10-19T10:00:00Z");
        assert_eq!(history.issuances[0].names, ["example.com", "www.example.com"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_second_remembers_what_has_run_out() {
        let (seen, _) = told(
            |_| (),
            |url| match url {
                "https://crt/?q=example.com&output=json&deduplicate=Y" => {
                    list(&[remembered("2026-10-19", "2027-01-17"), remembered("2026-08-20", "2026-11-18")])
                }
                url if url.contains("after") => list(&[]),
                _ => list(&[spotted(8, "2026-10-19", "2027-01-17")]),
            },
        )
        .await;
        let Some(Saw::Seen(history)) = seen else { panic!("{seen:?}") };
        assert_eq!((history.issuances.len(), history.told_by().as_str()), (2, "Cert Spotter and crt.sh"));
        assert!(history.cadence_of(&target().name).is_some());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn one_that_does_not_answer_is_made_up_for_and_two_are_a_state() {
        let (seen, _) = told(
            |_| (),
            |url| match url.starts_with("https://crt/") {
                true => list(&[remembered("2026-10-19", "2027-01-17")]),
                false => Ok((429, String::new())),
            },
        )
        .await;
        assert!(matches!(seen, Some(Saw::Seen(history)) if history.sources == ["crt.sh"]));
        let (seen, _) = told(|_| (), |_| Err(FetchError::Failed("no route".into()))).await;
        assert!(matches!(seen, Some(Saw::Unseen(Unseen::Failed(_)))));
        for hostile in ["", "{}", "null", "[1]", "[{}]", "<html>", &format!("[{}", "[".repeat(100_000))] {
            let hostile = hostile.to_owned();
            let (seen, _) = told(|_| (), move |_| Ok((200, hostile.clone()))).await;
            assert!(matches!(seen, Some(Saw::Unseen(_))), "{seen:?}");
        }
        let (seen, _) = told(|_| (), |_| Ok((200, "x".repeat(BODY_LIMIT + 1)))).await;
        assert!(matches!(seen, Some(Saw::Unseen(_))));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn endless_pages_end() {
        let (seen, asked) =
            told(|settings| settings.crtsh = None, |_| list(&[spotted(8, "2026-10-19", "2027-01-17")])).await;
        assert!(matches!(seen, Some(Saw::Seen(History { cut: true, .. }))));
        assert_eq!(asked, PAGES);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn who_is_switched_off_is_not_asked() {
        let off = |settings: &mut Settings| settings.ask(Vec::new());
        assert_eq!(told(off, |url| panic!("{url}")).await, (None, 0));
    }

    #[test]
    fn odd_rows_are_left_out() {
        for (names, from) in [
            (vec![], "2026-10-19T10:00:00"),
            (vec!["a.example".to_owned()], "yesterday"),
            (vec!["a.example".to_owned()], "2026-13-19T10:00:00"),
            (vec!["x".repeat(300)], "2026-10-19T10:00:00"),
        ] {
            assert_eq!(issuance(&names, "O=A", from, "2027-01-17T09:59:59", false), None, "{names:?} {from}");
        }
    }
}
