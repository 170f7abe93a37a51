//! Redirect trails, hop by hop, each drawn once with the entrances that take it.

use domain::Scheme;
use findings::State;
use lockstep::{Report, Situation};
use network::Saw;
use web::{End, Trail};

use crate::words::{count, millis};

/// One trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// The entrance: `http://www.example.com/`.
    pub from: String,
    /// At how many addresses, when it is more than one: `at 2 addresses`, or the one address.
    pub at: String,
    /// Every request made.
    pub hops: Vec<Hop>,
    /// What stands after the last hop, when it was not an answer.
    pub end: Option<(State, String)>,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The status code.
    pub status: u16,
    /// The URL asked for.
    pub url: String,
    /// The address asked and the time it took: `203.0.113.7, 41 ms`.
    pub how: String,
    /// What is remarkable about it, or nothing: `leaves HTTPS`.
    pub remark: Option<&'static str>,
    /// Its shape: an answer that is right, wrong, or a step on the way.
    pub state: Option<State>,
}

/// The trails that go somewhere else, plain answers left out.
pub fn trails(report: &Report) -> Vec<Drawn> {
    let seen = &report.observed.web;
    let mut order: Vec<usize> = Vec::new();
    for scheme in [Scheme::Http, Scheme::Https] {
        for at in seen.corners.iter().filter(|corner| corner.scheme == scheme).filter_map(|corner| corner.trail) {
            if !order.contains(&at) {
                order.push(at);
            }
        }
    }
    order
        .into_iter()
        .filter_map(|at| Some((at, seen.trails.get(at)?)))
        .filter(|(_, trail)| trail.hops.len() > 1 || !matches!(trail.end, End::Answer(_)))
        .map(|(at, trail)| {
            let places: Vec<String> = seen
                .corners
                .iter()
                .filter(|corner| corner.trail == Some(at))
                .map(|corner| corner.address.to_string())
                .collect();
            let places = match places.as_slice() {
                [] => String::new(),
                [only] => format!("at {only}"),
                many => format!("at {}", count(many.len(), "address", "addresses")),
            };
            draw(report.situation, trail, places)
        })
        .collect()
}

/// The status of one entrance that answered where it was asked: `https://example.com/ answers 200`.
pub fn direct_answers(report: &Report) -> Vec<(String, u16)> {
    let mut seen: Vec<(String, u16)> = Vec::new();
    for corner in &report.observed.web.corners {
        if let Saw::Seen(first) = &corner.first
            && !first.is_redirect()
        {
            let answer = (corner.url().to_string(), first.status);
            if !seen.contains(&answer) {
                seen.push(answer);
            }
        }
    }
    seen
}

fn draw(situation: Situation, trail: &Trail, at: String) -> Drawn {
    let mut hops = Vec::new();
    let mut before: Option<Scheme> = None;
    for (index, hop) in trail.hops.iter().enumerate() {
        let scheme = hop.url.scheme();
        let answered = index + 1 == trail.hops.len() && matches!(trail.end, End::Answer(_));
        let address = hop.address.map(|address| format!("{address}, ")).unwrap_or_default();
        hops.push(Hop {
            status: hop.status,
            url: hop.url.to_string(),
            how: format!("{address}{}", millis(hop.millis)),
            remark: match (before, scheme) {
                (Some(Scheme::Https), Scheme::Http) => Some("leaves HTTPS"),
                _ if hop.hsts.is_some() && scheme == Scheme::Https => Some("sends HSTS"),
                _ => None,
            },
            state: answered.then_some(match (hop.status, scheme, situation) {
                (500.., _, _) => State::Failed,
                (_, Scheme::Http, Situation::Broken | Situation::Warnings) => State::Warning,
                (_, Scheme::Http, _) => State::Note,
                (_, Scheme::Https, _) => State::Passed,
            }),
        });
        before = Some(scheme);
    }
    let end = match &trail.end {
        End::Answer(_) => None,
        End::BadLocation => Some((State::Failed, "The redirect names no usable address.".to_owned())),
        End::Loop(url) => Some((State::Failed, format!("Back at {url}: it goes in a circle."))),
        End::TooMany => Some((State::Failed, format!("Still redirecting after {} hops.", trail.hops.len()))),
        End::Unseen { url, why } => {
            let state = if why.is_about_the_site() { State::Failed } else { State::NotTested };
            Some((state, format!("{url}: {}.", why.clause())))
        }
    };
    Drawn { from: trail.from.to_string(), at, hops, end }
}
