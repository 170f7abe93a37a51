//! What is looked at, and in which order.
//!
//! Order lives in arguments: nothing can be asked of an address before DNS gave it, no trail be followed before its
//! first response. Independent looks run side by side in the session's five slots, the headline's first.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::IpAddr,
};

use domain::{DomainName, Scheme, Target};
use findings::{Finding, judge};
use futures_util::future::{join, join3, join_all};
use network::{Network, Saw, Session, Unseen};
use web::{Corner, Trail};

use crate::{Event, Observations, Plan, Progress, Report, Row, Timing, catalogue, checks, report::report};

/// Runs one check: looks, judges each subject as soon as everything it reads is complete, and tells. What was told
/// is never retracted; the last event is the report, which is also returned.
pub async fn check<N: Network>(target: Target, session: &Session<N>, tell: &dyn Fn(Event)) -> Report {
    let teller = Teller::new(session, tell);
    tell(Event::Plan(plan(&target, session)));
    teller.plan_more(dns::questions(&target, session));
    let dns = dns::probe(&target, session, &|step| teller.step(step)).await;
    teller.findings(judge(dns::checks::ALL, &dns));

    let client = tls::Client::new(session.settings(), session.started());
    let entrances: Vec<(DomainName, IpAddr)> = dns.entrances().map(|(host, address)| (host.clone(), address)).collect();
    teller.plan_more(looks(&entrances));
    let (endpoints, corners) = first_responses(&client, session, &entrances, &teller).await;
    let renewed_by_challenge = endpoints.iter().any(|endpoint| is_renewed_by_challenge(&client, endpoint));
    let extras = async {
        let tls = tls::extras(&client, session, endpoints, &|step| teller.step(step)).await;
        teller.findings(judge(tls::checks::ALL, &tls));
        tls
    };
    let rest = async {
        let web = trails(&client, session, corners, &dns, &teller).await;
        teller.findings(judge(web::checks::ALL, &web));
        web
    };
    // Whoever renews in another way is not asked what only this way needs.
    let challenges = async {
        if !renewed_by_challenge {
            return Vec::new();
        }
        teller.plan_more(u32::try_from(entrances.len()).unwrap_or_default());
        renewal::challenges(&client, session, &entrances, &|step| teller.step(step)).await
    };
    let (tls, web, challenges) = join3(extras, rest, challenges).await;

    let renewal = renewal::Observation { challenges };
    teller.findings(judge(renewal::checks::ALL, &renewal));
    let observed = Observations { seen_at: session.started(), target, dns, tls, web, renewal };
    teller.findings(judge(checks::ALL, &observed));
    teller.finish();
    let timing = Timing {
        total_millis: session.elapsed(),
        first_finding_millis: teller.first_finding.get().unwrap_or_default(),
        connections: session.connections(),
        queries: session.queries(),
    };
    let report = report(observed, timing);
    tell(Event::Report(Box::new(report.clone())));
    report
}

fn plan<N: Network>(target: &Target, session: &Session<N>) -> Plan {
    Plan {
        target: target.clone(),
        resolvers: session.settings().resolvers.iter().map(|resolver| resolver.name.clone()).collect(),
        rows: catalogue()
            .iter()
            .map(|about| Row { id: about.id.into(), section: about.section, title: about.healthy.into() })
            .collect(),
    }
}

/// How many looks follow DNS, for progress: two first responses an entrance, one look at HTTP/2, two old versions an
/// address, one without a host name, and a trail and a deep link for each way in.
fn looks(entrances: &[(DomainName, IpAddr)]) -> u32 {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut addresses: Vec<IpAddr> = entrances.iter().map(|(_, address)| *address).collect();
    addresses.sort();
    addresses.dedup();
    if entrances.is_empty() { 0 } else { count(entrances.len()) * 3 + count(addresses.len()) * 2 + 5 }
}

/// Whether this endpoint's certificate is from an authority that is mostly asked by ACME over HTTP.
fn is_renewed_by_challenge(client: &tls::Client, endpoint: &tls::Endpoint) -> bool {
    let issuer = client.issuer(endpoint);
    issuer.and_then(|issuer| dns::authorities::of_issuer(&issuer)).is_some_and(|authority| authority.acme)
}

/// The first response of every corner, over https and http. The connection that shows the certificate carries the
/// https request.
async fn first_responses<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    entrances: &[(DomainName, IpAddr)],
    teller: &Teller<'_, N>,
) -> (Vec<tls::Endpoint>, Vec<Corner>) {
    let by_fetch = FetchOnce::default();
    let https = join_all(entrances.iter().map(|(host, address)| {
        let by_fetch = &by_fetch;
        async move {
            let (endpoint, tunnel) = tls::visit(client, session, host, *address).await;
            let corner = if endpoint.port.unseen() == Some(&Unseen::PlatformCannot) {
                by_fetch.corner(session, Scheme::Https, host, *address).await
            } else {
                web::first_https(session, &endpoint, tunnel).await
            };
            teller.step(&corner.subject());
            (endpoint, corner)
        }
    }));
    let http = join_all(entrances.iter().map(|(host, address)| {
        let by_fetch = &by_fetch;
        async move {
            let corner = web::first_http(session, host, *address).await;
            let corner = if corner.port.unseen() == Some(&Unseen::PlatformCannot) {
                by_fetch.corner(session, Scheme::Http, host, *address).await
            } else {
                corner
            };
            teller.step(&corner.subject());
            corner
        }
    }));
    let (https, http) = join(https, http).await;
    let (endpoints, mut corners): (Vec<_>, Vec<_>) = https.into_iter().unzip();
    corners.extend(http);
    (endpoints, corners)
}

/// Fetch chooses the address itself, so one exchange per scheme and host speaks for all its fetch-only addresses.
#[derive(Default)]
struct FetchOnce {
    asked: RefCell<HashMap<(Scheme, DomainName), Corner>>,
}

impl FetchOnce {
    async fn corner<N: Network>(
        &self,
        session: &Session<N>,
        scheme: Scheme,
        host: &DomainName,
        address: IpAddr,
    ) -> Corner {
        let key = (scheme, host.clone());
        let known = self.asked.borrow().get(&key).cloned();
        match known {
            Some(corner) => Corner { address, ..corner },
            None => {
                let corner = web::via_fetch(session, scheme, host, address).await;
                self.asked.borrow_mut().insert(key, corner.clone());
                corner
            }
        }
    }
}

/// Follows one trail per distinct first response, and one deep link per host.
async fn trails<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    mut corners: Vec<Corner>,
    dns: &dns::Observation,
    teller: &Teller<'_, N>,
) -> web::Observation {
    let known: Vec<(DomainName, Vec<IpAddr>)> =
        dns.names.iter().map(|name| (name.name.clone(), name.visit.clone())).collect();
    let mut starts: Vec<Corner> = Vec::new();
    for corner in &mut corners {
        let Saw::Seen(_) = &corner.first else { continue };
        let index = starts.iter().position(|start| same_answer(start, corner)).unwrap_or(starts.len());
        if index == starts.len() {
            starts.push(corner.clone());
        }
        corner.trail = Some(index);
    }
    let followed = join_all(starts.iter().map(|corner| {
        let known = &known;
        async move {
            let trail: Trail = web::follow(client, session, corner, known).await;
            teller.step(trail.from.as_str());
            trail
        }
    }));
    let deep = join_all(deep_starts(&corners).into_iter().map(|(host, address)| async move {
        let deep = web::deep(session, &host, address).await;
        teller.step(deep.url.as_str());
        deep
    }));
    let (trails, deep) = join(followed, deep).await;
    let mut seen = web::Observation { seen_at: session.started(), corners, trails, deep, pages: Vec::new() };
    seen.pages = web::pages(client, session, &seen, &known, &|step| teller.step(step)).await;
    seen
}

/// Whether two corners gave the same first response as far as where it leads: then one trail speaks for both.
fn same_answer(one: &Corner, other: &Corner) -> bool {
    let key = |corner: &Corner| {
        let first = corner.first.seen()?;
        Some((first.status, first.location.clone(), first.title.clone(), first.server.clone()))
    };
    (one.scheme, &one.host, one.via) == (other.scheme, &other.host, other.via) && key(one) == key(other)
}

/// For each host, the first address that redirected over plain HTTP by our own socket.
fn deep_starts(corners: &[Corner]) -> Vec<(DomainName, IpAddr)> {
    let mut starts: Vec<(DomainName, IpAddr)> = Vec::new();
    for corner in corners {
        let redirects = corner.first.seen().is_some_and(web::Response::is_redirect);
        let ours = corner.scheme == Scheme::Http && corner.via == web::Via::Socket;
        if ours && redirects && !starts.iter().any(|(host, _)| *host == corner.host) {
            starts.push((corner.host.clone(), corner.address));
        }
    }
    starts
}

/// Counts steps and passes on what is known.
struct Teller<'t, N> {
    session: &'t Session<N>,
    tell: &'t dyn Fn(Event),
    done: Cell<u32>,
    total: Cell<u32>,
    first_finding: Cell<Option<u64>>,
}

impl<'t, N: Network> Teller<'t, N> {
    fn new(session: &'t Session<N>, tell: &'t dyn Fn(Event)) -> Teller<'t, N> {
        Teller { session, tell, done: Cell::new(0), total: Cell::new(1), first_finding: Cell::new(None) }
    }

    fn plan_more(&self, looks: u32) {
        self.total.set(self.total.get().saturating_add(looks));
    }

    /// A look was taken. The last place of the bar is kept for the report.
    fn step(&self, step: &str) {
        self.done.set(self.done.get().saturating_add(1).min(self.total.get().saturating_sub(1)));
        (self.tell)(Event::Progress(Progress {
            done: self.done.get(),
            total: self.total.get(),
            step: step.to_owned(),
        }));
    }

    fn findings(&self, findings: Vec<Finding>) {
        if !findings.is_empty() && self.first_finding.get().is_none() {
            self.first_finding.set(Some(self.session.elapsed()));
        }
        for finding in findings {
            (self.tell)(Event::Finding(Box::new(finding)));
        }
    }

    fn finish(&self) {
        let total = self.total.get();
        (self.tell)(Event::Progress(Progress { done: total, total, step: "done".into() }));
    }
}
