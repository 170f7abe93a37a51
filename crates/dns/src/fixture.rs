//! Observations from a few lines of text, for tests.
//!
//! ```text
//! example.com A Cloudflare 9.9.9.1 9.9.9.2
//! example.com A Google NXDOMAIN
//! www.example.com CNAME - example.com
//! ```
//! In a value `_` stands for a blank, and `EDE6` for an extended error of that code.
//! `example.com A ~Google 9.9.9.9` is what Google says without checking signatures. A name that is not mentioned was answered "no such record"; a resolver `!Name` did not answer.

use domain::{DomainName, Target, Time};
use network::{Saw, Unseen};

use crate::{Answer, Asked, Direct, EdeCode, Kind, NameSeen, Observation, ParentSeen, Record, Registry};

/// An observation of `example.com` and its www.
pub(crate) fn seen(lines: &str) -> Observation {
    let apex: DomainName = "example.com".parse().unwrap();
    let target =
        Target { name: apex.clone(), unicode: None, registrable: apex.clone(), twin: apex.with_www(), expect: None };
    let resolvers = ["Cloudflare", "Google", "AdGuard"];
    let names = target
        .names()
        .map(|name| {
            let mut addresses = Vec::new();
            for resolver in resolvers {
                for kind in [Kind::A, Kind::Aaaa] {
                    addresses.push(along(asked(lines, name, Kind::Cname, "-"), asked(lines, name, kind, resolver)));
                }
            }
            let others = [Kind::Cname, Kind::Soa, Kind::Caa, Kind::Ns, Kind::Https, Kind::Ds]
                .map(|kind| asked(lines, name, kind, "-"))
                .to_vec();
            let mut visit: Vec<_> =
                addresses.iter().filter_map(|asked| asked.answer.seen()).flat_map(Answer::addresses).collect();
            visit.sort();
            visit.dedup();
            let reserved = visit
                .iter()
                .filter_map(|address| Some((*address, domain::classify(*address).err()?.0.to_owned())))
                .collect();
            let unchecked = resolvers.iter().flat_map(|resolver| {
                let marked = format!("~{resolver}");
                let kinds = [Kind::A, Kind::Aaaa].into_iter();
                let line = |kind: &Kind| format!("{name} {} {marked} ", kind.as_str());
                let kinds = kinds.filter(move |kind| lines.lines().any(|it| it.trim().starts_with(&line(kind))));
                let kinds: Vec<Kind> = kinds.collect();
                kinds.into_iter().map(move |kind| Asked {
                    resolver: (*resolver).into(),
                    ..asked(lines, name, kind, &format!("~{resolver}"))
                })
            });
            let unchecked = unchecked.collect();
            NameSeen { name: name.clone(), addresses, others, visit, left_out: 0, unchecked, reserved }
        })
        .collect();
    Observation {
        seen_at: Time::from_unix(1_795_242_600),
        target,
        resolvers: resolvers.map(str::to_owned).to_vec(),
        names,
        parents: vec![{
            let name: DomainName = "com".parse().unwrap();
            ParentSeen { caa: asked(lines, &name, Kind::Caa, "-"), name }
        }],
        direct: direct(lines),
        further: further(lines),
        registry: registry(lines),
    }
}

/// From lines such as `+_acme-challenge.example.com TXT value_with_blanks`; also `… TXT NXDOMAIN net`, with the zone
/// that says so, and `… TXT SERVFAIL`.
fn further(lines: &str) -> Vec<(DomainName, Asked)> {
    let lines = lines.lines().filter_map(|line| line.trim().strip_prefix('+'));
    lines
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let kinds = [Kind::A, Kind::Aaaa, Kind::Txt];
            let kind = kinds.into_iter().find(|kind| kind.as_str() == words[1]).unwrap();
            let name: DomainName = words[0].parse().unwrap();
            let mut asked = asked(&format!("{name} {} - {}", words[1], words[2..].join(" ")), &name, kind, "-");
            if let (Saw::Seen(answer), Some(zone)) = (&mut asked.answer, words.get(3)) {
                answer.zone = (words[2] == "NXDOMAIN").then(|| (*zone).to_owned());
            }
            (name, asked)
        })
        .collect()
}

/// From a line such as `^a.gtld.example ns1.example.net ns2.example.net`.
fn registry(lines: &str) -> Option<Saw<Registry>> {
    let line = lines.lines().find_map(|line| line.trim().strip_prefix('^'))?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let server = words.next()?;
    Some(Saw::Seen(Registry { server, listed: words.collect() }))
}

/// From lines such as `@ns1.example.net SERIAL 7 9.9.9.9`: the zone's serial and the addresses of `example.com`; or
/// `@ns1.example.net FAILS reason`.
fn direct(lines: &str) -> Vec<Direct> {
    let apex: DomainName = "example.com".parse().unwrap();
    let servers = lines.lines().filter_map(|line| line.trim().strip_prefix('@'));
    servers
        .map(|line| {
            let words: Vec<&str> = line.split_whitespace().collect();
            let answer = |kind: Kind, values: Vec<String>| {
                let of = |value: String| Record { name: apex.to_string(), kind: kind.as_str().into(), ttl: 60, value };
                let answer = Answer {
                    rcode: "NOERROR".into(),
                    authenticated: false,
                    records: values.into_iter().map(of).collect(),
                    negative_ttl: None,
                    zone: None,
                    ede: Vec::new(),
                };
                let answer = match words[1] {
                    "FAILS" => Saw::Unseen(Unseen::Failed(words[2..].join(" "))),
                    "SILENT" => Saw::Unseen(Unseen::TimedOut),
                    _ => Saw::Seen(answer),
                };
                (apex.clone(), Asked { resolver: words[0].into(), kind, answer })
            };
            let serial = format!("ns.example.net. host.example.net. {} 1 1 1 1", words.get(2).unwrap_or(&"0"));
            let given = |v4: bool| {
                let all = words.iter().skip(3).filter(move |word| word.contains('.') == v4);
                all.map(|word| (*word).to_owned()).collect()
            };
            let answers =
                vec![answer(Kind::Soa, vec![serial]), answer(Kind::A, given(true)), answer(Kind::Aaaa, given(false))];
            Direct { server: words[0].into(), address: Some("9.9.9.53".parse().unwrap()), answers }
        })
        .collect()
}

/// Addresses, with the alias that leads to them in front, as resolvers show it.
fn along(alias: Asked, mut addresses: Asked) -> Asked {
    if let (Saw::Seen(alias), Saw::Seen(answer)) = (alias.answer, &mut addresses.answer)
        && !answer.records.is_empty()
    {
        answer.records.splice(..0, alias.records);
    }
    addresses
}

fn asked(lines: &str, name: &DomainName, kind: Kind, resolver: &str) -> Asked {
    let found = lines.lines().map(str::trim).find_map(|line| {
        let mut words = line.split_whitespace();
        let (n, k, r) = (words.next()?, words.next()?, words.next()?);
        let silent = r == format!("!{resolver}");
        let same = n == name.as_str()
            && k == kind.as_str()
            && (r == resolver || (r == "*" && !resolver.starts_with('~')) || silent);
        same.then(|| (silent, words.map(str::to_owned).collect::<Vec<_>>()))
    });
    let (silent, values) = found.unwrap_or_default();
    let rcode = values.first().filter(|word| ["NXDOMAIN", "SERVFAIL", "REFUSED"].contains(&word.as_str()));
    let records = match rcode {
        Some(_) => Vec::new(),
        None => values
            .iter()
            .map(|value| Record {
                name: name.to_string(),
                kind: kind.as_str().into(),
                ttl: 3600,
                value: value.replace('_', " "),
            })
            .collect(),
    };
    let codes = values.iter().filter_map(|word| word.strip_prefix("EDE")?.parse().ok());
    let ede = codes.map(|code| EdeCode { code, text: String::new() }).collect();
    let negative_ttl = records.is_empty().then_some(900);
    let rcode = rcode.cloned().unwrap_or_else(|| "NOERROR".into());
    let answer = if silent {
        Saw::Unseen(Unseen::TimedOut)
    } else {
        Saw::Seen(Answer { rcode, authenticated: false, records, negative_ttl, zone: None, ede })
    };
    Asked { resolver: resolver.into(), kind, answer }
}
