//! What was seen over HTTP at every corner.

use std::net::IpAddr;

use domain::{DomainName, HttpUrl, Scheme, Time};
use network::Saw;
use serde::{Deserialize, Serialize};

/// At most this many redirects are followed (Boulder's and Let's Debug's limit; browsers allow about 20).
pub const HOP_LIMIT: usize = 10;

/// At most this many bytes of the final page are read.
pub const PAGE_LIMIT: usize = 512 * 1024;

/// At most this many references of a page are kept.
pub const REFERENCE_LIMIT: usize = 50;

/// The reason given when a redirect's host is in DNS without an address, or not at all.
pub(crate) const NO_ADDRESS: &str = "the name does not lead to any address";

/// What was seen over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "WebObservation"))]
pub struct Observation {
    /// When the check began.
    pub seen_at: Time,
    /// The first response of each scheme, host and address. A host without addresses has no corner.
    pub corners: Vec<Corner>,
    /// The full trails; [`Corner::trail`] points into it. One per distinct first response.
    pub trails: Vec<Trail>,
    /// What became of a path and query nobody has, asked over plain HTTP once per host.
    pub deep: Vec<Deep>,
    /// What the https entrances of the site's own names end at: at most two pages, read for what they load, or one
    /// answer that is no page.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pages: Vec<Page>,
    /// The page of a site that does not answer over https yet, read as if it came over https.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plain: Option<Box<Page>>,
    /// What a host that nobody has gets over plain HTTP at one address: the server's default site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stranger: Option<Box<Deep>>,
}

/// One entrance: a scheme, a host, an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Corner {
    /// http or https.
    pub scheme: Scheme,
    /// The host asked for.
    pub host: DomainName,
    /// The address asked.
    pub address: IpAddr,
    /// How it was asked.
    pub via: Via,
    /// Whether the port accepted a connection (for https the same fact as in TLS).
    pub port: Saw<()>,
    /// The first response, or why there was none.
    pub first: Saw<Response>,
    /// The trail that starts with this first response, as an index into [`Observation::trails`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<usize>,
}

/// How a corner was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// By the platform's fetch, because the address cannot be dialled: status, headers and redirects only.
    Fetch,
    /// Over our own socket.
    Socket,
}

/// One response, bounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// `Location`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// `Server`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Each `Strict-Transport-Security` value.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hsts: Vec<String>,
    /// All headers as sent, names in lower case, bounded to 60 of 1,000 characters each, policies of 4,000. `Set-Cookie`
    /// values keep the cookie's name and attributes only.
    pub headers: Vec<(String, String)>,
    /// The text of `<title>`, bounded to 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The first 2,000 characters of the body as text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub start: String,
    /// Bytes of body read.
    pub length: usize,
    /// From the request to the last byte read, in milliseconds.
    pub millis: u64,
}

/// Where an entrance leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Trail {
    /// The URL it starts from.
    pub from: HttpUrl,
    /// Every request made, the first included.
    pub hops: Vec<Hop>,
    /// How it ended.
    pub end: End,
}

/// One request of a trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hop {
    /// The URL asked for.
    pub url: HttpUrl,
    /// The address asked; `None` when the host did not resolve or the platform asked for us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The status code.
    pub status: u16,
    /// `Location`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The first `Strict-Transport-Security` value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hsts: Option<String>,
    /// `Server`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// How long the exchange took, in milliseconds.
    pub millis: u64,
}

/// How a trail ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// With a response that is not a redirect.
    Answer(Box<Response>),
    /// A redirect without a usable `Location`.
    BadLocation,
    /// The URL that came up again.
    Loop(HttpUrl),
    /// More than [`HOP_LIMIT`] redirects.
    TooMany,
    /// The next URL could not be asked, and why.
    Unseen {
        /// The URL that could not be asked.
        url: HttpUrl,
        /// The reason.
        why: network::Unseen,
    },
}

/// What became of a path and query that nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Deep {
    /// The URL asked for, nonce path and query included.
    pub url: HttpUrl,
    /// The address asked.
    pub address: IpAddr,
    /// Its first response, or why there was none.
    pub first: Saw<Response>,
}

/// A page of the site over https, and what it loads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Page {
    /// Its URL.
    pub url: HttpUrl,
    /// The address asked; `None` when the platform asked for us.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// What it answered this time, or why it did not.
    pub answer: Saw<Brief>,
    /// Whether it is HTML that was read. Everything below comes from there.
    #[serde(default)]
    pub html: bool,
    /// Whether it was read to its end; [`PAGE_LIMIT`] can cut it.
    #[serde(default)]
    pub whole: bool,
    /// Whether its policy has browsers load everything over https (`upgrade-insecure-requests`).
    #[serde(default)]
    pub upgrades: bool,
    /// What it names by `http://`, each once, at most [`REFERENCE_LIMIT`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// How many links to the site's own names are written with `http://`.
    #[serde(default)]
    pub http_links: u32,
    /// How many links to the site's own names are written with `https://`.
    #[serde(default)]
    pub https_links: u32,
    /// The first stylesheets and scripts of the page's own host, fetched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<Asset>,
    /// What a path that nobody has answers; asked once, beside the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nobody: Option<Box<Deep>>,
    /// What `/health` answers; asked once, beside the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub health: Option<Saw<Brief>>,
    /// Scripts of other sites that it loads over https without a checksum, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unpinned: Vec<HttpUrl>,
    /// What the same page says to a script of another site that asks for it; asked once, beside the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Saw<Shared>>,
    /// What the same connection answers for a host that nobody has; asked once, beside the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub misnamed: Option<Box<Deep>>,
}

/// Further pages of the site, where the visitor asked for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Crawl {
    /// The page whose links were followed.
    pub start: HttpUrl,
    /// Whether it could be learned what robots may read; where not, nothing was.
    pub robots: Result<(), network::Unseen>,
    /// The pages of the same origin that were read, in the order asked for, at most ten.
    pub pages: Vec<Page>,
    /// How many addresses its robots.txt keeps robots out of.
    #[serde(default)]
    pub kept_out: u32,
    /// How many more links there are that were not followed.
    #[serde(default)]
    pub more: u32,
}

/// What an answer says about scripts of other sites (Fetch, "CORS protocol").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shared {
    /// The origin that was named, which nobody has.
    pub origin: String,
    /// `Access-Control-Allow-Origin`, if there is one; bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowed: Option<String>,
    /// Whether what browsers know about a visitor is sent along (`Access-Control-Allow-Credentials: true`).
    #[serde(default)]
    pub credentials: bool,
}

/// Something that a page names by `http://`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reference {
    /// What for.
    pub r#use: Use,
    /// Where it leads.
    pub url: HttpUrl,
    /// The stylesheet or script that names it, when it is not the page itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<HttpUrl>,
    /// What the same URL answers over https, when it was asked: a status code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<Saw<u16>>,
}

/// What a page uses a URL for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Use {
    /// `<base href>`: what relative URLs are relative to.
    Base,
    /// `rel=canonical`.
    Canonical,
    /// `og:url`.
    Social,
    /// The target of a form.
    Form,
    /// A script.
    Script,
    /// A stylesheet.
    Style,
    /// A frame.
    Frame,
    /// `<object>` or `<embed>`.
    Plugin,
    /// The manifest of a web application.
    Manifest,
    /// A font named in CSS.
    Font,
    /// A candidate of `srcset`, which browsers block rather than upgrade.
    ImageSet,
    /// An image.
    Image,
    /// Sound or film.
    Media,
    /// A request written out in a script.
    Call,
    /// A link to one of the site's own names.
    Link,
}

impl Use {
    /// Whether browsers refuse it on an https page when it is written with `http://`, with harm to the page
    /// (W3C Mixed Content: "blockable").
    pub fn is_active(self) -> bool {
        matches!(self, Use::Script | Use::Style | Use::Frame | Use::Plugin | Use::Font | Use::Manifest)
    }

    /// Whether it is an image, sound or film.
    pub fn is_passive(self) -> bool {
        matches!(self, Use::ImageSet | Use::Image | Use::Media)
    }
}

/// A file that a page needs, fetched from the page's own host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asset {
    /// [`Use::Style`] or [`Use::Script`].
    pub r#use: Use,
    /// Where the page says it is.
    pub url: HttpUrl,
    /// What came, or why nothing did.
    pub answer: Saw<Brief>,
}

/// An answer in a few words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Brief {
    /// The status code.
    pub status: u16,
    /// `Content-Type`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// Whether `X-Content-Type-Options: nosniff` holds browsers to it.
    #[serde(default)]
    pub nosniff: bool,
    /// `Server`, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

impl Response {
    /// Whether nginx gave this answer itself (its built-in pages end so), and no application behind it.
    pub fn is_nginx_own(&self) -> bool {
        ["<center>nginx", "<center>openresty"].iter().any(|end| self.start.contains(end))
    }

    /// Whether it is a redirect that clients follow: 301, 302, 303, 307 or 308 (RFC 9110 §15.4).
    pub fn is_redirect(&self) -> bool {
        is_redirect(self.status)
    }

    /// The first value of a header, by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

impl Corner {
    /// `http://www.example.com/`.
    pub fn url(&self) -> HttpUrl {
        HttpUrl::root(self.scheme, &self.host)
    }

    /// `http://www.example.com/ at 203.0.113.7`.
    pub fn subject(&self) -> String {
        format!("{} at {}", self.url(), self.address)
    }
}

impl Page {
    /// A page of which nothing was read yet.
    pub fn unread(url: HttpUrl, address: Option<IpAddr>, answer: Saw<Brief>) -> Page {
        Page {
            url,
            address,
            answer,
            html: false,
            whole: false,
            upgrades: false,
            references: Vec::new(),
            http_links: 0,
            https_links: 0,
            assets: Vec::new(),
            nobody: None,
            health: None,
            unpinned: Vec::new(),
            shared: None,
            misnamed: None,
        }
    }
}

impl Trail {
    /// The final URL and response, when it ended with one.
    pub fn answer(&self) -> Option<(&HttpUrl, &Response)> {
        match &self.end {
            End::Answer(response) => self.hops.last().map(|hop| (&hop.url, response.as_ref())),
            _ => None,
        }
    }

    /// How many redirects were answered on the way.
    pub fn redirects(&self) -> usize {
        self.hops.iter().filter(|hop| is_redirect(hop.status)).count()
    }

    /// `http://a/ → https://a/ → https://www.a/`, for evidence.
    pub fn arrows(&self) -> String {
        let mut urls: Vec<&str> = self.hops.iter().map(|hop| hop.url.as_str()).collect();
        match &self.end {
            End::Loop(url) | End::Unseen { url, .. } => urls.push(url.as_str()),
            End::Answer(_) | End::BadLocation | End::TooMany => {}
        }
        urls.join(" → ")
    }

    /// `http://a/ → https://a/ (301, then 200)`.
    pub fn told(&self) -> String {
        let statuses: Vec<String> = self.hops.iter().map(|hop| hop.status.to_string()).collect();
        let end = match &self.end {
            End::Answer(_) => "",
            End::BadLocation => ", without a target",
            End::Loop(_) => ", in a circle",
            End::TooMany => ", and on",
            End::Unseen { .. } => ", then no answer",
        };
        format!("{} ({}{end})", self.arrows(), statuses.join(", then "))
    }
}

impl Observation {
    /// The corners of one scheme and host.
    pub fn of<'o>(&'o self, scheme: Scheme, host: &'o DomainName) -> impl Iterator<Item = &'o Corner> {
        self.corners.iter().filter(move |corner| corner.scheme == scheme && corner.host == *host)
    }

    /// The trail of a corner.
    pub fn trail(&self, corner: &Corner) -> Option<&Trail> {
        self.trails.get(corner.trail?)
    }
}
