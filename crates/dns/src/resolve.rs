//! One question to one resolver: DNS over HTTPS in wire format (RFC 8484), encoded and decoded by hickory-proto.

use std::net::IpAddr;

use domain::DomainName;
use hickory_proto::{
    op::{Edns, Message, MessageType, OpCode, Query, ResponseCode},
    rr::{
        Name, RData, RecordType,
        rdata::{HTTPS, SVCB, opt::EdnsOption, svcb::SvcParamValue},
    },
};
use network::{FETCH_LIMIT, Family, Limits, Method, Network, Request, Resolver, Saw, Session, Unseen};

use crate::{Answer, EdeCode, Kind, Record, observation::ADDRESS_LIMIT};

/// The most records kept of one answer.
const RECORD_LIMIT: usize = 64;

/// The most characters kept of one record's data or one error text.
const TEXT_LIMIT: usize = 400;

/// EDNS option code of extended DNS errors (RFC 8914 §2).
const EDE: u16 = 15;

/// How a question is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// Of a resolver, which looks for the answer and checks its signatures.
    Resolve,
    /// Of a resolver, which is to pass on what it cannot verify (RFC 4035 §3.2.2).
    Unchecked,
    /// Of a name server, about what it knows itself.
    Direct,
}

/// Asks one resolver one question.
///
/// # Errors
/// Why there is no answer: `Failed("resolver unusable: …")` when it answered, but not as RFC 8484 wants.
pub async fn ask<N: Network>(
    session: &Session<N>,
    resolver: &Resolver,
    name: &DomainName,
    kind: Kind,
) -> Result<Answer, Unseen> {
    ask_as(session, resolver, name, kind, How::Resolve).await
}

pub(crate) async fn ask_as<N: Network>(
    session: &Session<N>,
    resolver: &Resolver,
    name: &DomainName,
    kind: Kind,
    how: How,
) -> Result<Answer, Unseen> {
    let request = Request {
        method: Method::Post,
        url: resolver.url.clone(),
        headers: vec![
            ("accept".into(), "application/dns-message".into()),
            ("content-type".into(), "application/dns-message".into()),
        ],
        body: encode(name, kind, how)?.into(),
        limit: FETCH_LIMIT,
    };
    let response = session.fetch(request, Limits::RESOLVE).await?;
    if response.status != 200 {
        return Err(unusable(&format!("HTTP status {}", response.status)));
    }
    let media = response.header("content-type").unwrap_or("none");
    if !media.starts_with("application/dns-message") {
        return Err(unusable(&format!("content type {}", bounded(media))));
    }
    let message = Message::from_vec(&response.body).map_err(|error| unusable(&error.to_string()))?;
    Ok(read(&message, kind))
}

/// The addresses of a name, IPv4 first, at most [`ADDRESS_LIMIT`] of each family, from the first resolver that answers.
///
/// # Errors
/// Why no resolver answered. A name without addresses is an empty list.
pub async fn addresses_of<N: Network>(session: &Session<N>, name: &DomainName) -> Result<Vec<IpAddr>, Unseen> {
    let mut why = Unseen::Failed("no resolver is set".into());
    for resolver in &session.settings().resolvers {
        let (v4, v6) =
            futures_util::join!(ask(session, resolver, name, Kind::A), ask(session, resolver, name, Kind::Aaaa));
        match (v4, v6) {
            (Err(error), Err(_)) => why = error,
            (v4, v6) => {
                let family = |answer: Result<Answer, Unseen>| -> Vec<IpAddr> {
                    answer.map(|answer| answer.addresses().take(ADDRESS_LIMIT).collect()).unwrap_or_default()
                };
                return Ok(family(v4).into_iter().chain(family(v6)).collect());
            }
        }
    }
    Err(why)
}

/// The addresses of a name in one family, at most [`ADDRESS_LIMIT`], from the first resolver that answers.
///
/// # Errors
/// Why no resolver answered. A name without addresses is an empty list.
pub async fn addresses_in<N: Network>(
    session: &Session<N>,
    name: &DomainName,
    family: Family,
) -> Result<Vec<IpAddr>, Unseen> {
    let kind = match family {
        Family::V4 => Kind::A,
        Family::V6 => Kind::Aaaa,
    };
    match ask_first(session, name, kind).await.1 {
        Saw::Seen(answer) => Ok(answer.addresses().take(ADDRESS_LIMIT).collect()),
        Saw::Unseen(why) => Err(why),
    }
}

/// Whether a name leads to any address: `Seen(false)` only when a resolver says so of both families.
pub async fn leads<N: Network>(session: &Session<N>, name: &DomainName) -> Saw<bool> {
    for kind in [Kind::A, Kind::Aaaa] {
        match ask_first(session, name, kind).await.1 {
            Saw::Unseen(why) => return Saw::Unseen(why),
            Saw::Seen(answer) if answer.addresses().next().is_some() => return Saw::Seen(true),
            Saw::Seen(answer) if matches!(answer.rcode.as_str(), "NOERROR" | "NXDOMAIN") => {}
            Saw::Seen(answer) => return Saw::Unseen(Unseen::Failed(answer.rcode)),
        }
    }
    Saw::Seen(false)
}

/// Asks each resolver in turn until one answers: the first that has more to say than that it failed, or else the last
/// that answered at all.
pub(crate) async fn ask_first<N: Network>(
    session: &Session<N>,
    name: &DomainName,
    kind: Kind,
) -> (String, Saw<Answer>) {
    let mut last = (String::new(), Saw::Unseen(Unseen::Failed("no resolver is set".into())));
    for resolver in &session.settings().resolvers {
        let answer = ask(session, resolver, name, kind).await;
        let failed = answer.as_ref().is_ok_and(|answer| matches!(answer.rcode.as_str(), "SERVFAIL" | "REFUSED"));
        let answered = answer.is_ok();
        if answered || last.1.seen().is_none() {
            last = (resolver.name.clone(), answer.into());
        }
        if answered && !failed {
            break;
        }
    }
    last
}

fn unusable(what: &str) -> Unseen {
    Unseen::Failed(format!("resolver unusable: {what}"))
}

pub(crate) fn encode(name: &DomainName, kind: Kind, how: How) -> Result<Vec<u8>, Unseen> {
    // A name that got this far can be asked for; the library's own words would bring its texts for everything else.
    let fault = |_| Unseen::Failed("the question cannot be written".into());
    let name = Name::from_ascii(format!("{name}.")).map_err(fault)?;
    // The identifier is 0: RFC 8484 §4.1 asks for it, so that HTTP caches work.
    let mut message = Message::new(0, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = how != How::Direct;
    message.metadata.checking_disabled = how == How::Unchecked;
    // Asks for the validation result (AD) without the signatures themselves (RFC 6840 §5.7).
    message.metadata.authentic_data = true;
    message.add_query(Query::query(name, record_type(kind)));
    let mut edns = Edns::new();
    edns.set_max_payload(1232).set_version(0);
    message.set_edns(edns);
    message.to_vec().map_err(fault)
}

fn record_type(kind: Kind) -> RecordType {
    match kind {
        Kind::A => RecordType::A,
        Kind::Aaaa => RecordType::AAAA,
        Kind::Caa => RecordType::CAA,
        Kind::Cname => RecordType::CNAME,
        Kind::Ds => RecordType::DS,
        Kind::Https => RecordType::HTTPS,
        Kind::Ns => RecordType::NS,
        Kind::Soa => RecordType::SOA,
        Kind::Txt => RecordType::TXT,
    }
}

pub(crate) fn read(message: &Message, kind: Kind) -> Answer {
    let records: Vec<Record> = message
        .answers
        .iter()
        .take(RECORD_LIMIT)
        .map(|record| Record {
            name: owner(&record.name),
            kind: record.record_type().to_string(),
            ttl: record.ttl,
            value: value(&record.data),
        })
        .collect();
    let asked_for = records.iter().any(|record| record.kind == kind.as_str());
    // RFC 2308 §5: the lesser of the SOA record's own TTL and its MINIMUM field.
    let negative = message
        .authorities
        .iter()
        .find_map(|record| match &record.data {
            RData::SOA(soa) => Some((record.ttl.min(soa.minimum), owner(&record.name))),
            _ => None,
        })
        .filter(|_| !asked_for);
    let (negative_ttl, zone) = negative.unzip();
    let ede = message
        .edns
        .iter()
        .flat_map(|edns| &edns.options().options)
        .filter_map(|(_, option)| match option {
            EdnsOption::Unknown(EDE, data) => {
                let (code, text) = data.split_first_chunk::<2>()?;
                Some(EdeCode { code: u16::from_be_bytes(*code), text: bounded(&String::from_utf8_lossy(text)) })
            }
            _ => None,
        })
        .take(8)
        .collect();
    Answer {
        rcode: rcode(message.metadata.response_code),
        authenticated: message.metadata.authentic_data,
        records,
        negative_ttl,
        zone,
        ede,
    }
}

/// The name that a record belongs to, without the final dot.
pub(crate) fn owner(name: &Name) -> String {
    bounded(&name.to_ascii().trim_end_matches('.').to_lowercase())
}

/// The mnemonics of the IANA registry, as dig prints them.
fn rcode(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".into(),
        ResponseCode::FormErr => "FORMERR".into(),
        ResponseCode::ServFail => "SERVFAIL".into(),
        ResponseCode::NXDomain => "NXDOMAIN".into(),
        ResponseCode::NotImp => "NOTIMP".into(),
        ResponseCode::Refused => "REFUSED".into(),
        other => format!("RCODE{}", u16::from(other)),
    }
}

/// The data as dig prints it; nothing for types that we do not ask for, such as the signatures that come along: being
/// able to write them all would be 12 kB of the worker.
fn value(data: &RData) -> String {
    match data {
        RData::A(address) => address.to_string(),
        RData::AAAA(address) => address.to_string(),
        RData::CAA(caa) => bounded(&caa.to_string()),
        RData::CNAME(name) => owner(&name.0),
        RData::HTTPS(HTTPS(record)) => bounded(&service(record)),
        RData::NS(name) => bounded(&name.to_string()),
        RData::SOA(soa) => bounded(&soa.to_string()),
        RData::TXT(text) => bounded(&String::from_utf8_lossy(&text.txt_data.concat())),
        RData::Unknown { code: RecordType::DS, rdata } => bounded(&ds(&rdata.anything)),
        _ => String::new(),
    }
}

/// Priority, target, and the parameters that say something about the site (RFC 9460 §2.1); of others the name alone.
fn service(record: &SVCB) -> String {
    let mut out = format!("{} {}", record.svc_priority, record.target_name.to_ascii());
    for (key, value) in &record.svc_params {
        out.push(' ');
        out.push_str(&match value {
            SvcParamValue::Alpn(names) => format!("alpn={}", names.0.join(",")),
            SvcParamValue::Port(port) => format!("port={port}"),
            SvcParamValue::Ipv4Hint(hint) => format!("ipv4hint={}", list(&hint.0)),
            SvcParamValue::Ipv6Hint(hint) => format!("ipv6hint={}", list(&hint.0)),
            SvcParamValue::EchConfigList(_) => "ech".to_owned(),
            _ => format!("key{}", u16::from(*key)),
        });
    }
    out
}

fn list(items: &[impl ToString]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

/// Key tag, algorithm, digest type and digest (RFC 4034 §5.3).
fn ds(data: &[u8]) -> String {
    let Some(([high, low, algorithm, kind], digest)) = data.split_first_chunk::<4>() else { return String::new() };
    let digest: String = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    format!("{} {algorithm} {kind} {digest}", u16::from_be_bytes([*high, *low]))
}

/// Without control characters and at most [`TEXT_LIMIT`] long: a stranger's zone chose it.
fn bounded(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(TEXT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{
        A, NULL,
        svcb::{Alpn, IpHint, SvcParamKey},
    };

    use super::*;

    #[test]
    fn an_https_record_says_what_the_site_offers() {
        let alpn = SvcParamValue::Alpn(Alpn(vec!["h3".into(), "h2".into()]));
        let hint = SvcParamValue::Ipv4Hint(IpHint(vec![A::new(192, 0, 2, 1), A::new(192, 0, 2, 2)]));
        let params = vec![(SvcParamKey::Alpn, alpn), (SvcParamKey::Ipv4Hint, hint)];
        let record = SVCB::new(1, Name::root(), params);
        assert_eq!(value(&RData::HTTPS(HTTPS(record))), "1 . alpn=h3,h2 ipv4hint=192.0.2.1,192.0.2.2");
    }

    #[test]
    fn a_ds_record_is_written_as_dig_does() {
        let rdata = NULL::with(vec![0x4f, 0x66, 8, 2, 0xab, 0x01]);
        assert_eq!(value(&RData::Unknown { code: RecordType::from(43), rdata }), "20326 8 2 AB01");
        assert_eq!(value(&RData::Unknown { code: RecordType::from(43), rdata: NULL::with(vec![1]) }), "");
        assert_eq!(value(&RData::Unknown { code: RecordType::from(65_280), rdata: NULL::with(vec![1; 9]) }), "");
    }

    #[test]
    fn a_question_is_what_rfc_8484_wants() {
        let bytes = encode(&"www.example.com".parse().unwrap(), Kind::Https, How::Resolve).unwrap();
        let message = Message::from_vec(&bytes).unwrap();
        assert_eq!((message.metadata.id, message.metadata.recursion_desired), (0, true));
        assert_eq!(message.queries.first().unwrap().query_type(), RecordType::HTTPS);
        assert_eq!(message.queries.first().unwrap().name().to_ascii(), "www.example.com.");
    }

    #[test]
    fn hostile_bytes_are_errors() {
        for bytes in [&b""[..], b"\0", &[0xff; 12], &[0xc0; 600]] {
            assert!(
                Message::from_vec(bytes).is_err()
                    || read(&Message::from_vec(bytes).unwrap(), Kind::A).records.len() <= RECORD_LIMIT
            );
        }
    }
}
