//! What calendars and badges show of a domain: the verdict, and when its certificates end. Looked at once a day at most,
//! and never kept for anybody who did not ask for one of the two.

use std::{rc::Rc, time::Duration};

use domain::{Target, Time};
use findings::State;
use futures_util::{
    StreamExt,
    future::{Either, select},
};
use lockstep::{Event, Report};
use network::Network;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use view::verdict;
use worker::Date;

use crate::{
    error::ApiError,
    kept,
    limits::GLANCE_SECONDS,
    network::Edge,
    run::{Look, Run},
    visit::Visit,
};

/// A report at a glance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Glance {
    /// When it was seen.
    pub(crate) seen_at: Time,
    /// The name that was asked about, in ASCII.
    pub(crate) domain: String,
    /// How bad it is.
    pub(crate) state: State,
    /// In two or three words: `2 failed`.
    pub(crate) short: String,
    /// In a sentence.
    pub(crate) headline: String,
    /// The certificates shown, the first to end first.
    pub(crate) certificates: Vec<Life>,
}

/// A certificate on the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Life {
    /// Which hosts show it.
    pub(crate) hosts: Vec<String>,
    /// Who issued it.
    pub(crate) issuer: String,
    /// When renewal is due.
    pub(crate) due: Time,
    /// When a renewal that works would long have happened.
    pub(crate) overdue: Time,
    /// When it ends.
    pub(crate) ends: Time,
}

impl Glance {
    /// What a report comes to.
    pub(crate) fn of(report: &Report) -> Glance {
        let top = verdict::verdict(report);
        let mut certificates: Vec<Life> = Vec::new();
        for (endpoint, leaf) in report.observed.tls.leaves() {
            let host = endpoint.host.to_string();
            let (due, overdue, ends) = (leaf.renewal_due(), leaf.renewal_overdue(), leaf.not_after);
            let issuer = leaf.issued_by.clone();
            match certificates.iter_mut().find(|it| (it.due, it.ends, &it.issuer) == (due, ends, &issuer)) {
                Some(known) if known.hosts.contains(&host) => {}
                Some(known) => known.hosts.push(host),
                None => certificates.push(Life { hosts: vec![host], issuer, due, overdue, ends }),
            }
        }
        // At several addresses a host may show several; the one that ends first is the one to see to.
        certificates.sort_by_key(|life| life.ends);
        let mut named: Vec<String> = Vec::new();
        for life in &mut certificates {
            life.hosts.retain(|host| !named.contains(host));
            named.extend(life.hosts.iter().cloned());
        }
        certificates.retain(|life| !life.hosts.is_empty());
        Glance {
            seen_at: report.seen_at,
            domain: report.domain.clone(),
            state: top.state,
            short: top.short,
            headline: top.headline,
            certificates,
        }
    }

    fn written(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The glance at this name: a kept one, or else a new one. `None` where a new one takes longer than this; it is
    /// kept all the same once it is there.
    ///
    /// # Errors
    /// As [`Run::plain`].
    pub(crate) async fn at(visit: &Visit, typed: &str, patience: Duration) -> Result<Option<Glance>, ApiError> {
        let target = Target::parse(typed, None)?;
        let name = kept::name(&visit.origin(), "glance", &[target.name.as_str()]);
        let is_kept = kept::is_on(&visit.env);
        if is_kept
            && let Some(glance) = kept::find(&name).await.and_then(|kept| Glance::read(&kept))
            && glance.age() < GLANCE_SECONDS.into()
        {
            return Ok(Some(glance));
        }
        let look = match Run::plain(visit, typed).await? {
            Run::Known(known) => {
                let glance = Glance::of(&known.seen()?);
                if is_kept {
                    kept::keep(&name, GLANCE_SECONDS, glance.written()).await;
                }
                return Ok(Some(glance));
            }
            Run::Look(look) => look,
        };
        let (sender, receiver) = oneshot::channel();
        let name = is_kept.then_some(name);
        // The platform waits for it when the answer is gone.
        Rc::clone(&visit.context).wait_until(async move {
            if let Some(glance) = glance(*look).await {
                if let Some(name) = &name {
                    kept::keep(name, GLANCE_SECONDS, glance.written()).await;
                }
                // Nobody may be waiting any longer.
                let _ = sender.send(glance);
            }
        });
        let edge = Edge::new();
        match select(receiver, std::pin::pin!(edge.sleep(patience))).await {
            Either::Left((glance, _)) => Ok(glance.ok()),
            Either::Right(_) => Ok(None),
        }
    }

    /// How many seconds ago it was seen.
    pub(crate) fn age(&self) -> u64 {
        let now = Date::now().as_millis() / 1000;
        now.saturating_sub(u64::try_from(self.seen_at.unix()).unwrap_or_default())
    }

    /// The same in words: `5 minutes ago`.
    pub(crate) fn ago(&self) -> String {
        ago(self.age())
    }

    fn read(kept: &[u8]) -> Option<Glance> {
        serde_json::from_slice(kept).ok()
    }
}

/// Looks, and remembers of it no more than this.
async fn glance(look: Look) -> Option<Glance> {
    let mut events = std::pin::pin!(look.events());
    while let Some(event) = events.next().await {
        if let Event::Report(report) = event {
            return Some(Glance::of(&report));
        }
    }
    None
}

fn ago(seconds: u64) -> String {
    let (n, unit) = match seconds {
        0..120 => return "just now".into(),
        120..7200 => (seconds / 60, "minutes"),
        _ => (seconds / 3600, "hours"),
    };
    format!("{n} {unit} ago")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_said_in_one_unit() {
        for (seconds, said) in [
            (0, "just now"),
            (119, "just now"),
            (120, "2 minutes ago"),
            (7199, "119 minutes ago"),
            (7200, "2 hours ago"),
            (86_399, "23 hours ago"),
        ] {
            assert_eq!(ago(seconds), said);
        }
    }

    #[test]
    fn what_is_kept_reads_back() {
        let time = Time::from_unix(1_800_000_000);
        let glance = Glance {
            seen_at: time,
            domain: "example.com".into(),
            state: State::Warning,
            short: "1 warning".into(),
            headline: "“A” \\ b".into(),
            certificates: vec![Life {
                hosts: vec!["example.com".into()],
                issuer: "E".into(),
                due: time,
                overdue: time,
                ends: time,
            }],
        };
        assert_eq!(Glance::read(&serde_json::to_vec(&glance).unwrap()), Some(glance));
        assert_eq!(Glance::read(b"{}"), None);
    }
}
