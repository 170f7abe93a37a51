//! What the domain's own name servers say, asked directly over TCP (RFC 7766): the truth that resolvers remember late.

use domain::{DomainName, Target};
use futures_util::future::join_all;
use hickory_proto::op::Message;
use network::{Held, Limits, Network, Purpose, Session, Unseen};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{
    Answer, Asked, Direct, Kind, Observation,
    resolve::{How, addresses_of, ask_first, encode, read},
};

/// At most this many name servers are asked.
const SERVERS: usize = 4;

/// Asks each name server of the registrable domain for the addresses of the names, and for the zone's serial.
pub async fn direct<N: Network>(
    session: &Session<N>,
    target: &Target,
    seen: &Observation,
    step: &dyn Fn(&str),
) -> Vec<Direct> {
    let known = seen.name(&target.registrable).and_then(|name| name.others.iter().find(|it| it.kind == Kind::Ns));
    let answer = match known {
        Some(asked) => asked.answer.clone(),
        None => ask_first(session, &target.registrable, Kind::Ns).await.1,
    };
    let Some(answer) = answer.seen() else { return Vec::new() };
    let mut servers: Vec<DomainName> = answer
        .records
        .iter()
        // Where the domain is an alias, those of the name it leads to come along.
        .filter(|record| record.kind == "NS" && record.name == target.registrable.as_str())
        .filter_map(|record| record.value.trim_end_matches('.').parse().ok())
        .collect();
    servers.sort();
    servers.dedup();
    servers.truncate(SERVERS);
    // Two at once leave slots for the site; where port 53 is silent, the rest would only be waited for as well.
    let mut told: Vec<Direct> = Vec::new();
    for pair in servers.chunks(2) {
        let pair = join_all(pair.iter().map(|server| async move {
            let direct = visit(session, target, server.clone()).await;
            step(&format!("{}, asked directly", direct.server));
            direct
        }));
        let pair = pair.await;
        let silent = pair.iter().all(|it| it.fault() == Some(&Unseen::TimedOut));
        told.extend(pair);
        if silent {
            break;
        }
    }
    told
}

async fn visit<N: Network>(session: &Session<N>, target: &Target, server: DomainName) -> Direct {
    let mut questions: Vec<(DomainName, Kind)> = vec![(target.registrable.clone(), Kind::Soa)];
    questions.extend(target.names().flat_map(|name| [Kind::A, Kind::Aaaa].map(|kind| (name.clone(), kind))));
    let address = match addresses_of(session, &server).await {
        Ok(addresses) => addresses.first().copied().ok_or(Unseen::Failed("its name leads to no address".into())),
        Err(why) => Err(why),
    };
    let mut line = match address.clone() {
        Ok(address) => session.connect(address, Purpose::Names).await,
        Err(why) => Err(why),
    };
    let mut answers = Vec::new();
    for (name, kind) in questions {
        let answer = match &mut line {
            Ok(stream) => session.within(Limits::RESOLVE, exchange(stream, &name, kind)).await.and_then(|it| it),
            Err(why) => Err(why.clone()),
        };
        if let Err(why) = &answer {
            line = Err(why.clone());
        }
        answers.push((name, Asked { resolver: server.to_string(), kind, answer: answer.into() }));
    }
    Direct { server: server.to_string(), address: address.ok(), answers }
}

/// One question on an open line. Only what the server answers as its own counts.
async fn exchange<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    stream: &mut Held<S>,
    name: &DomainName,
    kind: Kind,
) -> Result<Answer, Unseen> {
    let message = ask_line(stream, name, kind).await?;
    if !message.metadata.authoritative {
        return Err(Unseen::Failed(crate::observation::NOT_RESPONSIBLE.into()));
    }
    Ok(read(&message, kind))
}

/// One question on an open line, and whatever comes back.
pub(crate) async fn ask_line<S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(
    stream: &mut Held<S>,
    name: &DomainName,
    kind: Kind,
) -> Result<Message, Unseen> {
    let question = encode(name, kind, How::Direct)?;
    let mut message = u16::try_from(question.len()).unwrap_or_default().to_be_bytes().to_vec();
    message.extend(question);
    stream.write_all(&message).await.map_err(|_| Unseen::Closed)?;
    stream.flush().await.map_err(|_| Unseen::Closed)?;
    let length = stream.read_u16().await.map_err(|_| Unseen::Closed)?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.map_err(|_| Unseen::Closed)?;
    Message::from_vec(&answer).map_err(|_| Unseen::Failed("the answer was not DNS".into()))
}

/// How many looks [`direct`] is planned as, for progress: most domains have two name servers.
pub const DIRECT_LOOKS: u32 = 2;
