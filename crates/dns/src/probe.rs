//! How it is asked: addresses at the first resolver, so that the site can be visited, and beside it at the others; then
//! everything at once, the session's slots decide the order.

use std::{net::IpAddr, time::Duration};

use domain::{DomainName, Target};
use network::{Network, Resolver, Session, together};

use crate::{
    Asked, Kind, NameSeen, Observation, ParentSeen,
    caa::climb,
    observation::ADDRESS_LIMIT,
    resolve::{How, ask, ask_as, ask_first},
};

/// The addresses of both names, as each resolver gave them.
#[derive(Default)]
pub struct Addresses(Vec<(DomainName, Vec<Asked>)>);

impl Addresses {
    /// What was said of one name.
    fn of(&self, name: &DomainName) -> &[Asked] {
        self.0.iter().find(|(of, _)| of == name).map_or(&[], |(_, asked)| asked)
    }

    /// What is known of the names so far; of everything else nothing is known yet.
    pub fn observation<N: Network>(&self, target: &Target, session: &Session<N>) -> Observation {
        let names = self.0.iter().map(|(name, addresses)| seen(name, addresses.clone(), session)).collect();
        observation(target, session, names, Vec::new())
    }
}

/// How long the first resolver is waited for alone. Whoever takes longer is asked together with the others.
const PATIENCE: Duration = Duration::from_secs(1);

/// Asks the first resolver for A and AAAA of both names: enough to go on with, before the others have answered.
pub async fn nearest<N: Network>(target: &Target, session: &Session<N>, step: &dyn Fn(&str)) -> Addresses {
    let Some(resolver) = session.settings().resolvers.first() else { return Addresses(Vec::new()) };
    let asking = together(target.names().map(|name| async move {
        (name.clone(), together([Kind::A, Kind::Aaaa].map(|kind| one(session, resolver, name, kind, step))).await)
    }));
    Addresses(session.within(PATIENCE, asking).await.unwrap_or_default())
}

/// Asks the other resolvers for the same. Begun beside the first, whoever comes later does not wait for them at the end.
pub async fn others<N: Network>(target: &Target, session: &Session<N>, step: &dyn Fn(&str)) -> Addresses {
    let resolvers = session.settings().resolvers.iter().skip(1);
    let names = target.names().map(|name| {
        let questions = resolvers.clone().flat_map(|resolver| [Kind::A, Kind::Aaaa].map(|kind| (resolver, kind)));
        let asking = together(questions.map(|(resolver, kind)| one(session, resolver, name, kind, step)));
        async move { (name.clone(), asking.await) }
    });
    Addresses(together(names).await)
}

/// All of their answers. Where the first resolver's did not come in time, it is asked again, and waited for.
pub async fn addresses<N: Network>(
    target: &Target,
    session: &Session<N>,
    nearest: Addresses,
    others: Addresses,
    step: &dyn Fn(&str),
) -> Addresses {
    let (nearest, others) = (&nearest, &others);
    let names = target.names().map(|name| async move {
        let first = match (nearest.of(name), session.settings().resolvers.first()) {
            ([], Some(first)) => {
                together([Kind::A, Kind::Aaaa].map(|kind| one(session, first, name, kind, step))).await
            }
            (known, _) => known.to_vec(),
        };
        (name.clone(), first.into_iter().chain(others.of(name).iter().cloned()).collect())
    });
    Addresses(together(names).await)
}

async fn one<N: Network>(
    session: &Session<N>,
    resolver: &Resolver,
    name: &DomainName,
    kind: Kind,
    step: &dyn Fn(&str),
) -> Asked {
    let answer = ask(session, resolver, name, kind).await.into();
    step(&format!("{} of {name} at {}", kind.as_str(), resolver.name));
    Asked { resolver: resolver.name.clone(), kind, answer }
}

/// Asks for the other types at the first resolver that answers.
/// NS, SOA and DS live where the zone is cut: they are asked of the registrable domain, or of the typed name when
/// that is all there is.
pub async fn probe<N: Network>(
    target: &Target,
    session: &Session<N>,
    addresses: Addresses,
    step: &dyn Fn(&str),
) -> Observation {
    let names = together(addresses.0.into_iter().map(|(name, known)| look(target, name, known, session, step)));
    let parents = together(parents(target).into_iter().map(|name| async move {
        let (resolver, answer) = ask_first(session, &name, Kind::Caa).await;
        step(&format!("{} of {name}", Kind::Caa.as_str()));
        ParentSeen { name, caa: Asked { resolver, kind: Kind::Caa, answer } }
    }));
    let (names, parents) = futures_util::join!(names, parents);
    observation(target, session, names, parents)
}

fn observation<N: Network>(
    target: &Target,
    session: &Session<N>,
    names: Vec<NameSeen>,
    parents: Vec<ParentSeen>,
) -> Observation {
    Observation {
        seen_at: session.started(),
        target: target.clone(),
        resolvers: session.settings().resolvers.iter().map(|resolver| resolver.name.clone()).collect(),
        names,
        parents,
        direct: Vec::new(),
        further: Vec::new(),
        registry: None,
    }
}

/// The parents of the names that are not looked at themselves, nearest first, as far up as CAA is climbed.
fn parents(target: &Target) -> Vec<DomainName> {
    let mut parents: Vec<DomainName> = Vec::new();
    for level in target.names().flat_map(climb).filter_map(|level| level.parse().ok()) {
        if !parents.contains(&level) && !target.names().any(|name| *name == level) {
            parents.push(level);
        }
    }
    parents
}

async fn look<N: Network>(
    target: &Target,
    name: DomainName,
    addresses: Vec<Asked>,
    session: &Session<N>,
    step: &dyn Fn(&str),
) -> NameSeen {
    let mut kinds = vec![Kind::Caa, Kind::Https];
    if name == target.registrable || target.twin.is_none() {
        kinds.extend([Kind::Ns, Kind::Soa, Kind::Ds]);
    }
    // An alias comes along with the addresses that it leads to; only one that leads nowhere has to be asked for.
    if union(&addresses).0.is_empty() {
        kinds.push(Kind::Cname);
    }
    let others = together(kinds.iter().map(|kind| {
        let name = &name;
        async move {
            let (resolver, answer) = ask_first(session, name, *kind).await;
            step(&format!("{} of {name}", kind.as_str()));
            Asked { resolver, kind: *kind, answer }
        }
    }));
    let (others, unchecked) = futures_util::join!(others, unchecked(&name, &addresses, session));
    NameSeen { others, unchecked, ..seen(&name, addresses, session) }
}

/// What the addresses alone say of a name.
fn seen<N: Network>(name: &DomainName, addresses: Vec<Asked>, session: &Session<N>) -> NameSeen {
    let (visit, left_out) = union(&addresses);
    let allowed = |address: &IpAddr| session.settings().allow.iter().any(|range| range.contains(address));
    let reserved = visit
        .iter()
        .filter(|address| !allowed(address))
        .filter_map(|address| Some((*address, domain::classify(*address).err()?.0.to_owned())))
        .collect();
    NameSeen { name: name.clone(), addresses, others: Vec::new(), visit, left_out, unchecked: Vec::new(), reserved }
}

/// At most this many resolvers that failed are asked once more.
const UNCHECKED: usize = 2;

/// Asks resolvers that failed once more, without checking signatures: what they say then tells a broken signature from
/// a broken zone.
async fn unchecked<N: Network>(name: &DomainName, addresses: &[Asked], session: &Session<N>) -> Vec<Asked> {
    let mut told: Vec<Asked> = Vec::new();
    for asked in addresses {
        let failed = asked.answer.seen().is_some_and(|answer| answer.rcode == "SERVFAIL");
        if !failed || told.len() == UNCHECKED || told.iter().any(|known| known.resolver == asked.resolver) {
            continue;
        }
        let Some(resolver) = session.settings().resolvers.iter().find(|it| it.name == asked.resolver) else { continue };
        let answer = ask_as(session, resolver, name, asked.kind, How::Unchecked).await.into();
        told.push(Asked { resolver: asked.resolver.clone(), kind: asked.kind, answer });
    }
    told
}

/// Every address that any resolver gave, IPv4 first, at most [`ADDRESS_LIMIT`] of each family, and how many were left
/// out. Sorted, so that two looks at a rotating record agree.
fn union(addresses: &[Asked]) -> (Vec<IpAddr>, usize) {
    let mut all: Vec<IpAddr> =
        addresses.iter().filter_map(|asked| asked.answer.seen()).flat_map(|answer| answer.addresses()).collect();
    all.sort();
    all.dedup();
    let total = all.len();
    let (v4, v6): (Vec<IpAddr>, Vec<IpAddr>) = all.into_iter().partition(IpAddr::is_ipv4);
    let visit: Vec<IpAddr> = v4.into_iter().take(ADDRESS_LIMIT).chain(v6.into_iter().take(ADDRESS_LIMIT)).collect();
    let left_out = total - visit.len();
    (visit, left_out)
}

/// How many questions [`probe`] asks, for progress.
pub fn questions<N: Network>(target: &Target, session: &Session<N>) -> u32 {
    let names = u32::try_from(target.names().count()).unwrap_or(1);
    let resolvers = u32::try_from(session.settings().resolvers.len()).unwrap_or(1);
    let parents = u32::try_from(parents(target).len()).unwrap_or_default();
    names * resolvers * 2 + parents + if names == 2 { 7 } else { 5 }
}
