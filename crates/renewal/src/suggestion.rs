//! When the authority itself suggests to renew (ACME Renewal Information, RFC 9773).

use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use network::{Method, Network, Request, Saw, Session, Unseen};
use serde::Deserialize;

use crate::{Suggestion, logs::moment};

/// How long each of the two answers is waited for.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most bytes read of one answer; real ones have some hundred.
const LIMIT: usize = 64 * 1024;

/// Asks the authority about a certificate: its directory first, which says where. `None` where nobody is asked: the
/// settings say so, the issuer is not known to answer, or the certificate's time is over.
pub async fn suggestion<N: Network>(session: &Session<N>, leaf: &tls::Certificate) -> Option<Saw<Suggestion>> {
    let directory = session.settings().acme.as_deref()?;
    let asked = dns::authorities::of_issuer(&leaf.issuer).is_some_and(|authority| authority.name == "Let's Encrypt");
    if !asked || session.started() > leaf.not_after {
        return None;
    }
    let id = identifier(&leaf.authority_key, &leaf.serial)?;
    Some(ask(session, directory, &id).await.map(|answer| read(&answer, leaf)).into())
}

/// The authority's directory (RFC 8555 §7.1.1), as far as it is read.
#[derive(Deserialize)]
struct Directory {
    #[serde(rename = "renewalInfo")]
    renewal_info: String,
}

/// Its answer about a certificate (RFC 9773 §4.2).
#[derive(Default, Deserialize)]
struct Info {
    #[serde(rename = "suggestedWindow")]
    window: Window,
    #[serde(rename = "explanationURL")]
    explanation: Option<String>,
}

#[derive(Default, Deserialize)]
struct Window {
    start: String,
    end: String,
}

async fn ask<N: Network>(session: &Session<N>, directory: &str, id: &str) -> Result<Vec<u8>, Unseen> {
    let told: Option<Directory> = serde_json::from_slice(&get(session, directory.to_owned()).await?).ok();
    let at = told.map(|told| told.renewal_info).filter(|at| at.starts_with("http") && at.len() <= 300);
    let at = at.ok_or_else(|| Unseen::Failed("the authority does not say where to ask".into()))?;
    get(session, format!("{}/{id}", at.trim_end_matches('/'))).await
}

async fn get<N: Network>(session: &Session<N>, url: String) -> Result<Vec<u8>, Unseen> {
    let request = Request { method: Method::Get, url, headers: Vec::new(), body: Default::default(), limit: LIMIT };
    let response = session.fetch(request, PATIENCE).await?;
    match response.status {
        200 => Ok(response.body.to_vec()),
        status => Err(Unseen::Failed(format!("the authority answered with HTTP status {status}"))),
    }
}

/// An answer, or a window, that cannot be read is none: then the rule of thumb stands alone.
fn read(answer: &[u8], leaf: &tls::Certificate) -> Suggestion {
    let Info { window, explanation } = serde_json::from_slice(answer).unwrap_or_default();
    let window = moment(&window.start).zip(moment(&window.end)).filter(|(start, end)| start < end);
    let explanation = explanation.filter(|url| url.starts_with("https://") && url.len() <= 300);
    Suggestion {
        sha256: leaf.sha256.clone(),
        window,
        explanation: explanation.map(|url| url.chars().filter(char::is_ascii_graphic).collect()),
    }
}

/// The issuer's key identifier and the serial number, as bytes in base64url with a point between (RFC 9773 §4.1).
fn identifier(authority_key: &str, serial: &str) -> Option<String> {
    let key = bytes(authority_key)?;
    let mut serial = bytes(&serial.replace(':', ""))?;
    // A number whose first bit is set has a zero before it in DER.
    if serial.first()? & 0x80 != 0 {
        serial.insert(0, 0);
    }
    Some(format!("{}.{}", Base64UrlUnpadded::encode_string(&key), Base64UrlUnpadded::encode_string(&serial)))
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = hex.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| !digits.is_empty() && digits.len().is_multiple_of(2))?;
    let pairs = digits.chunks(2).map(|pair| u8::try_from(pair.iter().fold(0, |byte, digit| byte << 4 | digit)).ok());
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use domain::Time;
    use network::{FetchError, Settings};

    use super::*;
    use crate::loopback::session;

    #[test]
    fn the_identifier_is_that_of_the_rfc() {
        let key = "69:88:5B:6B:87:46:40:41:E1:B3:7B:84:7B:A0:AE:2C:DE:01:C8:D4".replace(':', "");
        assert_eq!(identifier(&key, "87:65:43:21").unwrap(), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
        assert_eq!(identifier(&key, "00:87:65:43:21").unwrap(), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
        for (key, serial) in [("", "05"), ("69", ""), ("6", "05"), ("zz", "05"), ("69", "5")] {
            assert_eq!(identifier(key, serial), None, "{key} {serial}");
        }
    }

    fn leaf(issuer: &str, ends: i64) -> tls::Certificate {
        tls::Certificate {
            sha256: "aa".into(),
            subject: "CN=example.com".into(),
            issuer: issuer.into(),
            issued_by: String::new(),
            serial: "05:aa".into(),
            names: vec!["example.com".into()],
            not_before: Time::from_unix(1_790_000_000),
            not_after: Time::from_unix(ends),
            key: tls::Key::default(),
            signature: String::new(),
            is_ca: false,
            self_signed: false,
            ca_issuers: Vec::new(),
            ocsp: Vec::new(),
            crls: Vec::new(),
            authority_key: "ab".into(),
            logs: Vec::new(),
            must_staple: false,
            not_for_servers: false,
        }
    }

    const OURS: &str = "CN=E7,O=Let's Encrypt,C=US";
    const DIRECTORY: &str = r#"{"newOrder":"https://acme/new-order","renewalInfo":"https://acme/renewal-info"}"#;

    async fn asked(
        leaf: tls::Certificate,
        fetch: impl Fn(&str) -> Result<(u16, String), FetchError> + 'static,
    ) -> Option<Saw<Suggestion>> {
        let settings = Settings { acme: Some("https://acme/directory".into()), ..Settings::default() };
        suggestion(&session(settings, fetch), &leaf).await
    }

    /// After the moment at which the test's session began.
    const LATER: i64 = 4_000_000_000;

    #[tokio::test(flavor = "current_thread")]
    async fn the_directory_says_where_and_the_answer_when() {
        let told = asked(leaf(OURS, LATER), |url| match url {
            "https://acme/directory" => Ok((200, DIRECTORY.into())),
            "https://acme/renewal-info/qw.Bao" => Ok((
                200,
                r#"{"suggestedWindow":{"start":"2026-12-01T00:00:00Z","end":"2026-12-03T00:00:00.5Z"},
                "explanationURL":"https://acme.example/why"}"#
                    .into(),
            )),
            url => panic!("{url}"),
        });
        let Some(Saw::Seen(told)) = told.await else { panic!() };
        let (start, end) = told.window.unwrap();
        assert_eq!(
            (start.to_string().as_str(), end.to_string().as_str()),
            ("2026-12-01T00:00:00Z", "2026-12-03T00:00:00Z")
        );
        assert_eq!((told.sha256.as_str(), told.explanation.as_deref()), ("aa", Some("https://acme.example/why")));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn hostile_and_broken_answers_are_a_state() {
        for (directory, info) in [
            ((500, String::new()), (200, String::new())),
            ((200, "{}".to_owned()), (200, String::new())),
            ((200, r#"{"renewalInfo":"ftp://acme/"}"#.to_owned()), (200, String::new())),
            ((200, DIRECTORY.to_owned()), (404, String::new())),
            ((200, DIRECTORY.to_owned()), (200, "x".repeat(LIMIT + 1))),
        ] {
            let told = asked(leaf(OURS, LATER), move |url| {
                Ok(if url.ends_with("/directory") { directory.clone() } else { info.clone() })
            });
            assert!(matches!(told.await, Some(Saw::Unseen(_))));
        }
        let window = |start: &str, end: &str| format!(r#"{{"suggestedWindow":{{"start":"{start}","end":"{end}"}}}}"#);
        for info in [
            window("2026-12-03T00:00:00Z", "2026-12-01T00:00:00Z"),
            window("soon", "later"),
            window("2026-12-01T00:00:00Z\\", "2026-12-03T00:00:00Z"),
            "[".repeat(50_000),
            r#"{"suggestedWindow":{"start":"#.to_owned(),
        ] {
            let told = asked(leaf(OURS, LATER), move |url| {
                Ok((200, if url.ends_with("/directory") { DIRECTORY.to_owned() } else { info.clone() }))
            });
            assert!(matches!(told.await, Some(Saw::Seen(Suggestion { window: None, .. }))));
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nobody_is_asked_about_others_certificates_and_old_ones() {
        for leaf in [leaf("O=Sectigo Limited", LATER), leaf(OURS, 1_790_000_001)] {
            assert_eq!(asked(leaf, |url| panic!("{url}")).await, None);
        }
        let off = Settings { acme: None, ..Settings::default() };
        assert_eq!(suggestion(&session(off, |url| panic!("{url}")), &leaf(OURS, LATER)).await, None);
    }
}
