//! What a page of HTML loads and where it leads, as far as that is written with `http://`; and its first files.

use domain::{DomainName, HttpUrl, Scheme};

use crate::{
    REFERENCE_LIMIT, Reference, Use, css, script,
    tags::{Tag, Token, tokens},
};

/// The most links to the site itself that are kept by name; all are counted.
const LINKS: usize = 10;

/// The most scripts of other sites that are kept.
const UNPINNED: usize = 10;

/// The most text of one inline script or stylesheet that is looked at.
const INLINE: usize = 128 * 1024;

/// The first stylesheets, and the first scripts, that are remembered.
const STYLES: usize = 3;
const SCRIPTS: usize = 1;

/// What was found in a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) upgrades: bool,
    pub(crate) references: Vec<Reference>,
    pub(crate) http_links: u32,
    pub(crate) https_links: u32,
    /// The first stylesheets and scripts of the page's own origin, in this order.
    pub(crate) files: Vec<(Use, HttpUrl)>,
    /// Scripts of other sites, loaded over https without a checksum.
    pub(crate) unpinned: Vec<HttpUrl>,
}

/// Reads a page. `own` are the names of the site.
pub(crate) fn page(url: &HttpUrl, own: &[DomainName], html: &[u8]) -> Scan {
    let mut state = State { own, page: url, base: url.clone(), scan: Scan::default(), inline: None };
    // Templates are not loaded; how deep we are in them.
    let mut inert = 0_u32;
    for token in tokens(html) {
        match token {
            Token::Start(tag) => {
                if tag.name == "template" {
                    inert = inert.saturating_add(1);
                }
                if inert == 0 {
                    state.element(&tag);
                } else {
                    state.inline = None;
                }
            }
            Token::End(name) => {
                if name == "template" {
                    inert = inert.saturating_sub(1);
                }
                state.inline = None;
            }
            Token::Raw(text) => state.text(text),
        }
    }
    let mut scan = state.scan;
    let (mut styles, scripts): (Vec<_>, Vec<_>) = scan.files.into_iter().partition(|(r#use, _)| *r#use == Use::Style);
    styles.extend(scripts);
    scan.files = styles;
    scan
}

/// Where a page leads within its own origin, each once and in its order, at most 200. What is marked `nofollow` is left
/// out.
pub(crate) fn links(url: &HttpUrl, html: &[u8]) -> Vec<HttpUrl> {
    const LIMIT: usize = 200;
    // Resolving takes time, and the same link a thousand times is one.
    const LOOKED_AT: usize = 2_000;
    let mut looked_at = 0;
    let mut base = None;
    let mut found: Vec<HttpUrl> = Vec::new();
    for token in tokens(html) {
        let Token::Start(tag) = token else { continue };
        let href = || tag.attribute("href");
        match tag.name.as_str() {
            "base" if base.is_none() => base = href().and_then(|href| url.join(href.trim())),
            "a" | "area" => {
                looked_at += 1;
                let rel = tag.attribute("rel").unwrap_or_default();
                let Some(href) = href().filter(|_| !rel.to_ascii_lowercase().contains("nofollow")) else { continue };
                let Some(link) = base.as_ref().unwrap_or(url).join(href.trim()) else { continue };
                if link.origin() == url.origin() && !found.contains(&link) {
                    found.push(link);
                }
            }
            _ => {}
        }
        if found.len() >= LIMIT || looked_at >= LOOKED_AT {
            break;
        }
    }
    found
}

/// Whether a policy has everything loaded over https (W3C Upgrade Insecure Requests).
pub(crate) fn upgrades(policy: &str) -> bool {
    policy.split([';', ',']).any(|directive| {
        directive.split_whitespace().next().is_some_and(|it| it.eq_ignore_ascii_case("upgrade-insecure-requests"))
    })
}

/// What a stylesheet of the page names by `http://`.
pub(crate) fn stylesheet(at: &HttpUrl, css: &str) -> Vec<Reference> {
    let found = css::loads(css).into_iter().filter_map(|(r#use, url)| insecure(at, &url, r#use));
    found.take(REFERENCE_LIMIT).map(|it| Reference { within: Some(at.clone()), ..it }).collect()
}

/// What a script of the page asks for by `http://`.
pub(crate) fn calls(at: Option<&HttpUrl>, text: &str) -> Vec<Reference> {
    let found = script::calls(text).into_iter().filter_map(|url| Some((HttpUrl::parse(url)?, url)));
    let found = found.filter(|(url, _)| url.scheme() == Scheme::Http).take(LINKS);
    found.map(|(url, _)| Reference { r#use: Use::Call, url, within: at.cloned(), twin: None }).collect()
}

/// A URL that is plain http once resolved.
fn insecure(base: &HttpUrl, url: &str, r#use: Use) -> Option<Reference> {
    // Most URLs are relative or https: resolving them all would cost time for nothing.
    let url = url.trim();
    let says_http = url.get(..5).is_some_and(|start| start.eq_ignore_ascii_case("http:"));
    if !says_http && base.scheme() == Scheme::Https {
        return None;
    }
    let url = base.join(url)?;
    (url.scheme() == Scheme::Http).then_some(Reference { r#use, url, within: None, twin: None })
}

struct State<'s> {
    own: &'s [DomainName],
    page: &'s HttpUrl,
    base: HttpUrl,
    scan: Scan,
    /// What the text that comes next is.
    inline: Option<Inline>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Inline {
    ImportMap,
    Script,
    Style,
}

impl State<'_> {
    fn element(&mut self, tag: &Tag<'_>) {
        let of = |name: &str| Some(tag.attribute(name)?.trim().to_owned());
        self.inline = None;
        match tag.name.as_str() {
            "base" => self.base(of("href")),
            "script" => self.script(of("src"), &of("type").unwrap_or_default(), of("integrity").is_some()),
            "style" => self.inline = Some(Inline::Style),
            "link" => self.link(of("href"), &of),
            "meta" => self.meta(of("content"), &of),
            "img" => {
                self.note(of("src"), Use::Image);
                self.set(of("srcset"));
            }
            "source" => {
                self.note(of("src"), Use::Media);
                self.set(of("srcset"));
            }
            "video" => {
                self.note(of("src"), Use::Media);
                self.note(of("poster"), Use::Image);
            }
            "audio" => self.note(of("src"), Use::Media),
            "body" => self.note(of("background"), Use::Image),
            "iframe" | "frame" => self.note(of("src"), Use::Frame),
            "object" => self.note(of("data"), Use::Plugin),
            "embed" => self.note(of("src"), Use::Plugin),
            "form" => self.note(of("action"), Use::Form),
            "button" => self.note(of("formaction"), Use::Form),
            "input" => {
                self.note(of("formaction"), Use::Form);
                if of("type").is_some_and(|it| it.eq_ignore_ascii_case("image")) {
                    self.note(of("src"), Use::Image);
                }
            }
            "a" | "area" => self.own_link(of("href")),
            _ => {}
        }
        if let Some(style) = of("style") {
            for (r#use, url) in css::loads(&style) {
                self.note(Some(url), r#use);
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        let Some(what) = self.inline.take() else { return };
        let text = String::from_utf8_lossy(text.get(..INLINE).unwrap_or(text));
        match what {
            Inline::Style => {
                for (r#use, url) in css::loads(&text) {
                    self.note(Some(url), r#use);
                }
            }
            // Its values are addresses of scripts, whatever the names they are given.
            Inline::ImportMap => {
                for it in text.split('"').filter(|it| it.starts_with("http://")) {
                    self.note(Some(it.to_owned()), Use::Script);
                }
            }
            Inline::Script => calls(None, &text).into_iter().for_each(|call| self.keep(call)),
        }
    }

    /// The first `<base>` with a URL counts.
    fn base(&mut self, href: Option<String>) {
        let Some(base) = href.and_then(|href| self.page.join(&href)) else { return };
        if self.base != *self.page {
            return;
        }
        if base.scheme() == Scheme::Http {
            self.keep(Reference { r#use: Use::Base, url: base.clone(), within: None, twin: None });
        }
        self.base = base;
    }

    fn script(&mut self, src: Option<String>, kind: &str, pinned: bool) {
        let kind = kind.to_ascii_lowercase();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        let runs =
            matches!(essence, "" | "module") || essence.ends_with("javascript") || essence.ends_with("ecmascript");
        match src {
            None if essence == "importmap" => self.inline = Some(Inline::ImportMap),
            _ if !runs => {}
            Some(src) => {
                self.file(&src, Use::Script);
                if !pinned {
                    self.unpinned(&src);
                }
                self.note(Some(src), Use::Script);
            }
            None => self.inline = Some(Inline::Script),
        }
    }

    fn link(&mut self, href: Option<String>, of: &impl Fn(&str) -> Option<String>) {
        let rel = of("rel").unwrap_or_default().to_ascii_lowercase();
        let is = |word: &str| rel.split_ascii_whitespace().any(|it| it == word);
        let later = || of("onload").is_some_and(|code| code.contains("stylesheet"));
        let Some(href) = href else { return };
        if is("stylesheet") && !is("alternate") && of("disabled").is_none() {
            self.file(&href, Use::Style);
            self.note(Some(href), Use::Style);
        } else if is("preload") && later() {
            // A stylesheet that is put in place once it is there.
            self.note(Some(href), Use::Style);
        } else if is("modulepreload") {
            self.note(Some(href), Use::Script);
        } else if is("manifest") {
            self.note(Some(href), Use::Manifest);
        } else if is("icon") {
            self.note(Some(href), Use::Image);
        } else if is("canonical") {
            self.about_itself(&href, Use::Canonical);
        }
    }

    fn meta(&mut self, content: Option<String>, of: &impl Fn(&str) -> Option<String>) {
        let Some(content) = content else { return };
        if of("http-equiv").is_some_and(|it| it.eq_ignore_ascii_case("content-security-policy")) {
            self.scan.upgrades |= upgrades(&content);
        } else if of("property").or_else(|| of("name")).is_some_and(|it| it.eq_ignore_ascii_case("og:url")) {
            self.about_itself(&content, Use::Social);
        }
    }

    /// What the page says about its own URL.
    fn about_itself(&mut self, url: &str, r#use: Use) {
        // What has no scheme is relative to the page, and says nothing about it.
        if let Some(it) = insecure(self.page, url, r#use) {
            self.keep(it);
        }
    }

    fn own_link(&mut self, href: Option<String>) {
        let Some(href) = href else { return };
        let Some((scheme, _)) = href.split_once("://") else { return };
        if !matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") {
            return;
        }
        let Some(url) = HttpUrl::parse(&href) else { return };
        if url.explicit_port().is_some() || !self.is_own(&url) {
            return;
        }
        match url.scheme() {
            Scheme::Https => self.scan.https_links = self.scan.https_links.saturating_add(1),
            Scheme::Http => {
                self.scan.http_links = self.scan.http_links.saturating_add(1);
                let kept = self.scan.references.iter().filter(|it| it.r#use == Use::Link).count();
                if kept < LINKS {
                    self.keep(Reference { r#use: Use::Link, url, within: None, twin: None });
                }
            }
        }
    }

    fn is_own(&self, url: &HttpUrl) -> bool {
        url.host() == self.page.host() || self.own.iter().any(|own| own.as_str() == url.host())
    }

    fn set(&mut self, srcset: Option<String>) {
        for url in srcset.as_deref().map(candidates).unwrap_or_default() {
            self.note(Some(url.to_owned()), Use::ImageSet);
        }
    }

    fn note(&mut self, url: Option<String>, r#use: Use) {
        if let Some(it) = url.and_then(|url| insecure(&self.base, &url, r#use)) {
            self.keep(it);
        }
    }

    fn keep(&mut self, it: Reference) {
        if self.scan.references.len() < REFERENCE_LIMIT && !self.scan.references.contains(&it) {
            self.scan.references.push(it);
        }
    }

    /// A script that comes over https from a name that is neither the site's nor below one of its names.
    fn unpinned(&mut self, src: &str) {
        let Some(url) = self.base.join(src).filter(|url| url.scheme() == Scheme::Https) else { return };
        let host: Option<DomainName> = url.host().parse().ok();
        let is_below = |own: &DomainName| host.as_ref().is_some_and(|host| host.is_within(own));
        let is_own = self.is_own(&url) || self.own.iter().any(is_below);
        if !is_own && self.scan.unpinned.len() < UNPINNED && !self.scan.unpinned.contains(&url) {
            self.scan.unpinned.push(url);
        }
    }

    /// A stylesheet or script of the page's own origin.
    fn file(&mut self, url: &str, r#use: Use) {
        let most = if r#use == Use::Style { STYLES } else { SCRIPTS };
        if self.scan.files.iter().filter(|(known, _)| *known == r#use).count() >= most {
            return;
        }
        if let Some(url) = self.base.join(url).filter(|url| url.origin() == self.page.origin())
            && !self.scan.files.iter().any(|(_, known)| *known == url)
        {
            self.scan.files.push((r#use, url));
        }
    }
}

/// The URLs of a `srcset`, which may contain commas themselves (HTML, "parsing a srcset attribute").
fn candidates(srcset: &str) -> Vec<&str> {
    let mut urls = Vec::new();
    let mut rest = srcset;
    loop {
        rest = rest.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace());
        let end = rest.find(|c: char| c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (url, after) = rest.split_at(end);
        if url.is_empty() {
            return urls;
        }
        let bare = url.trim_end_matches(',');
        urls.push(bare);
        rest = if bare.len() < url.len() { after } else { after.split_once(',').map_or("", |(_, after)| after) };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scanned(html: &str) -> Scan {
        let own: Vec<DomainName> = ["example.com", "www.example.com"].map(|name| name.parse().unwrap()).to_vec();
        page(&HttpUrl::parse("https://example.com/a/b").unwrap(), &own, html.as_bytes())
    }

    /// What is found, as `script http://x/`.
    fn found(html: &str) -> Vec<String> {
        let scan = scanned(html);
        scan.references.iter().map(|it| format!("{:?} {}", it.r#use, it.url)).collect()
    }

    #[test]
    fn what_is_loaded_over_http_is_found_with_its_use() {
        for (html, expected) in [
            ("<script src=http://x.example/a.js></script>", "Script http://x.example/a.js"),
            ("<SCRIPT SRC='HTTP://X.example/a.js?b&amp;c' type=module></SCRIPT>", "Script http://x.example/a.js?b&c"),
            ("<link rel=stylesheet href=http://x.example/a.css>", "Style http://x.example/a.css"),
            ("<link rel=manifest href=http://x.example/a.json>", "Manifest http://x.example/a.json"),
            ("<link rel=modulepreload href=http://x.example/a.mjs>", "Script http://x.example/a.mjs"),
            (
                "<script type=importmap>{\"imports\": {\"a\": \"http://x.example/a.mjs\"}}</script>",
                "Script http://x.example/a.mjs",
            ),
            (
                "<link rel=preload as=style href=http://x.example/a.css onload=\"this.rel='stylesheet'\">",
                "Style http://x.example/a.css",
            ),
            ("<link rel='shortcut icon' href=http://x.example/i>", "Image http://x.example/i"),
            ("<iframe src=http://x.example/></iframe>", "Frame http://x.example/"),
            ("<object data=http://x.example/></object>", "Plugin http://x.example/"),
            ("<embed src=http://x.example/>", "Plugin http://x.example/"),
            ("<img src=\" http://x.example/a.png \">", "Image http://x.example/a.png"),
            ("<img srcset='a.png 1x, http://x.example/a,b.png 2x'>", "ImageSet http://x.example/a,b.png"),
            ("<video poster=http://x.example/p src=v.mp4>", "Image http://x.example/p"),
            ("<audio><source src=http://x.example/s></audio>", "Media http://x.example/s"),
            ("<input type=image src=http://x.example/i>", "Image http://x.example/i"),
            ("<form action=http://example.com/login method=post>", "Form http://example.com/login"),
            ("<button formaction=http://x.example/>", "Form http://x.example/"),
            ("<p style='background:url(&quot;http://x.example/a&quot;)'>", "Image http://x.example/a"),
            ("<style>@import 'http://x.example/a.css';</style>", "Style http://x.example/a.css"),
            ("<style>@font-face{src:url(http://x.example/f)}</style>", "Font http://x.example/f"),
            ("<link rel=canonical href=http://example.com/a/b>", "Canonical http://example.com/a/b"),
            ("<meta property=og:url content=http://example.com/>", "Social http://example.com/"),
            ("<a href=http://www.example.com/x>x</a>", "Link http://www.example.com/x"),
            ("<script>fetch('http://api.example/v1')</script>", "Call http://api.example/v1"),
        ] {
            assert_eq!(found(html), [expected], "{html}");
        }
    }

    #[test]
    fn what_is_not_loaded_is_not_found() {
        for html in [
            "<img src=//x.example/a.png><img src=a.png><img src=https://x.example/a.png>",
            "<!-- <script src=http://x.example/a.js></script> -->",
            "<noscript><img src=http://x.example/pixel></noscript>",
            "<template><img src=http://x.example/a.png></template>",
            "<script type=application/ld+json>{\"@context\":\"http://schema.org\"}</script>",
            "<script type=text/template><img src=http://x.example/a.png></script>",
            "<script>var ns='http://www.w3.org/2000/svg'</script>",
            "<svg xmlns=http://www.w3.org/2000/svg><image href=a /></svg>",
            "<link rel=dns-prefetch href=http://x.example/><link rel=profile href=http://gmpg.org/xfn/11>",
            "<link rel=alternate href=http://x.example/feed>",
            "<a href=http://other.example/>x</a><a href=http://example.com:8080/>x</a>",
            "<textarea><img src=http://x.example/a.png></textarea><title><img src=http://x.example/b></title>",
            "<link rel=canonical href=/a/b>",
            "<style></style>a{b:url(http://x.example/)}<script></script>fetch('http://x.example/')",
        ] {
            assert_eq!(found(html), Vec::<String>::new(), "{html}");
        }
        // After a template is over, things count again.
        assert_eq!(found("<template><img src=http://a.example/></template><img src=http://b.example/>").len(), 1);
    }

    #[test]
    fn a_base_turns_relative_urls() {
        let html = "<base href=http://example.com/x/><base href=https://example.com/><script src=a.js></script>\
                    <link rel=canonical href=/a>";
        assert_eq!(found(html), ["Base http://example.com/x/", "Script http://example.com/x/a.js"]);
        assert_eq!(found("<base href=/x/><img src=a>"), Vec::<String>::new());
    }

    #[test]
    fn the_policy_may_stand_in_the_page() {
        assert!(
            scanned("<meta http-equiv=Content-Security-Policy content=\"img-src *; Upgrade-Insecure-Requests\">")
                .upgrades
        );
        assert!(!scanned("<meta http-equiv=Content-Security-Policy content=\"img-src *\">").upgrades);
        assert!(
            upgrades("default-src 'self', upgrade-insecure-requests")
                && !upgrades("report-uri /upgrade-insecure-requests")
        );
    }

    #[test]
    fn the_first_files_of_the_same_origin_are_remembered() {
        let scan = scanned(
            "<script src=/1.js></script><link rel=stylesheet href=1.css><link rel=stylesheet href=https://cdn.example/x.css>\
             <link rel='alternate stylesheet' href=no.css><link rel=stylesheet href=//example.com/2.css><link rel=stylesheet href=/1.css>\
             <link rel=stylesheet href=/1.css><link rel=stylesheet href=/4.css><script src=/2.js></script>",
        );
        let files: Vec<(Use, &str)> = scan.files.iter().map(|(r#use, url)| (*r#use, url.path())).collect();
        assert_eq!(
            files,
            [(Use::Style, "/a/1.css"), (Use::Style, "/2.css"), (Use::Style, "/1.css"), (Use::Script, "/1.js")]
        );
    }

    #[test]
    fn links_to_the_site_are_counted_by_scheme() {
        let html = "<a href=http://example.com/1>".repeat(30) + "<a href=https://www.example.com/><a href=/x>";
        let scan = scanned(&html);
        assert_eq!((scan.http_links, scan.https_links, scan.references.len()), (30, 1, 1));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let many: String = (0..2000).map(|n| format!("<img src=http://x.example/{n}>")).collect();
        assert_eq!(scanned(&many).references.len(), REFERENCE_LIMIT);
        let endless = format!("<img src=http://x.example/a><p title=\"{}", "x".repeat(crate::PAGE_LIMIT));
        assert_eq!(scanned(&endless).references.len(), 1);
        let deep = "<div>".repeat(100_000);
        assert_eq!(scanned(&deep).references.len(), 0);
    }

    #[test]
    fn candidates_are_split_as_browsers_do() {
        assert_eq!(candidates("a 1x, b,c 2x , d"), ["a", "b,c", "d"]);
        assert_eq!(candidates("a, b"), ["a", "b"]);
        assert_eq!(candidates(" , "), Vec::<&str>::new());
    }

    #[test]
    fn foreign_scripts_without_a_checksum_are_kept() {
        let html = "<script src=https://cdn.example.net/a-1.2.js></script><script src=//cdn.example.net/b.js></script>\
                    <script src=https://cdn.example.net/c.js integrity=sha384-x></script><script src=/d.js></script>\
                    <script src=https://static.example.com/e.js></script><script src=http://cdn.example.net/f.js></script>\
                    <script type=text/template src=https://cdn.example.net/g.js></script>";
        let scan = scanned(html);
        let unpinned: Vec<&str> = scan.unpinned.iter().map(HttpUrl::as_str).collect();
        assert_eq!(unpinned, ["https://cdn.example.net/a-1.2.js", "https://cdn.example.net/b.js"]);
    }

    proptest! {
        #[test]
        fn any_markup_is_read(html in "(<|>|/|script|style|template|img|base| src=| href=| style=|'|\"|http://x/|url\\(|&|;|!--|-->|é|\\PC){0,60}") {
            let _ = scanned(&html);
        }

        #[test]
        fn any_bytes_are_read(html in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = page(&HttpUrl::parse("https://example.com/").unwrap(), &[], &html);
        }
    }
}
