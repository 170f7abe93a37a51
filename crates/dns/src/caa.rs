//! Which authorities may issue for a name: CAA records, read and climbed as RFC 8659 and RFC 8657 say.

use domain::DomainName;
use network::Unseen;

use crate::{Answer, Asked, Kind, NameSeen, Observation};

/// At most this many names are asked on the way up: the name itself and its parents.
pub const CLIMB_LIMIT: usize = 8;

/// One CAA record (RFC 8659 §4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caa {
    /// The flags octet.
    pub flags: u8,
    /// The property tag, in lower case.
    pub tag: String,
    /// The property value.
    pub value: String,
}

/// What an `issue` or `issuewild` value says (RFC 8659 §4.2, RFC 8657).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Issue {
    /// The authority's domain name in lower case; empty when nobody may issue.
    pub issuer: String,
    /// Each `accounturi`; more than one cannot be satisfied.
    pub accounts: Vec<String>,
    /// `validationmethods`, if it is there.
    pub methods: Option<Vec<String>>,
}

/// The validation methods with a name of their own (IANA, ACME Validation Methods). Others start with `ca-`.
const METHODS: [&str; 5] = ["http-01", "dns-01", "tls-alpn-01", "dns-account-01", "dns-persist-01"];

/// What climbing from a name found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Climb<'o> {
    /// The records that hold, and the name that has them.
    Found {
        /// The name itself or its nearest parent with records.
        at: &'o DomainName,
        /// The records.
        records: Vec<Caa>,
    },
    /// No name on the way has any: every authority may issue.
    Free,
    /// A question on the way was answered with an error, behind which records may hide: authorities refuse.
    Fails {
        /// The name asked about.
        at: &'o DomainName,
        /// What the resolver said.
        answer: &'o Answer,
        /// The resolver.
        resolver: &'o str,
    },
    /// It could not be asked.
    Unknown(Option<&'o Unseen>),
}

/// Whether the records that hold let an authority issue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Permission {
    /// They do, or do not speak of it.
    Given,
    /// They do for the ACME account named, which cannot be seen from outside.
    ToAccount(String),
    /// They do not.
    Refused,
}

impl Caa {
    /// Reads the presentation form: flags, tag, quoted value.
    pub fn parse(text: &str) -> Option<Caa> {
        let (flags, rest) = text.trim().split_once(char::is_whitespace)?;
        let (tag, value) = rest.trim_start().split_once(char::is_whitespace)?;
        let value = value.trim();
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        Some(Caa { flags: flags.parse().ok()?, tag: tag.to_ascii_lowercase(), value: value.to_owned() })
    }

    /// Whether an authority that does not know the tag must not issue. The flag is the bit with value 128; authorities
    /// take 1 for it as well, because so many zones say 1 and mean it (Boulder, `va/caa.go`).
    pub fn is_critical(&self) -> bool {
        self.flags & (128 | 1) != 0
    }

    /// Whether it is about the issuing of certificates for web servers, for wildcard names or others.
    pub fn is_issue(&self) -> bool {
        matches!(self.tag.as_str(), "issue" | "issuewild")
    }

    /// The value of an `issue` or `issuewild` property. A value that breaks the grammar counts as one that names
    /// nobody, as RFC 8659 §4.2 wants.
    pub fn issue(&self) -> Issue {
        read(&self.value).unwrap_or_default()
    }
}

fn read(value: &str) -> Option<Issue> {
    let blank = |c: char| c == ' ' || c == '\t';
    let (issuer, parameters) = value.split_once(';').unwrap_or((value, ""));
    let issuer = issuer.trim_matches(blank).to_ascii_lowercase();
    let label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if !issuer.is_empty() && !issuer.split('.').all(label) {
        return None;
    }
    let mut issue = Issue { issuer, ..Issue::default() };
    let parameters = parameters.trim_matches(blank);
    if parameters.is_empty() {
        return Some(issue);
    }
    for parameter in parameters.strip_suffix(';').unwrap_or(parameters).split(';') {
        let (tag, value) = parameter.split_once('=')?;
        let (tag, value) = (tag.trim_matches(blank).to_ascii_lowercase(), value.trim_matches(blank));
        if !label(&tag) || !value.bytes().all(|b| (0x21..=0x7e).contains(&b)) {
            return None;
        }
        match tag.as_str() {
            "accounturi" => issue.accounts.push(value.to_owned()),
            "validationmethods" => issue
                .methods
                .get_or_insert_default()
                .extend(value.split(',').map(|method| method.trim_matches(blank).to_ascii_lowercase())),
            _ => {}
        }
    }
    Some(issue)
}

impl Issue {
    /// Whether some account and some method can satisfy it (RFC 8657 §3 and §4).
    pub fn is_satisfiable(&self) -> bool {
        let known = |method: &String| METHODS.contains(&method.as_str()) || method.starts_with("ca-");
        let methods = self.methods.as_ref().is_none_or(|methods| methods.iter().any(known));
        self.accounts.len() <= 1 && methods
    }

    /// Whether the method may be used.
    pub fn allows(&self, method: &str) -> bool {
        self.methods.as_ref().is_none_or(|methods| methods.iter().any(|known| known == method))
    }
}

/// The properties that decide about a plain or a wildcard name: for a wildcard `issuewild` alone, where there is any.
pub fn relevant(records: &[Caa], wildcard: bool) -> Vec<&Caa> {
    let of = |tag: &str| records.iter().filter(|caa| caa.tag == tag).collect::<Vec<_>>();
    match of("issuewild") {
        wild if wildcard && !wild.is_empty() => wild,
        _ => of("issue"),
    }
}

/// Whether these records let an authority issue that goes by any of these identifiers.
pub fn permission(records: &[Caa], wildcard: bool, identifiers: &[&str]) -> Permission {
    let relevant = relevant(records, wildcard);
    if relevant.is_empty() {
        return Permission::Given;
    }
    let mut account = None;
    for issue in relevant.iter().map(|caa| caa.issue()) {
        if !identifiers.contains(&issue.issuer.as_str()) || !issue.is_satisfiable() {
            continue;
        }
        match issue.accounts.into_iter().next() {
            None => return Permission::Given,
            Some(uri) => account = Some(uri),
        }
    }
    account.map_or(Permission::Refused, Permission::ToAccount)
}

/// The name and its parents, nearest first, at most [`CLIMB_LIMIT`].
pub(crate) fn climb(name: &DomainName) -> impl Iterator<Item = &str> {
    let text = name.as_str();
    let cuts = text.match_indices('.').filter_map(|(dot, _)| text.get(dot + 1..));
    std::iter::once(text).chain(cuts).take(CLIMB_LIMIT)
}

impl Observation {
    /// The CAA records that hold for a name that was looked at: its own, or those of its nearest parent that has any.
    /// Above the registrable domain only records count: a registry's name server that stumbles is nobody's fault here.
    pub fn caa(&self, name: &DomainName) -> Climb<'_> {
        for level in climb(name) {
            let ours = level.parse::<DomainName>().is_ok_and(|level| level.is_within(&self.target.registrable));
            match self.asked_caa(level) {
                Some((at, Asked { resolver, answer: network::Saw::Seen(answer), .. })) => {
                    let records: Vec<Caa> = answer.records.iter().filter_map(read_record).collect();
                    if !records.is_empty() {
                        return Climb::Found { at, records };
                    }
                    if ours && !matches!(answer.rcode.as_str(), "NOERROR" | "NXDOMAIN") {
                        return Climb::Fails { at, answer, resolver };
                    }
                }
                other if ours => return Climb::Unknown(other.and_then(|(_, asked)| asked.answer.unseen())),
                _ => {}
            }
        }
        Climb::Free
    }

    fn asked_caa(&self, level: &str) -> Option<(&DomainName, &Asked)> {
        let own = self.names.iter().find(|seen| seen.name.as_str() == level);
        let own = own.and_then(|seen| Some((&seen.name, seen.asked(Kind::Caa)?)));
        let parent = || self.parents.iter().find(|parent| parent.name.as_str() == level);
        own.or_else(|| parent().map(|parent| (&parent.name, &parent.caa)))
    }
}

fn read_record(record: &crate::Record) -> Option<Caa> {
    if record.kind == "CAA" { Caa::parse(&record.value) } else { None }
}

impl NameSeen {
    /// The question about one of the other types.
    pub fn asked(&self, kind: Kind) -> Option<&Asked> {
        self.others.iter().find(|asked| asked.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::fixture::seen;

    fn issue(value: &str) -> Issue {
        Caa { flags: 0, tag: "issue".into(), value: value.into() }.issue()
    }

    fn records(lines: &[&str]) -> Vec<Caa> {
        lines.iter().map(|line| Caa::parse(line).unwrap()).collect()
    }

    #[test]
    fn the_presentation_form_is_read() {
        let caa = Caa::parse("128 IssueWild \"ca.example; accounturi=a\"").unwrap();
        assert_eq!((caa.flags, caa.tag.as_str(), caa.value.as_str()), (128, "issuewild", "ca.example; accounturi=a"));
        assert!(caa.is_critical() && caa.is_issue());
        assert!(Caa::parse("1 issue \";\"").unwrap().is_critical());
        assert!(!Caa::parse("2 issue \"\"").unwrap().is_critical());
        for bad in ["", "0", "0 issue", "256 issue \"a\"", "x issue \"a\""] {
            assert_eq!(Caa::parse(bad), None, "{bad}");
        }
    }

    /// RFC 8659 §4.2 and RFC 8657, with their examples.
    #[test]
    fn values_are_read_by_the_grammar() {
        for (value, issuer) in [
            ("letsencrypt.org", "letsencrypt.org"),
            ("  LetsEncrypt.org ", "letsencrypt.org"),
            (";", ""),
            ("", ""),
            ("ca1.example.net; account=230123", "ca1.example.net"),
            ("ca1.example.net;", "ca1.example.net"),
            ("ca1.example.net ; a=b ; c-d=e=f;", "ca1.example.net"),
            ("%%%%%", ""),
            ("letsencrypt.org.", ""),
            ("https://letsencrypt.org", ""),
            ("letsencrypt.org; nonsense", ""),
            ("letsencrypt.org; a=b c", ""),
            ("letsencrypt.org digicert.com", ""),
            ("-a.example", ""),
        ] {
            assert_eq!(issue(value).issuer, issuer, "{value}");
        }
        let bound = issue("ca.example; accounturi=https://ca.example/acct/1; validationmethods=dns-01,http-01");
        assert_eq!(bound.accounts, ["https://ca.example/acct/1"]);
        assert!(bound.is_satisfiable() && bound.allows("http-01") && !bound.allows("tls-alpn-01"));
        assert!(!issue("ca.example; accounturi=a; accounturi=b").is_satisfiable());
        assert!(!issue("ca.example; validationmethods=http01").is_satisfiable());
        assert!(issue("ca.example; validationmethods=ca-own").is_satisfiable());
    }

    const LABEL: &str = "[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?";

    proptest! {
        /// Whatever RFC 8659 §4.2 can write is read back: blanks where it allows them, a semicolon at the end or none.
        #[test]
        fn what_the_grammar_writes_is_read(
            issuer in prop::collection::vec(LABEL, 1..4).prop_map(|labels| labels.join(".")),
            accounts in prop::collection::vec("[!-:<-~]{1,20}", 0..3),
            others in prop::collection::vec((LABEL, "[!-:<-~]{0,12}"), 0..3),
            blank in "[ \t]{0,2}", end in prop::bool::ANY, upper in prop::bool::ANY,
        ) {
            let spoken_of = |tag: &String| matches!(tag.as_str(), "accounturi" | "validationmethods");
            prop_assume!(!others.iter().any(|(tag, _)| spoken_of(tag)));
            let own = accounts.iter().map(|uri| format!("accounturi={uri}"));
            let rest = others.iter().map(|(tag, value)| format!("{tag}{blank}={blank}{value}"));
            let parameters = own.chain(rest).collect::<Vec<_>>().join(&format!("{blank};{blank}"));
            let end = if end && !parameters.is_empty() { ";" } else { "" };
            let written = if upper { issuer.to_ascii_uppercase() } else { issuer.clone() };
            let read = issue(&format!("{blank}{written}{blank};{blank}{parameters}{blank}{end}"));
            prop_assert_eq!(read.is_satisfiable(), accounts.len() <= 1);
            prop_assert_eq!((read.issuer, read.accounts, read.methods), (issuer, accounts, None));
        }

        /// What breaks the grammar names nobody, so that nobody may issue by it.
        #[test]
        fn a_sign_that_it_does_not_know_refuses(before in LABEL, sign in "[^a-zA-Z0-9.; \t-]", after in LABEL) {
            let text = format!("{before}{sign}{after}.example");
            let read = permission(&records(&[&format!("0 issue \"{text}\"")]), false, &[&text]);
            prop_assert_eq!(read, Permission::Refused);
        }

        #[test]
        fn any_text_has_an_answer(text in ".{0,80}") {
            if let Some(caa) = Caa::parse(&text) {
                let read = caa.issue();
                prop_assert!(read.issuer.is_empty() || !read.issuer.contains(char::is_whitespace));
            }
        }
    }

    #[test]
    fn permissions() {
        let le = &["letsencrypt.org"][..];
        let of = |lines: &[&str], wildcard| permission(&records(lines), wildcard, le);
        assert_eq!(of(&["0 issue \"digicert.com\"", "0 issue \"letsencrypt.org\""], false), Permission::Given);
        assert_eq!(of(&["0 issue \"digicert.com\""], false), Permission::Refused);
        assert_eq!(of(&["0 issue \";\""], true), Permission::Refused);
        assert_eq!(of(&["0 iodef \"mailto:a@example.com\""], false), Permission::Given);
        assert_eq!(of(&["0 issuewild \";\""], false), Permission::Given);
        assert_eq!(of(&["0 issue \"letsencrypt.org\"", "0 issuewild \";\""], true), Permission::Refused);
        assert_eq!(of(&["0 issue \";\"", "0 issuewild \"letsencrypt.org\""], true), Permission::Given);
        let bound = "0 issue \"letsencrypt.org; accounturi=https://le.example/acct/1\"";
        assert_eq!(of(&[bound], false), Permission::ToAccount("https://le.example/acct/1".into()));
        assert_eq!(of(&[bound, "0 issue \"letsencrypt.org\""], false), Permission::Given);
        assert_eq!(of(&["0 issue \"letsencrypt.org; validationmethods=web\""], false), Permission::Refused);
    }

    #[test]
    fn the_nearest_name_with_records_decides() {
        let www: DomainName = "www.example.com".parse().unwrap();
        let at = |lines: &str| match seen(lines).caa(&www) {
            Climb::Found { at, records } => format!("{at} {}", records.len()),
            Climb::Free => "free".into(),
            Climb::Fails { at, answer, .. } => format!("{at} {}", answer.rcode),
            Climb::Unknown(why) => format!("unknown {}", why.is_some()),
        };
        assert_eq!(at(""), "free");
        assert_eq!(at("example.com CAA - 0_issue_\"a.example\""), "example.com 1");
        assert_eq!(at("www.example.com CAA - 0_issue_\";\"\nexample.com CAA - 0_issue_\"a\""), "www.example.com 1");
        assert_eq!(at("com CAA - 0_issue_\"a.example\""), "com 1");
        assert_eq!(at("www.example.com CAA - NXDOMAIN\nexample.com CAA - SERVFAIL"), "example.com SERVFAIL");
        assert_eq!(at("com CAA - SERVFAIL"), "free");
        assert_eq!(at("example.com CAA !-"), "unknown true");
        assert_eq!(at("www.example.com CAA - 0_issue_\";\"\nexample.com CAA - SERVFAIL"), "www.example.com 1");
    }

    #[test]
    fn a_climb_is_bounded() {
        let deep: DomainName = "a.b.c.d.e.f.g.h.i.j.example.com".parse().unwrap();
        assert_eq!(climb(&deep).count(), CLIMB_LIMIT);
        let shallow: DomainName = "www.example.com".parse().unwrap();
        assert_eq!(climb(&shallow).collect::<Vec<_>>(), ["www.example.com", "example.com", "com"]);
    }
}
