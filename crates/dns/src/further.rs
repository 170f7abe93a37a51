//! What is asked beside the site: names that tell how the zone is kept, and what the registry has listed.

use domain::{DomainName, Target};
use futures_util::future::join;
use hickory_proto::rr::RData;
use network::{Limits, Network, Purpose, Saw, Session, Unseen, together};

use crate::{
    Answer, Asked, Kind, Observation, Registry,
    direct::ask_line,
    observation::{CHALLENGE, NOBODY},
    resolve::{ask_first, owner},
    service::Service,
};

/// At most this many of the registry's servers are tried.
const SERVERS: usize = 2;

/// At most this many listed name servers are kept.
const LISTED: usize = 16;

/// How many looks [`further`] is planned as, for progress.
pub const FURTHER_LOOKS: u32 = 2;

/// Asks at most nine questions of resolvers about names around the site, and at most four questions to find out what
/// the registry has listed.
pub async fn further<N: Network>(
    session: &Session<N>,
    target: &Target,
    seen: &Observation,
    step: &dyn Fn(&str),
) -> (Vec<(DomainName, Asked)>, Option<Saw<Registry>>) {
    let further = async {
        // Where nothing leads anywhere there are nearer troubles.
        let leads = seen.names.iter().any(|name| name.resolves());
        let further = if leads { around(session, target, seen).await } else { Vec::new() };
        step(&format!("names around {}", target.name));
        further
    };
    let listed = async {
        let listed = match seen.name_servers().is_empty() {
            true => None,
            false => Some(registry(session, &target.registrable).await.into()),
        };
        step(&format!("name servers that the registry lists for {}", target.registrable));
        listed
    };
    join(further, listed).await
}

async fn around<N: Network>(session: &Session<N>, target: &Target, seen: &Observation) -> Vec<(DomainName, Asked)> {
    let zone = &target.registrable;
    let nobody = format!("{NOBODY}{}.{zone}", session.nonce());
    let twice = format!("{zone}.{zone}");
    let mut questions = vec![(nobody.clone(), Kind::A), (twice.clone(), Kind::Txt)];
    questions.extend(target.names().map(|name| (format!("{CHALLENGE}.{name}"), Kind::Txt)));
    let services = seen.names.iter().flat_map(Service::all);
    if let Some(elsewhere) = services.filter_map(|service| service.elsewhere()).next() {
        questions.extend([Kind::A, Kind::Aaaa].map(|kind| (elsewhere.clone(), kind)));
    }
    let mut told: Vec<(DomainName, Asked)> = Vec::new();
    let mut questions = questions.into_iter();
    // Where no resolver answers the first, waiting again tells nothing new.
    if let Some((name, kind)) = questions.next() {
        told.extend(question(session, name, kind).await);
        if told.iter().all(|(_, asked)| asked.answer.seen().is_none()) {
            return told;
        }
    }
    told.extend(together(questions.map(|(name, kind)| question(session, name, kind))).await.into_iter().flatten());
    let is_gone = |(name, asked): &(DomainName, Asked)| {
        name.as_str() == twice && asked.answer.seen().is_some_and(Answer::is_of_nothing)
    };
    if !told.iter().any(is_gone) {
        let doubled = target.names().map(|name| question(session, format!("{CHALLENGE}.{name}.{zone}"), Kind::Txt));
        told.extend(together(doubled).await.into_iter().flatten());
    }
    // A wildcard would answer for the doubled name as well.
    let found = |asked: &Asked| asked.answer.seen().is_some_and(|answer| !answer.records.is_empty());
    if told.iter().any(|(name, asked)| name.as_str().ends_with(&twice) && found(asked)) {
        told.extend(question(session, nobody, Kind::Txt).await);
    }
    told
}

/// Asks; `None` where it is no name.
async fn question<N: Network>(session: &Session<N>, name: String, kind: Kind) -> Option<(DomainName, Asked)> {
    let name: DomainName = name.parse().ok()?;
    let (resolver, answer) = ask_first(session, &name, kind).await;
    Some((name, Asked { resolver, kind, answer }))
}

/// Asks one of the servers of the zone above for its referral (RFC 1034 §4.3.2): what resolvers go by, whatever the
/// domain's own zone says.
async fn registry<N: Network>(session: &Session<N>, zone: &DomainName) -> Result<Registry, Unseen> {
    let above = zone.as_str().split_once('.').and_then(|(_, above)| above.parse::<DomainName>().ok());
    let above = above.ok_or(Unseen::Failed("there is no zone above".into()))?;
    let mut answer = servers(session, &above).await?;
    // Some public suffixes are no zones of their own.
    let farther = answer.zone.as_deref().filter(|_| names(&answer).is_empty()).and_then(|zone| zone.parse().ok());
    if let Some(farther) = farther {
        answer = servers(session, &farther).await?;
    }
    let mut why = Unseen::Failed("the registry's name servers were not found".into());
    for server in names(&answer).into_iter().take(SERVERS) {
        match referral(session, &server, zone).await {
            Ok(listed) => return Ok(Registry { server: server.to_string(), listed }),
            // Where one is silent over TCP, the others would only be waited for as well.
            Err(Unseen::TimedOut) => return Err(Unseen::TimedOut),
            Err(error) => why = error,
        }
    }
    Err(why)
}

async fn servers<N: Network>(session: &Session<N>, zone: &DomainName) -> Result<Answer, Unseen> {
    match ask_first(session, zone, Kind::Ns).await.1 {
        Saw::Seen(answer) => Ok(answer),
        Saw::Unseen(why) => Err(why),
    }
}

fn names(answer: &Answer) -> Vec<DomainName> {
    let servers = answer.records.iter().filter(|record| record.kind == Kind::Ns.as_str());
    servers.filter_map(|record| record.value.parse().ok()).collect()
}

async fn referral<N: Network>(
    session: &Session<N>,
    server: &DomainName,
    zone: &DomainName,
) -> Result<Vec<String>, Unseen> {
    let address = match ask_first(session, server, Kind::A).await.1 {
        Saw::Seen(answer) => answer.addresses().next(),
        Saw::Unseen(why) => return Err(why),
    };
    let address = address.ok_or(Unseen::Failed("the registry's name server has no IPv4 address".into()))?;
    let mut line = session.connect(address, Purpose::Names).await?;
    let message = session.within(Limits::RESOLVE, ask_line(&mut line, zone, Kind::Ns)).await??;
    if message.metadata.authoritative {
        return Err(Unseen::Failed("the registry's name server holds the domain's own zone as well".into()));
    }
    let mut listed: Vec<String> = message
        .authorities
        .iter()
        .filter(|record| owner(&record.name) == zone.as_str())
        .filter_map(|record| match &record.data {
            RData::NS(name) => Some(owner(&name.0)),
            _ => None,
        })
        .take(LISTED)
        .collect();
    listed.sort();
    listed.dedup();
    if listed.is_empty() { Err(Unseen::Failed("the registry's name server gave no list".into())) } else { Ok(listed) }
}
