//! What is looked at, and in which order.
//!
//! Order lives in arguments: nothing can be asked of an address before DNS gave it, no trail be followed before its
//! first response. Independent looks run side by side in the session's five slots, the headline's first.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::IpAddr,
    pin::pin,
    time::Duration,
};

use domain::{DomainName, Scheme, Target};
use findings::{Finding, judge};
use futures_util::future::{Either, join, join_all, join3, select};
use network::{Network, Saw, Session, Unseen};
use web::{Corner, Trail};

use crate::{
    Event, Exposed, Observations, Plan, Progress, Report, Row, Timing, Wanted, catalogue, checks, preload,
    report::report, sweep,
};

/// How long the public logs are waited for when everything else is told.
const PATIENCE: Duration = Duration::from_secs(6);

/// Runs one check: looks, judges each subject as soon as everything it reads is complete, and tells. What was told
/// is never retracted; the last event is the report, which is also returned.
pub async fn check<N: Network>(target: Target, session: &Session<N>, tell: &dyn Fn(Event)) -> Report {
    let teller = Teller::new(session, tell);
    tell(Event::Plan(plan(&target, session)));
    let client = tls::Client::new(session.settings(), session.started());
    // Asked beside everything else and waited for by nothing: what it finds is told last.
    let (told, listed) = (renewal::Told::default(), preload::Told::default());
    let mut asking = pin!(join(renewal::history(session, &target, &told), preload::ask(session, &target, &listed)));
    let looking = pin!(look(&target, session, &client, &teller));
    let (observed, asked) = match select(looking, asking.as_mut()).await {
        Either::Left((observed, _)) => (observed, false),
        Either::Right((_, looking)) => (looking.await, true),
    };
    teller.findings(judge(checks::ALL, &observed));
    let subdomains = match session.settings().subdomains {
        true => Some(sweep::look(session, &target, &|more| teller.plan_more(more), &|step| teller.step(step)).await),
        false => None,
    };
    // Without a certificate there is nothing to hold the logs against, and nobody else to ask.
    let late = Late::default();
    if observed.tls.leaves().next().is_some() {
        let asking = async {
            if !asked {
                asking.await;
            }
        };
        let _ = session.within(PATIENCE, join(asking, late.ask(&client, session, &observed.tls))).await;
    }
    let asked_anybody = session.settings().certspotter.is_some() || session.settings().crtsh.is_some();
    let unwaited = || Unseen::Failed("it was not waited for any longer".into());
    let history = told.take().or_else(|| asked_anybody.then(|| Saw::Unseen(unwaited())));
    let preload = listed.take();
    let preload = preload.or_else(|| session.settings().hsts_preload.as_ref().map(|_| Saw::Unseen(unwaited())));
    let tls = tls::Observation { revocations: late.revocations.take(), closer: late.closer.take(), ..observed.tls };
    let renewal = renewal::Observation { history, suggestion: late.suggestion.take(), ..observed.renewal };
    let observed = Observations { tls, renewal, preload, subdomains, ..observed };
    teller.findings(judge(tls::checks::CLOSER, &observed.tls));
    teller.findings(judge(renewal::checks::ALL, &observed.renewal));
    teller.findings(judge(checks::WITH_LOGS, &observed));
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

/// What is asked when everything else is told. Each answer is kept as it comes, so that none is lost when the asking is
/// cut off.
#[derive(Default)]
struct Late {
    closer: RefCell<Option<tls::Closer>>,
    revocations: RefCell<Vec<tls::Revocation>>,
    suggestion: RefCell<Option<Saw<renewal::Suggestion>>>,
}

impl Late {
    async fn ask<N: Network>(&self, client: &tls::Client, session: &Session<N>, seen: &tls::Observation) {
        let closer = async { self.closer.replace(tls::closer(client, session, seen).await) };
        let revocations = async { self.revocations.replace(tls::revocations(client, session, seen).await) };
        let suggestion = async {
            let trusted =
                |endpoint: &tls::Endpoint| endpoint.chain(seen).is_some_and(|it| it.path == tls::Path::Trusted);
            let ours = seen.leaves().find(|(endpoint, leaf)| trusted(endpoint) && leaf.covers(&endpoint.host));
            if let Some((_, leaf)) = ours {
                self.suggestion.replace(renewal::suggestion(session, leaf).await);
            }
        };
        join3(closer, revocations, suggestion).await;
    }
}

/// Everything that is looked at, in its order; what comes last and the public logs apart.
async fn look<N: Network>(
    target: &Target,
    session: &Session<N>,
    client: &tls::Client,
    teller: &Teller<'_, N>,
) -> Observations {
    teller.plan_more(dns::questions(target, session));
    let dns = dns::probe(target, session, &|step| teller.step(step)).await;
    teller.findings(judge(dns::checks::ALL, &dns));

    let entrances: Vec<(DomainName, IpAddr)> = dns.entrances().map(|(host, address)| (host.clone(), address)).collect();
    teller.plan_more(looks(&entrances));
    let (endpoints, corners) = first_responses(client, session, &entrances, teller).await;
    let renewed_by_challenge = endpoints.iter().any(|endpoint| is_renewed_by_challenge(client, endpoint));
    let extras = async {
        let tls = tls::extras(client, session, endpoints, &|step| teller.step(step)).await;
        teller.findings(judge(tls::checks::ALL, &tls));
        let companions = if renewed_by_challenge { companions(session, &dns, &tls).await } else { None };
        (tls, companions)
    };
    let rest = async {
        let web = trails(client, session, corners, &dns, teller).await;
        teller.findings(judge(web::checks::ALL, &web));
        web
    };
    // Whoever renews in another way is not asked what only this way needs.
    let challenges = async {
        if !renewed_by_challenge {
            return Vec::new();
        }
        teller.plan_more(u32::try_from(entrances.len()).unwrap_or_default());
        renewal::challenges(client, session, &entrances, &|step| teller.step(step)).await
    };
    let direct = async {
        teller.plan_more(dns::DIRECT_LOOKS);
        dns::direct(session, target, &dns, &|step| teller.step(step)).await
    };
    let further = async {
        teller.plan_more(dns::FURTHER_LOOKS);
        dns::further(session, target, &dns, &|step| teller.step(step)).await
    };
    let beside = join3(challenges, direct, further);
    let ((tls, companions), web, (mut challenges, direct, (further, registry))) = join3(extras, rest, beside).await;
    let dns = dns::Observation { direct, further, registry, ..dns };
    teller.findings(judge(dns::checks::DIRECT, &dns));
    for challenge in &mut challenges {
        challenge.like_front = is_like_front(challenge, &web);
    }
    let renewal = renewal::Observation { challenges, companions, ..renewal::Observation::default() };
    let exposed = exposed(client, session, target, &dns, &tls).await;
    Observations {
        seen_at: session.started(),
        target: target.clone(),
        dns,
        tls,
        web,
        renewal,
        exposed,
        preload: None,
        subdomains: None,
    }
}

/// What the visitor asked for besides: paths of the site; where the feature is there, ports and files that nobody should
/// reach.
async fn exposed<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    target: &Target,
    dns: &dns::Observation,
    tls: &tls::Observation,
) -> Option<Exposed> {
    let paths = wanted(client, session, dns).await;
    let settings = session.settings();
    if (settings.mine || settings.proof.is_some())
        && let Some(exposed) = mine(client, session, target, dns, tls).await
    {
        return Some(Exposed { paths, ..exposed });
    }
    (!paths.is_empty()).then(|| Exposed { paths, ..Exposed::default() })
}

/// The paths of which the visitor says what they should answer, at the first address of the first name that has one.
async fn wanted<N: Network>(client: &tls::Client, session: &Session<N>, dns: &dns::Observation) -> Vec<Wanted> {
    let paths = &session.settings().paths;
    let host = dns.names.iter().find_map(|name| Some((&name.name, *name.visit.first()?)));
    let Some((host, near)) = host.filter(|_| !paths.is_empty()) else { return Vec::new() };
    let answers = web::wanted_paths(client, session, host, near, paths).await;
    let wanted = answers.into_iter().zip(paths).map(|((url, answer), it)| Wanted {
        url,
        status: it.status,
        text: it.text.clone(),
        answer,
    });
    wanted.collect()
}

#[cfg(feature = "mine")]
async fn mine<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    target: &Target,
    dns: &dns::Observation,
    tls: &tls::Observation,
) -> Option<Exposed> {
    Some(crate::mine::look(client, session, target, dns, tls).await)
}

/// Where the feature is missing, nobody's ports and files are looked at.
#[cfg(not(feature = "mine"))]
#[allow(clippy::unused_async, reason = "the same shape as with the feature")]
async fn mine<N: Network>(
    _: &tls::Client,
    _: &Session<N>,
    _: &Target,
    _: &dns::Observation,
    _: &tls::Observation,
) -> Option<Exposed> {
    None
}

/// At most this many further names of a certificate are asked for.
const COMPANIONS: usize = 8;

/// The names that will be renewed together with those looked at, and whether they still lead anywhere: of the first
/// certificate by an authority that asks over HTTP. One with a wildcard is renewed through DNS.
async fn companions<N: Network>(
    session: &Session<N>,
    dns: &dns::Observation,
    tls: &tls::Observation,
) -> Option<renewal::Companions> {
    let (endpoint, leaf) = tls.leaves().find(|(endpoint, leaf)| {
        let trusted = endpoint.chain(tls).is_some_and(|chain| chain.path == tls::Path::Trusted);
        let by_http = dns::authorities::of_issuer(&leaf.issuer).is_some_and(|authority| authority.acme);
        trusted && by_http && leaf.covers(&endpoint.host) && !leaf.names.iter().any(|name| name.starts_with('*'))
    })?;
    let resolves = |name: &DomainName| dns.name(name).is_some_and(dns::NameSeen::resolves);
    let others = leaf.names.iter().filter_map(|name| name.parse::<DomainName>().ok());
    let others: Vec<DomainName> =
        others.filter(|name| !resolves(name) && name.as_str().parse::<IpAddr>().is_err()).take(COMPANIONS).collect();
    let leads = join_all(others.into_iter().map(|name| async move {
        let leads = dns::leads(session, &name).await;
        (name, leads)
    }));
    Some(renewal::Companions { host: endpoint.host.clone(), names: leaf.names.clone(), leads: leads.await })
}

/// Whether the front page of the same host and address is in the same trouble as the challenge path.
fn is_like_front(challenge: &renewal::Challenge, web: &web::Observation) -> bool {
    let corner = web.of(Scheme::Http, &challenge.host).find(|corner| corner.address == challenge.address);
    let Some(corner) = corner else { return false };
    match (&challenge.end, web.trail(corner).map(|trail| &trail.end)) {
        (renewal::End::Answer(answer), Some(web::End::Answer(front))) => {
            answer.status >= 500 && front.status == answer.status
        }
        (renewal::End::Answer(_), _) | (_, Some(web::End::Answer(_))) => false,
        // Circles, ways that lead nowhere and doors that do not open.
        (_, Some(_)) => true,
        (_, None) => corner.first.unseen().is_some(),
    }
}

fn plan<N: Network>(target: &Target, session: &Session<N>) -> Plan {
    let settings = session.settings();
    let logs = [
        ("Cert Spotter", &settings.certspotter),
        ("crt.sh", &settings.crtsh),
        ("hstspreload.org", &settings.hsts_preload),
    ];
    let logs = logs.into_iter().filter(|(_, base)| base.is_some()).map(|(name, _)| name.to_owned());
    Plan {
        target: target.clone(),
        resolvers: settings.resolvers.iter().map(|resolver| resolver.name.clone()).chain(logs).collect(),
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
    if entrances.is_empty() { 0 } else { count(entrances.len()) * 3 + count(addresses.len()) * 2 + 6 }
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
    let open = corners.iter().find(|corner| corner.scheme == Scheme::Http && corner.first.seen().is_some());
    let open = open.filter(|corner| corner.via == web::Via::Socket).map(|corner| corner.address);
    let stranger = async {
        let asked = web::stranger(session, open?).await?;
        teller.step(asked.url.as_str());
        Some(Box::new(asked))
    };
    let (trails, deep, stranger) = join3(followed, deep, stranger).await;
    let mut seen = web::Observation {
        seen_at: session.started(),
        corners,
        trails,
        deep,
        pages: Vec::new(),
        plain: None,
        stranger,
    };
    seen.pages = web::pages(client, session, &seen, &known, &|step| teller.step(step)).await;
    seen.plain = web::before_https(client, session, &seen, &known).await;
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
