//! Certificates as the page draws them: who shows which, link by link, and how much of its life is left.

use std::net::IpAddr;

use domain::{DomainName, Time};
use findings::State;
use lockstep::Report;
use tls::{Chain, Path};

use crate::words::{count, list};

/// One distinct chain, with the names and addresses that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `A`, `B`, …: how the corner picture calls it.
    pub letter: char,
    /// The names the certificate is for: `example.com, www.example.com and 3 more`.
    pub names: String,
    /// Host and address of each endpoint that shows it.
    pub shown_by: Vec<(DomainName, IpAddr)>,
    /// The links, the server's own first.
    pub links: Vec<Link>,
    /// What the chain ends in.
    pub anchor: Anchor,
    /// The life of the server's own certificate.
    pub life: Option<Life>,
}

/// One certificate of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The common name, or the first name it is for.
    pub name: String,
    /// Who issued it.
    pub issued_by: String,
    /// `RSA 2048` or `ECDSA P-256`.
    pub key: String,
    /// The start of its SHA-256 fingerprint.
    pub fingerprint: String,
    /// Its last day.
    pub until: String,
    /// Whether it has expired or is not yet valid.
    pub outdated: bool,
}

/// What a chain ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anchor {
    /// A root that browsers trust.
    Trusted,
    /// The intermediate of this name is not sent.
    Missing(String),
    /// Nothing that browsers know.
    Untrusted,
    /// The certificate cannot be read.
    Unreadable,
    /// We cannot check a signature on the way, though browsers may.
    Unverified,
}

/// The life of a certificate on a bar of 1,000 parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// The first day.
    pub issued: Time,
    /// When a healthy client renews it.
    pub due: Time,
    /// The last day.
    pub expires: Time,
    /// When it was looked at.
    pub today: Time,
    /// Where renewal falls due, in parts of 1,000.
    pub due_at: u16,
    /// Where today is, in parts of 1,000; 0 before the first day, 1,000 after the last.
    pub today_at: u16,
    /// Passed before renewal falls due, warning after, failed outside its validity.
    pub state: State,
    /// `58 days left; renewal falls due in 28 days`.
    pub sentence: String,
}

impl Shown {
    /// Whether this host shows it at this address.
    pub fn is_shown_by(&self, host: &DomainName, address: IpAddr) -> bool {
        self.shown_by.iter().any(|(h, a)| h == host && *a == address)
    }
}

/// The distinct chains of a report that at least one endpoint shows, lettered in the order in which they were met.
pub fn certificates(report: &Report) -> Vec<Shown> {
    let seen = &report.observed.tls;
    let mut shown = Vec::new();
    let mut letters = 'A'..='Z';
    for (index, chain) in seen.chains.iter().enumerate() {
        let shown_by: Vec<(DomainName, IpAddr)> = seen
            .endpoints
            .iter()
            .filter(|endpoint| {
                endpoint.shaken().map(|shaken| shaken.chain).or(endpoint.clear_text_chain) == Some(index)
            })
            .map(|endpoint| (endpoint.host.clone(), endpoint.address))
            .collect();
        if shown_by.is_empty() {
            continue;
        }
        let Some(letter) = letters.next() else { break };
        shown.push(describe(letter, chain, shown_by, seen.seen_at));
    }
    shown
}

fn describe(letter: char, chain: &Chain, shown_by: Vec<(DomainName, IpAddr)>, today: Time) -> Shown {
    let links = chain
        .certificates
        .iter()
        .map(|certificate| Link {
            name: common_name(&certificate.subject)
                .or_else(|| certificate.names.first().cloned())
                .unwrap_or_else(|| certificate.subject.clone()),
            issued_by: certificate.issued_by.clone(),
            key: key(&certificate.key),
            fingerprint: certificate.sha256.chars().take(16).collect(),
            until: certificate.not_after.long_date(),
            outdated: today > certificate.not_after || today < certificate.not_before,
        })
        .collect();
    Shown {
        letter,
        names: chain.leaf().map(names).unwrap_or_default(),
        shown_by,
        links,
        anchor: match &chain.path {
            Path::Trusted => Anchor::Trusted,
            Path::Incomplete { missing, .. } => {
                Anchor::Missing(common_name(missing).unwrap_or_else(|| missing.clone()))
            }
            Path::Untrusted { .. } => Anchor::Untrusted,
            Path::Unreadable { .. } => Anchor::Unreadable,
            Path::Unverified { .. } => Anchor::Unverified,
        },
        life: chain.leaf().map(|leaf| life(leaf.not_before, leaf.renewal_due(), leaf.not_after, today)),
    }
}

fn names(certificate: &tls::Certificate) -> String {
    match certificate.names.as_slice() {
        [] => "no name".into(),
        few if few.len() <= 3 => list(few),
        many => {
            let first: Vec<&str> = many.iter().take(2).map(String::as_str).collect();
            format!("{} and {}", first.join(", "), count(many.len() - 2, "more name", "more names"))
        }
    }
}

fn key(key: &tls::Key) -> String {
    if key.bits > 0 && key.algorithm == "RSA" { format!("RSA {}", key.bits) } else { key.algorithm.clone() }
}

/// The `CN` of an RFC 4514 name.
fn common_name(subject: &str) -> Option<String> {
    subject
        .split(',')
        .find_map(|part| part.trim().strip_prefix("CN="))
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
}

/// Puts the four dates of a certificate on a bar.
pub fn life(issued: Time, due: Time, expires: Time, today: Time) -> Life {
    let whole = expires.since(issued).max(1);
    let part = |moment: Time| {
        u16::try_from(moment.since(issued).clamp(0, whole).saturating_mul(1000) / whole).unwrap_or_default()
    };
    let days = |n: i64| count(usize::try_from(n.max(0)).unwrap_or_default(), "day", "days");
    let left = days(expires.days_since(today));
    let (state, sentence) = if today < issued {
        (State::Failed, format!("Not valid before {}.", issued.long_date()))
    } else if today > expires {
        (State::Failed, format!("Expired {} ago, on {}.", days(today.days_since(expires)), expires.long_date()))
    } else if today > due {
        (State::Warning, format!("{left} left. Renewal has been due for {}.", days(today.days_since(due))))
    } else {
        (State::Passed, format!("{left} left. Renewal falls due in {}.", days(due.days_since(today))))
    };
    Life { issued, due, expires, today, due_at: part(due), today_at: part(today), state, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(n: i64) -> Time {
        Time::from_unix(1_795_000_000).plus(n * 86_400)
    }

    #[test]
    fn a_life_is_cut_in_a_thousand_parts() {
        let it = life(day(0), day(60), day(90), day(30));
        assert_eq!((it.due_at, it.today_at, it.state), (666, 333, State::Passed));
        assert_eq!(it.sentence, "60 days left. Renewal falls due in 30 days.");
        let it = life(day(0), day(60), day(90), day(75));
        assert_eq!((it.today_at, it.state), (833, State::Warning));
        assert_eq!(it.sentence, "15 days left. Renewal has been due for 15 days.");
        let it = life(day(0), day(60), day(90), day(100));
        assert_eq!((it.today_at, it.state), (1000, State::Failed));
        let it = life(day(0), day(60), day(90), day(-1));
        assert_eq!((it.today_at, it.state), (0, State::Failed));
    }

    #[test]
    fn a_life_of_no_length_divides_by_nothing() {
        assert_eq!(life(day(0), day(0), day(0), day(0)).due_at, 0);
    }

    #[test]
    fn common_names_are_read_from_names() {
        assert_eq!(common_name("CN=R11,O=Let's Encrypt,C=US").as_deref(), Some("R11"));
        assert_eq!(common_name("O=Example, CN=a.example"), Some("a.example".into()));
        assert_eq!(common_name("O=Example"), None);
    }
}
