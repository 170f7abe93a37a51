//! Further pages of the site, read for what they load: on request only, few, and as its robots.txt allows.

use std::{
    cell::Cell,
    collections::{HashSet, VecDeque},
    net::IpAddr,
};

use domain::{DomainName, HttpUrl};
use network::{Network, Session, Unseen};
use tls::Client;

use crate::{
    Crawl, Observation, PAGE_LIMIT, Page,
    line::{Lines, Way},
    pages::{Reader, is_html},
    reading::brief,
    robots::{self, Robots},
    scan,
};

/// At most this many pages are read, with this many requests, in this many bytes.
pub const CRAWL_LIMIT: u32 = 10;
const REQUESTS: usize = 20;
const BYTES: usize = 3 * 1024 * 1024;

/// At most this many connections are made, and https twins asked for, for all of them.
const CONNECTIONS: u32 = 8;
const TWINS: usize = 15;

/// No page is asked for after this time, in milliseconds.
const TIME: u64 = 15_000;

/// At most this many links wait to be followed.
const WAITING: usize = 500;

/// At most this many redirects of robots.txt are followed (RFC 9309 §2.3.1.2).
const ROBOTS_HOPS: usize = 5;

/// Reads pages that the first page links to, and those that these link to, one after the other. `None` where no page was
/// read before. `step` is told of each.
pub async fn crawl<N: Network>(
    client: &Client,
    session: &Session<N>,
    seen: &Observation,
    known: &[(DomainName, Vec<IpAddr>)],
    step: &dyn Fn(&str),
) -> Option<Crawl> {
    let start = seen.pages.iter().find(|page| page.html)?;
    let near = start.address.or_else(|| known.iter().find_map(|(_, addresses)| addresses.first().copied()))?;
    let own: Vec<DomainName> = known.iter().map(|(name, _)| name.clone()).collect();
    let left = Cell::new(CONNECTIONS);
    let lines = Lines::new(Way { client, session, known, near }, &left);
    let mut reader = Reader::new(lines, &own, TWINS);
    let mut crawl = Crawl { start: start.url.clone(), robots: Ok(()), pages: Vec::new(), kept_out: 0, more: 0 };
    let robots = robots(&mut reader, &start.url).await;
    step(start.url.with_path("/robots.txt").as_str());
    let robots = robots.unwrap_or_else(|why| {
        crawl.robots = Err(why);
        Robots::unreachable()
    });
    let began = session.elapsed();
    let read_already = |url: &HttpUrl| seen.pages.iter().any(|page| page.url == *url && *url != start.url);
    let mut known: HashSet<HttpUrl> = HashSet::from([start.url.clone()]);
    let mut waiting = VecDeque::from([start.url.clone()]);
    let (mut requests, mut bytes) = (0, 0);
    while let Some(url) = waiting.pop_front() {
        if !robots.allows(url.path()) {
            crawl.kept_out = crawl.kept_out.saturating_add(1);
            continue;
        }
        let is_start = url == start.url;
        let enough = crawl.pages.len() >= CRAWL_LIMIT as usize || requests >= REQUESTS || bytes >= BYTES;
        if enough || session.elapsed().saturating_sub(began) > TIME {
            crawl.more = crawl.more.saturating_add(1);
            continue;
        }
        requests += 1;
        let answer = reader.lines.ask(&url, &[("referer", start.url.as_str())], PAGE_LIMIT).await;
        let mut page =
            Page::unread(url.clone(), None, answer.as_ref().map(|(raw, _)| brief(raw)).map_err(Unseen::clone).into());
        let Ok((raw, address)) = answer else {
            // The time of the whole check is over, or connections are.
            crawl.more = crawl.more.saturating_add(1);
            continue;
        };
        page.address = address;
        bytes += raw.body.len();
        let next = match raw.header("location").and_then(|to| url.join(to)) {
            Some(to) if (300..400).contains(&raw.status) => vec![to],
            _ if (200..300).contains(&raw.status) && is_html(raw.header("content-type")) => {
                let links = scan::links(&url, &raw.body);
                if !is_start && !read_already(&url) {
                    reader.scan(&mut page, &raw);
                    reader.twins(&mut page).await;
                    step(url.as_str());
                    crawl.pages.push(page);
                }
                links
            }
            _ => Vec::new(),
        };
        for link in next {
            let fits = link.origin() == start.url.origin() && is_worth_reading(&link);
            if fits && waiting.len() < WAITING && known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
    }
    Some(crawl)
}

/// What robots.txt says, followed through its redirects. Where there is none, all may be read; where nobody can tell,
/// nothing (RFC 9309 §2.3.1).
async fn robots<N: Network>(reader: &mut Reader<'_, N>, start: &HttpUrl) -> Result<Robots, Unseen> {
    let mut url = start.with_path("/robots.txt");
    for _ in 0..=ROBOTS_HOPS {
        let (raw, _) = reader.lines.ask(&url, &[("accept", "text/plain,*/*;q=0.8")], robots::LIMIT).await?;
        match (raw.status, raw.header("location").and_then(|to| url.join(to))) {
            (300..400, Some(to)) => url = to,
            (200..300, _) => return Ok(Robots::read(&raw.body)),
            (300..500, _) => return Ok(Robots::absent()),
            (status, _) => return Err(Unseen::Failed(format!("robots.txt answers with status {status}"))),
        }
    }
    Ok(Robots::absent())
}

/// Whether it may be a page. A query is left out: searches, calendars and buttons have one, and no end.
fn is_worth_reading(url: &HttpUrl) -> bool {
    let path = url.path();
    let last = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let ending = last.rsplit_once('.').map(|(_, ending)| ending);
    let acts = ["logout", "log-out", "signout", "sign-out"].iter().any(|word| last.contains(word));
    path.len() <= 1_000
        && !path.contains('?')
        && !acts
        && ending.is_none_or(|it| matches!(it, "html" | "htm" | "xhtml" | "php" | "asp" | "aspx" | "jsp"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Use,
        case::observe,
        loopback::{HERE, Reply, Web, address, name, reply, to},
    };

    fn html(body: &str) -> Reply {
        reply(200, &["Content-Type: text/html"], body)
    }

    async fn read(web: &Web) -> Option<Crawl> {
        let seen = observe("https example.com 203.0.113.7 200\nread https://example.com/");
        let known = [(name("example.com"), vec![address(HERE)])];
        crawl(&web.client(), &web.session(), &seen, &known, &|_| {}).await
    }

    fn urls(crawl: &Crawl) -> Vec<&str> {
        crawl.pages.iter().map(|page| page.url.as_str()).collect()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn pages_are_read_breadth_first_and_what_robots_may_not_is_left_alone() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/robots.txt" => {
                reply(200, &["Content-Type: text/plain"], "User-agent: *\nDisallow: /private\n")
            }
            "https example.com/" => html(
                "<a href=/about>A</a><a href=/private/x>P</a><a href='shop/#top'>S</a><a href=/>home</a>\
                 <a href=http://example.com/old>O</a><a href=https://other.example/>E</a><a href=/a.pdf>F</a>\
                 <a href=/search?q=1>Q</a><a rel=nofollow href=/no>N</a><a href=/logout>L</a><a href=/moved>M</a>",
            ),
            "https example.com/about" => html("<a href=/team>T</a><script src=http://cdn.example.net/a.js></script>"),
            "https example.com/moved" => to("/here/"),
            "https example.com/shop/" | "https example.com/here/" | "https example.com/team" => html("<p>fine"),
            _ => reply(404, &[], "nothing"),
        })
        .await;
        let crawl = read(&web).await.unwrap();
        assert_eq!(
            urls(&crawl),
            [
                "https://example.com/about",
                "https://example.com/shop/",
                "https://example.com/team",
                "https://example.com/here/"
            ]
        );
        assert_eq!((crawl.kept_out, crawl.more, crawl.robots), (1, 0, Ok(())));
        assert_eq!(crawl.pages[0].references[0].r#use, Use::Script);
        let asked = web.asked();
        assert!(asked.iter().all(|url| !url.contains("private") && !url.contains("/no")), "{asked:?}");
        assert_eq!(asked.len(), 7, "{asked:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn ten_pages_are_enough() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/robots.txt" => reply(404, &[], ""),
            _ => html(&(0..40).map(|n| format!("<a href=/p{n}>")).collect::<String>()),
        })
        .await;
        let crawl = read(&web).await.unwrap();
        assert_eq!((crawl.pages.len(), crawl.more), (10, 30));
        assert_eq!(web.asked().len(), 12);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn without_an_answer_about_robots_nothing_is_read() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/robots.txt" => reply(503, &[], ""),
            _ => html("<a href=/about>"),
        })
        .await;
        let crawl = read(&web).await.unwrap();
        assert!(crawl.pages.is_empty() && crawl.robots.is_err(), "{crawl:?}");
        assert_eq!(web.asked(), ["https example.com/robots.txt"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_robots_file_that_moved_is_followed_and_a_maze_ends() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/robots.txt" => to("/files/robots.txt"),
            "https example.com/files/robots.txt" => reply(200, &[], "User-agent: lockstep\nDisallow: /x"),
            url => html(&format!(
                "<a href=/x><a href={}/a><a href={0}/b>",
                url.trim_start_matches("https example.com").trim_end_matches('/')
            )),
        })
        .await;
        let crawl = read(&web).await.unwrap();
        assert_eq!((crawl.pages.len(), crawl.kept_out), (10, 1));
        assert!(crawl.more > 0);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_site_without_a_page_is_not_crawled() {
        let web = Web::new(|_| reply(200, &[], "")).await;
        let seen = observe("https example.com 203.0.113.7 500");
        assert_eq!(crawl(&web.client(), &web.session(), &seen, &[], &|_| {}).await, None);
        assert!(web.dialled().is_empty());
    }
}
