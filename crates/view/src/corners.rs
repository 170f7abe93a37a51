//! The corner picture: http and https of every name at every address, where each ends, and with which certificate.

use std::net::IpAddr;

use domain::{DomainName, Scheme};
use findings::{Finding, Section, State};
use lockstep::{Report, Situation};
use network::{Saw, Unseen};
use web::{Corner, End, Trail};

use crate::certificate::{Shown as Certificate, certificates};

/// The picture: one row per scheme and name, one column per address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The addresses, in the order in which they were visited.
    pub columns: Vec<IpAddr>,
    /// http and https of each name.
    pub rows: Vec<Row>,
}

/// One entrance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// `http` or `https`.
    pub scheme: Scheme,
    /// The name.
    pub host: DomainName,
    /// One per column; `None` where the name does not lead to that address.
    pub cells: Vec<Option<Cell>>,
}

/// What one entrance does at one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Shape and colour, never more urgent than the report as a whole.
    pub state: State,
    /// The status codes along the way: `301 200`.
    pub statuses: Vec<u16>,
    /// Where it ends: `ends at https://example.com/`, `answers here`, or why there was no answer.
    pub end: String,
    /// The final URL, when the entrance leads somewhere else.
    pub url: Option<String>,
    /// The letter of the certificate shown, on https.
    pub certificate: Option<char>,
    /// The title of the worst finding about a certificate on the way: it stops visitors before any redirect does.
    pub fault: Option<String>,
}

/// The picture of a report, or nothing when no name leads anywhere.
pub fn picture(report: &Report) -> Option<Picture> {
    let seen = &report.observed;
    let mut columns: Vec<IpAddr> = Vec::new();
    for (_, address) in seen.dns.entrances() {
        if !columns.contains(&address) {
            columns.push(address);
        }
    }
    if columns.is_empty() || seen.web.corners.is_empty() {
        return None;
    }
    let certificates = certificates(report);
    let mut rows = Vec::new();
    for host in seen.target.names() {
        for scheme in [Scheme::Http, Scheme::Https] {
            let at = |address: &IpAddr| seen.web.of(scheme, host).find(|corner| corner.address == *address);
            let cells: Vec<Option<Cell>> =
                columns.iter().map(|address| at(address).map(|corner| cell(report, corner, &certificates))).collect();
            if cells.iter().any(Option::is_some) {
                rows.push(Row { scheme, host: host.clone(), cells });
            }
        }
    }
    Some(Picture { columns, rows })
}

fn cell(report: &Report, corner: &Corner, certificates: &[Certificate]) -> Cell {
    let trail = report.observed.web.trail(corner);
    let (state, statuses, end, url) = match (&corner.first, trail) {
        (Saw::Unseen(why), _) => (of_unseen(why), Vec::new(), capital(&why.clause()), None),
        (Saw::Seen(_), Some(trail)) => of_trail(trail),
        (Saw::Seen(first), None) if first.is_redirect() => {
            (State::Note, vec![first.status], "redirects".to_owned(), first.location.clone())
        }
        (Saw::Seen(first), None) => {
            (of_answer(corner.scheme, first.status), vec![first.status], "answers here".into(), None)
        }
    };
    let fault = fault(report, corner, trail);
    let state = fault.map_or(state, |fault| state.max(fault.state));
    let certificate = (corner.scheme == Scheme::Https)
        .then(|| certificates.iter().find(|it| it.is_shown_by(&corner.host, corner.address)))
        .flatten()
        .map(|it| it.letter);
    let fault = fault.map(|fault| fault.title.clone());
    Cell { state: bounded(report.situation, state), statuses, end, url, certificate, fault }
}

/// The worst that was found about a certificate that this entrance shows, or that its redirects meet.
fn fault<'r>(report: &'r Report, corner: &Corner, trail: Option<&Trail>) -> Option<&'r Finding> {
    let mut met: Vec<(String, Option<IpAddr>)> = Vec::new();
    if corner.scheme == Scheme::Https {
        met.push((corner.host.to_string(), Some(corner.address)));
    }
    for hop in trail.iter().flat_map(|trail| &trail.hops).filter(|hop| hop.url.scheme() == Scheme::Https) {
        met.push((hop.url.host().to_owned(), hop.address));
    }
    // Subjects read `a and b`, or `a and b at x and y` when only some addresses are meant.
    let is_met = |subject: &str| {
        let (hosts, places) =
            subject.split_once(" at ").map_or((subject, None), |(hosts, places)| (hosts, Some(places)));
        let among = |list: &str, item: &str| list.split([',', ' ']).any(|word| word == item);
        met.iter().any(|(host, address)| {
            among(hosts, host)
                && places.is_none_or(|places| address.is_some_and(|address| among(places, &address.to_string())))
        })
    };
    report
        .findings
        .iter()
        .filter(|it| it.section == Section::Certificate && it.state >= State::Warning && is_met(&it.subject))
        .max_by_key(|it| it.state)
}

fn of_trail(trail: &Trail) -> (State, Vec<u16>, String, Option<String>) {
    let statuses: Vec<u16> = trail.hops.iter().map(|hop| hop.status).collect();
    let last = trail.hops.last().map_or(&trail.from, |hop| &hop.url);
    let away = |text: &str, url: &domain::HttpUrl| (text.to_owned(), Some(url.to_string()));
    let (state, (end, url)) = match &trail.end {
        End::Answer(response) if trail.hops.len() > 1 => {
            (of_answer(last.scheme(), response.status), away("ends at", last))
        }
        End::Answer(response) => (of_answer(last.scheme(), response.status), ("answers here".into(), None)),
        End::BadLocation => (State::Failed, ("redirects without a usable address".into(), None)),
        End::Loop(url) => (State::Failed, away("goes in a circle at", url)),
        End::TooMany => (State::Failed, away("too many redirects, the last to", last)),
        End::Unseen { url, why } => (of_unseen(why), away(&format!("{}:", capital(&why.clause())), url)),
    };
    (state, statuses, end, url)
}

/// 401, 403 and 404 are answers; staying on plain http is worth a look; 5xx is not an answer.
fn of_answer(scheme: Scheme, status: u16) -> State {
    match (scheme, status) {
        (_, 500..) => State::Failed,
        (Scheme::Http, _) => State::Warning,
        (Scheme::Https, _) => State::Passed,
    }
}

fn of_unseen(why: &Unseen) -> State {
    if why.is_about_the_site() { State::Failed } else { State::NotTested }
}

/// The picture is drawn from what was seen, the verdict from what was judged: a cell is never redder than the verdict.
fn bounded(situation: Situation, state: State) -> State {
    match (situation, state) {
        (Situation::NotConnected, State::Failed | State::Warning) => State::NotTested,
        (Situation::Fine | Situation::Unseen, State::Failed | State::Warning) => State::Note,
        (Situation::Warnings, State::Failed) => State::Warning,
        (_, state) => state,
    }
}

/// The clauses are ours and start with an ASCII letter; Unicode's tables of capitals would cost more than this page's
/// style sheet.
fn capital(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
