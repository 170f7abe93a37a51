//! The redirect walker: where an entrance leads, hop by hop, each guarded like the first.

use std::net::IpAddr;

use domain::{DomainName, HttpUrl, Scheme};
use network::{Network, Purpose, Saw, Session, Unseen};
use tls::Client;

use crate::{
    Corner, End, HOP_LIMIT, Hop, PAGE_LIMIT, Response, Trail, Via,
    jar::Jar,
    probe::{Cookies, exchange, fetch, no_tunnel},
};

/// At most this many addresses of a host are tried for one hop.
const TRIES: usize = 2;

/// Follows redirects from a corner's first response, which is the first hop and not asked for again. Own hosts are in
/// `known` with their addresses and are asked at the corner's address where they have it; others are resolved.
///
/// Cookies are not carried, as the first look does not. Only when that ends in a circle, and cookies were set on the
/// way, the walk is done again as a browser does it: some sites redirect until a cookie comes back.
pub async fn follow<N: Network>(
    client: &Client,
    session: &Session<N>,
    corner: &Corner,
    known: &[(DomainName, Vec<IpAddr>)],
) -> Trail {
    let walker = Walker { client, session, corner, known };
    let url = corner.url();
    let first = match &corner.first {
        Saw::Seen(first) => first.clone(),
        Saw::Unseen(why) => {
            let end = End::Unseen { url: url.clone(), why: why.clone() };
            return Trail { from: url, hops: Vec::new(), end };
        }
    };
    let sets_cookies = first.header("set-cookie").is_some();
    let address = (corner.via == Via::Socket).then_some(corner.address);
    let mut none = Jar::closed();
    let trail = walker.walk(url.clone(), Asked { response: first, address }, &mut none).await;
    if !matches!(trail.end, End::Loop(_) | End::TooMany) || !(sets_cookies || none.was_offered()) {
        return trail;
    }
    let mut jar = Jar::open();
    match walker.ask(&url, &mut jar).await {
        Ok(asked) => {
            let again = walker.walk(url, asked, &mut jar).await;
            if matches!(again.end, End::Answer(_)) { again } else { trail }
        }
        Err(_) => trail,
    }
}

struct Walker<'w, N> {
    client: &'w Client,
    session: &'w Session<N>,
    corner: &'w Corner,
    known: &'w [(DomainName, Vec<IpAddr>)],
}

/// A response and the address that gave it; none when the platform asked for us.
struct Asked {
    response: Response,
    address: Option<IpAddr>,
}

impl<N: Network> Walker<'_, N> {
    async fn walk(&self, from: HttpUrl, first: Asked, jar: &mut Jar) -> Trail {
        let mut trail = Trail { from: from.clone(), hops: Vec::new(), end: End::TooMany };
        let (mut url, mut asked) = (from, first);
        // What the jar held when a URL was asked for: with a new cookie the same URL can answer otherwise.
        let mut states: Vec<(HttpUrl, u32)> = vec![(url.clone(), 0)];
        loop {
            trail.hops.push(hop(&url, &asked));
            if !asked.response.is_redirect() {
                trail.end = End::Answer(Box::new(asked.response));
                return trail;
            }
            let Some(next) = asked.response.location.as_deref().and_then(|location| url.join(location)) else {
                trail.end = End::BadLocation;
                return trail;
            };
            let state = (next.clone(), jar.version());
            if states.contains(&state) {
                trail.end = End::Loop(next);
                return trail;
            }
            if trail.hops.len() > HOP_LIMIT {
                return trail;
            }
            states.push(state);
            asked = match self.ask(&next, jar).await {
                Ok(asked) => asked,
                Err(why) => {
                    trail.end = End::Unseen { url: next, why };
                    return trail;
                }
            };
            url = next;
        }
    }

    /// Asks for one URL at the address it should be asked at.
    async fn ask(&self, url: &HttpUrl, jar: &mut Jar) -> Result<Asked, Unseen> {
        let host = visitable(url)?;
        let mut why = Unseen::Failed("the name does not lead to any address".into());
        for address in self.addresses(&host).await?.into_iter().take(TRIES) {
            match self.ask_at(url, &host, address, jar).await {
                Ok(asked) => return Ok(asked),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    async fn ask_at(&self, url: &HttpUrl, host: &DomainName, address: IpAddr, jar: &mut Jar) -> Result<Asked, Unseen> {
        let cookie = jar.header(url);
        let extra: Vec<(&str, &str)> = cookie.iter().map(|value| ("cookie", value.as_str())).collect();
        let (answer, at) = match (self.session.admit(address), url.scheme()) {
            (Err(Unseen::PlatformCannot), _) => (fetch(self.session, url, &extra).await, None),
            (Err(why), _) => return Err(why),
            (Ok(()), Scheme::Http) => {
                let stream = self.session.connect(address, Purpose::Http).await?;
                (exchange(self.session, stream, url, &extra, PAGE_LIMIT).await, Some(address))
            }
            (Ok(()), Scheme::Https) => {
                let (endpoint, tunnel) = tls::visit(self.client, self.session, host, address).await;
                let tunnel = tunnel.ok_or_else(|| no_tunnel(&endpoint))?;
                (exchange(self.session, tunnel, url, &extra, PAGE_LIMIT).await, Some(address))
            }
        };
        let (response, cookies): (Response, Cookies) = answer?;
        jar.put(url, &cookies);
        Ok(Asked { response, address: at })
    }

    /// Where a host is to be asked, best first: our own hosts at the corner's address if they have it, so that a
    /// trail tells about one address; others where DNS says, the corner's family first. Addresses that may not be
    /// visited come last, so that they are the reason only when there is no other.
    async fn addresses(&self, host: &DomainName) -> Result<Vec<IpAddr>, Unseen> {
        let own = self.known.iter().find(|(name, _)| name == host).map(|(_, addresses)| addresses.clone());
        let mut addresses = match own {
            Some(own) if own.contains(&self.corner.address) => vec![self.corner.address],
            Some(own) => own,
            None => dns::addresses_of(self.session, host).await?,
        };
        let rank = |address: &IpAddr| {
            let admitted = matches!(self.session.admit(*address), Ok(()) | Err(Unseen::PlatformCannot));
            (!admitted, address.is_ipv4() != self.corner.address.is_ipv4())
        };
        addresses.sort_by_key(rank);
        Ok(addresses)
    }
}

/// The host of a URL that may be asked for at all: a public name, at the port of its scheme.
fn visitable(url: &HttpUrl) -> Result<DomainName, Unseen> {
    if let Some(port) = url.explicit_port() {
        return Err(Unseen::NotAllowed(format!("it is at port {port}, and only ports 80 and 443 are visited")));
    }
    if url.address().is_some() {
        return Err(Unseen::NotAllowed("it is written as a number, and only names are visited".into()));
    }
    match url.host().parse::<DomainName>() {
        Ok(host) if host.labels().count() > 1 => Ok(host),
        _ => Err(Unseen::NotAllowed(format!("\"{}\" is not a public name", url.host()))),
    }
}

fn hop(url: &HttpUrl, asked: &Asked) -> Hop {
    let it = &asked.response;
    Hop {
        url: url.clone(),
        address: asked.address,
        status: it.status,
        location: it.location.clone(),
        hsts: it.hsts.first().cloned(),
        server: it.server.clone(),
        millis: it.millis,
    }
}
