//! From a connection to the server that answers it: socket, handshake, name.

use std::net::IpAddr;

use super::{Outcome, Request, StepKind, Telling, values::Captured};
use crate::{
    Address, Config, Directive, Listen, Pattern, Patterns, Server,
    config::{at_the_end, in_front, ip},
};

/// The server, and what its name captured.
pub(super) struct Chosen<'c> {
    pub(super) block: Directive<'c>,
    /// Whose settings hold until the Host header is read: that of the handshake, or the socket's default.
    pub(super) first: Directive<'c>,
    /// The file of the certificate that is shown, as written.
    pub(super) certificate: Option<String>,
    /// TLS is spoken on the socket.
    pub(super) tls: bool,
    pub(super) captured: Option<Captured>,
}

/// One server on the socket.
type Entry<'c> = (&'c Server, &'c Listen);

pub(super) fn choose<'c>(
    config: &'c Config<'c>,
    request: &Request,
    patterns: &dyn Patterns,
    telling: &mut Telling<'c>,
) -> Result<Chosen<'c>, Outcome> {
    if config.servers().is_empty() {
        return Err(Outcome::Undecided { because: "There is no server in what you pasted.".to_owned() });
    }
    let entries = socket(config, request, telling)?;
    let Some((first, listen)) = entries.first().copied() else {
        return Err(Outcome::Undecided { because: "There is no server in what you pasted.".to_owned() });
    };
    let tls = entries.iter().any(|(_, listen)| listen.ssl);
    let default = entries.iter().find(|(_, listen)| listen.default_server).map_or(first, |(server, _)| *server);
    // A bare server body whose listen was not pasted takes whatever comes.
    let open = first.bare && listen.directive.is_none();
    if request.https && !tls && !open {
        return Err(Outcome::HandshakeFails {
            because: format!("Plain HTTP is spoken on {}: no listen there has \"ssl\".", listen.words()),
        });
    }
    let mut early = default;
    let mut path = None;
    if request.https {
        let name = request.sni.as_deref().unwrap_or(&request.host);
        let is_address = name.starts_with('[') || ip::any(name).is_some();
        let found = if is_address { None } else { by_name(config, &entries, name, patterns, telling) };
        early = found.map_or(default, |(server, ..)| server);
        let block = config.get(early.block);
        if block.scalar("ssl_reject_handshake").is_some_and(|reject| reject.arg_is(0, "on")) {
            telling.step(
                StepKind::Tls,
                format!("The handshake for {name} is refused."),
                block.scalar("ssl_reject_handshake"),
            );
            return Err(Outcome::HandshakeFails { because: format!("ssl_reject_handshake is on for {name}.") });
        }
        let certificate = block.scalar("ssl_certificate");
        path = certificate.map(|directive| directive.arg(0).to_owned());
        let shown = path.as_deref().unwrap_or("a certificate that is not in this text");
        telling.step(StepKind::Tls, format!("For {name} the browser is shown {shown}."), certificate);
    }
    let name = request.host.strip_suffix('.').unwrap_or(&request.host);
    let is_default = |server: &Server| server.block == default.block;
    let (server, captured) = match by_name(config, &entries, name, patterns, telling) {
        Some((server, directive, how, captured)) => {
            telling.step(StepKind::Server, format!("{name} {how}."), directive);
            (server, captured)
        }
        None => {
            let block = config.get(default.block);
            let text = if entries.len() == 1 {
                format!("It is the only server on {}: it answers for every name.", listen.words())
            } else if entries.iter().any(|(server, listen)| listen.default_server && is_default(server)) {
                format!("No server_name matches {name}: the default_server answers.")
            } else {
                format!("No server_name matches {name}: the first server on {} answers.", listen.words())
            };
            telling.step(StepKind::Server, text, Some(block));
            (default, None)
        }
    };
    if entries.iter().any(|(server, _)| server.names.iter().any(|name| name.name == "$hostname")) {
        telling.assume("$hostname is the machine's own name: it was taken for another name.", None);
    }
    Ok(Chosen {
        block: config.get(server.block),
        first: config.get(early.block),
        certificate: path,
        tls: tls || (open && request.https),
        captured,
    })
}

/// All servers on the socket that the request arrives at.
fn socket<'c>(config: &'c Config<'c>, request: &Request, telling: &mut Telling<'c>) -> Result<Vec<Entry<'c>>, Outcome> {
    let mut here: Vec<Entry<'c>> = Vec::new();
    for server in config.servers() {
        for listen in &server.listens {
            if !listen.quic && takes_port(config, listen, request.port) {
                here.push((server, listen));
            }
        }
    }
    let literal = ip::any(request.host.trim_matches(['[', ']']));
    let asked = request.arrives_at.or(literal);
    let v6_takes_v4 = |listen: &Listen| {
        listen.directive.is_some_and(|id| config.get(id).args().any(|arg| arg == "ipv6only=off"))
            && listen.address == Address::Any6
    };
    // The most specific address wins; without one, what most visitors reach.
    let ranks: [&dyn Fn(&Listen) -> bool; 4] = match asked {
        Some(IpAddr::V4(ip)) => [
            &move |listen: &Listen| listen.address == Address::V4(ip),
            &|listen: &Listen| listen.address == Address::Any4,
            &v6_takes_v4,
            &|_: &Listen| false,
        ],
        Some(IpAddr::V6(ip)) => [
            &move |listen: &Listen| listen.address == Address::V6(ip),
            &|listen: &Listen| listen.address == Address::Any6,
            &|_: &Listen| false,
            &|_: &Listen| false,
        ],
        None => [
            &|listen: &Listen| listen.address == Address::Any4,
            &|listen: &Listen| listen.address == Address::Any6,
            &|listen: &Listen| !matches!(listen.address, Address::Unix(_)),
            &|_: &Listen| false,
        ],
    };
    for matches in ranks {
        let Some(address) = here.iter().find(|(_, listen)| matches(listen)).map(|(_, listen)| listen.address.clone())
        else {
            continue;
        };
        let others = asked.is_none()
            && here.iter().any(|(_, listen)| {
                listen.address != address && !matches!(listen.address, Address::Any6 | Address::Unix(_))
            });
        here.retain(|(_, listen)| listen.address == address);
        if let Some((_, listen)) = here.first() {
            let directive = listen.directive.map(|id| config.get(id));
            telling.step(StepKind::Socket, format!("The connection comes in on {}.", listen.words()), directive);
            if others {
                telling.assume(
                    format!("Several addresses listen on port {}: this one was taken.", request.port),
                    directive,
                );
            }
        }
        return Ok(here);
    }
    // A bare body without a listen was cut out of a server: its port is anybody's guess.
    let bare: Vec<&Server> =
        config.servers().iter().filter(|server| server.bare && server.listens.is_empty()).collect();
    if let Some(server) = bare.first() {
        telling.assume("The listen lines were not pasted: this server was taken.", None);
        return Ok(vec![(server, &ANYWHERE)]);
    }
    let because = format!("{}nothing listens on port {}.", config.scope(), request.port);
    Err(if config.sees_all_servers() {
        Outcome::NothingListens { because: capitalised(&because) }
    } else {
        Outcome::Undecided { because: capitalised(&because) }
    })
}

/// The socket of a server whose listen was not pasted.
static ANYWHERE: Listen = Listen::IMPLICIT;

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn takes_port(config: &Config<'_>, listen: &Listen, port: u16) -> bool {
    if matches!(listen.address, Address::Unix(_)) {
        return false;
    }
    let last = listen.directive.and_then(|id| {
        let directive = config.get(id);
        let value = directive.arg(0);
        let range = value.rsplit(':').next().unwrap_or_default();
        range.split_once('-').and_then(|(_, last)| last.parse::<u16>().ok())
    });
    (listen.port..=last.unwrap_or(listen.port)).contains(&port)
}

/// Regular expressions among names that are tried.
const MOST_PATTERNS: usize = 2_000;

/// How well a name fits; `None` when it does not.
type Fits<'f> = &'f dyn Fn(&str) -> Option<usize>;

/// Server, its server_name, how it matched, what it captured.
type Named<'c> = (&'c Server, Option<Directive<'c>>, String, Option<Captured>);

/// Exact, then the longest `*.x`, then the longest `x.*`, then regular expressions in reading order.
fn by_name<'c>(
    config: &'c Config<'c>,
    entries: &[Entry<'c>],
    host: &str,
    patterns: &dyn Patterns,
    telling: &mut Telling<'c>,
) -> Option<Named<'c>> {
    let host = host.to_ascii_lowercase();
    let all = || entries.iter().flat_map(|(server, _)| server.names.iter().map(move |name| (*server, name)));
    // Of several that are equal, the first is kept.
    let longest = |fits: Fits<'_>| {
        let mut best: Option<(usize, &'c Server, &'c crate::ServerName)> = None;
        for (server, name) in all().filter(|(_, name)| !name.name.starts_with('~')) {
            if let Some(length) = fits(&name.name)
                && best.is_none_or(|(known, ..)| length > known)
            {
                best = Some((length, server, name));
            }
        }
        best
    };
    let exact = |name: &str| (name == host || name.strip_prefix('.') == Some(&host)).then_some(1);
    let steps: [(Fits<'_>, &str); 3] = [
        (&exact, "is one of its names"),
        (&|name| in_front(name, &host), "fits the longest wildcard in front"),
        (&|name| at_the_end(name, &host), "fits the longest wildcard at the end"),
    ];
    for (fits, how) in steps {
        if let Some((_, server, name)) = longest(fits) {
            let how = if name.name == host { how.to_owned() } else { format!("{how}, {}", name.name) };
            return Some((server, Some(config.get(name.directive)), how, None));
        }
    }
    for (tried, (server, name)) in all().filter(|(_, name)| name.name.starts_with('~')).enumerate() {
        let Some(pattern) = name.name.strip_prefix('~').filter(|_| tried < MOST_PATTERNS) else { break };
        let directive = config.get(name.directive);
        let any_case = pattern.bytes().any(|byte| byte.is_ascii_uppercase());
        let found = Pattern::from_pcre(pattern, any_case)
            .map_err(str::to_owned)
            .and_then(|pattern| patterns.find(&pattern, &host).map(|found| (pattern, found)));
        match found {
            Ok((pattern, Some(groups))) => {
                let captured = Captured::new(&pattern, groups);
                return Some((
                    server,
                    Some(directive),
                    format!("matches the regular expression {}", name.name),
                    Some(captured),
                ));
            }
            Ok((_, None)) => {}
            Err(why) => {
                telling.assume(format!("{} was not tried ({why}): taken as not matching.", name.name), Some(directive))
            }
        }
    }
    None
}
