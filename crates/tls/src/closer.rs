//! The finer questions, when everything else is told: which suites one address agrees to, and whom it shows to a
//! stranger, and what to a visitor with other keys. Nine connections at most, for the whole check; one more where TLS
//! 1.2 is not spoken. A server that declines everything old in so many words sees five.

use std::net::IpAddr;

use domain::DomainName;
use futures_util::future::{join, join3};
use network::{Network, Purpose, Saw, Session, Unseen};

use crate::{
    Chain, Client, Closer, Fault, Lack, Observation, Suites, Tried, Version,
    chain::{self, Fetches},
    client::{Offer, Proofs},
    hello::{
        self, EXTENDED_MASTER_SECRET, Greeting, HYBRID_GROUP, Heard, PROMISES, RENEGOTIATION, group_of, suite_name,
    },
    probe::chain_shown,
};

/// A name below this one belongs to nobody (RFC 2606 §2).
const NOBODYS: &str = "lockstep.invalid";

/// Asks the first address where a secure connection came about. `None` where there was none.
pub async fn closer<N: Network>(client: &Client, session: &Session<N>, seen: &Observation) -> Option<Closer> {
    let (endpoint, handshake) = seen.endpoints.iter().find_map(|endpoint| Some((endpoint, endpoint.shaken()?)))?;
    let (host, address) = (&endpoint.host, endpoint.address);
    // What needs an RSA certificate cannot be agreed to without one.
    let leaf = endpoint.chain(seen).and_then(|chain| chain.leaf());
    let rsa = leaf.is_none_or(|leaf| leaf.key.algorithm == "RSA");
    let mut old = vec![Suites::Cbc, Suites::Broken];
    if rsa {
        old.extend([Suites::PlainRsa, Suites::FiniteField]);
    }
    // Two at once: nobody waits for it, and the site is not to notice.
    let tried = join(suites(session, host, address, vec![Suites::Modern]), suites(session, host, address, old));
    let hybrid = async {
        if handshake.version != Version::Tls13 {
            return None;
        }
        Some(match hello::ask(session, host, address, Greeting::Hybrid).await {
            Ok(heard) => Saw::Seen(heard.group == Some(HYBRID_GROUP)),
            Err(Unseen::Closed | Unseen::Reset) => Saw::Seen(false),
            Err(why) => Saw::Unseen(why),
        })
    };
    let any_name = async {
        let nobody = format!("{}.{NOBODYS}", session.nonce());
        let nobody: DomainName = nobody.parse().map_err(|_| Fault::Protocol("no name to ask with".into()))?;
        let shown = client.chain(chain_shown(client, session, &nobody, true, address).await?);
        let leaf = shown.first().ok_or_else(|| Fault::Protocol("no certificate was shown".into()))?;
        let hosts: Vec<DomainName> = seen.endpoints.iter().map(|endpoint| endpoint.host.clone()).collect();
        Ok(Box::new(chain::certificate_of(leaf, &hosts)))
    };
    let second = async {
        let proofs = if leaf?.key.algorithm == "RSA" { Proofs::Ecdsa } else { Proofs::Rsa };
        Some(second(client, session, host, address, proofs).await)
    };
    let (((mut tried, old), second), hybrid, any_name) = join3(join(tried, second), hybrid, any_name).await;
    tried.extend(old);
    tried.sort_by_key(|tried| tried.suites);
    Some(Closer { host: host.clone(), address, tried, hybrid, any_name, second })
}

/// Which of these groups a server agrees to: all are offered, and what it chooses from is left out the next time. One who
/// declines all in so many words, or says nothing, is asked once; after any other end each group is offered alone, because
/// one of them may have been what somebody on the way took offence at.
async fn suites<N: Network>(
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    mut left: Vec<Suites>,
) -> Vec<Tried> {
    let ask = async |groups: &[Suites]| hello::ask(session, host, address, Greeting::Among(groups)).await;
    let mut all = Vec::new();
    while !left.is_empty() {
        let heard = ask(&left).await;
        let chosen = heard.as_ref().ok().filter(|heard| heard.version.flatten().is_some());
        if let Some(chosen) = chosen {
            // A choice of what was not offered is held against the first that was.
            let group = chosen.suite.and_then(group_of);
            let at = left.iter().position(|it| group == Some(*it)).unwrap_or_default();
            all.push(tried(left.remove(at), heard));
        } else if left.len() == 1 || is_said_of_all(&heard) {
            all.extend(left.drain(..).map(|suites| tried(suites, heard.clone())));
        } else {
            for suites in left.drain(..) {
                all.push(tried(suites, ask(&[suites]).await));
            }
        }
    }
    all
}

/// Whether this answer is about every suite of the offer: handshake_failure, protocol_version or insufficient_security
/// (RFC 5246 §7.2.2), or none at all.
fn is_said_of_all(heard: &Result<Heard, Unseen>) -> bool {
    match heard {
        Ok(heard) => matches!(heard.alert, Some(40 | 70 | 71)),
        Err(why) => matches!(why, Unseen::TimedOut | Unseen::Deadline),
    }
}

/// The chain shown to a client that takes these keys alone.
async fn second<N: Network>(
    client: &Client,
    session: &Session<N>,
    host: &DomainName,
    address: IpAddr,
    proofs: Proofs,
) -> Result<Box<Chain>, Fault> {
    let stream = session.connect(address, Purpose::Https).await.map_err(Fault::Unseen)?;
    let offer = Offer { host, name_host: true, protocols: &["http/1.1"], proofs, checks: false };
    let (handshake, _) = client.shake(session, stream, offer).await.result?;
    let hosts = [host.clone()];
    Ok(Box::new(chain::examine(client, session, handshake.chain, &hosts, &Fetches::default()).await))
}

/// A newer handshake works there: a server that hangs up on an offer has declined it.
fn tried(suites: Suites, heard: Result<Heard, Unseen>) -> Tried {
    let heard = match heard {
        Ok(heard) => heard,
        Err(Unseen::Closed | Unseen::Reset) => Heard::default(),
        Err(why) => return Tried::unseen(suites, why),
    };
    let agreed = heard.version.flatten().is_some();
    let name = heard.suite.filter(|_| agreed).map(suite_name).unwrap_or_default();
    let has = |extension| heard.extensions.contains(&extension);
    // Only the modern group's offer has everything in it.
    let asked = agreed && suites == Suites::Modern;
    let lacks = [
        (Lack::Renegotiation, !has(RENEGOTIATION)),
        (Lack::MasterSecret, !has(EXTENDED_MASTER_SECRET)),
        (Lack::NoCompression, heard.compresses),
    ];
    Tried {
        suites,
        accepted: Saw::Seen(agreed),
        prime_bits: if name.starts_with("TLS_DHE_") { heard.prime_bits } else { 0 },
        suite: name,
        lacks: lacks.into_iter().filter(|(_, is)| asked && *is).map(|(lack, _)| lack).collect(),
        promises: asked && has(PROMISES),
    }
}

impl Tried {
    fn unseen(suites: Suites, why: Unseen) -> Tried {
        Tried {
            suites,
            accepted: Saw::Unseen(why),
            suite: String::new(),
            prime_bits: 0,
            lacks: Vec::new(),
            promises: false,
        }
    }
}
