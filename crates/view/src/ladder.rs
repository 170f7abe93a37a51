//! The ladder of a site that is not connected yet: seven rungs from a registered name to HSTS, one of them current.

use dns::{Answer, Kind};
use domain::{Expect, Scheme, Time};
use findings::{Fix, Prove};
use lockstep::Report;
use network::Saw;

use crate::words::span;

/// How far a rung is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Seen to be so.
    Done,
    /// The next step.
    Current,
    /// Cannot be seen from outside: look at it yourself, on the server.
    Unseen,
    /// After the current one.
    Later,
}

impl Reach {
    /// The word shown to a person.
    pub fn word(self) -> &'static str {
        match self {
            Reach::Done => "Done",
            Reach::Current => "Next",
            Reach::Unseen => "Not visible from here",
            Reach::Later => "Later",
        }
    }
}

/// One rung.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rung {
    /// What it is.
    pub title: &'static str,
    /// How far it is.
    pub reach: Reach,
    /// What was seen, or what it is for.
    pub text: String,
    /// What to do; on the current rung and on what cannot be seen.
    pub fix: Option<Fix>,
    /// How to see that it is done.
    pub prove: Option<Prove>,
    /// How long resolvers may remember the old answer, when that matters.
    pub wait: Option<String>,
}

/// The ladder of a report.
pub fn ladder(report: &Report) -> Vec<Rung> {
    let seen = Seen::of(report);
    let mut rungs = vec![
        registered(report, &seen),
        address_record(report, &seen),
        app_on_the_server(report, &seen),
        nginx(report, &seen),
        certificate(report, &seen),
        redirect(report, &seen),
        hsts(),
    ];
    // One rung is current: the first that is neither done nor out of sight. What cannot be seen keeps its own word
    // while the rung after it is the current one, and is simply later beyond that.
    let mut current = false;
    for rung in &mut rungs {
        match rung.reach {
            Reach::Current if current => rung.reach = Reach::Later,
            Reach::Current => current = true,
            Reach::Unseen if current => rung.reach = Reach::Later,
            _ => {}
        }
        if rung.reach == Reach::Later {
            (rung.fix, rung.prove, rung.wait) = (None, None, None);
        }
    }
    rungs
}

struct Seen {
    exists: bool,
    resolves: bool,
    http: bool,
    tls: bool,
    redirects: bool,
}

impl Seen {
    fn of(report: &Report) -> Seen {
        let observed = &report.observed;
        let exists = observed
            .dns
            .names
            .iter()
            .flat_map(|name| name.addresses.iter().chain(&name.others))
            .any(|asked| matches!(&asked.answer, Saw::Seen(answer) if answer.rcode == "NOERROR"));
        let http =
            observed.web.corners.iter().any(|corner| corner.scheme == Scheme::Http && corner.first.seen().is_some());
        let redirects = observed.web.corners.iter().any(|corner| {
            corner.scheme == Scheme::Http
                && observed
                    .web
                    .trail(corner)
                    .and_then(web::Trail::answer)
                    .is_some_and(|(url, _)| url.scheme() == Scheme::Https)
        });
        Seen {
            exists,
            resolves: observed.dns.names.iter().any(dns::NameSeen::resolves),
            http,
            tls: observed.tls.endpoints.iter().any(|endpoint| endpoint.shaken().is_some()),
            redirects,
        }
    }
}

fn reach(done: bool) -> Reach {
    if done { Reach::Done } else { Reach::Current }
}

fn registered(report: &Report, seen: &Seen) -> Rung {
    let target = &report.observed.target;
    let domain = &target.registrable;
    let is_apex = target.name == *domain || target.without_twin_is_www();
    let dns = &report.observed.dns;
    let above = dns.names.iter().flat_map(|name| name.answers()).find_map(|(.., answer)| dns.unregistered(answer));
    let (reach, text) = if seen.exists {
        (Reach::Done, format!("{domain} is registered and its name servers answer."))
    } else if let Some(above) = above {
        (Reach::Current, format!("{domain} is not registered: \".{above}\" has no such domain."))
    } else if is_apex {
        (
            Reach::Current,
            format!("No resolver knows {domain}: it is not registered, or its name servers are not set yet."),
        )
    } else {
        (
            Reach::Unseen,
            format!(
                "{} does not exist below {domain}. Whether {domain} itself is registered was not asked.",
                target.name
            ),
        )
    };
    let fix = format!("Register {domain} at a registrar, or set its name servers there if it is already yours.");
    Rung {
        title: "The domain is registered",
        reach,
        text,
        fix: Some(Fix { text: fix, code: None }),
        prove: Some(Prove {
            command: format!("dig +short NS {domain}"),
            expect: "The names of your name servers, one a line.".into(),
        }),
        wait: wait(report),
    }
}

fn address_record(report: &Report, seen: &Seen) -> Rung {
    let target = &report.observed.target;
    let visited: Vec<String> =
        report.observed.dns.names.iter().flat_map(|name| &name.visit).map(ToString::to_string).take(1).collect();
    let text = match visited.first() {
        Some(address) => format!("{} leads to {address}.", target.name),
        None => format!("{} has no address record, so browsers do not know where to go.", target.name),
    };
    let names: Vec<&str> = target.names().map(domain::DomainName::as_str).collect();
    let (kind, value) = match &target.expect {
        Some(Expect::Addresses(list)) => match list.first() {
            Some(address) if address.is_ipv6() => ("AAAA", address.to_string()),
            Some(address) => ("A", address.to_string()),
            None => ("A", SERVER.into()),
        },
        Some(Expect::Name(name)) => ("CNAME", format!("{name}.")),
        None => ("A", SERVER.into()),
    };
    let lines: Vec<String> = names.iter().map(|name| format!("{name}.  {kind}  {value}")).collect();
    let fix = Fix {
        text: "At the company that runs your name servers, add a record for each name with the public address of your server.".into(),
        code: Some(lines.join("\n")),
    };
    Rung {
        title: "An address record",
        reach: reach(seen.resolves),
        text,
        fix: Some(fix),
        prove: Some(Prove {
            command: format!("dig +short {} @1.1.1.1", target.name),
            expect: "The public address of your server.".into(),
        }),
        wait: wait(report),
    }
}

/// Stands for what only the visitor knows.
const SERVER: &str = "YOUR-SERVER-ADDRESS";

fn app_on_the_server(report: &Report, seen: &Seen) -> Rung {
    let text = if seen.resolves {
        "Before nginx is looked at: does the application answer on the server itself?"
    } else {
        "The application answers on the server itself, for nobody else to see."
    };
    Rung {
        title: "Gunicorn answers locally",
        reach: if seen.http || seen.tls { Reach::Done } else { Reach::Unseen },
        text: if seen.http || seen.tls { format!("Something answers for {}.", report.observed.target.name) } else { text.into() },
        fix: None,
        prove: Some(Prove {
            command: "curl -I http://127.0.0.1:8000".into(),
            expect: "Run on the server: a status line such as HTTP/1.1 200 OK. A redirect or a 404 of your own is an answer too.".into(),
        }),
        wait: None,
    }
}

fn nginx(report: &Report, seen: &Seen) -> Rung {
    let target = &report.observed.target;
    let names: Vec<&str> = target.names().map(domain::DomainName::as_str).collect();
    let code = format!(
        "server {{\n    listen 80;\n    listen [::]:80;\n    server_name {};\n\n    location / {{\n        proxy_pass http://127.0.0.1:8000;\n        include proxy_params;\n    }}\n}}",
        names.join(" ")
    );
    Rung {
        title: "nginx on port 80",
        reach: reach(seen.http),
        text: match (seen.http, seen.resolves) {
            (true, _) => "Port 80 answers.".into(),
            (false, true) => "Nothing answers on port 80: nginx is not running, or a firewall is in front of it.".into(),
            (false, false) => "nginx takes the visitors’ requests and hands them to Gunicorn.".into(),
        },
        fix: Some(Fix {
            text: "Give nginx a server block for these names, let ports 80 and 443 through the firewall (sudo ufw allow 'Nginx Full'), and reload nginx.".into(),
            code: Some(code),
        }),
        prove: Some(Prove {
            command: format!("curl -I http://{}/", target.name),
            expect: "A status line such as HTTP/1.1 200 OK.".into(),
        }),
        wait: None,
    }
}

fn certificate(report: &Report, seen: &Seen) -> Rung {
    let target = &report.observed.target;
    let names: Vec<String> = target.names().map(|name| format!("-d {name}")).collect();
    Rung {
        title: "A certificate",
        reach: reach(seen.tls),
        text: if seen.tls {
            "Port 443 answers with a certificate.".into()
        } else {
            "Let’s Encrypt checks the names over port 80, so this comes after it.".into()
        },
        fix: Some(Fix {
            text: "Let Certbot get a certificate for every name and write it into nginx.".into(),
            code: Some(format!("sudo certbot --nginx {}", names.join(" "))),
        }),
        prove: Some(Prove {
            command: format!("curl -I https://{}/", target.name),
            expect: "A status line and no complaint about the certificate.".into(),
        }),
        wait: None,
    }
}

fn redirect(report: &Report, seen: &Seen) -> Rung {
    let name = &report.observed.target.name;
    Rung {
        title: "The redirect to HTTPS",
        reach: reach(seen.redirects),
        text: "Visitors who type the bare name arrive over HTTPS.".into(),
        fix: Some(Fix {
            text: "In the server block for port 80, redirect everything.".into(),
            code: Some("return 301 https://$host$request_uri;".into()),
        }),
        prove: Some(Prove {
            command: format!("curl -I http://{name}/"),
            expect: format!("HTTP/1.1 301 and Location: https://{name}/"),
        }),
        wait: None,
    }
}

fn hsts() -> Rung {
    Rung {
        title: "HSTS, once all is stable",
        reach: Reach::Later,
        text: "Browsers then insist on HTTPS. It cannot be taken back quickly, so it comes last.".into(),
        fix: None,
        prove: None,
        wait: None,
    }
}

/// "No such name" is remembered too (RFC 2308): until when, counted from the look.
fn wait(report: &Report) -> Option<String> {
    let longest = report
        .observed
        .dns
        .names
        .iter()
        .flat_map(|name| &name.addresses)
        .filter(|asked| matches!(asked.kind, Kind::A | Kind::Aaaa))
        .filter_map(|asked| asked.answer.seen().and_then(negative))
        .max()?;
    let seconds = i64::from(longest);
    let until: Time = report.seen_at.plus(seconds);
    Some(format!(
        "Resolvers may remember “no” until {} ({}). After you add the record, a new answer can take that long.",
        until.clock(),
        span(seconds)
    ))
}

fn negative(answer: &Answer) -> Option<u32> {
    answer.negative_ttl.filter(|seconds| *seconds > 0)
}

/// Whether the target is the www of its registrable domain: then its apex is looked at as its twin.
trait Www {
    fn without_twin_is_www(&self) -> bool;
}

impl Www for domain::Target {
    fn without_twin_is_www(&self) -> bool {
        self.www().is_some_and(|www| *www == self.name) && self.twin.is_some()
    }
}
