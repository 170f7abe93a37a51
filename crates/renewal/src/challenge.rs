//! The challenge path, asked as an authority asks: plain HTTP on port 80, redirects by Boulder's rules.

use std::{cell::RefCell, collections::HashMap, net::IpAddr, rc::Rc};

use domain::{DomainName, HttpUrl, Scheme};
use network::{
    Limits, Network, Purpose, Response, Saw, Session, Unseen,
    http::{self, Plain},
    together,
};
use tls::Client;
use tokio::sync::OnceCell;

use crate::{Answer, Challenge, End, Hop, PATH, REDIRECT_LIMIT, Rule};

/// A challenge is under 128 bytes; more only tells what kind of page it is.
const BODY_LIMIT: usize = 4096;

/// The longest path and query of a redirect (Boulder `va/http.go`, maxPathSize).
const PATH_LIMIT: usize = 2000;

/// At most this many addresses of each family are tried for one hop.
const TRIES: usize = 2;

/// The most characters kept of a header.
const TEXT_LIMIT: usize = 300;

/// The path of a challenge that no authority set, for one check.
pub fn challenge_path<N: Network>(session: &Session<N>) -> String {
    format!("{PATH}lockstep-{}{}", session.nonce(), session.nonce())
}

/// Asks for that challenge at one host and address; redirects are not followed yet.
pub async fn first_answer<N: Network>(
    session: &Session<N>,
    host: &DomainName,
    door: &mut Plain<N>,
    path: &str,
) -> Challenge {
    let url = HttpUrl::root(Scheme::Http, host).with_path(path);
    let address = door.address();
    let mut challenge = Challenge {
        host: host.clone(),
        address,
        port: Saw::Seen(()),
        hops: Vec::new(),
        end: End::Unseen { url: url.clone(), why: Unseen::Closed },
        like_front: false,
    };
    match door.open(session).await {
        Err(why) => {
            challenge.port = Saw::Unseen(why.clone());
            challenge.end = End::Unseen { url, why };
        }
        Ok(()) => {
            let answer = door.get(session, &url, &[], BODY_LIMIT).await;
            challenge.add(step(url, address, answer));
        }
    }
    challenge
}

/// Follows the redirects of the first answers. Where several are redirected to one place, that is asked once: an
/// authority resolves the next host afresh, IPv6 first, wherever it came from.
pub async fn follow<N: Network>(
    client: &Client,
    session: &Session<N>,
    entrances: &[(DomainName, IpAddr)],
    firsts: Vec<Challenge>,
) -> Vec<Challenge> {
    let mut starts: Vec<&Challenge> = Vec::new();
    for first in &firsts {
        if next(first).is_some() && !starts.iter().any(|start| start.host == first.host && next(start) == next(first)) {
            starts.push(first);
        }
    }
    let way = Way { client, session, own: entrances, asked: RefCell::default() };
    let walked = together(starts.iter().map(|start| way.walk((*start).clone()))).await;
    firsts
        .iter()
        .map(|first| {
            let start = starts.iter().position(|start| start.host == first.host && next(start) == next(first));
            let Some(walked) = start.and_then(|index| walked.get(index)).filter(|_| next(first).is_some()) else {
                return first.clone();
            };
            let mut hops = first.hops.clone();
            hops.extend(walked.hops.iter().skip(1).cloned());
            Challenge { hops, end: walked.end.clone(), ..first.clone() }
        })
        .collect()
}

/// Where a first response redirects to, by the authority's rules.
fn next(challenge: &Challenge) -> Option<Result<HttpUrl, Rule>> {
    let hop = challenge.hops.last()?;
    if !(300..400).contains(&hop.status) || hop.status == 300 || hop.status == 304 {
        return None;
    }
    Some(target(hop))
}

fn target(hop: &Hop) -> Result<HttpUrl, Rule> {
    if !matches!(hop.status, 301 | 302 | 307 | 308) {
        return Err(Rule::Status(hop.status));
    }
    let location = hop.location.as_deref().unwrap_or_default();
    let unusable = || Rule::Unusable(location.to_owned());
    let url = (!location.is_empty()).then(|| hop.url.join(location)).flatten().ok_or_else(unusable)?;
    match url.explicit_port() {
        // The authority looks at the number alone: http on 443 is allowed, if hardly ever meant.
        Some(port) if port != 80 && port != 443 => return Err(Rule::Port(port)),
        Some(port) => return Err(Rule::Unusable(format!("{location} (port {port})"))),
        None => {}
    }
    if url.address().is_some() {
        return Err(Rule::Address);
    }
    if url.path().len() > PATH_LIMIT {
        return Err(Rule::TooLong);
    }
    if url.host().parse::<DomainName>().is_ok_and(|host| host.labels().count() > 1) { Ok(url) } else { Err(unusable()) }
}

/// What one request of a way showed.
#[derive(Clone)]
struct Step {
    /// None if nothing was answered.
    hop: Option<Hop>,
    end: End,
}

/// The way on from the first answers.
struct Way<'w, N> {
    client: &'w Client,
    session: &'w Session<N>,
    /// The site's hosts with their addresses.
    own: &'w [(DomainName, IpAddr)],
    /// What was asked on this way, by whoever came there first.
    asked: RefCell<HashMap<HttpUrl, Rc<OnceCell<Step>>>>,
}

impl<N: Network> Way<'_, N> {
    /// Follows from the first response on.
    async fn walk(&self, mut challenge: Challenge) -> Challenge {
        loop {
            let url = match next(&challenge) {
                None => return challenge,
                Some(Err(rule)) => {
                    challenge.end = End::Broken(rule);
                    return challenge;
                }
                Some(Ok(url)) => url,
            };
            if challenge.hops.iter().any(|hop| hop.url == url) {
                challenge.end = End::Broken(Rule::Repeated(url));
                return challenge;
            }
            if challenge.hops.len() > REDIRECT_LIMIT {
                challenge.end = End::Broken(Rule::TooMany);
                return challenge;
            }
            let once = Rc::clone(self.asked.borrow_mut().entry(url.clone()).or_default());
            challenge.add(once.get_or_init(|| self.ask(url)).await.clone());
            if matches!(challenge.end, End::Unseen { .. }) {
                return challenge;
            }
        }
    }

    /// One request of the way: at IPv6 first and at IPv4 if that cannot be reached, as the authority does. It only tries
    /// one address of each; we try a second, because ours come from several resolvers, of which one may be behind.
    async fn ask(&self, url: HttpUrl) -> Step {
        match self.ask_any(&url).await {
            Ok(step) => step,
            Err(why) => unseen(url, why),
        }
    }

    async fn ask_any(&self, url: &HttpUrl) -> Result<Step, Unseen> {
        let host: DomainName = url.host().parse().map_err(|_| Unseen::NotAllowed("it is not a name".into()))?;
        let own = self.own.iter().filter(|(name, _)| *name == host);
        let mut addresses: Vec<IpAddr> = own.map(|(_, address)| *address).collect();
        if addresses.is_empty() {
            addresses = dns::addresses_of(self.session, &host).await?;
        }
        let v6 = addresses.iter().filter(|address| address.is_ipv6()).take(TRIES);
        let v4 = addresses.iter().filter(|address| address.is_ipv4()).take(TRIES);
        let mut why = Unseen::Failed("the name does not lead to any address".into());
        for address in v6.chain(v4).copied() {
            match self.ask_at(url, &host, address).await {
                Ok(step) => return Ok(step),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// What one address that can be reached answers.
    async fn ask_at(&self, url: &HttpUrl, host: &DomainName, address: IpAddr) -> Result<Step, Unseen> {
        let session = self.session;
        let answer = match url.scheme() {
            Scheme::Http => {
                let stream = session.connect(address, Purpose::Http).await?;
                http::get_within(session, Limits::EXCHANGE, stream, url, &[], BODY_LIMIT).await
            }
            // The certificate is not looked at: one that has run out is what is being renewed.
            Scheme::Https => match tls::revisit(self.client, session, host, address).await {
                (_, Some(tunnel)) => http::get_within(session, Limits::EXCHANGE, tunnel, url, &[], BODY_LIMIT).await,
                (endpoint, None) => match endpoint.port.unseen() {
                    Some(why) => return Err(why.clone()),
                    None => Err(Unseen::Failed("no secure connection came about".into())),
                },
            },
        };
        Ok(step(url.clone(), address, answer))
    }
}

impl Challenge {
    fn add(&mut self, step: Step) {
        self.hops.extend(step.hop);
        self.end = step.end;
    }
}

fn unseen(url: HttpUrl, why: Unseen) -> Step {
    Step { hop: None, end: End::Unseen { url, why } }
}

fn step(url: HttpUrl, address: IpAddr, answer: Result<Response, Unseen>) -> Step {
    let response = match answer {
        Ok(response) => response,
        Err(why) => return unseen(url, why),
    };
    let location = response.header("location").map(bounded);
    Step {
        hop: Some(Hop { url, address, status: response.status, location }),
        end: End::Answer(Answer {
            status: response.status,
            html: is_html(&response),
            wall: response.header("cf-mitigated").is_some(),
            cookie_test: is_cookie_test(&response),
            server: response.header("server").map(bounded),
        }),
    }
}

/// The page of nginx's testcookie module, as many free hosts have it: a script decrypts a cookie and asks again.
fn is_cookie_test(response: &Response) -> bool {
    String::from_utf8_lossy(&response.body).contains("slowAES.decrypt(")
}

fn is_html(response: &Response) -> bool {
    let media = response.header("content-type").unwrap_or_default().trim_start().to_ascii_lowercase();
    let start = String::from_utf8_lossy(response.body.get(..response.body.len().min(200)).unwrap_or_default());
    let start = start.trim_start().to_ascii_lowercase();
    media.starts_with("text/html") && !start.is_empty()
        || start.starts_with("<!doctype html")
        || start.starts_with("<html")
}

fn bounded(text: &str) -> String {
    // A location may be as long as a path may be: it is followed, not only shown.
    text.chars().filter(|c| !c.is_control()).take(PATH_LIMIT + TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Outcome,
        loopback::{HERE, THERE, Web, reply, to},
    };

    fn entrances(hosts: &[(&str, &str)]) -> Vec<(DomainName, IpAddr)> {
        hosts.iter().map(|(host, address)| (host.parse().unwrap(), address.parse().unwrap())).collect()
    }

    async fn look(web: &Web, hosts: &[(&str, &str)]) -> Vec<Challenge> {
        let (session, entrances) = (web.session(), entrances(hosts));
        let path = challenge_path(&session);
        let mut firsts = Vec::new();
        for (host, address) in &entrances {
            firsts.push(first_answer(&session, host, &mut Plain::new(*address), &path).await);
        }
        follow(&web.client(), &session, &entrances, firsts).await
    }

    async fn outcome(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Outcome {
        let web = Web::new(answer).await;
        look(&web, &[("example.com", HERE)]).await[0].outcome()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_place_that_two_ways_lead_to_is_asked_once() {
        let web = Web::new(|asked| match asked.split_once(' ').unwrap() {
            ("http", rest) => to(&format!("https://{rest}")),
            (_, rest) if rest.starts_with("www.") => to(&format!("https://{}", rest.trim_start_matches("www."))),
            _ => reply(404, &[], "nothing"),
        })
        .await;
        let seen = look(&web, &[("example.com", HERE), ("www.example.com", HERE)]).await;
        let mut last = seen.iter().map(|it| it.hops.last().unwrap().url.as_str());
        assert!(last.all(|url| url.starts_with("https://example.com/")), "{seen:#?}");
        assert!(seen.iter().all(|it| it.outcome() == Outcome::Open), "{seen:#?}");
        assert_eq!(seen.iter().map(|it| it.hops.len()).collect::<Vec<_>>(), [2, 3]);
        let asked = web.asked();
        assert_eq!(asked.iter().filter(|url| url.starts_with("https example.com/")).count(), 1, "{asked:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_usual_site_redirects_and_has_nothing_there() {
        let web = Web::new(|asked| match asked.split_once(' ').unwrap() {
            ("http", rest) => to(&format!("https://{rest}")),
            _ => reply(404, &["Content-Type: text/html"], "<html>not found"),
        })
        .await;
        let hosts = [("example.com", HERE), ("example.com", THERE), ("www.example.com", HERE)];
        let seen = look(&web, &hosts).await;
        assert!(seen.iter().all(|it| it.outcome() == Outcome::Open && it.hops.len() == 2), "{seen:#?}");
        let asked = web.asked();
        assert_eq!(asked.iter().filter(|url| url.starts_with("http ")).count(), 3);
        assert_eq!(asked.iter().filter(|url| url.starts_with("https ")).count(), 2, "one way on for each host");
        assert!(asked.iter().all(|url| url.contains("/.well-known/acme-challenge/lockstep-")), "{asked:?}");
        assert!(seen[0].arrows().contains(" 301 → https://example.com/.well-known/"), "{}", seen[0].arrows());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn walls_pages_and_files_are_told_apart() {
        assert_eq!(outcome(|_| reply(403, &[], "no")).await, Outcome::Blocked("is answered with status 403".into()));
        assert_eq!(outcome(|_| reply(502, &[], "no")).await, Outcome::Blocked("is answered with status 502".into()));
        assert!(matches!(outcome(|_| reply(403, &["cf-mitigated: challenge"], "")).await, Outcome::Unknown(_)));
        assert!(matches!(outcome(|_| reply(429, &[], "")).await, Outcome::Unknown(_)));
        assert_eq!(outcome(|_| reply(200, &["Content-Type: text/html; charset=utf-8"], "<p>App")).await, Outcome::Page);
        assert_eq!(outcome(|_| reply(200, &[], "  <!DOCTYPE html><title>App")).await, Outcome::Page);
        assert_eq!(outcome(|_| reply(200, &["Content-Type: text/plain"], "token")).await, Outcome::Open);
        assert_eq!(outcome(|_| reply(410, &[], "")).await, Outcome::Open);
        let test = "<html><script src=\"/aes.js\"></script><script>document.cookie=\"t=\"+toHex(slowAES.decrypt(c,2,a,b))</script>";
        let tested = outcome(move |_| reply(200, &["Content-Type: text/html"], test)).await;
        assert!(matches!(&tested, Outcome::Blocked(how) if how.contains("JavaScript")), "{tested:?}");
        assert_eq!(outcome(|_| reply(200, &["Content-Type: text/html"], "<script src=/aes.js>")).await, Outcome::Page);
        let silent = outcome(|_| Vec::new()).await;
        assert!(matches!(&silent, Outcome::Blocked(why) if why.starts_with("gets no answer: ")), "{silent:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn redirects_are_followed_by_the_authoritys_rules() {
        let rule = async |answer: fn(&str) -> Vec<u8>| {
            let web = Web::new(answer).await;
            match look(&web, &[("example.com", HERE)]).await.remove(0).end {
                End::Broken(rule) => format!("{rule:?}"),
                other => format!("{other:?}"),
            }
        };
        assert_eq!(rule(|_| reply(303, &["Location: /x"], "")).await, "Status(303)");
        assert_eq!(rule(|_| reply(301, &[], "")).await, "Unusable(\"\")");
        assert_eq!(rule(|_| to("ftp://example.com/")).await, "Unusable(\"ftp://example.com/\")");
        assert_eq!(rule(|_| to("http://example.com:8000/")).await, "Port(8000)");
        assert_eq!(rule(|_| to("https://203.0.113.7/x")).await, "Address");
        assert_eq!(rule(|_| to("https://localhost/x")).await, "Unusable(\"https://localhost/x\")");
        assert_eq!(rule(|_| to("http://example.com/a")).await, "Repeated(HttpUrl(\"http://example.com/a\"))");
        assert_eq!(rule(|_| to(&format!("/{}", "a".repeat(2100)))).await, "TooLong");
        let onward = rule(|asked| to(&format!("{}x", asked.rsplit('/').next().unwrap()))).await;
        assert_eq!(onward, "TooMany");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_closed_port_is_another_checks() {
        let mut web = Web::new(|_| Vec::new()).await;
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        web.settings.dial.iter_mut().for_each(|dial| dial.to = closed);
        assert_eq!(look(&web, &[("example.com", HERE)]).await[0].outcome(), Outcome::Moot);
        assert!(matches!(look(&web, &[("example.com", "10.0.0.1")]).await[0].outcome(), Outcome::Unknown(_)));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_redirect_into_a_closed_door_is_blocked() {
        let mut web = Web::new(|asked| to(&format!("https://{}", asked.split_once(' ').unwrap().1))).await;
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        web.settings.dial.iter_mut().filter(|dial| dial.from.port() == 443).for_each(|dial| dial.to = closed);
        let seen = look(&web, &[("example.com", HERE)]).await;
        assert!(matches!(seen[0].outcome(), Outcome::Blocked(why) if why.contains("the connection was refused")));
    }
}
