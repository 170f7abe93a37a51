//! `lockstep route FILE URL` and `lockstep redirects FILE`: what a configuration does with a request.

use std::fmt::Write as _;

use clap::Args;
use nginx::{Config, Fancy, Outcome as End, Place, RedirectMap, Request, Route, Version, redirect_map, route};

use crate::{
    Outcome,
    lint::{clean, json, spot, write},
    sources,
};

/// Which request, and what to write.
#[derive(Debug, Args)]
pub struct RouteArgs {
    /// Files that belong together, or - for standard input (one file, or what `nginx -T` prints). What they include is
    /// read too, where it lies in the folder of the first
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// The URL that is asked for
    #[arg(required = true)]
    url: String,
    /// A header that is sent; repeat for several. Without any, what depends on headers is left open
    #[arg(long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The method
    #[arg(long, default_value = "GET")]
    method: String,
    /// The name in the TLS handshake, when it is not the URL's
    #[arg(long, value_name = "NAME")]
    sni: Option<String>,
    /// The address at which the request arrives
    #[arg(long, value_name = "ADDRESS")]
    arrives_at: Option<std::net::IpAddr>,
    #[command(flatten)]
    reading: ReadingArgs,
}

/// How to read, and what to write.
#[derive(Debug, Args)]
struct ReadingArgs {
    /// The nginx release that it is for; guessed from the text, else 1.22
    #[arg(long, value_name = "RELEASE", value_parser = sources::version)]
    nginx_version: Option<Version>,
    /// What to write
    #[arg(long, value_enum, default_value_t = RouteFormat::Text)]
    format: RouteFormat,
}

/// What to draw the map of.
#[derive(Debug, Args)]
pub struct RedirectsArgs {
    /// Files that belong together, or - for standard input (one file, or what `nginx -T` prints). What they include is
    /// read too, where it lies in the folder of the first
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    #[command(flatten)]
    reading: ReadingArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum RouteFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("a name, a colon and a value")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

impl RouteArgs {
    /// Explains, and writes the explanation to standard output.
    ///
    /// # Errors
    /// When a file cannot be read, or the URL is none.
    pub fn run(self) -> Result<Outcome, String> {
        let given = sources::read(&self.files)?;
        let mut request = Request::parse(&self.url)?;
        request.sni = self.sni;
        request.method = self.method;
        request.arrives_at = self.arrives_at;
        request.headers = Some(self.headers).filter(|headers| !headers.is_empty());
        let config = Config::read(&sources::sources(&given), self.reading.nginx_version, false);
        let way = route(&config, &request, &Fancy::default());
        write(&match self.reading.format {
            RouteFormat::Text => text(&way),
            RouteFormat::Json => json(&way)?,
        });
        // 1 where a visitor gets no answer.
        let failed = matches!(
            way.outcome,
            End::Error { .. } | End::Closed | End::HandshakeFails { .. } | End::NothingListens { .. }
        );
        Ok(if failed { Outcome::Failures } else { Outcome::Clean })
    }
}

impl RedirectsArgs {
    /// Draws the map, and writes it to standard output.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn run(self) -> Result<Outcome, String> {
        let given = sources::read(&self.files)?;
        let config = Config::read(&sources::sources(&given), self.reading.nginx_version, false);
        let map = redirect_map(&config, &Fancy::default());
        write(&match self.reading.format {
            RouteFormat::Text => map_text(&map),
            RouteFormat::Json => json(&map)?,
        });
        Ok(if map.loops.is_empty() { Outcome::Clean } else { Outcome::Failures })
    }
}

fn at(place: Option<&Place>) -> String {
    place.map(|place| format!(" ({})", spot(place))).unwrap_or_default()
}

fn text(way: &Route) -> String {
    let mut out = format!("{}\n\n", clean(&way.url));
    for step in &way.steps {
        let kind = format!("{:?}", step.kind).to_lowercase();
        let _ = writeln!(out, "  {kind:<9} {}{}", clean(&step.text), at(step.place.as_ref()));
    }
    let _ = writeln!(out, "\n=> {}", clean(&outcome(&way.outcome)));
    for (title, headers) in
        [("The application receives", &way.request_headers), ("nginx adds to the answer", &way.response_headers)]
    {
        if headers.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{title}:");
        for header in headers {
            let only = if header.only_on_success { " [good answers only]" } else { "" };
            let line = format!("  {}: {}{only}", header.name, header.value);
            let _ = writeln!(out, "{}{}", clean(&line), at(header.place.as_ref()));
        }
    }
    if !way.assumed.is_empty() {
        out.push_str("\nNot known:\n");
        for assumed in &way.assumed {
            let _ = writeln!(out, "  {}{}", clean(&assumed.text), at(assumed.place.as_ref()));
        }
    }
    out
}

fn outcome(end: &End) -> String {
    match end {
        End::Redirect { code, to, .. } => format!("{code} to {to}"),
        End::Answer { code, body } if body.is_empty() => format!("{code} from nginx"),
        End::Answer { code, body } => format!("{code} from nginx: {body}"),
        End::Proxy { scheme, to, uri, members, .. } => {
            let among = if members.is_empty() { String::new() } else { format!(" ({})", members.join(", ")) };
            format!("{scheme}://{to}{among} is asked for {uri}")
        }
        End::Handler { name, to } => format!("{name} {to}"),
        End::File { path, code: 200, .. } => format!("the file {path}"),
        End::File { path, code, .. } => format!("the file {path}, with status {code}"),
        End::Listing { path, .. } => format!("a list of {path}"),
        End::Error { code, because } => format!("error {code}: {because}"),
        End::Closed => "the connection is closed without an answer".to_owned(),
        End::HandshakeFails { because } => format!("the TLS handshake fails: {because}"),
        End::NothingListens { because } => because.clone(),
        End::Undecided { because } => format!("not decided: {because}"),
    }
}

fn map_text(map: &RedirectMap) -> String {
    let mut out = String::new();
    let name = |at: usize| {
        map.corners.get(at).map_or_else(String::new, |corner| {
            let host = if corner.host.is_empty() { "any other name" } else { &corner.host };
            format!("{}://{host}", corner.scheme)
        })
    };
    let width = (0..map.corners.len()).map(|at| name(at).chars().count()).max().unwrap_or(0);
    for (index, corner) in map.corners.iter().enumerate() {
        let hops = match corner.hops {
            Some(0) => String::new(),
            Some(1) => ", 1 redirect in all".to_owned(),
            Some(hops) => format!(", {hops} redirects in all"),
            None => String::new(),
        };
        let drops = if corner.keeps_path == Some(false) { ", the path is dropped" } else { "" };
        let line = format!("{:<width$}  {}{hops}{drops}", name(index), corner.words);
        let _ = writeln!(out, "{}{}", clean(&line), at(corner.place.as_ref()));
    }
    for circle in &map.loops {
        let round: Vec<String> = circle.iter().chain(circle.first()).map(|at| name(*at)).collect();
        let _ = writeln!(out, "circle: {}", clean(&round.join(" -> ")));
    }
    if map.names_left_out > 0 {
        let _ = writeln!(out, "{} more names are left out.", map.names_left_out);
    }
    if map.corners.is_empty() {
        out.push_str("There is no server in it.\n");
    }
    out
}
