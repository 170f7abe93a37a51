//! What was seen of the names in DNS.

use std::net::IpAddr;

use domain::{DomainName, Target, Time};
use network::{Saw, Unseen};
use serde::{Deserialize, Serialize};

/// At most this many addresses of each family are looked at.
#[cfg(feature = "probe")]
pub(crate) const ADDRESS_LIMIT: usize = 8;

/// The record types that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum Kind {
    /// IPv4 address (RFC 1035).
    A,
    /// IPv6 address (RFC 3596).
    Aaaa,
    /// Certification authority authorization (RFC 8659).
    Caa,
    /// Alias (RFC 1035).
    Cname,
    /// Delegation signer (RFC 4034).
    Ds,
    /// Service binding for https (RFC 9460).
    Https,
    /// Name server (RFC 1035).
    Ns,
    /// Start of authority (RFC 1035).
    Soa,
    /// Text (RFC 1035).
    Txt,
}

impl Kind {
    /// The name as in a zone file.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::A => "A",
            Kind::Aaaa => "AAAA",
            Kind::Caa => "CAA",
            Kind::Cname => "CNAME",
            Kind::Ds => "DS",
            Kind::Https => "HTTPS",
            Kind::Ns => "NS",
            Kind::Soa => "SOA",
            Kind::Txt => "TXT",
        }
    }
}

/// What was seen of a target in DNS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DnsObservation"))]
pub struct Observation {
    /// When it was asked.
    pub seen_at: Time,
    /// What was asked about, with what the visitor expects.
    pub target: Target,
    /// The resolvers' names, in the order they were asked.
    pub resolvers: Vec<String>,
    /// The typed name first, then its twin.
    pub names: Vec<NameSeen>,
    /// The parents of these names, nearest first: CAA records there hold where a name has none (RFC 8659 §3).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<ParentSeen>,
    /// What the domain's own name servers say when asked directly. Told last: the checks that read it are
    /// [`crate::checks::DIRECT`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub direct: Vec<Direct>,
    /// Questions about further names, asked beside the site because nothing waits for them, at the first resolver that
    /// answered. Also told last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub further: Vec<(DomainName, Asked)>,
    /// The name servers that the registry has listed for the domain, asked of one of its own servers. `None` where
    /// there was nothing to compare it with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<Saw<Registry>>,
}

/// How the name begins that nobody made, to which only a wildcard answers.
pub(crate) const NOBODY: &str = "lockstep-";

/// Where an authority looks for its challenge in DNS (RFC 8555 §8.4).
pub(crate) const CHALLENGE: &str = "_acme-challenge";

/// What the registry says about the domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Registry {
    /// The registry's server that was asked.
    pub server: String,
    /// The name servers in its referral, in lower case and sorted.
    pub listed: Vec<String>,
}

/// The reason given when a name server does not answer for the domain as its own.
pub(crate) const NOT_RESPONSIBLE: &str = "it does not answer for this domain";

/// What one name server of the domain says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Direct {
    /// Its name.
    pub server: String,
    /// The address asked; `None` when its name leads to none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The zone's SOA, then A and AAAA of each name.
    pub answers: Vec<(DomainName, Asked)>,
}

impl Direct {
    /// The serial of the zone as this server has it.
    pub fn serial(&self) -> Option<u32> {
        let (_, asked) = self.answers.iter().find(|(_, asked)| asked.kind == Kind::Soa)?;
        let soa = asked.answer.seen()?.records.iter().find(|record| record.kind == "SOA")?;
        soa.value.split_whitespace().nth(2)?.parse().ok()
    }

    /// Every address it gives for a name, sorted; `None` unless it was asked for both families and answered.
    pub fn addresses(&self, name: &DomainName) -> Option<Vec<IpAddr>> {
        let mut all = Vec::new();
        for kind in [Kind::A, Kind::Aaaa] {
            let (_, asked) = self.answers.iter().find(|(of, asked)| of == name && asked.kind == kind)?;
            let answer = asked.answer.seen()?;
            // An alias leads to other servers, which know the addresses.
            if answer.aliases().next().is_some() {
                return None;
            }
            all.extend(answer.addresses());
        }
        all.sort();
        all.dedup();
        Some(all)
    }

    /// Why it gave no answer, if it gave none.
    pub fn fault(&self) -> Option<&Unseen> {
        self.answers.first().and_then(|(_, asked)| asked.answer.unseen())
    }
}

/// What was asked of a parent of the names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ParentSeen {
    /// The parent.
    pub name: DomainName,
    /// Its CAA records, at the first resolver that answered.
    pub caa: Asked,
}

/// What was seen of one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NameSeen {
    /// The name.
    pub name: DomainName,
    /// A and AAAA at each resolver.
    pub addresses: Vec<Asked>,
    /// The other types, at the first resolver that answered.
    pub others: Vec<Asked>,
    /// The addresses to look at: the union of all answers, IPv4 first, at most 8 of each family.
    pub visit: Vec<IpAddr>,
    /// How many addresses were left out by that limit.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: usize,
    /// What resolvers that failed say when they are asked not to look at signatures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unchecked: Vec<Asked>,
    /// Addresses among [`NameSeen::visit`] that the guard forbids, and why; allowed ranges are not listed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reserved: Vec<(IpAddr, String)>,
}

fn is_zero(n: &usize) -> bool {
    *n == 0
}

/// One question to one resolver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Asked {
    /// The resolver's name.
    pub resolver: String,
    /// The type asked for.
    pub kind: Kind,
    /// What it said, or why it said nothing.
    pub answer: Saw<Answer>,
}

/// A resolver's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "DnsAnswer"))]
pub struct Answer {
    /// The response code's mnemonic: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, …
    pub rcode: String,
    /// The AD flag: the resolver validated the answer with DNSSEC (RFC 4035).
    pub authenticated: bool,
    /// The answer section, bounded, in the order sent: aliases first.
    pub records: Vec<Record>,
    /// For "no such name" and "no such record": how long resolvers may remember it, in seconds (RFC 2308).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub negative_ttl: Option<u32>,
    /// The zone that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// Extended DNS errors (RFC 8914).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ede: Vec<EdeCode>,
}

/// One extended DNS error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EdeCode {
    /// The INFO-CODE.
    pub code: u16,
    /// The EXTRA-TEXT, bounded.
    pub text: String,
}

/// One resource record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Record {
    /// The owner name.
    pub name: String,
    /// The type's mnemonic.
    pub kind: String,
    /// Time to live, in seconds.
    pub ttl: u32,
    /// The data in presentation form, bounded.
    pub value: String,
}

impl Answer {
    /// The addresses among the records.
    pub fn addresses(&self) -> impl Iterator<Item = IpAddr> {
        self.records
            .iter()
            .filter(|record| record.kind == "A" || record.kind == "AAAA")
            .filter_map(|record| record.value.parse().ok())
    }

    /// Whether the name does not exist, so that there is nothing below it either (RFC 8020 §2). With an alias it is the
    /// name that it leads to which does not. Servers that say so of a name with something below it break that rule, and
    /// their lower names are missed.
    pub fn is_of_nothing(&self) -> bool {
        self.rcode == "NXDOMAIN" && self.records.is_empty()
    }

    /// Whether the name does not exist because the registry has no such domain: the zone of a single label says no.
    pub fn is_unregistered(&self) -> bool {
        self.rcode == "NXDOMAIN" && self.zone.as_ref().is_some_and(|zone| !zone.is_empty() && !zone.contains('.'))
    }

    /// The targets of the alias chain, in order.
    pub fn aliases(&self) -> impl Iterator<Item = &str> {
        self.records.iter().filter(|record| record.kind == "CNAME").map(|record| record.value.trim_end_matches('.'))
    }
}

impl NameSeen {
    /// Whether any resolver gave at least one address.
    pub fn resolves(&self) -> bool {
        !self.visit.is_empty()
    }

    /// The answers that came, with the resolver's name and the type asked.
    pub fn answers(&self) -> impl Iterator<Item = (&str, Kind, &Answer)> {
        self.addresses.iter().filter_map(|asked| Some((asked.resolver.as_str(), asked.kind, asked.answer.seen()?)))
    }

    /// Why no resolver could be asked, when none of them answered.
    pub fn nobody_answered(&self) -> Option<&Unseen> {
        match self.answers().next() {
            Some(_) => None,
            None => self.addresses.first().and_then(|asked| asked.answer.unseen()),
        }
    }
}

impl Observation {
    /// What was seen of a name, if it was looked at.
    pub fn name(&self, name: &DomainName) -> Option<&NameSeen> {
        self.names.iter().find(|seen| seen.name == *name)
    }

    /// The name servers that the domain's own zone lists, in lower case and sorted; empty where they were not seen.
    pub(crate) fn name_servers(&self) -> Vec<String> {
        let asked = self.name(&self.target.registrable).and_then(|name| name.asked(Kind::Ns));
        let answer = asked.and_then(|asked| asked.answer.seen());
        let records = answer.into_iter().flat_map(|answer| &answer.records);
        let mut servers: Vec<String> = records
            .filter(|record| record.kind == Kind::Ns.as_str() && record.name == self.target.registrable.as_str())
            .map(|record| record.value.trim_end_matches('.').to_ascii_lowercase())
            .collect();
        servers.sort();
        servers.dedup();
        servers
    }

    /// The zone above the registered domain, when it says that there is no such domain.
    pub fn unregistered<'o>(&self, answer: &'o Answer) -> Option<&'o str> {
        let zone = answer.zone.as_deref().filter(|_| answer.rcode == "NXDOMAIN")?;
        let below = self.target.registrable.as_str().strip_suffix(zone)?;
        (!zone.is_empty() && below.ends_with('.')).then_some(zone)
    }

    /// What was asked about a further name.
    pub fn further(&self, name: &str, kind: Kind) -> Option<&Asked> {
        let mut all = self.further.iter();
        all.find(|(of, asked)| of.as_str() == name && asked.kind == kind).map(|(_, asked)| asked)
    }

    /// Every (host, address) pair to visit, the typed name first.
    pub fn entrances(&self) -> impl Iterator<Item = (&DomainName, IpAddr)> {
        self.names.iter().flat_map(|seen| seen.visit.iter().map(|address| (&seen.name, *address)))
    }
}
