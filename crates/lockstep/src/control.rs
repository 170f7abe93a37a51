//! Whether the domain is the visitor's own, and which of its addresses are.
//!
//! The visitor keeps a secret and publishes a hash of it and the name, in DNS or as a file on the way that an authority's
//! challenge takes. Who reads what is published cannot use it, and nothing has to be remembered here. A domain can be
//! pointed at anybody's machine: an address counts as the visitor's only when it serves the file itself, or, with a record
//! in DNS, proves that it has the key of a trusted certificate for the name.

use std::net::IpAddr;

use dns::{Asked, Kind};
use domain::{DomainName, HttpUrl};
use network::Saw;
use serde::{Deserialize, Serialize};

/// The label in front of the name under which the record is looked for.
pub const RECORD: &str = "_lockstep";

/// What was seen of the proof that a visitor offered. The secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Control {
    /// The name that is proved: the typed one.
    pub host: DomainName,
    /// What is looked for: `lockstep=` and 64 hexadecimal digits.
    pub value: String,
    /// The name of the TXT record.
    pub record: String,
    /// What each resolver says of it.
    pub answers: Vec<Asked>,
    /// The URL of the file.
    pub file: HttpUrl,
    /// What each address of the name answers there: the status, and whether it is the value and nothing else.
    pub served: Vec<(IpAddr, Saw<(u16, bool)>)>,
}

/// What a visitor publishes, in one of two ways.
#[cfg(feature = "probe")]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// `lockstep=` and the SHA-256 over secret, dot and name.
    pub value: String,
    /// The name of a TXT record that holds it.
    pub record: String,
    /// The name of a file that holds it, among an authority's challenges.
    pub file: String,
}

#[cfg(feature = "probe")]
impl Publication {
    /// What the owner of this secret publishes for this name.
    pub fn of(proof: &network::Proof, host: &DomainName) -> Publication {
        let hash = tls::sha256(format!("{}.{host}", proof.secret()).as_bytes());
        // Only a part of the value: a server that repeats what it is asked for must not serve the file by that.
        let file = format!("lockstep-{}", hash.get(..16).unwrap_or_default());
        Publication { value: format!("lockstep={hash}"), record: format!("{RECORD}.{host}"), file }
    }

    /// The URL of the file.
    pub fn url(&self, host: &DomainName) -> HttpUrl {
        HttpUrl::root(domain::Scheme::Http, host).with_path(&format!("{}{}", renewal::PATH, self.file))
    }
}

impl Control {
    /// Whether a record of that very name has the value. An alias leads to somebody else's records.
    pub fn has_record(&self) -> bool {
        self.texts().any(|text| text == self.value)
    }

    /// Whether this address serves the file.
    pub fn has_file(&self, address: IpAddr) -> bool {
        self.served.iter().any(|(at, answer)| *at == address && matches!(answer, Saw::Seen((_, true))))
    }

    /// Whether the domain is the visitor's.
    pub fn is_proved(&self) -> bool {
        self.has_record() || self.served.iter().any(|(at, _)| self.has_file(*at))
    }

    /// The TXT records of that very name.
    pub(crate) fn texts(&self) -> impl Iterator<Item = &str> {
        let records = self.answers.iter().filter_map(|asked| asked.answer.seen()).flat_map(|answer| &answer.records);
        records
            .filter(|record| record.kind == Kind::Txt.as_str() && record.name == self.record)
            .map(|record| record.value.trim())
    }
}

/// What the checks say of it.
#[cfg(any(test, feature = "owner"))]
impl Control {
    /// Why this address does not count as the visitor's, as the end of a sentence; `None` where it does.
    pub(crate) fn doubt(&self, tls: &tls::Observation, address: IpAddr) -> Option<String> {
        if self.has_file(address) {
            return None;
        }
        let endpoint = tls.of(&self.host).find(|endpoint| endpoint.address == address);
        let fault = endpoint.and_then(|endpoint| crate::checks::certificate_fault(tls, endpoint));
        let certified = endpoint.is_some_and(|endpoint| {
            let trusted = endpoint.chain(tls).is_some_and(|chain| chain.path == tls::Path::Trusted);
            let has_key = endpoint.shaken().is_some_and(|handshake| handshake.signature == Some(true));
            trusted && has_key && fault.is_none()
        });
        if self.has_record() && certified {
            return None;
        }
        let answer = self.served.iter().find(|(at, _)| *at == address).map(|(_, answer)| answer);
        let unasked = answer.and_then(Saw::unseen).filter(|why| !why.is_about_the_site());
        let words = match (unasked, self.has_record(), fault) {
            (Some(why), _, _) => return Some(format!("could not be asked: {}", why.clause())),
            (None, false, _) => return Some("does not serve the file".into()),
            (None, true, Some(fault)) => fault,
            (None, true, None) => "shows no certificate that could be verified",
        };
        Some(format!("{words}, and does not serve the file"))
    }

    /// What was seen instead of a proof: clauses of one sentence.
    pub(crate) fn lack(&self) -> String {
        let mut clauses = vec![self.record_clause()];
        let mut same: Vec<(String, Vec<IpAddr>)> = Vec::new();
        for (address, answer) in &self.served {
            let what = match answer {
                Saw::Seen((200, _)) => "answers 200 with another content".into(),
                Saw::Seen((status, _)) => format!("answers {status}"),
                Saw::Unseen(why) => format!("was not seen ({})", why.clause()),
            };
            match same.iter_mut().find(|(known, _)| *known == what) {
                Some((_, addresses)) => addresses.push(*address),
                None => same.push((what, vec![*address])),
            }
        }
        clauses.extend(
            same.iter().map(|(what, at)| format!("{} {what} at {}", self.file, crate::checks::list(at.iter()))),
        );
        clauses.join("; ")
    }

    fn record_clause(&self) -> String {
        let name = &self.record;
        if self.texts().any(|text| text.starts_with("lockstep=")) {
            return format!("the TXT record at {name} has another value");
        }
        if self.texts().next().is_some() {
            return format!("the TXT records at {name} are about something else");
        }
        let mut answers = self.answers.iter().filter_map(|asked| asked.answer.seen());
        let none = |answer: &&dns::Answer| matches!(answer.rcode.as_str(), "NOERROR" | "NXDOMAIN");
        let Some(answer) = answers.clone().find(none) else {
            return match answers.next() {
                Some(answer) => format!("the question for a TXT record at {name} was answered with {}", answer.rcode),
                None => format!("no resolver could be asked for a TXT record at {name}"),
            };
        };
        if answer.aliases().next().is_some() {
            return format!("{name} is an alias, and only a record of its own counts");
        }
        // The longest memory counts: that resolver is the last to see a new record.
        let memory = answers.filter(none).filter_map(|answer| answer.negative_ttl).max().filter(|ttl| *ttl > 0);
        match memory {
            Some(ttl) => format!(
                "there is no TXT record at {name}, which resolvers may remember for up to {} minutes",
                ttl.div_ceil(60)
            ),
            None => format!("there is no TXT record at {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use dns::{Answer, Record};
    use network::Unseen;

    use super::*;
    use crate::fixture::{ADDRESSES, healthy};

    const VALUE: &str = "lockstep=0123";

    fn at(index: usize) -> IpAddr {
        ADDRESSES[index].parse().unwrap()
    }

    /// A proof by record, by file at each address, or neither.
    fn control(records: &[(&str, &str, &str)], served: [Saw<(u16, bool)>; 2]) -> Control {
        let records = records.iter().map(|(name, kind, value)| Record {
            name: (*name).into(),
            kind: (*kind).into(),
            ttl: 300,
            value: (*value).into(),
        });
        let answer = Answer {
            rcode: "NOERROR".into(),
            authenticated: false,
            records: records.collect(),
            negative_ttl: Some(900),
            zone: None,
            ede: Vec::new(),
        };
        let [first, second] = served;
        Control {
            host: "example.com".parse().unwrap(),
            value: VALUE.into(),
            record: "_lockstep.example.com".into(),
            answers: vec![Asked { resolver: "North".into(), kind: Kind::Txt, answer: Saw::Seen(answer) }],
            file: HttpUrl::parse("http://example.com/.well-known/acme-challenge/lockstep-0123").unwrap(),
            served: vec![(at(0), first), (at(1), second)],
        }
    }

    fn nothing() -> [Saw<(u16, bool)>; 2] {
        [Saw::Seen((404, false)), Saw::Seen((404, false))]
    }

    const RIGHT: (&str, &str, &str) = ("_lockstep.example.com", "TXT", VALUE);

    #[test]
    fn a_record_counts_where_a_trusted_certificate_stands_beside_it() {
        let mut seen = healthy().tls;
        let proved = control(&[("_lockstep.example.com", "TXT", "other"), RIGHT], nothing());
        assert!(proved.is_proved());
        assert_eq!((proved.doubt(&seen, at(0)), proved.doubt(&seen, at(1))), (None, None));
        let stranger = "192.0.2.99".parse().unwrap();
        assert!(proved.doubt(&seen, stranger).unwrap().starts_with("shows no certificate that could be verified"));
        let expired = |seen: &mut tls::Observation| seen.chains[0].certificates[0].not_after = seen.seen_at.plus(-1);
        let others = |seen: &mut tls::Observation| seen.chains[0].certificates[0].names = vec!["else.example".into()];
        let untrusted = |seen: &mut tls::Observation| {
            seen.chains[0].path = tls::Path::Untrusted { why: String::new(), fetched: String::new() };
        };
        let unverified =
            |seen: &mut tls::Observation| seen.chains[0].path = tls::Path::Unverified { why: String::new() };
        let without_key = |seen: &mut tls::Observation| {
            for endpoint in &mut seen.endpoints {
                endpoint.handshake.as_mut().unwrap().as_mut().unwrap().signature = None;
            }
        };
        let closed = |seen: &mut tls::Observation| seen.endpoints.iter_mut().for_each(|it| it.handshake = None);
        for (change, words) in [
            (&expired as &dyn Fn(&mut tls::Observation), "expired certificate"),
            (&others, "certificate for other names"),
            (&untrusted, "do not trust"),
            (&unverified, "no certificate that could be verified"),
            (&without_key, "no certificate that could be verified"),
            (&closed, "no certificate that could be verified"),
        ] {
            let kept = seen.clone();
            change(&mut seen);
            let doubt = proved.doubt(&seen, at(0)).unwrap();
            assert!(doubt.contains(words), "{doubt}");
            seen = kept;
        }
    }

    #[test]
    fn a_file_counts_at_the_address_that_serves_it() {
        let seen = healthy().tls;
        let proved = control(&[], [Saw::Seen((200, true)), Saw::Seen((404, false))]);
        assert!(proved.is_proved() && !proved.has_record());
        assert_eq!(proved.doubt(&seen, at(0)), None);
        assert_eq!(proved.doubt(&seen, at(1)).as_deref(), Some("does not serve the file"));
        // A strange answer at port 80 takes nothing from the certificate; where nobody can look, there is none.
        let strange = control(&[RIGHT], [Saw::Seen((404, false)), Saw::Unseen(Unseen::Failed("no HTTP".into()))]);
        assert_eq!(strange.doubt(&seen, at(1)), None);
        let fetched = control(&[RIGHT], [Saw::Seen((404, false)), Saw::Unseen(Unseen::PlatformCannot)]);
        let mut unseen = seen;
        unseen.endpoints.iter_mut().for_each(|it| it.handshake = None);
        assert!(fetched.doubt(&unseen, at(1)).unwrap().starts_with("could not be asked: "));
    }

    #[test]
    fn what_is_no_proof_says_what_it_is() {
        let lack = |records: &[(&str, &str, &str)]| {
            let control = control(records, nothing());
            assert!(!control.is_proved(), "{records:?}");
            control.lack()
        };
        let file = "http://example.com/.well-known/acme-challenge/lockstep-0123 answers 404 at 9.9.9.9, 2a00::9";
        assert_eq!(
            lack(&[]),
            format!(
                "there is no TXT record at _lockstep.example.com, which resolvers may remember for up to 15 minutes; {file}"
            )
        );
        let another = [("_lockstep.example.com", "TXT", "lockstep=4567")];
        assert!(lack(&another).starts_with("the TXT record at _lockstep.example.com has another value; "));
        assert!(lack(&[("_lockstep.example.com", "TXT", "v=spf1 -all")]).contains("are about something else"));
        // Somebody else's record, to which an alias or a wildcard leads.
        let alias = [("_lockstep.example.com", "CNAME", "x.example.net"), ("x.example.net", "TXT", VALUE)];
        assert!(lack(&alias).contains("is an alias"));
        let mut unasked = control(&[], [Saw::Seen((200, false)), Saw::Unseen(Unseen::Refused)]);
        unasked.answers[0].answer = Saw::Unseen(Unseen::TimedOut);
        let said = unasked.lack();
        assert!(said.starts_with("no resolver could be asked for a TXT record at _lockstep.example.com; "), "{said}");
        assert!(said.contains("answers 200 with another content at 9.9.9.9; "), "{said}");
        assert!(said.ends_with("was not seen (the connection was refused) at 2a00::9"), "{said}");
    }

    #[test]
    fn without_the_proof_not_everything_was_looked_at() {
        let verdict = |control| {
            let exposed = crate::Exposed { control: Some(control), ..crate::Exposed::default() };
            let seen = crate::Observations { exposed: Some(exposed), ..healthy() };
            crate::text::verdict(&crate::report(seen, crate::Timing::default()))
        };
        let failed = verdict(control(&[], nothing()));
        assert!(failed.starts_with("What everybody can see of example.com is right; ports and files"), "{failed}");
        let proved = verdict(control(&[RIGHT], nothing()));
        assert!(proved.starts_with("Everything visible from outside is right at example.com"), "{proved}");
    }

    #[cfg(feature = "probe")]
    #[test]
    fn what_is_published_depends_on_secret_and_name() {
        let of = |secret: &str, host: &str| Publication::of(&secret.parse().unwrap(), &host.parse().unwrap());
        let secret = "000102030405060708090a0b0c0d0e0f";
        let one = of(secret, "example.com");
        // printf 000102030405060708090a0b0c0d0e0f.example.com | sha256sum
        assert_eq!(one.value, "lockstep=128eddefe8e615a6745bcaa117e312d4fefbcf03aef35e19fee7df8dfc9a5325");
        assert_eq!(one.record, "_lockstep.example.com");
        assert!(one.value.contains(one.file.strip_prefix("lockstep-").unwrap()) && one.file.len() == 25);
        assert_ne!(one.value, of(secret, "example.org").value);
        assert_ne!(one.value, of(&secret.replace('f', "0"), "example.com").value);
        assert!(!one.value.contains(secret));
        assert_eq!(
            one.url(&"example.com".parse().unwrap()).as_str(),
            format!("http://example.com/.well-known/acme-challenge/{}", one.file)
        );
    }
}
