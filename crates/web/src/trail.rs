//! The redirect walker: where an entrance leads, hop by hop, each guarded like the first.

use std::net::IpAddr;

use domain::{DomainName, HttpUrl, Scheme};
use network::{Network, Purpose, Saw, Session, Unseen};
use tls::Client;

use crate::{
    Corner, End, HOP_LIMIT, Hop, NO_ADDRESS, PAGE_LIMIT, Response, Trail, Via,
    jar::Jar,
    line::{TRIES, Way, visitable},
    probe::{Cookies, FIRST_LIMIT, exchange, fetch, no_tunnel},
};

/// Follows redirects from a corner's first response, which is the first hop and not asked for again; nor is what the
/// other `corners` have answered already. Own hosts are in `known` with their addresses and are asked at the corner's
/// address where they have it; others are resolved.
///
/// Cookies are not carried, as the first look does not. Only when that ends in a circle, and cookies were set on the
/// way, the walk is done again as a browser does it: some sites redirect until a cookie comes back.
pub async fn follow<N: Network>(
    client: &Client,
    session: &Session<N>,
    corner: &Corner,
    corners: &[Corner],
    known: &[(DomainName, Vec<IpAddr>)],
) -> Trail {
    let walker = Walker { way: Way { client, session, known, near: corner.address }, corners };
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
    way: Way<'w, N>,
    /// What has been answered before the walk.
    corners: &'w [Corner],
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

    /// What a front page answered to the first look, whole and by our own socket.
    fn answered(&self, url: &HttpUrl, address: IpAddr) -> Option<&Response> {
        let is_it = |corner: &&Corner| corner.address == address && corner.via == Via::Socket && corner.url() == *url;
        let first = self.corners.iter().find(is_it)?.first.seen()?;
        (first.length < FIRST_LIMIT).then_some(first)
    }

    /// Asks for one URL at the address it should be asked at.
    async fn ask(&self, url: &HttpUrl, jar: &mut Jar) -> Result<Asked, Unseen> {
        let host = visitable(url)?;
        let mut why = Unseen::Failed(NO_ADDRESS.into());
        for address in self.way.addresses(&host).await?.into_iter().take(TRIES) {
            match self.ask_at(url, &host, address, jar).await {
                Ok(asked) => return Ok(asked),
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    async fn ask_at(&self, url: &HttpUrl, host: &DomainName, address: IpAddr, jar: &mut Jar) -> Result<Asked, Unseen> {
        let Way { client, session, .. } = self.way;
        let cookie = jar.header(url);
        let extra: Vec<(&str, &str)> = cookie.iter().map(|value| ("cookie", value.as_str())).collect();
        // An open jar needs the cookies' values, which are never kept.
        if !jar.is_open()
            && let Some(response) = self.answered(url, address)
        {
            let cookies: Cookies = response.header("set-cookie").map(str::to_owned).into_iter().collect();
            jar.put(url, &cookies);
            return Ok(Asked { response: response.clone(), address: Some(address) });
        }
        let (answer, at) = match (session.admit(address), url.scheme()) {
            (Err(Unseen::PlatformCannot), _) => (fetch(session, url, &extra).await, None),
            (Err(why), _) => return Err(why),
            (Ok(()), Scheme::Http) => {
                let stream = session.connect(address, Purpose::Http).await?;
                (exchange(session, stream, url, &extra, PAGE_LIMIT).await, Some(address))
            }
            (Ok(()), Scheme::Https) => {
                let (endpoint, tunnel) = tls::revisit(client, session, host, address).await;
                let tunnel = tunnel.ok_or_else(|| no_tunnel(&endpoint))?;
                (exchange(session, tunnel, url, &extra, PAGE_LIMIT).await, Some(address))
            }
        };
        let (response, cookies): (Response, Cookies) = answer?;
        jar.put(url, &cookies);
        Ok(Asked { response, address: at })
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

#[cfg(test)]
mod tests {
    use network::http::Plain;

    use super::*;
    use crate::{
        loopback::{BEHIND_CDN, HERE, Reply, THERE, Web, address, name, reply, to},
        probe::first_http,
    };

    /// Follows from http://example.com/ at [`HERE`]; example.com and www.example.com are known to be here and there.
    async fn followed(web: &Web) -> Trail {
        let (session, client) = (web.session(), web.client());
        let known = [
            (name("example.com"), vec![address(THERE), address(HERE)]),
            (name("www.example.com"), vec![address(THERE)]),
        ];
        let corner = first_http(&session, &known[0].0, &mut Plain::new(address(HERE))).await;
        follow(&client, &session, &corner, &[], &known).await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_way_is_followed_to_its_end() {
        let page = format!("<title>Home</title>{}", "x".repeat(PAGE_LIMIT));
        let web = Web::new(move |asked| match asked.url.as_str() {
            "http example.com/" => to("https://example.com"),
            "https example.com/" => reply(308, &["Location: //www.example.com/a?b#c", "Server: nginx"], ""),
            "https www.example.com/a?b" => to("/home"),
            _ => reply(200, &["Strict-Transport-Security: max-age=1"], &page),
        })
        .await;
        let trail = followed(&web).await;
        let way =
            "http://example.com/ → https://example.com/ → https://www.example.com/a?b → https://www.example.com/home";
        assert_eq!(trail.arrows(), way);
        // The first response is not asked for again.
        assert_eq!(web.asked().len(), 4);
        let (url, answer) = trail.answer().unwrap();
        assert_eq!(url.as_str(), "https://www.example.com/home");
        assert_eq!((answer.status, answer.length, answer.title.as_deref()), (200, PAGE_LIMIT, Some("Home")));
        let hops: Vec<_> = trail.hops.iter().map(|hop| (hop.status, hop.address.unwrap().to_string())).collect();
        let (here, there) = (HERE.to_owned(), THERE.to_owned());
        assert_eq!(hops, [(301, here.clone()), (308, here), (301, there.clone()), (200, there)]);
        assert_eq!(
            (trail.hops[1].server.as_deref(), trail.hops[3].hsts.as_deref()),
            (Some("nginx"), Some("max-age=1"))
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_another_corner_answered_is_not_asked_for_again() {
        let web = Web::new(|asked| match (asked.url.as_str(), asked.cookie.as_str()) {
            ("http example.com/", _) => to("https://example.com/"),
            ("https example.com/", "seen=1") => reply(200, &[], "<title>In</title>"),
            ("https example.com/", _) => reply(302, &["Set-Cookie: seen=1", "Location: https://example.com/"], ""),
            _ => reply(200, &[], "<title>Other</title>"),
        })
        .await;
        let (session, client) = (web.session(), web.client());
        let (host, here) = (name("example.com"), address(HERE));
        let plain = first_http(&session, &host, &mut Plain::new(here)).await;
        let (endpoint, tunnel) = tls::visit(&client, &session, &host, here).await;
        let secure = crate::first_https(&session, &endpoint, tunnel, &crate::Fronts::default()).await;
        let corners = [plain.clone(), secure];
        // Both are known; what a cookie changes is not, and a walk with cookies asks for everything itself.
        let trail = follow(&client, &session, &plain, &corners, &[(host.clone(), vec![here])]).await;
        assert_eq!(trail.answer().and_then(|(_, answer)| answer.title.as_deref()), Some("In"));
        assert_eq!(web.asked().len(), 2 + 3, "{:?}", web.asked());
        // The same at another address is another question.
        let there = address(THERE);
        let elsewhere = Corner { address: there, ..plain };
        follow(&client, &session, &elsewhere, &corners, &[(host, vec![there])]).await;
        assert!(web.asked().len() > 5, "{:?}", web.asked());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_answer_at_once_is_the_end() {
        let web = Web::new(|_| reply(404, &[], "")).await;
        let trail = followed(&web).await;
        assert_eq!((trail.hops.len(), web.asked().len()), (1, 1));
        assert_eq!(trail.answer().map(|(_, answer)| answer.status), Some(404));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_circle_is_named_by_the_url_that_comes_again() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "http example.com/" => to("https://example.com/"),
            "https example.com/" => to("https://www.example.com/"),
            _ => to("https://example.com/#again"),
        })
        .await;
        let trail = followed(&web).await;
        assert!(matches!(&trail.end, End::Loop(url) if url.as_str() == "https://example.com/"), "{trail:?}");
        assert_eq!((trail.hops.len(), web.asked().len()), (3, 3));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_site_that_waits_for_its_cookie_is_no_circle() {
        let web = Web::new(|asked| match (asked.url.as_str(), asked.cookie.as_str()) {
            ("http example.com/", _) => to("https://example.com/"),
            (_, "seen=1") => reply(200, &[], "<title>In</title>"),
            _ => reply(302, &["Set-Cookie: seen=1; Path=/; Secure", "Location: https://example.com/"], ""),
        })
        .await;
        let trail = followed(&web).await;
        assert_eq!(trail.answer().and_then(|(_, answer)| answer.title.as_deref()), Some("In"));
        // A site that sets cookies and turns in a circle all the same is a circle.
        let web = Web::new(|asked| match asked.url.as_str() {
            "http example.com/" => to("https://example.com/"),
            _ => reply(302, &["Set-Cookie: seen=1", "Location: https://example.com/"], ""),
        })
        .await;
        assert!(matches!(followed(&web).await.end, End::Loop(_)));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn ten_redirects_are_followed_and_no_more() {
        let count_to = |last: u32| {
            move |asked: &crate::loopback::Asked| {
                let n: u32 = asked.url.rsplit('/').next().unwrap().parse().unwrap_or(0);
                if n == last { reply(200, &[], "") } else { to(&format!("http://example.com/{}", n + 1)) }
            }
        };
        let web = Web::new(count_to(10)).await;
        let trail = followed(&web).await;
        assert!(trail.answer().is_some() && trail.hops.len() == 11, "{trail:?}");
        let web = Web::new(count_to(11)).await;
        let trail = followed(&web).await;
        assert_eq!(trail.end, End::TooMany);
        assert_eq!((trail.hops.len(), web.asked().len()), (HOP_LIMIT + 1, HOP_LIMIT + 1));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn redirects_cannot_lead_the_walker_where_it_may_not_go() {
        for location in [
            "http://inside.example.net/",
            "https://inside.example.net/",
            "http://metadata.example.net/latest/meta-data/",
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://[::1]/",
            "http://[::ffff:203.0.113.7]/",
            "http://169.254.169.254/latest/meta-data/",
            "http://203.0.113.7/",
            "http://localhost/",
            "http://intranet/",
            "http://example.com:22/",
            "http://example.com:8000/",
            "https://example.com:80/",
            "http://example.com:443/",
        ] {
            let web = Web::new(move |_| to(location))
                .await
                .with_name("inside.example.net", "127.0.0.1")
                .with_name("metadata.example.net", "169.254.169.254");
            let trail = followed(&web).await;
            assert!(
                matches!(&trail.end, End::Unseen { why: Unseen::NotAllowed(_), .. }),
                "{location}: {:?}",
                trail.end
            );
            assert_eq!((trail.hops.len(), web.dialled().len(), web.asked().len()), (1, 1, 1), "{location}");
            assert_eq!(trail.hops[0].location.as_deref(), Some(location));
            assert!(web.fetched().is_empty());
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn other_sites_are_resolved_and_may_lie_behind_a_network() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "http example.com/" => to("https://other.example.net/"),
            "https other.example.net/" => to("https://cdn.example.org/x"),
            _ => reply(500, &[], ""),
        })
        .await
        .with_name("other.example.net", THERE)
        .with_name("cdn.example.org", BEHIND_CDN)
        .with_page("https://cdn.example.org/x", 200, &[]);
        let trail = followed(&web).await;
        assert_eq!(
            trail.answer().map(|(url, answer)| (url.as_str(), answer.status)),
            Some(("https://cdn.example.org/x", 200))
        );
        assert_eq!(trail.hops[1].address, Some(address(THERE)));
        assert_eq!(trail.hops[2].address, None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_cannot_be_followed_is_told_apart() {
        for location in ["javascript:alert(1)", "ftp://example.com/", "http://"] {
            let web = Web::new(move |_| to(location)).await;
            assert_eq!(followed(&web).await.end, End::BadLocation, "{location}");
        }
        let web = Web::new(|_| reply(302, &[], "")).await;
        assert_eq!(followed(&web).await.end, End::BadLocation);
        let web = Web::new(|_| to("http://nowhere.example.net/")).await;
        assert!(matches!(followed(&web).await.end, End::Unseen { why: Unseen::Failed(why), .. } if why == NO_ADDRESS));
        let web = Web::new(|asked| if asked.url == "http example.com/" { to("/slow") } else { Reply::Silence }).await;
        let trail = followed(&web).await;
        assert!(matches!(&trail.end, End::Unseen { why: Unseen::TimedOut, url } if url.path() == "/slow"), "{trail:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_corner_that_was_not_seen_has_a_trail_without_hops() {
        let web = Web::new(|_| Reply::Bytes(Vec::new())).await;
        let trail = followed(&web).await;
        assert!(trail.hops.is_empty() && matches!(trail.end, End::Unseen { why: Unseen::Closed, .. }));
    }
}
