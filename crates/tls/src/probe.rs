//! The looks at port 443: one per host and address first, the finer questions afterwards.

use std::{collections::HashSet, net::IpAddr};

use domain::DomainName;
use futures_util::future::{join, join_all};
use network::{Held, Network, Purpose, Saw, Session, Unseen};

use crate::{
    Client, Endpoint, Fault, Legacy, Observation, Tunnel, Version, WithoutSni,
    chain::{self, Fetches},
    client::{Offer, Proofs},
    hello::{self, Greeting, Heard, suite_name},
};

/// One connection: TCP 443, and a handshake that names the host and offers HTTP/1.1 only. The tunnel, if the
/// handshake completed, then carries the HTTP request. A host that is the text of an IP address is not named.
pub async fn visit<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
) -> (Endpoint, Option<Tunnel<Held<N::Stream>>>) {
    let mut endpoint = Endpoint {
        host: host.clone(),
        address,
        port: Saw::Seen(()),
        handshake: None,
        http2: None,
        legacy: Vec::new(),
        clear_text_chain: None,
    };
    let stream = match session.connect(address, Purpose::Https).await {
        Ok(stream) => stream,
        Err(why) => {
            endpoint.port = Saw::Unseen(why);
            return (endpoint, None);
        }
    };
    let shaken = client
        .shake(session, stream, Offer { host, name_host: true, protocols: &["http/1.1"], proofs: Proofs::Any })
        .await;
    match shaken.result {
        Ok((handshake, tunnel)) => {
            endpoint.handshake = Some(Ok(handshake));
            (endpoint, Some(tunnel))
        }
        Err(fault) => {
            endpoint.clear_text_chain = shaken.chain;
            let fault = if may_be_plain_http(&fault) && answers_in_http(session, host, address).await {
                Fault::PlainHttp
            } else {
                fault
            };
            endpoint.handshake = Some(Err(fault));
            (endpoint, None)
        }
    }
}

fn may_be_plain_http(fault: &Fault) -> bool {
    matches!(fault, Fault::Protocol(_) | Fault::Unseen(Unseen::Closed | Unseen::Reset | Unseen::TimedOut))
}

/// Whether a hand-built ClientHello is answered in HTTP: rustls does not tell which bytes it choked on.
async fn answers_in_http<N: Network>(session: &Session<N>, host: &DomainName, address: IpAddr) -> bool {
    hello::ask(session, host, address, Greeting::AsBrowsers).await.is_ok_and(|heard| heard.http)
}

/// The lower-priority looks, after the headline's: HTTP/2 at every endpoint, one handshake that names no host, old
/// protocol versions once per address, the chain in clear text where rustls could not agree, and for every distinct
/// chain the path to a root, with the missing certificate fetched where there is one. `step` is told of each look when it is done.
pub async fn extras<N: Network>(
    client: &Client,
    session: &Session<N>,
    mut endpoints: Vec<Endpoint>,
    step: &dyn Fn(&str),
) -> Observation {
    let fetches = Fetches::default();
    let hosts: Vec<DomainName> = endpoints.iter().map(|endpoint| endpoint.host.clone()).collect();
    let examine = |indexes: Vec<usize>| {
        join_all(indexes.into_iter().map(|index| {
            let (fetches, hosts) = (&fetches, &hosts);
            async move { (index, chain::examine(client, session, index, hosts, fetches).await) }
        }))
    };

    let without_sni = nameless(client, session, &endpoints, step);
    let known: Vec<usize> = distinct(endpoints.iter().filter_map(chain_of));
    let mut asked = HashSet::new();
    let looks = endpoints.iter_mut().map(|endpoint| {
        let first_of_address = asked.insert(endpoint.address);
        look_closer(client, session, endpoint, first_of_address, step)
    });
    let (mut examined, (_, without_sni)) =
        join(examine(known.clone()), join(join_all(looks.collect::<Vec<_>>()), without_sni)).await;

    let shown_since =
        endpoints.iter().filter_map(chain_of).chain(without_sni.as_ref().and_then(|it| it.chain.clone().ok()));
    let later = distinct(shown_since).into_iter().filter(|index| !known.contains(index)).collect();
    examined.extend(examine(later).await);
    step("Certificate chains");
    assemble(session, endpoints, without_sni, examined)
}

/// Nothing but the paths of what these endpoints showed to a root: for names that are looked at in passing.
pub async fn paths<N: Network>(client: &Client, session: &Session<N>, endpoints: Vec<Endpoint>) -> Observation {
    let fetches = Fetches::default();
    let hosts: Vec<DomainName> = endpoints.iter().map(|endpoint| endpoint.host.clone()).collect();
    let (hosts, fetches) = (&hosts, &fetches);
    let examined = distinct(endpoints.iter().filter_map(chain_of))
        .into_iter()
        .map(|index| async move { (index, chain::examine(client, session, index, hosts, fetches).await) });
    let examined = join_all(examined.collect::<Vec<_>>()).await;
    assemble(session, endpoints, None, examined)
}

/// What is still worth asking of one endpoint.
async fn look_closer<N: Network>(
    client: &Client,
    session: &Session<N>,
    endpoint: &mut Endpoint,
    first_of_address: bool,
    step: &dyn Fn(&str),
) {
    let subject = endpoint.subject();
    let (host, address) = (&endpoint.host, endpoint.address);
    let (http2, old, stuck) = match &endpoint.handshake {
        Some(Ok(_)) => (true, first_of_address, false),
        Some(Err(Fault::Alert(_) | Fault::Protocol(_) | Fault::Unseen(Unseen::Closed | Unseen::Reset))) => {
            (false, first_of_address, true)
        }
        // Nothing there speaks TLS, or nothing answers in time: asking again would tell nothing new.
        Some(Err(Fault::PlainHttp | Fault::Unseen(_))) | None => return,
    };
    let asks_http2 = async {
        if !http2 {
            return None;
        }
        let agreed = agrees_on_http2(client, session, host, address).await;
        step(&format!("HTTP/2 of {subject}"));
        Some(agreed.into())
    };
    let asks_old = async {
        if !old {
            return Vec::new();
        }
        let ask = async |greeting, name| {
            let answer = accepts(session, host, address, greeting, stuck).await;
            step(&format!("{name} at {address}"));
            answer
        };
        let (tls10, tls11) = join(ask(Greeting::Tls10, "TLS 1.0"), ask(Greeting::Tls11, "TLS 1.1")).await;
        vec![tls10, tls11]
    };
    let asks_again = async {
        if !stuck {
            return (Vec::new(), None);
        }
        let answer = clear_text(client, session, host, address).await;
        step(&format!("TLS 1.2 of {subject}"));
        answer
    };
    let (http2, (mut legacy, (newer, chain))) = join(asks_http2, join(asks_old, asks_again)).await;
    for asked in newer {
        if legacy.iter().all(|known| known.version != asked.version) {
            legacy.push(asked);
        }
    }
    endpoint.http2 = http2;
    endpoint.legacy = legacy;
    endpoint.clear_text_chain = endpoint.clear_text_chain.or(chain);
}

async fn agrees_on_http2<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
) -> Result<bool, Unseen> {
    let stream = session.connect(address, Purpose::Https).await?;
    let offer = Offer { host, name_host: true, protocols: &["h2", "http/1.1"], proofs: Proofs::Any };
    match client.shake(session, stream, offer).await.result {
        Ok((handshake, _)) => Ok(handshake.alpn.as_deref() == Some("h2")),
        Err(Fault::Unseen(why)) => Err(why),
        Err(Fault::Alert(name)) => Err(Unseen::Failed(format!("alert {name}"))),
        Err(Fault::Protocol(what)) => Err(Unseen::Failed(what)),
        Err(Fault::PlainHttp) => Err(Unseen::Failed("answered in plain HTTP".into())),
    }
}

/// Whether a server agrees to exactly this old version. Where the newer handshake works (`stuck` is false), a server
/// that hangs up on an old one has declined.
async fn accepts<N: Network>(
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    greeting: Greeting,
    stuck: bool,
) -> Legacy {
    let version = if greeting == Greeting::Tls10 { Version::Tls10 } else { Version::Tls11 };
    match hello::ask(session, host, address, greeting).await {
        Ok(heard) => agreement(&heard, version),
        Err(Unseen::Closed | Unseen::Reset) if !stuck => agreement(&Heard::default(), version),
        Err(why) => Legacy { version, accepted: Saw::Unseen(why), suite: String::new() },
    }
}

/// What a server's answer says of one version.
fn agreement(heard: &Heard, version: Version) -> Legacy {
    let accepted = heard.version == Some(Some(version));
    let suite = heard.suite.filter(|_| accepted).map(suite_name).unwrap_or_default();
    Legacy { version, accepted: Saw::Seen(accepted), suite }
}

/// TLS 1.2 and below, first as browsers offer it, then with every suite of its time: which version is agreed to, and
/// the chain that goes by in clear text.
async fn clear_text<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
) -> (Vec<Legacy>, Option<usize>) {
    let mut heard = hello::ask(session, host, address, Greeting::AsBrowsers).await;
    if !matches!(&heard, Ok(heard) if heard.version.is_some()) {
        heard = hello::ask(session, host, address, Greeting::Anything).await;
    }
    match heard {
        Ok(heard) => {
            let mut legacy = vec![agreement(&heard, Version::Tls12)];
            // A server that answers an offer of TLS 1.2 with an older version has none better.
            let older = heard.version.flatten().filter(|version| *version < Version::Tls12);
            legacy.extend(older.map(|version| agreement(&heard, version)));
            let chain = heard.chain.filter(|chain| chain.first().is_some_and(|leaf| !leaf.is_empty()));
            let chain = chain.map(|chain| client.intern(chain.into_iter().map(Into::into).collect()));
            (legacy, chain)
        }
        Err(why) => {
            let unheard = Legacy { version: Version::Tls12, accepted: Saw::Unseen(why), suite: String::new() };
            (vec![unheard], None)
        }
    }
}

/// One handshake that names no host, at the first address where one that names it works.
fn nameless<'a, N: Network>(
    client: &'a Client,
    session: &'a Session<N>,
    endpoints: &[Endpoint],
    step: &'a dyn Fn(&str),
) -> impl Future<Output = Option<WithoutSni>> + 'a {
    let first = endpoints.iter().find(|endpoint| endpoint.shaken().is_some());
    let first = first.map(|endpoint| (endpoint.host.clone(), endpoint.address));
    async move {
        let (host, address) = first?;
        let chain = match session.connect(address, Purpose::Https).await {
            Ok(stream) => {
                let offer = Offer { host: &host, name_host: false, protocols: &["http/1.1"], proofs: Proofs::Any };
                let shaken = client.shake(session, stream, offer).await;
                shaken.result.map(|(handshake, _)| handshake.chain)
            }
            Err(why) => Err(Fault::Unseen(why)),
        };
        step(&format!("{address} without a host name"));
        Some(WithoutSni { address, chain })
    }
}

fn chain_of(endpoint: &Endpoint) -> Option<usize> {
    endpoint.shaken().map(|handshake| handshake.chain).or(endpoint.clear_text_chain)
}

fn distinct(indexes: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut seen = HashSet::new();
    indexes.filter(|index| seen.insert(*index)).collect()
}

/// Points every index at the chains that are kept: those of hosts that redirects led to are not this site's.
fn assemble<N: Network>(
    session: &Session<N>,
    mut endpoints: Vec<Endpoint>,
    mut without_sni: Option<WithoutSni>,
    examined: Vec<(usize, crate::Chain)>,
) -> Observation {
    let place = |index: usize| examined.iter().position(|(known, _)| *known == index).unwrap_or_default();
    for endpoint in &mut endpoints {
        if let Some(Ok(handshake)) = &mut endpoint.handshake {
            handshake.chain = place(handshake.chain);
        }
        endpoint.clear_text_chain = endpoint.clear_text_chain.map(place);
    }
    if let Some(Ok(index)) = without_sni.as_mut().map(|it| it.chain.as_mut()) {
        *index = place(*index);
    }
    let chains = examined.into_iter().map(|(_, chain)| chain).collect();
    Observation { seen_at: session.started(), endpoints, chains, without_sni, revocations: Vec::new(), closer: None }
}
