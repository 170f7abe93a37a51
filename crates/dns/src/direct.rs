//! What the domain's own name servers say, asked directly over TCP (RFC 7766): the truth that resolvers remember late.

use std::net::IpAddr;

use domain::{DomainName, Target};
use hickory_proto::op::Message;
use network::{Held, Limits, Network, Purpose, Saw, Session, Unseen, together};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::{
    Answer, Asked, Direct, Kind, Observation,
    resolve::{How, ask_first, encode, read},
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
        let pair = together(pair.iter().map(|server| async move {
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
    let address = address_of(session, &server).await;
    let mut answers: Vec<Result<Answer, Unseen>> = Vec::new();
    // A server that knows no more than one question a line is asked for the rest one by one.
    while let Some(rest) = questions.get(answers.len()..).filter(|rest| !rest.is_empty()) {
        let known = answers.len();
        let rest = if known == 0 { rest } else { rest.get(..1).unwrap_or_default() };
        answers.extend(match &address {
            Ok(address) => ask_all(session, *address, rest).await,
            Err(why) => vec![Err(why.clone())],
        });
        if let Some(Err(why)) = answers.get(known..).and_then(<[_]>::first) {
            let why = why.clone();
            answers.resize(questions.len(), Err(why));
        }
    }
    let asked = |((name, kind), answer): (_, Result<Answer, Unseen>)| {
        (name, Asked { resolver: server.to_string(), kind, answer: answer.into() })
    };
    Direct {
        server: server.to_string(),
        address: address.ok(),
        answers: questions.into_iter().zip(answers).map(asked).collect(),
    }
}

/// Where a name server is asked: over IPv6 only where it has nothing else.
async fn address_of<N: Network>(session: &Session<N>, server: &DomainName) -> Result<IpAddr, Unseen> {
    for kind in [Kind::A, Kind::Aaaa] {
        match ask_first(session, server, kind).await.1 {
            Saw::Seen(answer) => {
                if let Some(address) = answer.addresses().next() {
                    return Ok(address);
                }
            }
            Saw::Unseen(why) => return Err(why),
        }
    }
    Err(Unseen::Failed("its name leads to no address".into()))
}

/// Asks several questions at once on one line (RFC 7766 §6.2.1.1), and reads the answers until it ends: those to the first
/// questions, or why there is none.
async fn ask_all<N: Network>(
    session: &Session<N>,
    address: IpAddr,
    questions: &[(DomainName, Kind)],
) -> Vec<Result<Answer, Unseen>> {
    let mut line = match session.connect(address, Purpose::Names).await {
        Ok(line) => line,
        Err(why) => return vec![Err(why)],
    };
    let mut heard: Vec<Option<Result<Answer, Unseen>>> = vec![None; questions.len()];
    let why = session.within(Limits::RESOLVE, converse(&mut line, questions, &mut heard)).await;
    let why = why.and_then(|ended| ended).err().unwrap_or(Unseen::Closed);
    let answers: Vec<_> = heard.into_iter().map_while(|answer| answer).collect();
    if answers.is_empty() { vec![Err(why)] } else { answers }
}

/// Each answer belongs to the question with its number (RFC 7766 §7): they may come in any order.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    line: &mut Held<S>,
    questions: &[(DomainName, Kind)],
    heard: &mut [Option<Result<Answer, Unseen>>],
) -> Result<(), Unseen> {
    let mut all = Vec::new();
    for (number, (name, kind)) in (1_u16..).zip(questions) {
        all.extend(numbered(name, *kind, number)?);
    }
    line.write_all(&all).await.map_err(|_| Unseen::Closed)?;
    line.flush().await.map_err(|_| Unseen::Closed)?;
    while heard.iter().any(Option::is_none) {
        let message = hear(line).await?;
        let place = usize::from(message.metadata.id).checked_sub(1);
        let Some((place, (_, kind))) = place.and_then(|at| Some((heard.get_mut(at)?, questions.get(at)?))) else {
            return Err(Unseen::Failed("the answer was to no question of ours".into()));
        };
        // Only what the server answers as its own counts.
        *place = Some(match message.metadata.authoritative {
            true => Ok(read(&message, *kind)),
            false => Err(Unseen::Failed(crate::observation::NOT_RESPONSIBLE.into())),
        });
    }
    Ok(())
}

/// One question on an open line, and whatever comes back.
pub(crate) async fn ask_line<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut Held<S>,
    name: &DomainName,
    kind: Kind,
) -> Result<Message, Unseen> {
    let question = numbered(name, kind, 0)?;
    stream.write_all(&question).await.map_err(|_| Unseen::Closed)?;
    stream.flush().await.map_err(|_| Unseen::Closed)?;
    hear(stream).await
}

/// A question with its number, as it goes over a line: its length comes first (RFC 1035 §4.2.2).
fn numbered(name: &DomainName, kind: Kind, number: u16) -> Result<Vec<u8>, Unseen> {
    let question = encode(name, kind, How::Direct)?;
    let mut message = u16::try_from(question.len()).unwrap_or_default().to_be_bytes().to_vec();
    message.extend(number.to_be_bytes());
    message.extend(question.get(2..).unwrap_or_default());
    Ok(message)
}

async fn hear<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Message, Unseen> {
    let length = stream.read_u16().await.map_err(|_| Unseen::Closed)?;
    let mut answer = vec![0; usize::from(length)];
    stream.read_exact(&mut answer).await.map_err(|_| Unseen::Closed)?;
    Message::from_vec(&answer).map_err(|_| Unseen::Failed("the answer was not DNS".into()))
}

/// How many looks [`direct`] is planned as, for progress: most domains have two name servers.
pub const DIRECT_LOOKS: u32 = 2;
