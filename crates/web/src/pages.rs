//! The pages that the entrances end at, read for what they load.

use std::{cell::Cell, net::IpAddr};

use domain::{DomainName, HttpUrl, Scheme};
use network::{Network, Response, Session, Unseen};
use tls::Client;

use crate::{
    Asset, Observation, PAGE_LIMIT, Page, REFERENCE_LIMIT, Reference, Use,
    finals::{self, Final},
    line::{Lines, Way},
    reading::brief,
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

/// Reads the pages of the site's own names that its https entrances end at. `known` are these names.
pub async fn pages<N: Network>(
    client: &Client,
    session: &Session<N>,
    seen: &Observation,
    known: &[(DomainName, Vec<IpAddr>)],
    step: &dyn Fn(&str),
) -> Vec<Page> {
    let left = Cell::new(CONNECTIONS);
    let own: Vec<DomainName> = known.iter().map(|(name, _)| name.clone()).collect();
    let mut pages = Vec::new();
    for start in starts(seen, &own) {
        let near = start.address.or_else(|| known.iter().find_map(|(_, addresses)| addresses.first().copied()));
        let Some(near) = near else { continue };
        let way = Way { client, session, known, near };
        pages.push(Reader { lines: Lines::new(way, &left), own: &own }.page(&start.url).await);
        step(start.url.as_str());
    }
    pages
}

/// Which pages to read: successful answers in HTML over https by the site's own names. Two names that show the same
/// page are read once.
fn starts<'o>(seen: &'o Observation, own: &[DomainName]) -> Vec<Final<'o>> {
    let mut starts: Vec<Final<'o>> = Vec::new();
    for end in finals::of(seen) {
        let is_own = own.iter().any(|name| name.as_str() == end.url.host());
        let is_page = (200..300).contains(&end.response.status) && is_html(end.response.header("content-type"));
        let is_site = finals::wall(end.response).is_none();
        let alike = |start: &Final<'_>| {
            let key = |f: &Final<'_>| (f.response.title.clone(), f.response.length);
            start.url == end.url || (start.url.path() == end.url.path() && key(start) == key(&end))
        };
        if end.url.scheme() == Scheme::Https && is_own && is_page && is_site && !starts.iter().any(alike) {
            starts.push(end);
        }
    }
    starts.truncate(PAGES);
    starts
}

fn is_html(content_type: Option<&str>) -> bool {
    content_type.is_none_or(|it| it.to_ascii_lowercase().contains("html"))
}

/// Reads one page.
struct Reader<'r, N: Network> {
    lines: Lines<'r, N>,
    own: &'r [DomainName],
}

impl<N: Network> Reader<'_, N> {
    async fn page(mut self, url: &HttpUrl) -> Page {
        let answer = self.lines.ask(url, &[], PAGE_LIMIT).await;
        let mut page = Page {
            url: url.clone(),
            address: answer.as_ref().ok().and_then(|(_, address)| *address),
            answer: answer.as_ref().map(|(raw, _)| brief(raw)).map_err(Unseen::clone).into(),
            html: false,
            whole: false,
            upgrades: false,
            references: Vec::new(),
            http_links: 0,
            https_links: 0,
            assets: Vec::new(),
        };
        let Ok((raw, _)) = answer else { return page };
        page.html = (200..300).contains(&raw.status) && is_html(raw.header("content-type"));
        if !page.html {
            return page;
        }
        let scan = scan::page(url, self.own, &raw.body);
        page.whole = scan.whole && raw.body.len() < PAGE_LIMIT;
        page.upgrades = scan.upgrades || policies(&raw).any(scan::upgrades);
        page.references = scan.references;
        (page.http_links, page.https_links) = (scan.http_links, scan.https_links);
        for (r#use, at) in scan.files {
            self.file(&mut page, r#use, at).await;
        }
        self.twins(&mut page).await;
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
    async fn twins(&mut self, page: &mut Page) {
        let upgrades = page.upgrades;
        let is_asked = |it: &Reference| match it.r#use {
            Use::Image | Use::Media => true,
            Use::ImageSet => upgrades,
            it => upgrades && it.is_active(),
        };
        let mut asked: Vec<(HttpUrl, network::Saw<u16>)> = Vec::new();
        let wanted: Vec<HttpUrl> = page.references.iter().filter(|it| is_asked(it)).map(|it| it.url.clone()).collect();
        for url in wanted {
            if asked.len() >= TWINS {
                break;
            }
            if asked.iter().any(|(known, _)| *known == url) {
                continue;
            }
            let Some(twin) = twin(&url) else { continue };
            // What browsers say by default (Referrer Policy, strict-origin-when-cross-origin).
            let origin = format!("{}/", page.url.origin());
            let referer = if twin.origin() == page.url.origin() { page.url.as_str() } else { &origin };
            let extra = [("accept", "image/*,*/*;q=0.8"), ("referer", referer)];
            let answer = self.lines.ask(&twin, &extra, TWIN_LIMIT).await;
            asked.push((url, answer.map(|(raw, _)| raw.status).into()));
        }
        for it in page.references.iter_mut().filter(|it| is_asked(it)) {
            it.twin = asked.iter().find(|(url, _)| *url == it.url).map(|(_, answer)| answer.clone());
        }
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
    use network::Saw;

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
        pages(&web.client(), &web.session(), seen, &known, &|_| {}).await
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
        // The loopback server closes after each answer.
        assert!(web.dialled().len() <= 6, "{:?}", web.dialled());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn connections_come_to_an_end() {
        let html = "<link rel=stylesheet href=/a.css><link rel=stylesheet href=/b.css><link rel=stylesheet href=/c.css>\
                    <script src=/a.js></script>"
            .to_owned()
            + &(0..9).map(|n| format!("<img src=http://example.com/{n}>")).collect::<String>();
        let web = Web::new(site(&html, &[])).await;
        let pages = read(&web).await;
        assert_eq!(web.dialled().len(), 6);
        let twins: Vec<_> = pages[0].references.iter().map(|it| it.twin.clone()).collect();
        assert_eq!(twins[0], Some(Saw::Seen(404)));
        assert!(matches!(&twins[1], Some(Saw::Unseen(Unseen::Failed(_)))) && twins[5].is_none(), "{twins:?}");
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
        assert_eq!(web.dialled().len(), 1);
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
    async fn only_the_sites_own_pages_are_read() {
        let web = Web::new(|_| reply(200, &[], "")).await;
        for seen in [
            "https example.com 203.0.113.7 301 https://login.example.net/\npage https://login.example.net/ 200",
            "https example.com 203.0.113.7 404",
            "https example.com 203.0.113.7 200 | content-type: application/json",
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
