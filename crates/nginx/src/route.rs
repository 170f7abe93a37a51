//! What the configuration does with a URL: which socket, which server, which location, and what comes of it, each step
//! with the line that decides it.

use serde::{Deserialize, Serialize};

use crate::{Config, Directive, Patterns, Place};

mod content;
mod headers;
mod locate;
mod socket;
mod uri;
mod values;
mod walk;

/// A request, as far as somebody says what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `https`, otherwise `http`.
    pub https: bool,
    /// Lower case, without a port; an IPv6 address in brackets.
    pub host: String,
    /// Which port is dialled.
    pub port: u16,
    /// Path and query as they are sent: `/a%20b?c=d`.
    pub path: String,
    /// The name in the TLS handshake; the host when nobody says.
    #[serde(default)]
    pub sni: Option<String>,
    /// `GET` unless somebody says.
    #[serde(default = "get")]
    pub method: String,
    /// The address at which the request arrives.
    #[serde(default)]
    pub arrives_at: Option<std::net::IpAddr>,
    /// All headers but Host, as name and value; `None` when nobody says what the client sends.
    #[serde(default)]
    pub headers: Option<Vec<(String, String)>>,
    /// All files that exist, folders with `/` at the end; `None` when nobody says.
    #[serde(default)]
    pub files: Option<Vec<String>>,
}

fn get() -> String {
    "GET".to_owned()
}

impl Request {
    /// Reads what an address bar takes: `https://example.com/a?b`, `example.com/a`, `/a` (for `localhost`).
    ///
    /// # Errors
    /// What keeps it from being a request, for a person.
    pub fn parse(url: &str) -> Result<Request, &'static str> {
        let url = url.trim();
        if url.is_empty() {
            return Err("Enter a URL.");
        }
        if url.len() > LONGEST_URL {
            return Err("The URL is too long: nginx takes 8 kB.");
        }
        let (https, rest) = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                return Err("The URL must begin with http:// or https://.");
            }
            _ => (false, url),
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = authority.rsplit('@').next().unwrap_or_default();
        let authority = if authority.is_empty() { "localhost" } else { authority };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => {
                (host, port.parse().ok().filter(|port| *port > 0).ok_or("The port must be a number up to 65535.")?)
            }
            _ => (authority, if https { 443 } else { 80 }),
        };
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '[' | ']' | ':');
        if host.is_empty() || !host.chars().all(good) {
            return Err("The host name must be in its ASCII form.");
        }
        let mut sent = String::from(if path.starts_with('/') { "" } else { "/" });
        for byte in path.bytes() {
            // As browsers do before they send it.
            if byte <= b' ' || byte >= 0x7f || matches!(byte, b'"' | b'<' | b'>' | b'`') {
                let digits = [byte >> 4, byte & 15].map(|half| char::from_digit(u32::from(half), 16));
                sent.push('%');
                sent.extend(digits.into_iter().flatten().map(|digit| digit.to_ascii_uppercase()));
            } else {
                sent.push(char::from(byte));
            }
        }
        Ok(Request {
            https,
            host: host.to_ascii_lowercase(),
            port,
            path: sent,
            sni: None,
            method: get(),
            arrives_at: None,
            headers: None,
            files: None,
        })
    }

    /// The URL again.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme(), self.authority(), self.path)
    }

    fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    /// What a browser sends as Host.
    fn authority(&self) -> String {
        match (self.https, self.port) {
            (true, 443) | (false, 80) => self.host.clone(),
            (_, port) => format!("{}:{port}", self.host),
        }
    }

    /// A header, joined as nginx does; `None` when nobody says what is sent.
    fn header(&self, matches: impl Fn(&str) -> bool) -> Option<String> {
        let all = self.headers.as_ref()?;
        let values: Vec<&str> = all.iter().filter(|(name, _)| matches(name)).map(|(_, value)| value.as_str()).collect();
        Some(values.join(", "))
    }
}

/// What nginx takes by default.
const LONGEST_URL: usize = 8192;

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The URL.
    pub url: String,
    /// In the order in which nginx decides.
    pub steps: Vec<Step>,
    /// What comes of it.
    pub outcome: Outcome,
    /// The file of the certificate that the handshake shows, as written.
    pub certificate: Option<String>,
    /// The server that answers.
    pub server: Option<Place>,
    /// The location that answers, or the `if` in it.
    pub location: Option<Place>,
    /// What the application receives: headers, or parameters of `fastcgi_pass` and its like.
    pub request_headers: Vec<Header>,
    /// What nginx adds to the response.
    pub response_headers: Vec<Header>,
    /// What could not be known, and what was assumed instead. Empty: the answer is nginx's.
    pub assumed: Vec<Assumption>,
}

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is decided.
    pub kind: StepKind,
    /// In one sentence.
    pub text: String,
    /// The directive that decides; `None` when nginx does so by itself.
    pub place: Option<Place>,
}

/// What a step decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepKind {
    /// Which socket takes the connection.
    Socket,
    /// Which certificate is shown.
    Tls,
    /// Which server answers.
    Server,
    /// How the path is read.
    Uri,
    /// Which location answers.
    Location,
    /// `rewrite`, `set`, `if`, `break`.
    Rewrite,
    /// `return`.
    Return,
    /// `try_files`, `index`: a file is looked for.
    Files,
    /// Who may.
    Access,
    /// `error_page`.
    Error,
    /// Who makes the answer.
    Content,
}

/// What could not be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assumption {
    /// What is open, and what the explanation goes on with.
    pub text: String,
    /// The directive; `None` when it is about no one place.
    pub place: Option<Place>,
}

/// A header or parameter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// Its value; variables that only the real request knows are left as written.
    pub value: String,
    /// Is all of the value known?
    pub known: bool,
    /// It is not sent with this answer: without `always`, nginx adds headers to good answers only.
    pub only_on_success: bool,
    /// The directive; `None` for what nginx does by itself.
    pub place: Option<Place>,
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Outcome {
    /// The browser is sent elsewhere.
    Redirect {
        /// 301, 302, 303, 307, 308.
        code: u16,
        /// The Location header.
        to: String,
        /// Is all of it known?
        known: bool,
    },
    /// nginx answers with a text of the configuration.
    Answer {
        /// The status.
        code: u16,
        /// The text.
        body: String,
    },
    /// An application answers over HTTP.
    Proxy {
        /// `http` or `https`.
        scheme: String,
        /// Address, name of the upstream, or `unix:/run/app.sock`.
        to: String,
        /// What the application is asked for: path and query.
        uri: String,
        /// The members of the upstream, when it is one.
        members: Vec<String>,
        /// Are target and URI all known?
        known: bool,
        /// The status when an error page overrides what the application says.
        code: Option<u16>,
    },
    /// Something else answers: `fastcgi_pass`, `uwsgi_pass`, `grpc_pass`, `stub_status`.
    Handler {
        /// The directive.
        name: String,
        /// Its argument.
        to: String,
    },
    /// nginx sends a file.
    File {
        /// Its path; relative to nginx's own folder when the configuration says so.
        path: String,
        /// Is all of it known?
        known: bool,
        /// 200, or what an error page overrides it with.
        code: u16,
    },
    /// nginx lists the folder (`autoindex on`).
    Listing {
        /// Its path.
        path: String,
        /// 200, or what an error page overrides it with.
        code: u16,
    },
    /// nginx answers with its own error page.
    Error {
        /// The status.
        code: u16,
        /// Why.
        because: String,
    },
    /// The connection is closed without an answer (`return 444`).
    Closed,
    /// The TLS handshake fails.
    HandshakeFails {
        /// Why.
        because: String,
    },
    /// No server listens there.
    NothingListens {
        /// Where.
        because: String,
    },
    /// It depends on what only the real request knows.
    Undecided {
        /// On what.
        because: String,
    },
}

/// Explains what the configuration does with a request. Its time is bounded, whatever the configuration.
///
/// ```
/// # #[cfg(feature = "fancy-regex")] {
/// use nginx::{Config, Fancy, Outcome, Request, Source, route};
/// let text = "server { listen 80; server_name a.test; location /api/ { proxy_pass http://127.0.0.1:8000/; } }";
/// let config = Config::read(&[Source { name: "", text }], None, false);
/// let way = route(&config, &Request::parse("http://a.test/api/x?y=1").unwrap(), &Fancy::default());
/// assert!(matches!(way.outcome, Outcome::Proxy { uri, .. } if uri == "/x?y=1"));
/// # }
/// ```
pub fn route(config: &Config<'_>, request: &Request, patterns: &dyn Patterns) -> Route {
    let mut telling = Telling { config, steps: Vec::new(), assumed: Vec::new() };
    let mut certificate = None;
    let mut server = None;
    let mut location = None;
    let mut request_headers = Vec::new();
    let mut response_headers = Vec::new();
    let outcome = match socket::choose(config, request, patterns, &mut telling) {
        Err(outcome) => outcome,
        Ok(chosen) => {
            let mut walk = walk::Walk::new(config, request, patterns, telling, chosen);
            let outcome = walk.go();
            server = Some(config.files.locate(walk.server.head_span()));
            if walk.block != walk.server {
                location = Some(config.files.locate(walk.block.head_span()));
            }
            request_headers = headers::to_application(&mut walk, &outcome);
            response_headers = headers::to_browser(&mut walk, &outcome);
            certificate = walk.certificate;
            telling = walk.telling;
            outcome
        }
    };
    Route {
        url: request.url(),
        steps: telling.steps,
        outcome,
        certificate,
        server,
        location,
        request_headers,
        response_headers,
        assumed: telling.assumed,
    }
}

/// Where steps are collected.
struct Telling<'c> {
    config: &'c Config<'c>,
    steps: Vec<Step>,
    assumed: Vec<Assumption>,
}

/// Steps that are kept.
const MOST_STEPS: usize = 300;

/// From here on, what did not match is not told: what did is what matters.
const MOST_MISSES: usize = 150;

impl<'c> Telling<'c> {
    fn step(&mut self, kind: StepKind, text: impl Into<String>, place: Option<Directive<'c>>) {
        if self.steps.len() < MOST_STEPS {
            self.steps.push(Step { kind, text: text.into(), place: place.map(|directive| self.place(directive)) });
        }
    }

    /// Something that was tried and does not decide.
    fn miss(&mut self, kind: StepKind, text: impl Into<String>, place: Option<Directive<'c>>) {
        if self.steps.len() < MOST_MISSES {
            self.step(kind, text, place);
        }
    }

    fn assume(&mut self, text: impl Into<String>, place: Option<Directive<'c>>) {
        let one = Assumption { text: text.into(), place: place.map(|directive| self.place(directive)) };
        if self.assumed.len() < MOST_STEPS && !self.assumed.contains(&one) {
            self.assumed.push(one);
        }
    }

    fn place(&self, directive: Directive<'c>) -> Place {
        self.config.files.locate(directive.head_span())
    }
}
