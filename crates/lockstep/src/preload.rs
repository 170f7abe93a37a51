//! What the browsers' built-in list of HTTPS-only names says, as hstspreload.org tells it.

use domain::DomainName;
use serde::{Deserialize, Serialize};

/// What is known about one name of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Preload {
    /// The name asked for: the registered domain.
    pub name: DomainName,
    /// How it stands.
    pub status: Listed,
}

/// How a name stands with the list (`chromium/hstspreload.org`, `database/domainstate.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Listed {
    /// Entered, and not in browsers yet.
    Pending,
    /// To be taken off.
    PendingRemoval,
    /// In browsers.
    Preloaded,
    /// Entered, and turned down.
    Rejected,
    /// Taken off.
    Removed,
    /// Never entered.
    Unknown,
}

impl Listed {
    /// Whether browsers have it, or will have it soon.
    pub fn is_on_its_way(self) -> bool {
        matches!(self, Listed::Pending | Listed::Preloaded)
    }
}

#[cfg(feature = "probe")]
mod asking {
    use std::{cell::RefCell, time::Duration};

    use domain::Target;
    use network::{Method, Network, Request, Saw, Session, Unseen};
    use serde::Deserialize;

    use super::{Listed, Preload};

    /// The exchange ends after this time: nothing depends on it.
    const TIME: Duration = Duration::from_secs(3);

    /// The most bytes of an answer.
    const LIMIT: usize = 16 * 1024;

    /// What was told; kept outside the asking, so that it survives when the asking is cut off.
    pub(crate) type Told = RefCell<Option<Saw<Preload>>>;

    /// The answer of `/api/v2/status`, as far as it is read.
    #[derive(Deserialize)]
    struct Status {
        status: Listed,
    }

    /// Asks about the registered domain, where the settings say whom.
    pub(crate) async fn ask<N: Network>(session: &Session<N>, target: &Target, told: &Told) {
        let Some(base) = &session.settings().hsts_preload else { return };
        let request = Request {
            method: Method::Get,
            url: format!("{base}/api/v2/status?domain={}", target.registrable),
            headers: vec![("accept".into(), "application/json".into())],
            body: Default::default(),
            limit: LIMIT,
        };
        let answer = session.fetch(request, TIME).await.and_then(|answer| read(answer.status, &answer.body));
        let preload = answer.map(|status| Preload { name: target.registrable.clone(), status });
        told.replace(Some(preload.into()));
    }

    fn read(status: u16, body: &[u8]) -> Result<Listed, Unseen> {
        if status != 200 {
            return Err(Unseen::Failed(format!("HTTP status {status}")));
        }
        let read: Result<Status, _> = serde_json::from_slice(body);
        read.map(|it| it.status).map_err(|_| Unseen::Failed("the answer could not be read".into()))
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn answers_are_read_and_odd_ones_are_a_state() {
            for (body, expected) in [
                (r#"{"name":"example.com","status":"preloaded","bulk":true}"#, Listed::Preloaded),
                (r#"{"name":"example.com","status":"unknown"}"#, Listed::Unknown),
                (r#"{"name":"example.com","status":"pending-removal","message":"x"}"#, Listed::PendingRemoval),
            ] {
                assert_eq!(read(200, body.as_bytes()), Ok(expected), "{body}");
            }
            for body in ["", "{}", "null", r#"{"status":"maybe"}"#, &"[".repeat(10_000)] {
                assert!(read(200, body.as_bytes()).is_err(), "{body}");
            }
            assert!(read(500, br#"{"status":"preloaded"}"#).is_err());
        }
    }
}

#[cfg(feature = "probe")]
pub(crate) use asking::{Told, ask};
