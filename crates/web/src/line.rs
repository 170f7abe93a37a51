//! Asking a site over https several times: one connection a host while it lasts, and few connections altogether.

use std::{cell::Cell, net::IpAddr};

use domain::{DomainName, HttpUrl, Scheme};
use network::{Held, Limits, Network, Response, Session, Unseen, http::Line};
use tls::{Client, Tunnel};

use crate::{
    observation::NO_ADDRESS,
    probe::{fetch_raw, no_tunnel},
};

/// At most this many addresses of a host are tried for one request.
pub(crate) const TRIES: usize = 2;

/// Where hosts are, and how to get there.
pub(crate) struct Way<'w, N> {
    pub(crate) client: &'w Client,
    pub(crate) session: &'w Session<N>,
    /// The site's own hosts and their addresses.
    pub(crate) known: &'w [(DomainName, Vec<IpAddr>)],
    /// The address to stay at where a host has it.
    pub(crate) near: IpAddr,
}

impl<N> Clone for Way<'_, N> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<N> Copy for Way<'_, N> {}

impl<N: Network> Way<'_, N> {
    /// Where a host is to be asked, best first: our own hosts at the near address if they have it, so that what we
    /// say is about one address; others where DNS says, the near family first. Addresses that may not be visited come
    /// last, so that they are the reason only when there is no other.
    pub(crate) async fn addresses(&self, host: &DomainName) -> Result<Vec<IpAddr>, Unseen> {
        let own = self.known.iter().find(|(name, _)| name == host).map(|(_, addresses)| addresses.clone());
        let addresses = match own {
            Some(own) if own.contains(&self.near) => vec![self.near],
            Some(own) if !own.is_empty() => own,
            // Nothing known can also mean that nobody answered when it was asked for: ask again before saying so.
            Some(_) | None => dns::addresses_of(self.session, host).await?,
        };
        let rank = |address: &IpAddr| {
            let admitted = matches!(self.session.admit(*address), Ok(()) | Err(Unseen::PlatformCannot));
            (!admitted, address.is_ipv4() != self.near.is_ipv4())
        };
        let ranks = [(false, false), (false, true), (true, false), (true, true)];
        Ok(ranks.iter().flat_map(|of| addresses.iter().filter(|it| rank(it) == *of)).copied().collect())
    }
}

/// The host of a URL that may be asked for at all: a public name, at the port of its scheme.
pub(crate) fn visitable(url: &HttpUrl) -> Result<DomainName, Unseen> {
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

/// The open connections of one page.
pub(crate) struct Lines<'l, N: Network> {
    way: Way<'l, N>,
    /// How many connections may still be opened, for the whole check.
    left: &'l Cell<u32>,
    open: Vec<Open<N>>,
}

struct Open<N: Network> {
    host: DomainName,
    address: IpAddr,
    line: Line<Tunnel<Held<N::Stream>>>,
}

impl<'l, N: Network> Lines<'l, N> {
    pub(crate) fn new(way: Way<'l, N>, left: &'l Cell<u32>) -> Lines<'l, N> {
        Lines { way, left, open: Vec::new() }
    }

    /// The check that asks.
    pub(crate) fn session(&self) -> &'l Session<N> {
        self.way.session
    }

    /// Asks for a URL over https, following nothing; also the address that answered, none when the platform asked
    /// for us.
    pub(crate) async fn ask(
        &mut self,
        url: &HttpUrl,
        extra: &[(&str, &str)],
        limit: usize,
    ) -> Result<(Response, Option<IpAddr>), Unseen> {
        if url.scheme() != Scheme::Https {
            return Err(Unseen::Failed("it is not an https URL".into()));
        }
        let host = visitable(url)?;
        if let Some(at) = self.open.iter().position(|open| open.host == host) {
            let open = self.open.swap_remove(at);
            match self.exchange(open, url, extra, limit).await {
                // The server closed it while nothing was said; that says nothing about the URL.
                Err(Unseen::Closed | Unseen::Reset) => {}
                answer => return answer,
            }
        }
        let mut why = Unseen::Failed(NO_ADDRESS.into());
        for address in self.way.addresses(&host).await?.into_iter().take(TRIES) {
            match self.ask_at(url, &host, address, extra, limit).await {
                Ok(answer) => return Ok(answer),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    async fn ask_at(
        &mut self,
        url: &HttpUrl,
        host: &DomainName,
        address: IpAddr,
        extra: &[(&str, &str)],
        limit: usize,
    ) -> Result<(Response, Option<IpAddr>), Unseen> {
        let Way { client, session, .. } = self.way;
        match session.admit(address) {
            Err(Unseen::PlatformCannot) => {
                self.spend()?;
                return Ok((fetch_raw(session, url, extra).await?, None));
            }
            Err(why) => return Err(why),
            Ok(()) => self.spend()?,
        }
        let (endpoint, tunnel) = tls::revisit(client, session, host, address).await;
        let tunnel = tunnel.ok_or_else(|| no_tunnel(&endpoint))?;
        let line = Line::over(tunnel).await?;
        self.exchange(Open { host: host.clone(), address, line }, url, extra, limit).await
    }

    async fn exchange(
        &mut self,
        mut open: Open<N>,
        url: &HttpUrl,
        extra: &[(&str, &str)],
        limit: usize,
    ) -> Result<(Response, Option<IpAddr>), Unseen> {
        let answer = open.line.get_within(self.way.session, Limits::EXCHANGE, url, extra, limit).await?;
        let address = open.address;
        if open.line.is_open() {
            self.open.push(open);
        }
        Ok((answer, Some(address)))
    }

    fn spend(&self) -> Result<(), Unseen> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.ok_or_else(|| Unseen::Failed("enough was asked of others for one check".into()))?);
        Ok(())
    }
}
