//! What was seen of the ways by which a certificate is renewed.

use std::net::IpAddr;

use domain::{DomainName, HttpUrl, Time};
use network::{Saw, Unseen};
use serde::{Deserialize, Serialize};

use crate::History;

/// Where an authority looks for its challenge (RFC 8555 §8.3).
pub const PATH: &str = "/.well-known/acme-challenge/";

/// At most this many redirects are followed (Boulder `va/http.go`, maxRedirect).
pub const REDIRECT_LIMIT: usize = 10;

/// What was seen of the ways by which a certificate is renewed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "RenewalObservation"))]
pub struct Observation {
    /// What an authority would meet on the challenge path, at every host and address. Empty where it was not asked:
    /// the current issuer does not commonly ask this way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub challenges: Vec<Challenge>,
    /// What the public logs remember of certificates for the name, or why they could not be asked. `None` where the
    /// settings say that nobody is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub history: Option<Saw<History>>,
    /// Further names in the certificate shown, which are renewed together with the names looked at. Asked only where
    /// challenges are, and not of certificates with a wildcard, which are renewed through DNS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub companions: Option<Companions>,
    /// When the authority suggests to renew the certificate shown, or why it was not seen. `None` where nobody was
    /// asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Saw<Suggestion>>,
}

/// What the authority suggests about one certificate (ACME Renewal Information, RFC 9773).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Suggestion {
    /// SHA-256 of the certificate, in hex.
    pub sha256: String,
    /// From when and until when it should be renewed; `None` where the answer could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<(Time, Time)>,
    /// A page that says why, where the authority names one; https, bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// The names of one certificate, and which of the further ones lead anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Companions {
    /// The host that shows the certificate.
    pub host: DomainName,
    /// All names in the certificate.
    pub names: Vec<String>,
    /// Whether a further name leads to an address, or why that was not seen.
    pub leads: Vec<(DomainName, Saw<bool>)>,
}

/// A challenge that nobody set, asked for at one host and address over plain HTTP, by the authority's rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Challenge {
    /// The host.
    pub host: DomainName,
    /// The address asked.
    pub address: IpAddr,
    /// Whether port 80 accepted a connection.
    pub port: Saw<()>,
    /// Every request that was answered, the first included.
    pub hops: Vec<Hop>,
    /// How it ended.
    pub end: End,
    /// Whether the front page of the same host and address ends in the same trouble: then other checks speak of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub like_front: bool,
}

/// One request on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChallengeHop"))]
pub struct Hop {
    /// The URL asked for.
    pub url: HttpUrl,
    /// The address asked.
    pub address: IpAddr,
    /// The status code.
    pub status: u16,
    /// `Location`, if there is one; bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
}

/// How asking for a challenge ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChallengeEnd"))]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// With a response that is not a redirect.
    Answer(Answer),
    /// With a redirect that the authority does not follow.
    Broken(Rule),
    /// A URL could not be asked, and why.
    Unseen {
        /// The URL.
        url: HttpUrl,
        /// The reason.
        why: Unseen,
    },
}

/// A final response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ChallengeAnswer"))]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Whether it is a page of HTML, by its media type or its first bytes.
    pub html: bool,
    /// Whether it is a wall against robots rather than the site (`cf-mitigated`).
    #[serde(default)]
    pub wall: bool,
    /// Whether it is a page that sets a cookie by JavaScript before anything is shown, which an authority cannot pass.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cookie_test: bool,
    /// `Server`, if there is one; bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
}

/// A rule of the authority's that a redirect breaks (Boulder `va/http.go`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// Only 301, 302, 307 and 308 are followed.
    Status(u16),
    /// `Location` is missing or leads to something else than http or https.
    Unusable(String),
    /// Only ports 80 and 443.
    Port(u16),
    /// Only names, never addresses.
    Address,
    /// No URL twice.
    Repeated(HttpUrl),
    /// At most [`REDIRECT_LIMIT`].
    TooMany,
    /// At most 2,000 characters of path and query.
    TooLong,
}

impl Rule {
    /// What the redirect does, as the end of "is redirected …".
    pub fn clause(&self) -> String {
        match self {
            Rule::Status(status) => format!("with status {status}, which the authority does not follow"),
            Rule::Unusable(_) => "to nowhere that the authority can follow".into(),
            Rule::Port(port) => format!("to port {port}, where the authority does not go"),
            Rule::Address => "to a bare address, and the authority only follows names".into(),
            Rule::Repeated(url) => format!("in a circle, back to {url}"),
            Rule::TooMany => format!("more than {REDIRECT_LIMIT} times"),
            Rule::TooLong => "to a path longer than 2,000 characters".into(),
        }
    }
}

/// What an authority would make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The path is open: nothing is there, as it should be, or something that is not a page.
    Open,
    /// A page of HTML answers for a challenge that nobody set: files placed there may not be what is served.
    Page,
    /// The authority's question goes unanswered: a clause that goes on from "a question on the challenge path …".
    Blocked(String),
    /// It could not be seen: a clause that says why.
    Unknown(String),
    /// Other checks speak of it: nothing answers on port 80 at all, or the front page is in the same trouble.
    Moot,
}

impl Challenge {
    /// What an authority would make of it.
    pub fn outcome(&self) -> Outcome {
        match self.port.unseen() {
            Some(why) if why.is_about_the_site() => return Outcome::Moot,
            Some(why) => return Outcome::Unknown(why.clause()),
            None => {}
        }
        if self.like_front {
            return Outcome::Moot;
        }
        match &self.end {
            End::Answer(answer) if answer.wall => {
                Outcome::Unknown("a wall against robots answered instead of the site".into())
            }
            End::Answer(Answer { cookie_test: true, .. }) => {
                Outcome::Blocked("is answered with a test by JavaScript, which only browsers pass".into())
            }
            End::Answer(Answer { status: 200..=299, html, .. }) => {
                if *html {
                    Outcome::Page
                } else {
                    Outcome::Open
                }
            }
            End::Answer(Answer { status: 429, .. }) => {
                Outcome::Unknown("the server asked us to slow down (status 429)".into())
            }
            End::Answer(Answer { status, .. }) => match status {
                401 | 403 | 300..=399 | 500..=599 => Outcome::Blocked(format!("is answered with status {status}")),
                _ => Outcome::Open,
            },
            End::Broken(rule) => Outcome::Blocked(format!("is redirected {}", rule.clause())),
            // `rewrite ^/(.*) https://example.com$1`: an authority looks for a host example.com.well-known.
            End::Unseen { url, .. } if url.host().ends_with(".well-known") => {
                Outcome::Blocked(format!("is redirected to {url}: the slash behind the host is missing"))
            }
            End::Unseen { url, why } if why.is_about_the_site() => Outcome::Blocked(match self.hops.is_empty() {
                true => format!("gets no answer: {}", why.clause()),
                false => format!("is redirected to {url}, where {}", why.clause()),
            }),
            End::Unseen { why, .. } => Outcome::Unknown(why.clause()),
        }
    }

    /// `http://a/… 301 → https://a/… 404`, for evidence.
    pub fn arrows(&self) -> String {
        let hops = self.hops.iter().map(|hop| format!("{} {}", hop.url, hop.status));
        hops.collect::<Vec<_>>().join(" → ")
    }
}
