//! What the public logs remember: which certificates were issued for a name, and how regularly they were renewed.

use dns::authorities::organisation;
use domain::{DomainName, Time};
use serde::{Deserialize, Serialize};

/// Certificates issued within this time of each other are one event: a retry, or a second key type.
const ONE_EVENT: i64 = 86_400;

/// How long a new certificate may be known before the server that asked for it should show it.
const SETTLING: i64 = 3_600;

/// Publicly logged certificates for a name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct History {
    /// Who was asked and answered: `Cert Spotter`, `crt.sh`.
    pub sources: Vec<String>,
    /// The newest first, at most 200.
    pub issuances: Vec<Issuance>,
    /// Whether there are more than were read, so that the newest may be missing.
    #[serde(default)]
    pub cut: bool,
}

/// One certificate, as it was logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issuance {
    /// The names that it covers, in lower case, sorted.
    pub names: Vec<String>,
    /// The issuer's distinguished name, bounded.
    pub issuer: String,
    /// Valid from.
    pub not_before: Time,
    /// Valid until.
    pub not_after: Time,
    /// Whether it is known to be revoked.
    #[serde(default)]
    pub revoked: bool,
}

/// How a certificate was renewed before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// When it was renewed last.
    pub last: Time,
    /// How long the one before was still valid then, in seconds.
    pub left: i64,
    /// How many renewals were seen.
    pub count: usize,
}

/// One renewal: when, and at which percentage of the older certificate's life.
struct Renewal {
    at: Time,
    left: i64,
    percent: i64,
    short: bool,
}

impl Issuance {
    /// Length of validity in seconds, at least 1.
    pub fn lifetime(&self) -> i64 {
        self.not_after.since(self.not_before).max(1)
    }

    /// Whether it covers a host.
    pub fn covers(&self, host: &DomainName) -> bool {
        self.names.iter().any(|name| host.is_covered_by(name))
    }

    /// Whether it is of the same names and the same authority.
    fn is_like(&self, names: &[String], issuer: &str) -> bool {
        self.names == names
            && organisation(&self.issuer).is_some()
            && organisation(&self.issuer) == organisation(issuer)
    }
}

/// Names as they are compared: in lower case, without final dot, sorted, each once.
pub(crate) fn normal(names: &[String]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| name.trim_end_matches('.').to_lowercase()).collect();
    names.sort();
    names.dedup();
    names
}

impl History {
    /// Takes in what another source remembers.
    pub fn merge(&mut self, other: History) {
        const LIMIT: usize = 200;
        self.sources.extend(other.sources);
        self.cut |= other.cut;
        for issuance in other.issuances {
            let same = |known: &Issuance| {
                (known.not_before, known.not_after) == (issuance.not_before, issuance.not_after)
                    && known.is_like(&issuance.names, &issuance.issuer)
            };
            if !self.issuances.iter().any(same) {
                let place = self.issuances.partition_point(|known| known.not_before >= issuance.not_before);
                self.issuances.insert(place, issuance);
            }
        }
        self.cut |= self.issuances.len() > LIMIT;
        self.issuances.truncate(LIMIT);
    }

    /// `Cert Spotter and crt.sh`.
    pub fn told_by(&self) -> String {
        self.sources.join(" and ")
    }

    /// The certificates of exactly these names by the authority of this issuer, the newest first.
    pub fn alike(&self, names: &[String], issuer: &str) -> Vec<&Issuance> {
        let names = normal(names);
        self.issuances.iter().filter(|issuance| issuance.is_like(&names, issuer)).collect()
    }

    /// The certificate that should be shown by now instead of one of these names and issuer that began at `shown` and
    /// lasts `lifetime` seconds: issued at least an hour ago, still valid, and after half of the shown one's life.
    ///
    /// Half a life, because retries and a second key type are issued close together. And none at all where two series
    /// run side by side (RSA and ECDSA, or two servers with a certificate each): then another one before the shown one
    /// is nearer than any renewal would be.
    pub fn newer(&self, names: &[String], issuer: &str, shown: Time, lifetime: i64, now: Time) -> Option<&Issuance> {
        let alike = self.alike(names, issuer);
        let newest = alike.first().filter(|newest| {
            !newest.revoked
                && newest.not_after > now
                && now.since(newest.not_before) >= SETTLING
                && newest.not_before.since(shown) * 2 >= lifetime
        })?;
        let side_by_side = alike.iter().any(|other| {
            let before = shown.since(other.not_before);
            before > ONE_EVENT && before * 2 < lifetime
        });
        (!side_by_side).then_some(*newest)
    }

    /// The renewals of these names by this authority, if they look automatic: in time, at much the same point of the
    /// certificate's life each time; or at least once at the point where certbot renews.
    pub fn cadence(&self, names: &[String], issuer: &str) -> Option<Cadence> {
        let renewals = renewals(&self.alike(names, issuer));
        let recent: Vec<&Renewal> = renewals.iter().rev().take(3).collect();
        let last = recent.first()?;
        let in_time = recent.iter().all(|renewal| (40..=97).contains(&renewal.percent));
        let (least, most) = (recent.iter().map(|it| it.percent).min()?, recent.iter().map(|it| it.percent).max()?);
        let regular = recent.len() >= 2 && most - least <= 15;
        // Certbot renews at 2/3 of the life, at 1/2 below 10 days, and tries twice a day.
        let as_certbot = if last.short { (45..=60).contains(&last.percent) } else { (60..=72).contains(&last.percent) };
        (in_time && (regular || as_certbot)).then_some(Cadence {
            last: last.at,
            left: last.left,
            count: renewals.len(),
        })
    }

    /// The cadence of the newest certificate that covers a host.
    pub fn cadence_of(&self, host: &DomainName) -> Option<Cadence> {
        let newest = self.issuances.iter().find(|issuance| issuance.covers(host))?;
        self.cadence(&newest.names, &newest.issuer)
    }
}

/// From the newest first to the renewals in order of time.
fn renewals(alike: &[&Issuance]) -> Vec<Renewal> {
    let mut events: Vec<&Issuance> = Vec::new();
    for issuance in alike.iter().rev() {
        if events.last().is_none_or(|last| issuance.not_before.since(last.not_before) > ONE_EVENT) {
            events.push(issuance);
        }
    }
    events
        .iter()
        .zip(events.iter().skip(1))
        .map(|(old, new)| Renewal {
            at: new.not_before,
            left: old.not_after.since(new.not_before),
            percent: new.not_before.since(old.not_before).saturating_mul(100) / old.lifetime(),
            short: old.lifetime() < 10 * 86_400,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_242_600;
    const DAY: i64 = 86_400;
    const LE: &str = "C=US, O=Let's Encrypt, CN=R13";

    fn issued(names: &[&str], issuer: &str, days_ago: i64, lifetime: i64) -> Issuance {
        let begins = NOW - days_ago * DAY;
        Issuance {
            names: normal(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()),
            issuer: issuer.into(),
            not_before: Time::from_unix(begins),
            not_after: Time::from_unix(begins + lifetime * DAY),
            revoked: false,
        }
    }

    fn names() -> Vec<String> {
        vec!["www.example.com".into(), "Example.com".into()]
    }

    fn history(days_ago: &[i64]) -> History {
        let mut history = History::default();
        let issuances =
            days_ago.iter().map(|days| issued(&["example.com", "www.example.com"], LE, *days, 90)).collect();
        history.merge(History { sources: vec!["crt.sh".into()], issuances, cut: false });
        history
    }

    fn newer(history: &History, shown: i64) -> bool {
        let shown = Time::from_unix(NOW - shown * DAY);
        history.newer(&names(), "CN=E7,O=Let's Encrypt,C=US", shown, 90 * DAY, Time::from_unix(NOW)).is_some()
    }

    #[test]
    fn a_renewal_that_is_not_shown_is_found() {
        assert!(newer(&history(&[65, 5]), 65));
        assert!(newer(&history(&[125, 65, 5]), 65), "with expired ones in the list");
        assert!(newer(&history(&[95, 35]), 95), "the one shown has run out");
        assert!(newer(&history(&[65, 65, 5]), 65), "after a retry on the first day");
    }

    #[test]
    fn what_may_well_be_on_purpose_is_not() {
        assert!(!newer(&history(&[65, 5]), 5), "the newest is shown");
        assert!(!newer(&history(&[65]), 65));
        assert!(!newer(&history(&[20, 19]), 20), "a retry or a second key type");
        assert!(!newer(&history(&[55, 45, 5]), 45), "two series side by side");
        assert!(!newer(&history(&[65, 0]), 65), "only just issued");
        let mut other = history(&[65]);
        other
            .issuances
            .insert(0, issued(&["example.com", "www.example.com"], "C=US, O=Google Trust Services, CN=WE1", 5, 90));
        assert!(!newer(&other, 65), "another authority's, as content networks keep");
        let mut other = history(&[65]);
        other.issuances.insert(0, issued(&["example.com"], LE, 5, 90));
        assert!(!newer(&other, 65), "other names");
        let mut gone = history(&[65, 5]);
        gone.issuances[0].revoked = true;
        assert!(!newer(&gone, 65));
    }

    #[test]
    fn regular_renewals_are_recognised() {
        let cadence = |days: &[i64]| history(days).cadence(&names(), LE);
        assert_eq!(cadence(&[130, 70, 10]).map(|it| (it.count, it.left)), Some((2, 30 * DAY)));
        assert_eq!(cadence(&[70, 10]).map(|it| it.count), Some(1), "once, when certbot does it");
        assert!(cadence(&[95, 10]).is_none(), "once, at another time, is no habit");
        assert!(cadence(&[180, 95, 10]).is_some(), "late but always the same");
        assert!(cadence(&[130, 92, 10]).is_none(), "irregular");
        assert!(cadence(&[210, 110, 10]).is_none(), "after the end each time");
        assert!(cadence(&[10]).is_none());
        assert!(cadence(&[]).is_none());
        assert_eq!(cadence(&[130, 130, 70, 70, 10, 10]).map(|it| it.count), Some(2), "two key types are one event");
    }

    #[test]
    fn short_lives_have_their_own_point() {
        let mut short = History::default();
        let issuances = [6, 3].map(|days| issued(&["example.com"], LE, days, 6)).to_vec();
        short.merge(History { sources: Vec::new(), issuances, cut: false });
        assert!(short.cadence(&["example.com".into()], LE).is_some());
        assert!(short.cadence_of(&"example.com".parse().unwrap()).is_some());
        assert!(short.cadence_of(&"www.example.com".parse().unwrap()).is_none());
    }

    #[test]
    fn sources_are_merged_without_doubles_and_bounded() {
        let mut history = history(&[65, 5]);
        let again = vec![
            issued(&["example.com", "www.example.com"], "CN=R12,O=Let's Encrypt,C=US", 5, 90),
            issued(&["example.com", "www.example.com"], LE, 125, 90),
        ];
        history.merge(History { sources: vec!["Cert Spotter".into()], issuances: again, cut: false });
        assert_eq!((history.issuances.len(), history.told_by().as_str()), (3, "crt.sh and Cert Spotter"));
        assert!(history.issuances.windows(2).all(|pair| pair[0].not_before >= pair[1].not_before));
        let many = (0..300).map(|day| issued(&["example.com"], LE, day, 90)).collect();
        history.merge(History { sources: Vec::new(), issuances: many, cut: false });
        assert!(history.issuances.len() == 200 && history.cut);
    }
}
