//! What is looked at, and in which order.
//!
//! Order lives in arguments: nothing can be asked of an address before DNS gave it, no trail be followed before its
//! first response. Independent looks run side by side in the session's five slots, the headline's first.

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    net::IpAddr,
    pin::{Pin, pin},
    time::Duration,
};

use domain::{DomainName, Scheme, Target};
use findings::{Finding, judge};
use futures_util::future::{Either, MaybeDone, join, join3, maybe_done, select};
use network::{Network, Saw, Session, Unseen, http::Plain, together};
use tokio::sync::oneshot;
use web::{Corner, Deep, Trail};

use crate::{
    Event, Exposed, Observations, Plan, Progress, Report, Row, Timing, Wanted, catalogue, checks, preload,
    report::{self, report},
    sweep,
};

/// How long the public logs are waited for when everything else is told.
const PATIENCE: Duration = Duration::from_secs(6);

/// How often a step is told of at most, in milliseconds: faster than a bar is seen to move.
const PACE: u64 = 100;

/// Runs one check: looks, judges each subject as soon as everything it reads is complete, and tells. What was told
/// is never retracted; the last event is the report, which is also returned.
pub async fn check<N: Network>(target: Target, session: &Session<N>, tell: &dyn Fn(Event)) -> Report {
    let teller = Teller::new(session, tell);
    tell(Event::Plan(plan(&target, session)));
    let client = tls::Client::new(session.settings(), session.started());
    // Asked beside everything else and waited for by nothing: what it finds is told last.
    let (told, listed, late) = (renewal::Told::default(), preload::Told::default(), Late::default());
    let (shown, certificates) = oneshot::channel();
    let mut asking = pin!(maybe_done(join3(
        renewal::history(session, &target, &told),
        preload::ask(session, &target, &listed),
        late.ask(&client, session, certificates)
    )));
    let looking = look(&target, session, &client, &teller, shown);
    let observed = beside(asking.as_mut(), looking).await;
    teller.findings(judge(checks::ALL, &observed));
    let on_request = async {
        let subdomains = match session.settings().subdomains {
            true => {
                Some(sweep::look(session, &target, &|more| teller.plan_more(more), &|step| teller.step(step)).await)
            }
            false => None,
        };
        let crawl = match session.settings().crawl {
            true => further_pages(&client, session, &observed, &teller).await,
            false => None,
        };
        (subdomains, crawl)
    };
    let (subdomains, crawl) = beside(asking.as_mut(), on_request).await;
    // Without a certificate there is nothing to hold the logs against, and nobody else to ask.
    if observed.tls.leaves().next().is_some() {
        let _ = session.within(PATIENCE, asking).await;
    }
    let asked_anybody = session.settings().certspotter.is_some() || session.settings().crtsh.is_some();
    let unwaited = || Unseen::Failed("it was not waited for any longer".into());
    let history = told.take().or_else(|| asked_anybody.then(|| Saw::Unseen(unwaited())));
    let preload = listed.take();
    let preload = preload.or_else(|| session.settings().hsts_preload.as_ref().map(|_| Saw::Unseen(unwaited())));
    let tls = tls::Observation { revocations: late.revocations.take(), closer: late.closer.take(), ..observed.tls };
    let renewal = renewal::Observation { history, suggestion: late.suggestion.take(), ..observed.renewal };
    let observed = Observations { tls, renewal, preload, subdomains, crawl, ..observed };
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

/// Does what is waited for while `asking` goes on, unless it has ended: what is not polled would keep its slots.
async fn beside<T>(asking: Pin<&mut MaybeDone<impl Future>>, work: impl Future<Output = T>) -> T {
    match select(pin!(work), asking).await {
        Either::Left((done, _)) => done,
        Either::Right((_, work)) => work.await,
    }
}

/// What nobody waits for, asked once the certificates are known. Each answer is kept as it comes, so that none is lost
/// when the asking is cut off.
#[derive(Default)]
struct Late {
    closer: RefCell<Option<tls::Closer>>,
    revocations: RefCell<Vec<tls::Revocation>>,
    suggestion: RefCell<Option<Saw<renewal::Suggestion>>>,
}

impl Late {
    async fn ask<N: Network>(
        &self,
        client: &tls::Client,
        session: &Session<N>,
        certificates: oneshot::Receiver<tls::Observation>,
    ) {
        let Ok(seen) = certificates.await else { return };
        let seen = &seen;
        if seen.leaves().next().is_none() {
            return;
        }
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

/// Everything that is looked at, in its order; what comes last and the public logs apart. First what the five facts
/// rest on: the addresses, the first answer of every entrance, where it leads. `shown` takes the certificates.
async fn look<N: Network>(
    target: &Target,
    session: &Session<N>,
    client: &tls::Client,
    teller: &Teller<'_, N>,
    shown: oneshot::Sender<tls::Observation>,
) -> Observations {
    let step = |step: &str| teller.step(step);
    teller.plan_more(dns::questions(target, session));
    let mut others = pin!(maybe_done(dns::others(target, session, &step)));
    let nearest = beside(others.as_mut(), dns::nearest(target, session, &step)).await;
    let nearest_names = nearest.observation(target, session);
    let early = entrances(&nearest_names);
    let (tell_names, names) = oneshot::channel();
    let zone = async {
        others.as_mut().await;
        let others = others.as_mut().take_output().unwrap_or_default();
        let addresses = dns::addresses(target, session, nearest, others, &step).await;
        let _ = tell_names.send(addresses.observation(target, session));
        let dns = dns::probe(target, session, addresses, &step).await;
        teller.findings(judge(dns::checks::ALL, &dns));
        teller.plan_more(dns::DIRECT_LOOKS + dns::FURTHER_LOOKS);
        let direct = dns::direct(session, target, &dns, &step);
        let further = dns::further(session, target, &dns, &step);
        let (direct, (further, registry)) = join(direct, further).await;
        let dns = dns::Observation { direct, further, registry, ..dns };
        teller.findings(judge(dns::checks::DIRECT, &dns));
        dns
    };
    let site = async {
        let knocking = Knocking::new(client, session, teller);
        let (told, firsts) = channels(&early);
        // What else port 80 is asked goes on beside the rest: no fact waits for it.
        let mut doors = pin!(maybe_done(knocking.doors(&early, told)));
        let facts = async {
            let mut answered = knocking.at(&early, firsts).await;
            let names = names.await.unwrap_or(nearest_names);
            // What only other resolvers know.
            let all = entrances(&names);
            let late: Vec<_> = all.iter().filter(|entrance| !early.contains(entrance)).cloned().collect();
            let (told, firsts) = channels(&late);
            let (more, behind_late) = join(knocking.at(&late, firsts), knocking.doors(&late, told)).await;
            answered.extend(more);
            answered.sort_by_key(|it| all.iter().position(|entrance| *entrance == it.entrance));
            let (endpoints, corners) = subjects(answered);
            let (certificates, web) =
                join(tls::paths(client, session, endpoints), trails(client, session, corners, &names, teller)).await;
            let known = observations(target, session, names.clone(), certificates.observation(session), web);
            (teller.tell)(Event::Facts(report::facts_so_far(&known)));
            let _ = shown.send(known.tls);
            (names, all, behind_late, certificates, known.web)
        };
        let (names, all, behind_late, certificates, web) = beside(doors.as_mut(), facts).await;
        let renewed_by_challenge = knocking.meets_an_authority();
        let (tell_deep, deep) = oneshot::channel();
        let extras = async {
            let tls = tls::extras(client, session, certificates, &step).await;
            teller.findings(judge(tls::checks::ALL, &tls));
            let companions = if renewed_by_challenge { companions(session, &names, &tls).await } else { None };
            (tls, companions)
        };
        let inside = async {
            let web = inside(&knocking, web, &names, deep).await;
            teller.findings(judge(web::checks::ALL, &web));
            web
        };
        let challenges = async {
            doors.as_mut().await;
            let mut behind = doors.as_mut().take_output().unwrap_or_default();
            behind.extend(behind_late);
            let (challenges, deep): (Vec<_>, Vec<_>) = behind.into_iter().map(|it| (it.challenge, it.deep)).unzip();
            let _ = tell_deep.send(distinct(deep.into_iter().flatten()));
            // Whoever renews in another way is not asked what only this way needs.
            if !renewed_by_challenge {
                return Vec::new();
            }
            let asked: Vec<_> = challenges.into_iter().flatten().collect();
            let firsts = together(all.iter().map(|(host, address)| async {
                let is_it = |it: &&renewal::Challenge| it.host == *host && it.address == *address;
                match asked.iter().find(is_it) {
                    Some(first) => first.clone(),
                    None => knocking.challenge(host, &mut Plain::new(*address)).await,
                }
            }));
            renewal::follow(client, session, &all, firsts.await).await
        };
        // Many questions one after the other are asked on one line of the pages: they begin first.
        let (inside, (challenges, extras)) = join(inside, join(challenges, extras)).await;
        (extras, inside, challenges)
    };
    // The site comes first: whoever waits for a slot earlier gets it earlier.
    let (((tls, companions), web, mut challenges), dns) = join(site, zone).await;
    for challenge in &mut challenges {
        challenge.like_front = is_like_front(challenge, &web);
    }
    let renewal = renewal::Observation { challenges, companions, ..renewal::Observation::default() };
    let exposed = exposed(client, session, target, &dns, &tls).await;
    Observations { renewal, exposed, ..observations(target, session, dns, tls, web) }
}

/// What was seen of the site itself; of everything else nothing yet.
fn observations<N: Network>(
    target: &Target,
    session: &Session<N>,
    dns: dns::Observation,
    tls: tls::Observation,
    web: web::Observation,
) -> Observations {
    Observations {
        seen_at: session.started(),
        target: target.clone(),
        dns,
        tls,
        web,
        renewal: renewal::Observation::default(),
        exposed: None,
        preload: None,
        subdomains: None,
        crawl: None,
    }
}

/// A host, and an address to visit it at.
type Entrance = (DomainName, IpAddr);

fn entrances(dns: &dns::Observation) -> Vec<Entrance> {
    dns.entrances().map(|(host, address)| (host.clone(), address)).collect()
}

/// Further pages of the site, where the visitor asked for them; what they are like is told at once.
async fn further_pages<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    observed: &Observations,
    teller: &Teller<'_, N>,
) -> Option<web::Crawl> {
    teller.plan_more(web::CRAWL_LIMIT + 1);
    let known = known(&observed.dns);
    let crawl = web::crawl(client, session, &observed.web, &known, &|step| teller.step(step)).await?;
    teller.findings(web::checks::further(&observed.web, &crawl));
    Some(crawl)
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
    let leads = together(others.into_iter().map(|name| async move {
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

/// How many looks follow DNS, for progress: two first responses an entrance and its challenge, one look at HTTP/2, one
/// at old versions an address, one without a host name, and a trail and a deep link for each way in.
fn looks(entrances: &[Entrance]) -> u32 {
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut addresses: Vec<IpAddr> = entrances.iter().map(|(_, address)| *address).collect();
    addresses.sort();
    addresses.dedup();
    if entrances.is_empty() { 0 } else { count(entrances.len()) * 4 + count(addresses.len()) + 6 }
}

/// What an entrance answered at first.
struct AtEntrance {
    entrance: Entrance,
    endpoint: tls::Endpoint,
    https: Corner,
    http: Corner,
}

/// What else port 80 of an entrance answered, where it was asked.
#[derive(Default)]
struct Behind {
    challenge: Option<renewal::Challenge>,
    deep: Option<Deep>,
}

/// The same, subject by subject.
fn subjects(answered: Vec<AtEntrance>) -> (Vec<tls::Endpoint>, Vec<Corner>) {
    let (mut endpoints, mut corners, mut plain) = (Vec::new(), Vec::new(), Vec::new());
    for it in answered {
        endpoints.push(it.endpoint);
        corners.push(it.https);
        plain.push(it.http);
    }
    corners.extend(plain);
    (endpoints, corners)
}

/// A way for each entrance to tell its first answer over http.
fn channels(entrances: &[Entrance]) -> (Vec<oneshot::Sender<Corner>>, Vec<oneshot::Receiver<Corner>>) {
    entrances.iter().map(|_| oneshot::channel()).unzip()
}

/// The first look at every entrance, over https and http, and what else goes over the same connection.
struct Knocking<'k, N> {
    client: &'k tls::Client,
    session: &'k Session<N>,
    teller: &'k Teller<'k, N>,
    by_fetch: FetchOnce,
    /// The pages that the entrances showed.
    fronts: web::Fronts,
    /// The path of a challenge that nobody set.
    challenge: String,
    /// Whether a certificate was seen from an authority that is mostly asked by ACME over HTTP.
    authority: Cell<bool>,
}

impl<'k, N: Network> Knocking<'k, N> {
    fn new(client: &'k tls::Client, session: &'k Session<N>, teller: &'k Teller<'k, N>) -> Knocking<'k, N> {
        Knocking {
            client,
            session,
            teller,
            by_fetch: FetchOnce::default(),
            fronts: web::Fronts::default(),
            challenge: renewal::challenge_path(session),
            authority: Cell::new(false),
        }
    }

    /// Whether some entrance is renewed over HTTP, so that challenges are worth asking for.
    fn meets_an_authority(&self) -> bool {
        self.authority.get()
    }

    /// Over https; what port 80 answers at first is told by the doors, which have to be polled beside this.
    async fn at(&self, entrances: &[Entrance], firsts: Vec<oneshot::Receiver<Corner>>) -> Vec<AtEntrance> {
        self.teller.plan_more(looks(entrances));
        // Those over https are the longer ones, and what they show decides what is asked over http.
        let https = together(entrances.iter().map(|(host, address)| self.https(host, *address)));
        let (https, http) = join(https, together(firsts)).await;
        let both = entrances.iter().cloned().zip(https).zip(http);
        // A door tells before it ends.
        both.filter_map(|((entrance, (endpoint, https)), http)| {
            Some(AtEntrance { entrance, endpoint, https, http: http.ok()? })
        })
        .collect()
    }

    /// Over http.
    fn doors(&self, entrances: &[Entrance], told: Vec<oneshot::Sender<Corner>>) -> impl Future<Output = Vec<Behind>> {
        together(entrances.iter().zip(told).map(|((host, address), told)| self.http(host, *address, told)))
    }

    /// The connection that shows the certificate carries the request.
    async fn https(&self, host: &DomainName, address: IpAddr) -> (tls::Endpoint, Corner) {
        let session = self.session;
        let (endpoint, tunnel) = tls::visit(self.client, session, host, address).await;
        if is_renewed_by_challenge(self.client, &endpoint) {
            self.authority.set(true);
        }
        let corner = if endpoint.port.unseen() == Some(&Unseen::PlatformCannot) {
            self.by_fetch.corner(session, Scheme::Https, host, address, &self.fronts).await
        } else {
            web::first_https(session, &endpoint, tunnel, &self.fronts).await
        };
        self.teller.step(&corner.subject());
        (endpoint, corner)
    }

    /// The front page, which is told at once, and on the same connection the challenge and the deep link, where they are
    /// wanted.
    async fn http(&self, host: &DomainName, address: IpAddr, told: oneshot::Sender<Corner>) -> Behind {
        let session = self.session;
        let mut door = Plain::new(address);
        let corner = web::first_http(session, host, &mut door).await;
        let corner = if corner.port.unseen() == Some(&Unseen::PlatformCannot) {
            self.by_fetch.corner(session, Scheme::Http, host, address, &self.fronts).await
        } else {
            corner
        };
        self.teller.step(&corner.subject());
        let redirects = corner.first.seen().is_some_and(web::Response::is_redirect);
        let wants_deep = redirects && corner.via == web::Via::Socket;
        let _ = told.send(corner);
        let mut behind = Behind::default();
        if self.authority.get() {
            behind.challenge = Some(self.challenge(host, &mut door).await);
        }
        if wants_deep {
            let deep = web::deep(session, host, &mut door).await;
            self.teller.step(deep.url.as_str());
            behind.deep = Some(deep);
        }
        behind
    }

    async fn challenge(&self, host: &DomainName, door: &mut Plain<N>) -> renewal::Challenge {
        let first = renewal::first_answer(self.session, host, door, &self.challenge).await;
        self.teller.step(&format!("challenge path of {host} at {}", first.address));
        first
    }
}

/// Of the deep links of each host, in the order of its addresses, the first, and those that went another way: which
/// address was the quickest is nobody's business.
fn distinct(all: impl Iterator<Item = Deep>) -> Vec<Deep> {
    let way = |deep: &Deep| {
        let first = deep.first.seen()?;
        let nonce = deep.url.path().split('/').nth(1).unwrap_or_default();
        Some((first.status, first.location.as_ref().map(|location| location.replace(nonce, ""))))
    };
    let mut kept: Vec<Deep> = Vec::new();
    for deep in all {
        if !kept.iter().any(|known| known.url.host() == deep.url.host() && way(known) == way(&deep)) {
            kept.push(deep);
        }
    }
    kept
}

/// Whether this endpoint's certificate is from an authority that is mostly asked by ACME over HTTP.
fn is_renewed_by_challenge(client: &tls::Client, endpoint: &tls::Endpoint) -> bool {
    let issuer = client.issuer(endpoint);
    issuer.and_then(|issuer| dns::authorities::of_issuer(&issuer)).is_some_and(|authority| authority.acme)
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
        fronts: &web::Fronts,
    ) -> Corner {
        let key = (scheme, host.clone());
        let known = self.asked.borrow().get(&key).cloned();
        match known {
            Some(corner) => Corner { address, ..corner },
            None => {
                let corner = web::via_fetch(session, scheme, host, address, fronts).await;
                self.asked.borrow_mut().insert(key, corner.clone());
                corner
            }
        }
    }
}

/// The site's names, and the addresses that each is visited at.
fn known(dns: &dns::Observation) -> Vec<(DomainName, Vec<IpAddr>)> {
    dns.names.iter().map(|name| (name.name.clone(), name.visit.clone())).collect()
}

/// Follows one trail per distinct first response.
async fn trails<N: Network>(
    client: &tls::Client,
    session: &Session<N>,
    mut corners: Vec<Corner>,
    dns: &dns::Observation,
    teller: &Teller<'_, N>,
) -> web::Observation {
    let known = known(dns);
    let mut starts: Vec<Corner> = Vec::new();
    for corner in &mut corners {
        let Saw::Seen(_) = &corner.first else { continue };
        let index = starts.iter().position(|start| same_answer(start, corner)).unwrap_or(starts.len());
        if index == starts.len() {
            starts.push(corner.clone());
        }
        corner.trail = Some(index);
    }
    let trails = together(starts.iter().map(|corner| {
        let (known, corners) = (&known, &corners);
        async move {
            let trail: Trail = web::follow(client, session, corner, corners, known).await;
            teller.step(trail.from.as_str());
            trail
        }
    }))
    .await;
    web::Observation {
        seen_at: session.started(),
        corners,
        trails,
        deep: Vec::new(),
        pages: Vec::new(),
        plain: None,
        stranger: None,
    }
}

/// What is looked at once it is known where the entrances lead: the pages, and what a host that nobody has shows. The
/// deep links come from the doors.
async fn inside<N: Network>(
    knocking: &Knocking<'_, N>,
    seen: web::Observation,
    dns: &dns::Observation,
    deep: oneshot::Receiver<Vec<Deep>>,
) -> web::Observation {
    let Knocking { client, session, teller, fronts, .. } = knocking;
    let known = known(dns);
    let open = seen.corners.iter().find(|corner| corner.scheme == Scheme::Http && corner.first.seen().is_some());
    let open = open.filter(|corner| corner.via == web::Via::Socket).map(|corner| corner.address);
    let stranger = async {
        let asked = web::stranger(session, open?).await?;
        teller.step(asked.url.as_str());
        Some(Box::new(asked))
    };
    let pages = async {
        let pages = web::pages(client, session, &seen, &known, fronts, &|step| teller.step(step)).await;
        (pages, web::before_https(client, session, &seen, &known).await)
    };
    let ((pages, plain), stranger, deep) = join3(pages, stranger, deep).await;
    web::Observation { pages, plain, deep: deep.unwrap_or_default(), stranger, ..seen }
}

/// Whether two corners gave the same first response as far as where it leads: then one trail speaks for both.
fn same_answer(one: &Corner, other: &Corner) -> bool {
    let key = |corner: &Corner| {
        let first = corner.first.seen()?;
        Some((first.status, first.location.clone(), first.title.clone(), first.server.clone()))
    };
    (one.scheme, &one.host, one.via) == (other.scheme, &other.host, other.via) && key(one) == key(other)
}

/// Counts steps and passes on what is known.
struct Teller<'t, N> {
    session: &'t Session<N>,
    tell: &'t dyn Fn(Event),
    done: Cell<u32>,
    total: Cell<u32>,
    /// When it last told of a step.
    paced: Cell<Option<u64>>,
    first_finding: Cell<Option<u64>>,
}

impl<'t, N: Network> Teller<'t, N> {
    fn new(session: &'t Session<N>, tell: &'t dyn Fn(Event)) -> Teller<'t, N> {
        Teller {
            session,
            tell,
            done: Cell::new(0),
            total: Cell::new(1),
            paced: Cell::default(),
            first_finding: Cell::default(),
        }
    }

    fn plan_more(&self, looks: u32) {
        self.total.set(self.total.get().saturating_add(looks));
    }

    /// A look was taken; many in a moment are told as one. The last place of the bar is kept for the report.
    fn step(&self, step: &str) {
        self.done.set(self.done.get().saturating_add(1).min(self.total.get().saturating_sub(1)));
        let now = self.session.elapsed();
        if self.paced.get().is_some_and(|told| now.saturating_sub(told) < PACE) {
            return;
        }
        self.paced.set(Some(now));
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

#[cfg(test)]
mod tests {
    use domain::HttpUrl;

    use super::*;
    use crate::fixture::response;

    #[test]
    fn of_deep_links_each_way_is_kept_once_whoever_was_quickest() {
        let deep = |nonce: u8, address: &str, to: &str| {
            let url = HttpUrl::parse(&format!("http://example.com/lockstep-{nonce}/a")).unwrap();
            let first = Saw::Seen(response(301, Some(&to.replace("NONCE", &format!("lockstep-{nonce}")))));
            Deep { url, address: address.parse().unwrap(), first }
        };
        let kept = "https://example.com/NONCE/a";
        let all = [deep(1, "9.9.9.9", kept), deep(2, "9.9.9.8", kept), deep(3, "2a00::9", "https://example.com/")];
        let addresses: Vec<String> = distinct(all.into_iter()).iter().map(|it| it.address.to_string()).collect();
        assert_eq!(addresses, ["9.9.9.9", "2a00::9"]);
    }
}
