//! The looks at port 443: one per host and address first, the finer questions afterwards.

use std::{collections::HashSet, net::IpAddr};

use domain::DomainName;
use futures_util::future::join;
use network::{Held, Network, Purpose, Saw, Session, Unseen, together};

use crate::{
    Chain, Client, Endpoint, Fault, Legacy, Observation, Tunnel, Version, WithoutSni,
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
    knock(client, session, host, address, true).await
}

/// The same for whoever only wants what the tunnel carries: whether the server has the certificate's key is not checked.
pub async fn revisit<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
) -> (Endpoint, Option<Tunnel<Held<N::Stream>>>) {
    knock(client, session, host, address, false).await
}

async fn knock<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    checks: bool,
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
    let offer = Offer { host, name_host: true, protocols: &["http/1.1"], proofs: Proofs::Any, checks };
    let shaken = client.shake(session, stream, offer).await;
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

/// What the first handshakes showed, with the path of each chain to a root.
pub struct Shown {
    endpoints: Vec<Endpoint>,
    /// By the number that the client gave each chain.
    examined: Vec<(usize, Chain)>,
    fetches: Fetches,
}

impl Shown {
    /// As far as it is known: of the lower-priority looks nothing.
    pub fn observation<N: Network>(&self, session: &Session<N>) -> Observation {
        assemble(session, self.endpoints.clone(), None, self.examined.clone())
    }
}

/// The paths of what these endpoints showed to a root, with the missing certificate fetched where there is one. Where
/// rustls could not agree, the chain is asked for in clear text first.
pub async fn paths<N: Network>(client: &Client, session: &Session<N>, mut endpoints: Vec<Endpoint>) -> Shown {
    together(endpoints.iter_mut().filter(|endpoint| is_stuck(endpoint)).map(async |endpoint| {
        let (newer, chain) = clear_text(client, session, &endpoint.host, endpoint.address).await;
        endpoint.legacy = newer;
        endpoint.clear_text_chain = endpoint.clear_text_chain.or(chain);
    }))
    .await;
    let known = distinct(endpoints.iter().filter_map(chain_of));
    let fetches = Fetches::default();
    let examined = examine(client, session, &endpoints, known, &fetches).await;
    Shown { endpoints, examined, fetches }
}

async fn examine<N: Network>(
    client: &Client,
    session: &Session<N>,
    endpoints: &[Endpoint],
    indexes: Vec<usize>,
    fetches: &Fetches,
) -> Vec<(usize, Chain)> {
    let hosts: Vec<DomainName> = endpoints.iter().map(|endpoint| endpoint.host.clone()).collect();
    let hosts = &hosts;
    let paths = indexes
        .into_iter()
        .map(|index| async move { (index, chain::examine(client, session, index, hosts, fetches).await) });
    together(paths).await
}

/// The lower-priority looks, after the headline's: HTTP/2 at every endpoint, one handshake that names no host, old
/// protocol versions once per address, and the path of every chain that this has shown. `step` is told of each look when
/// it is done.
pub async fn extras<N: Network>(
    client: &Client,
    session: &Session<N>,
    shown: Shown,
    step: &dyn Fn(&str),
) -> Observation {
    let Shown { mut endpoints, mut examined, fetches } = shown;
    let without_sni = nameless(client, session, &endpoints, step);
    let mut asked = HashSet::new();
    let looks = endpoints.iter_mut().map(|endpoint| {
        let first_of_address = asked.insert(endpoint.address);
        look_closer(client, session, endpoint, first_of_address, step)
    });
    let (_, without_sni) = join(together(looks), without_sni).await;
    let shown_since =
        endpoints.iter().filter_map(chain_of).chain(without_sni.as_ref().and_then(|it| it.chain.clone().ok()));
    let is_known = |index: &usize| examined.iter().any(|(known, _)| known == index);
    let later = distinct(shown_since.filter(|index| !is_known(index)));
    examined.extend(examine(client, session, &endpoints, later, &fetches).await);
    step("Certificate chains");
    assemble(session, endpoints, without_sni, examined)
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
    let stuck = is_stuck(endpoint);
    let http2 = endpoint.shaken().is_some();
    // Where nothing speaks TLS, or nothing answers in time, asking again would tell nothing new.
    let old = first_of_address && (http2 || stuck);
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
        let old = old_versions(session, host, address, stuck).await;
        step(&format!("TLS 1.0 and 1.1 at {address}"));
        old
    };
    let (http2, mut legacy) = join(asks_http2, asks_old).await;
    for asked in std::mem::take(&mut endpoint.legacy) {
        if legacy.iter().all(|known| known.version != asked.version) {
            legacy.push(asked);
        }
    }
    endpoint.http2 = http2;
    endpoint.legacy = legacy;
}

/// Whether something there speaks TLS, but not as rustls does.
fn is_stuck(endpoint: &Endpoint) -> bool {
    matches!(
        endpoint.handshake,
        Some(Err(Fault::Alert(_) | Fault::Protocol(_) | Fault::Unseen(Unseen::Closed | Unseen::Reset)))
    )
}

/// Whether HTTP/2 is agreed to. TLS 1.2 says so in clear text, which spares both sides a key exchange; where it is not
/// spoken, a whole handshake tells.
async fn agrees_on_http2<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
) -> Result<bool, Unseen> {
    match hello::ask(session, host, address, Greeting::Protocols).await {
        Ok(heard) if heard.version == Some(Some(Version::Tls12)) => return Ok(heard.http2),
        Err(why @ (Unseen::Deadline | Unseen::TimedOut)) => return Err(why),
        Ok(_) | Err(_) => {}
    }
    let stream = session.connect(address, Purpose::Https).await?;
    let offer = Offer { host, name_host: true, protocols: &["h2", "http/1.1"], proofs: Proofs::Any, checks: false };
    match client.shake(session, stream, offer).await.result {
        Ok((handshake, _)) => Ok(handshake.alpn.as_deref() == Some("h2")),
        Err(Fault::Unseen(why)) => Err(why),
        Err(Fault::Alert(name)) => Err(Unseen::Failed(format!("alert {name}"))),
        Err(Fault::Protocol(what)) => Err(Unseen::Failed(what)),
        Err(Fault::PlainHttp) => Err(Unseen::Failed("answered in plain HTTP".into())),
    }
}

/// Which of TLS 1.0 and 1.1 a server agrees to. It answers an offer of 1.1 with the newest version that it has up to
/// there (RFC 5246 §E.1), so that one who declines has neither, and only one who takes 1.1 is asked for 1.0.
async fn old_versions<N: Network>(
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    stuck: bool,
) -> Vec<Legacy> {
    let tls11 = ask_old(session, host, address, Greeting::Tls11, stuck).await;
    let tls10 = match &tls11 {
        Ok(heard) if heard.version != Some(Some(Version::Tls11)) => Ok(heard.clone()),
        Ok(_) | Err(_) => ask_old(session, host, address, Greeting::Tls10, stuck).await,
    };
    let legacy = |version, heard: Result<Heard, Unseen>| match heard {
        Ok(heard) => agreement(&heard, version),
        Err(why) => Legacy { version, accepted: Saw::Unseen(why), suite: String::new() },
    };
    vec![legacy(Version::Tls10, tls10), legacy(Version::Tls11, tls11)]
}

/// Where the newer handshake works (`stuck` is false), a server that hangs up on an old one has declined it.
async fn ask_old<N: Network>(
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    greeting: Greeting<'_>,
    stuck: bool,
) -> Result<Heard, Unseen> {
    match hello::ask(session, host, address, greeting).await {
        Err(Unseen::Closed | Unseen::Reset) if !stuck => Ok(Heard::default()),
        heard => heard,
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
        let chain = chain_shown(client, session, &host, false, address).await;
        step(&format!("{address} without a host name"));
        Some(WithoutSni { address, chain })
    }
}

/// The chain that is shown to one who names a host, or none. TLS 1.2 shows it in clear text, which spares both sides a
/// key exchange; where that is not spoken, a whole handshake tells.
pub(crate) async fn chain_shown<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    name_host: bool,
    address: IpAddr,
) -> Result<usize, Fault> {
    let greeting = if name_host { Greeting::AsBrowsers } else { Greeting::Nameless };
    match hello::ask(session, host, address, greeting).await {
        Ok(Heard { version: Some(Some(Version::Tls12)), chain: Some(chain), .. }) if !chain.is_empty() => {
            return Ok(client.intern(chain.into_iter().map(Into::into).collect()));
        }
        Err(why @ (Unseen::Deadline | Unseen::TimedOut)) => return Err(Fault::Unseen(why)),
        Ok(_) | Err(_) => {}
    }
    let stream = session.connect(address, Purpose::Https).await.map_err(Fault::Unseen)?;
    let offer = Offer { host, name_host, protocols: &["http/1.1"], proofs: Proofs::Any, checks: false };
    client.shake(session, stream, offer).await.result.map(|(handshake, _)| handshake.chain)
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
    examined: Vec<(usize, Chain)>,
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
