//! The pages that the entrances end at, read for what they load.

use std::{cell::Cell, net::IpAddr};

use domain::{DomainName, HttpUrl, Scheme};
use futures_util::future::join;
use network::{Limits, Network, Purpose, Response, Saw, Session, Unseen, http};
use tls::Client;

use crate::{
    Asset, Brief, Deep, Observation, PAGE_LIMIT, Page, REFERENCE_LIMIT, Reference, Shared, Use,
    finals::{self, Final},
    line::{Lines, Way},
    probe::{Fronts, nobodys_path},
    reading::{brief, read},
    scan,
};

/// At most this many pages are read, and this many connections made for all of them.
const PAGES: usize = 2;
const CONNECTIONS: u32 = 6;

/// At most this many https twins of http URLs are asked for, a page.
const TWINS: usize = 5;

/// At most this many bytes of a stylesheet or script are read, and of an image.
const FILE_LIMIT: usize = 128 * 1024;
const TWIN_LIMIT: usize = 64 * 1024;

/// A page that took this long, in milliseconds, is not asked for again to learn more about it.
const ENOUGH: u64 = 3_000;

/// At most this many bytes of an error page are read.
const NOBODY_LIMIT: usize = 64 * 1024;

/// Reads the pages of the site's own names that its https entrances end at. `known` are these names, `fronts` the pages
/// that are at hand.
pub async fn pages<N: Network>(
    client: &Client,
    session: &Session<N>,
    seen: &Observation,
    known: &[(DomainName, Vec<IpAddr>)],
    fronts: &Fronts,
    step: &dyn Fn(&str),
) -> Vec<Page> {
    let left = Cell::new(CONNECTIONS);
    let own: Vec<DomainName> = known.iter().map(|(name, _)| name.clone()).collect();
    let mut pages = Vec::new();
    for start in starts(seen, &own) {
        let near = start.address.or_else(|| known.iter().find_map(|(_, addresses)| addresses.first().copied()));
        let Some(near) = near else { continue };
        let way = Way { client, session, known, near };
        let mut reader = Reader::new(Lines::new(way, &left), &own, TWINS);
        // What stands before an application that does not answer would only keep us waiting again, and a page that takes
        // long has been asked for often enough.
        let is_first = pages.is_empty() && !matches!(start.response.status, 502..=504);
        let again = start.response.millis < ENOUGH;
        let (mut page, aside) = join(reader.whole(&start, fronts), async {
            if is_first { Some(Aside::ask(Lines::new(way, &left), &start, near, again).await) } else { None }
        })
        .await;
        if let Some(aside) = aside {
            (page.nobody, page.health) = (Some(Box::new(aside.nobody)), Some(aside.health.into()));
            (page.shared, page.misnamed) = (aside.shared.map(Into::into), aside.misnamed.map(Box::new));
        }
        pages.push(page);
        step(start.url.as_str());
    }
    pages
}

/// Where no https entrance answers: the first page that comes over plain HTTP, read as if it came over https.
pub async fn before_https<N: Network>(
    client: &Client,
    session: &Session<N>,
    seen: &Observation,
    known: &[(DomainName, Vec<IpAddr>)],
) -> Option<Box<Page>> {
    if seen.corners.iter().any(|corner| corner.scheme == Scheme::Https && corner.first.seen().is_some()) {
        return None;
    }
    let own: Vec<DomainName> = known.iter().map(|(name, _)| name.clone()).collect();
    let is_own = |end: &Final<'_>| own.iter().any(|name| name.as_str() == end.url.host());
    let start = finals::of(seen).into_iter().find(|end| {
        end.url.scheme() == Scheme::Http && is_own(end) && is_page(end) && finals::wall(end.response).is_none()
    })?;
    let near = start.address?;
    let stream = session.connect(near, Purpose::Http).await.ok()?;
    let raw = http::get_within(session, Limits::EXCHANGE, stream, &start.url, &[], PAGE_LIMIT).await.ok()?;
    let mut page = Page::unread(start.url.clone(), start.address, Saw::Seen(brief(&raw)));
    page.html = (200..300).contains(&raw.status) && is_html(raw.header("content-type"));
    if page.html {
        // As it will be: what is relative then comes over https.
        let scan = scan::page(&twin(&start.url)?, &own, &raw.body);
        page.whole = raw.body.len() < PAGE_LIMIT;
        page.upgrades = scan.upgrades || policies(&raw).any(scan::upgrades);
        page.references = scan.references;
        // The site's own files move along with the page.
        let is_others = |it: &Reference| own.iter().all(|name| name.as_str() != it.url.host());
        let left = Cell::new(CONNECTIONS);
        let lines = Lines::new(Way { client, session, known, near }, &left);
        let mut reader = Reader::new(lines, &own, TWINS);
        let (mut others, own): (Vec<_>, Vec<_>) = std::mem::take(&mut page.references).into_iter().partition(is_others);
        std::mem::swap(&mut page.references, &mut others);
        reader.twins(&mut page).await;
        page.references.extend(own);
    }
    Some(Box::new(page))
}

/// What to look at: successful answers in HTML over https by the site's own names, where there are none its first other
/// answer. Two names that show the same page are one.
fn starts<'o>(seen: &'o Observation, own: &[DomainName]) -> Vec<Final<'o>> {
    let is_own = |end: &Final<'_>| own.iter().any(|name| name.as_str() == end.url.host());
    let is_site = |end: &Final<'_>| end.url.scheme() == Scheme::Https && finals::wall(end.response).is_none();
    let ends: Vec<Final<'o>> = finals::of(seen).into_iter().filter(|end| is_own(end) && is_site(end)).collect();
    let mut starts: Vec<Final<'o>> = Vec::new();
    for end in ends.iter().filter(|end| is_page(end)) {
        let alike = |start: &Final<'_>| {
            let key = |f: &Final<'_>| (f.response.title.clone(), f.response.length);
            start.url == end.url || (start.url.path() == end.url.path() && key(start) == key(end))
        };
        if !starts.iter().any(alike) {
            starts.push(end.clone());
        }
    }
    starts.truncate(PAGES);
    if starts.is_empty() { ends.into_iter().take(1).collect() } else { starts }
}

fn is_page(end: &Final<'_>) -> bool {
    (200..300).contains(&end.response.status) && is_html(end.response.header("content-type"))
}

pub(crate) fn is_html(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|it| it.to_ascii_lowercase().contains("html"))
}

/// Reads pages.
pub(crate) struct Reader<'r, N: Network> {
    pub(crate) lines: Lines<'r, N>,
    own: &'r [DomainName],
    /// What was asked for over https, and what it answered; and how much more may be.
    asked: Vec<(HttpUrl, Saw<u16>)>,
    limit: usize,
}

impl<'r, N: Network> Reader<'r, N> {
    /// Asks for at most `limit` https twins.
    pub(crate) fn new(lines: Lines<'r, N>, own: &'r [DomainName], limit: usize) -> Reader<'r, N> {
        Reader { lines, own, asked: Vec::new(), limit }
    }

    /// What the page names; also its first files.
    pub(crate) fn scan(&self, page: &mut Page, raw: &Response) -> Vec<(Use, HttpUrl)> {
        let scan = scan::page(&page.url, self.own, &raw.body);
        page.html = true;
        page.whole = raw.body.len() < PAGE_LIMIT;
        page.upgrades = scan.upgrades || policies(raw).any(scan::upgrades);
        page.references = scan.references;
        page.unpinned = scan.unpinned;
        (page.http_links, page.https_links) = (scan.http_links, scan.https_links);
        scan.files
    }

    /// The page with its files, and the https twins of what it names.
    async fn whole(&mut self, start: &Final<'_>, fronts: &Fronts) -> Page {
        let mut page = self.page(start, fronts).await;
        self.twins(&mut page).await;
        page
    }

    async fn page(&mut self, start: &Final<'_>, fronts: &Fronts) -> Page {
        let mut page = Page::unread(start.url.clone(), start.address, Saw::Seen(brief_of(start.response)));
        if !is_page(start) {
            return page;
        }
        let answer = match fronts.take(&start.url, start.address) {
            Some(raw) => Ok((raw, start.address)),
            None => self.lines.ask(&page.url, &[], PAGE_LIMIT).await,
        };
        page.address = answer.as_ref().ok().and_then(|(_, address)| *address);
        page.answer = answer.as_ref().map(|(raw, _)| brief(raw)).map_err(Unseen::clone).into();
        let Ok((raw, _)) = answer else { return page };
        page.html = (200..300).contains(&raw.status) && is_html(raw.header("content-type"));
        if !page.html {
            return page;
        }
        for (r#use, at) in self.scan(&mut page, &raw) {
            self.file(&mut page, r#use, at).await;
        }
        page
    }

    /// Fetches a stylesheet or script, and reads what it names in turn.
    async fn file(&mut self, page: &mut Page, r#use: Use, at: HttpUrl) {
        let accept = if r#use == Use::Style { "text/css,*/*;q=0.1" } else { "*/*" };
        let extra = [("accept", accept), ("referer", page.url.as_str())];
        let answer = self.lines.ask(&at, &extra, FILE_LIMIT).await;
        if let Ok((raw, _)) = &answer
            && (200..300).contains(&raw.status)
            && !raw.header("content-type").is_some_and(|it| it.to_ascii_lowercase().contains("html"))
        {
            let text = String::from_utf8_lossy(&raw.body);
            let more = if r#use == Use::Style { scan::stylesheet(&at, &text) } else { scan::calls(Some(&at), &text) };
            let known: Vec<Reference> = more.into_iter().filter(|it| !page.references.contains(it)).collect();
            page.references.extend(known);
            page.references.truncate(REFERENCE_LIMIT);
        }
        page.assets.push(Asset { r#use, url: at, answer: answer.map(|(raw, _)| brief(&raw)).into() });
    }

    /// Asks for the same URLs over https where browsers do: for images, sound and film always, for the rest when the
    /// page's policy says so.
    pub(crate) async fn twins(&mut self, page: &mut Page) {
        let upgrades = page.upgrades;
        let is_asked = |it: &Reference| match it.r#use {
            Use::Image | Use::Media => true,
            Use::ImageSet => upgrades,
            it => upgrades && it.is_active(),
        };
        let wanted: Vec<HttpUrl> = page.references.iter().filter(|it| is_asked(it)).map(|it| it.url.clone()).collect();
        for url in wanted {
            if self.asked.len() >= self.limit {
                break;
            }
            if self.asked.iter().any(|(known, _)| *known == url) {
                continue;
            }
            let Some(twin) = twin(&url) else { continue };
            // What browsers say by default (Referrer Policy, strict-origin-when-cross-origin).
            let origin = format!("{}/", page.url.origin());
            let referer = if twin.origin() == page.url.origin() { page.url.as_str() } else { &origin };
            let extra = [("accept", "image/*,*/*;q=0.8"), ("referer", referer)];
            let answer = self.lines.ask(&twin, &extra, TWIN_LIMIT).await;
            self.asked.push((url, answer.map(|(raw, _)| raw.status).into()));
        }
        for it in page.references.iter_mut().filter(|it| is_asked(it)) {
            it.twin = self.asked.iter().find(|(url, _)| *url == it.url).map(|(_, answer)| answer.clone());
        }
    }
}

/// What a page's site is asked besides, on a connection of its own.
struct Aside {
    nobody: Deep,
    health: Result<Brief, Unseen>,
    shared: Option<Result<Shared, Unseen>>,
    misnamed: Option<Deep>,
}

impl Aside {
    /// `again` is whether the page itself may be asked for a few times more.
    async fn ask<N: Network>(mut lines: Lines<'_, N>, start: &Final<'_>, near: IpAddr, again: bool) -> Aside {
        let url = &start.url;
        let (nobody, address) = Aside::nobody(&mut lines, url, near).await;
        let health = lines.ask(&url.with_path("/health"), &[], TWIN_LIMIT).await.map(|(raw, _)| brief(&raw));
        let shared = if again { Some(Aside::shared(&mut lines, url).await) } else { None };
        // The platform's own fetch cannot be told another name.
        let misnamed = if again && address.is_some() { Aside::misnamed(&mut lines, url).await } else { None };
        Aside { nobody, health, shared, misnamed }
    }

    /// Asks for a path that nobody has: what the site says when something is wrong. Also the address that answered.
    async fn nobody<N: Network>(lines: &mut Lines<'_, N>, url: &HttpUrl, near: IpAddr) -> (Deep, Option<IpAddr>) {
        let session = lines.session();
        let url = url.with_path(&nobodys_path(session));
        let began = session.elapsed();
        let answer = lines.ask(&url, &[], NOBODY_LIMIT).await;
        let millis = session.elapsed().saturating_sub(began);
        let address = answer.as_ref().ok().and_then(|(_, address)| *address);
        let first = answer.map(|(raw, _)| read(&raw, millis)).into();
        (Deep { url, address: address.unwrap_or(near), first }, address)
    }

    /// Asks for the page as a script of a site that nobody has would.
    async fn shared<N: Network>(lines: &mut Lines<'_, N>, url: &HttpUrl) -> Result<Shared, Unseen> {
        let origin = format!("https://{}.invalid", nobodys_path(lines.session()).trim_start_matches('/'));
        let (raw, _) = lines.ask(url, &[("origin", &origin)], NOBODY_LIMIT).await?;
        let header = |name: &str| raw.header(name).map(|it| it.trim().chars().take(200).collect::<String>());
        let credentials = header("access-control-allow-credentials").as_deref() == Some("true");
        Ok(Shared { allowed: header("access-control-allow-origin"), credentials, origin })
    }

    /// Asks the same connection for a host that nobody has.
    async fn misnamed<N: Network>(lines: &mut Lines<'_, N>, url: &HttpUrl) -> Option<Deep> {
        let session = lines.session();
        let host: DomainName = format!("{}.invalid", nobodys_path(session).trim_start_matches('/')).parse().ok()?;
        let began = session.elapsed();
        let answer = lines.ask(url, &[("host", host.as_str())], NOBODY_LIMIT).await;
        let millis = session.elapsed().saturating_sub(began);
        let address = answer.as_ref().ok()?.1?;
        Some(Deep {
            url: HttpUrl::root(Scheme::Https, &host),
            address,
            first: answer.map(|(raw, _)| read(&raw, millis)).into(),
        })
    }
}

fn brief_of(response: &crate::Response) -> Brief {
    Brief {
        status: response.status,
        content_type: response.header("content-type").map(str::to_owned),
        nosniff: response.header("x-content-type-options").is_some_and(|it| it.eq_ignore_ascii_case("nosniff")),
        server: response.server.clone(),
    }
}

fn policies(raw: &Response) -> impl Iterator<Item = &str> {
    raw.headers.iter().filter(|(name, _)| name == "content-security-policy").map(|(_, value)| value.as_str())
}

/// The same URL over https. One with a port of its own has none that could answer.
fn twin(url: &HttpUrl) -> Option<HttpUrl> {
    let rest = url.as_str().strip_prefix("http://").filter(|_| url.explicit_port().is_none())?;
    HttpUrl::parse(&format!("https://{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::observe,
        loopback::{Asked, HERE, Reply, THERE, Web, address, name, reply, to},
    };

    /// What is read when both names answer over https here; the page is the same at both unless it says its name.
    async fn read(web: &Web) -> Vec<Page> {
        let seen = observe(
            "https example.com 203.0.113.7 200 | content-type: text/html\n\
             https www.example.com 203.0.113.7 301 https://example.com/",
        );
        read_from(web, &seen).await
    }

    async fn read_from(web: &Web, seen: &Observation) -> Vec<Page> {
        let known = [
            (name("example.com"), vec![address(THERE), address(HERE)]),
            (name("www.example.com"), vec![address(HERE)]),
        ];
        pages_of(web, seen, &known).await
    }

    async fn pages_of(web: &Web, seen: &Observation, known: &[(DomainName, Vec<IpAddr>)]) -> Vec<Page> {
        pages(&web.client(), &web.session(), seen, known, &Fronts::default(), &|_| {}).await
    }

    /// A site whose page is `html` and whose other files are `files`.
    fn site(html: &str, files: &'static [(&str, &[&str], &str)]) -> impl Fn(&Asked) -> Reply + Send + Sync + 'static {
        let html = html.to_owned();
        move |asked| match asked.url.as_str() {
            "https example.com/" => reply(200, &["Content-Type: text/html; charset=utf-8", "Server: nginx"], &html),
            url => match files.iter().find(|(path, ..)| *path == url) {
                Some((_, headers, body)) => reply(200, headers, body),
                None => reply(404, &["Content-Type: text/html"], "<h1>Not Found</h1>"),
            },
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_page_its_files_and_its_images_go_over_one_connection() {
        let web = Web::new(site(
            "<link rel=stylesheet href=/a.css><script src=/a.js></script><img src=http://example.com/here.png>\
             <img src=http://example.com/gone.png><script src=http://cdn.example.net/x.js></script>",
            &[
                (
                    "https example.com/a.css",
                    &["Content-Type: text/css"],
                    "@import 'http://example.com/b.css'; a{b:url(http://example.com/c)}",
                ),
                (
                    "https example.com/a.js",
                    &["Content-Type: text/javascript", "X-Content-Type-Options: nosniff"],
                    "fetch('http://api.example.net/')",
                ),
                ("https example.com/here.png", &[], "png"),
            ],
        ))
        .await;
        let pages = read(&web).await;
        assert_eq!(pages.len(), 1);
        let page = &pages[0];
        assert_eq!(
            (page.url.as_str(), page.address, page.html, page.whole),
            ("https://example.com/", Some(address(HERE)), true, true)
        );
        let found: Vec<_> = page
            .references
            .iter()
            .map(|it| (it.r#use, it.url.as_str(), it.within.as_ref().map(HttpUrl::path), it.twin.clone()))
            .collect();
        assert_eq!(
            found,
            [
                (Use::Image, "http://example.com/here.png", None, Some(Saw::Seen(200))),
                (Use::Image, "http://example.com/gone.png", None, Some(Saw::Seen(404))),
                (Use::Script, "http://cdn.example.net/x.js", None, None),
                (Use::Style, "http://example.com/b.css", Some("/a.css"), None),
                (Use::Image, "http://example.com/c", Some("/a.css"), Some(Saw::Seen(404))),
                (Use::Call, "http://api.example.net/", Some("/a.js"), None),
            ]
        );
        let assets: Vec<_> =
            page.assets.iter().map(|it| (it.r#use, it.url.path(), it.answer.seen().unwrap().clone())).collect();
        assert_eq!(assets[0].2.content_type.as_deref(), Some("text/css"));
        assert_eq!((assets[1].0, assets[1].1, assets[1].2.nosniff), (Use::Script, "/a.js", true));
        // One more connection for what is asked besides.
        assert_eq!((web.dialled().len(), web.asked().len()), (2, 10), "{:?}", web.asked());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_the_first_look_showed_whole_is_not_asked_for_again() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/" => reply(200, &["Content-Type: text/html"], "<img src=http://example.com/a.png>"),
            "https www.example.com/" => reply(200, &["Content-Type: text/html"], &"x".repeat(80_000)),
            _ => reply(404, &[], ""),
        })
        .await;
        let (client, session, fronts) = (web.client(), web.session(), Fronts::default());
        let mut seen = observe("https example.com 203.0.113.7 200\nhttps www.example.com 203.0.113.7 200");
        for corner in &mut seen.corners {
            let (endpoint, tunnel) = tls::visit(&client, &session, &corner.host, corner.address).await;
            *corner = crate::first_https(&session, &endpoint, tunnel, &fronts).await;
        }
        let known = ["example.com", "www.example.com"].map(|host| (name(host), vec![address(HERE)]));
        let pages = pages(&client, &session, &seen, &known, &fronts, &|_| {}).await;
        assert_eq!(pages.len(), 2);
        assert!(pages[0].html && pages[0].whole && pages[0].address == Some(address(HERE)), "{:?}", pages[0]);
        assert_eq!(pages[0].references.len(), 1);
        let asked = |url: &str| web.asked().iter().filter(|it| *it == url).count();
        // Of the shorter one the question what other sites may read of it remains.
        assert_eq!((asked("https example.com/"), asked("https www.example.com/")), (1 + 1, 1 + 1), "{:?}", web.asked());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn connections_come_to_an_end() {
        let html = "<link rel=stylesheet href=/a.css><link rel=stylesheet href=/b.css><link rel=stylesheet href=/c.css>\
                    <script src=/a.js></script>"
            .to_owned()
            + &(0..9).map(|n| format!("<img src=http://example.com/{n}>")).collect::<String>();
        let web = Web::new(move |_| reply(200, &["Connection: close"], &html)).await;
        let pages = read(&web).await;
        assert_eq!((web.dialled().len(), web.asked().len()), (6, 6));
        // Page, four files and the path that nobody has; nothing is left for the images.
        let twins: Vec<_> = pages[0].references.iter().map(|it| it.twin.clone()).collect();
        assert!(matches!(&twins[0], Some(Saw::Unseen(Unseen::Failed(_)))) && twins[5].is_none(), "{twins:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_policy_has_scripts_asked_for_over_https() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/" => reply(
                200,
                &["Content-Security-Policy: default-src *; upgrade-insecure-requests"],
                "<script src=http://example.com/a.js></script><img srcset='http://example.com/a 1x'>",
            ),
            _ => reply(200, &[], ""),
        })
        .await;
        let pages = read(&web).await;
        assert!(pages[0].upgrades);
        assert!(pages[0].references.iter().all(|it| it.twin == Some(Saw::Seen(200))), "{pages:#?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_page_cannot_lead_us_where_we_may_not_go() {
        let web = Web::new(site(
            "<img src=http://127.0.0.1/a><img src=http://example.com:22/a><img src=http://localhost/a>\
             <img src=http://inside.example.net/a><img src=http://[::1]/a>",
            &[],
        ))
        .await
        .with_name("inside.example.net", "10.0.0.1");
        let pages = read(&web).await;
        assert_eq!((web.dialled().len(), web.asked().len()), (2, 5));
        for it in &pages[0].references {
            assert!(matches!(&it.twin, None | Some(Saw::Unseen(Unseen::NotAllowed(_)))), "{it:?}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn other_sites_images_are_asked_where_they_are() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/" => {
                reply(200, &[], "<img src=http://img.example.net/a><img src=http://nowhere.example.net/a>")
            }
            "https img.example.net/a" => reply(200, &[], "png"),
            _ => to("/"),
        })
        .await
        .with_name("img.example.net", THERE);
        let pages = read(&web).await;
        let twins: Vec<_> = pages[0].references.iter().map(|it| it.twin.clone().unwrap()).collect();
        assert_eq!(twins, [Saw::Seen(200), Saw::Unseen(Unseen::Failed(crate::NO_ADDRESS.into()))]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_path_that_nobody_has_is_asked_for_once() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/" => reply(200, &[], "<title>A</title>"),
            "https www.example.com/" => reply(200, &[], "<title>B</title>"),
            _ => reply(404, &[], "<title>Page not found</title>"),
        })
        .await;
        let both = "https example.com 203.0.113.7 200 | title: A\nhttps www.example.com 203.0.113.7 200 | title: B";
        let pages = read_from(&web, &observe(both)).await;
        let nobody = pages[0].nobody.as_ref().unwrap();
        assert!(nobody.url.as_str().starts_with("https://example.com/lockstep-"));
        assert_eq!(nobody.first.seen().unwrap().title.as_deref(), Some("Page not found"));
        assert_eq!(pages[1].nobody, None);
        // An application that does not answer is not asked again.
        let before = web.asked().len();
        assert_eq!(read_from(&web, &observe("https example.com 203.0.113.7 504")).await[0].nobody, None);
        assert_eq!(web.asked().len(), before);
        // Where there is no page, its answer is known already and not asked for again.
        for seen in
            ["https example.com 203.0.113.7 404", "https example.com 203.0.113.7 200 | content-type: application/json"]
        {
            let before = web.asked().len();
            let pages = read_from(&web, &observe(seen)).await;
            assert_eq!((pages.len(), pages[0].html, web.asked().len()), (1, false, before + 4));
            assert!(pages[0].nobody.is_some());
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_first_page_is_asked_for_other_sites_and_for_a_name_that_nobody_has() {
        let web = Web::new(|asked| match asked.url.as_str() {
            "https example.com/" => reply(
                200,
                &["Access-Control-Allow-Origin: *", "Access-Control-Allow-Credentials: true"],
                "<title>A</title>",
            ),
            url if url.contains(".invalid/") => reply(421, &[], "<title>Who?</title>"),
            _ => reply(404, &[], ""),
        })
        .await
        .with_page("https://example.com/", 200, &[]);
        let pages = read_from(&web, &observe("https example.com 203.0.113.7 200")).await;
        let shared = pages[0].shared.as_ref().unwrap().seen().unwrap();
        assert!(shared.origin.starts_with("https://lockstep-") && shared.origin.ends_with(".invalid"));
        assert_eq!((shared.allowed.as_deref(), shared.credentials), (Some("*"), true));
        let misnamed = pages[0].misnamed.as_ref().unwrap();
        assert!(misnamed.url.host().ends_with(".invalid") && misnamed.address == address(HERE));
        assert_eq!(misnamed.first.seen().map(|it| it.status), Some(421));
        assert_eq!(web.dialled().len(), 2);
        // Behind a content network the platform asks, and it takes no other name.
        let mut seen = observe("https example.com 198.51.100.1 200");
        seen.corners[0].via = crate::Via::Fetch;
        let known = [(name("example.com"), vec![address(crate::loopback::BEHIND_CDN)])];
        let pages = pages_of(&web, &seen, &known).await;
        assert!(pages[0].shared.is_some() && pages[0].misnamed.is_none());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_site_without_https_is_read_as_if_it_had_it() {
        let html = "<link rel=stylesheet href=/a.css><link rel=stylesheet href=http://example.com/b.css>\
                    <img src=http://cdn.example.net/a.png><img src=http://example.com/b.png>";
        let web = Web::new(move |asked| match asked.url.as_str() {
            "http example.com/" => reply(200, &["Content-Type: text/html"], html),
            _ => reply(404, &[], ""),
        })
        .await
        .with_name("cdn.example.net", THERE);
        let known = [(name("example.com"), vec![address(HERE)])];
        let before = async |case: &str| before_https(&web.client(), &web.session(), &observe(case), &known).await;
        let page = before("http example.com 203.0.113.7 200\nhttps example.com 203.0.113.7 refused").await.unwrap();
        let found: Vec<_> = page.references.iter().map(|it| (it.r#use, it.url.as_str(), it.twin.clone())).collect();
        assert_eq!(
            found,
            [
                (Use::Image, "http://cdn.example.net/a.png", Some(Saw::Seen(404))),
                (Use::Style, "http://example.com/b.css", None),
                (Use::Image, "http://example.com/b.png", None),
            ]
        );
        assert_eq!(web.asked(), ["http example.com/", "https cdn.example.net/a.png"]);
        for other in [
            "http example.com 203.0.113.7 200\nhttps example.com 203.0.113.7 500",
            "http example.com 203.0.113.7 404\nhttps example.com 203.0.113.7 refused",
            "http example.com 203.0.113.7 200 | content-type: application/json",
            "https example.com 203.0.113.7 refused",
        ] {
            assert_eq!(before(other).await, None, "{other}");
        }
        assert_eq!(web.asked().len(), 2);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn only_the_sites_own_pages_are_read() {
        let web = Web::new(|_| reply(200, &[], "")).await;
        for seen in [
            "https example.com 203.0.113.7 301 https://login.example.net/\npage https://login.example.net/ 200",
            "http example.com 203.0.113.7 200",
            "https example.com 203.0.113.7 200 | cf-mitigated: challenge",
            "",
        ] {
            assert_eq!(read_from(&web, &observe(seen)).await, [], "{seen}");
        }
        assert_eq!(web.dialled().len(), 0);
        // The same page at both names is read once, different ones both.
        let both = "https example.com 203.0.113.7 200 | title: A\nhttps www.example.com 203.0.113.7 200 | title: ";
        assert_eq!(read_from(&web, &observe(&format!("{both}A"))).await.len(), 1);
        assert_eq!(read_from(&web, &observe(&format!("{both}B"))).await.len(), 2);
    }
}
