//! What is to be checked: the name typed, its twin, and what the visitor expects of it.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::{DomainName, NameError};

/// A name to check. The twin (apex for www, www for apex) is looked at only when the typed name is a registrable
/// domain or its www.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Target {
    /// The name to check, in ASCII.
    pub name: DomainName,
    /// The name as people read it, when it is international.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unicode: Option<String>,
    /// The registrable domain (public suffix plus one label) that the name belongs to.
    pub registrable: DomainName,
    /// The other one of apex and www.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub twin: Option<DomainName>,
    /// Where the visitor says it should lead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Expect>,
}

/// Where the visitor says the name should lead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Expect {
    /// One or several addresses.
    Addresses(Vec<IpAddr>),
    /// A CNAME target.
    Name(DomainName),
}

/// What the visitor expects could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is neither an address like 203.0.113.7 or 2001:db8::7 nor a host name")]
pub struct ExpectError(pub String);

/// Why a stranger's string is not a target. Each has a stable name for the API.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was typed.
    #[error("Type a domain name, such as example.com.")]
    Empty,
    /// An IPv4 or IPv6 literal.
    #[error("\"{0}\" is an address. Certificates are checked for names: type the domain name that leads to it.")]
    IpLiteral(String),
    /// A single label such as `localhost`.
    #[error("\"{0}\" is a single word. A public domain has at least two parts, such as example.com.")]
    SingleLabel(String),
    /// Not a domain name at all.
    #[error("\"{0}\" is not a domain name: {1}.")]
    NotAName(String, NameError),
    /// A name that no public site can have (RFC 6761, RFC 7686, RFC 8375 and kin).
    #[error("\"{0}\" ends in \".{1}\", which does not exist on the public internet.")]
    NotPublic(String, &'static str),
    /// A public suffix such as `co.uk`.
    #[error(
        "\"{0}\" is a public suffix, under which others register names. Type a name below it, such as example.{0}."
    )]
    PublicSuffix(String),
    /// More than 1,024 bytes were sent.
    #[error("That is too long for a domain name, which has at most 253 characters.")]
    TooLong,
    /// Userinfo such as `user@`.
    #[error("There is a user name or password before the \"@\". Type the domain name alone.")]
    Userinfo,
}

impl TargetError {
    /// The stable name in the API's problem documents.
    pub fn kind(&self) -> &'static str {
        match self {
            TargetError::Empty => "empty",
            TargetError::IpLiteral(_) => "ip-literal",
            TargetError::SingleLabel(_) => "single-label",
            TargetError::NotAName(..) => "not-a-name",
            TargetError::NotPublic(..) => "not-public",
            TargetError::PublicSuffix(_) => "public-suffix",
            TargetError::TooLong => "too-long",
            TargetError::Userinfo => "userinfo",
        }
    }
}

impl Target {
    /// The typed name first, then its twin.
    pub fn names(&self) -> impl Iterator<Item = &DomainName> {
        std::iter::once(&self.name).chain(&self.twin)
    }

    /// The registrable domain if both it and its www are looked at, or the name alone: what people call the site.
    pub fn apex(&self) -> Option<&DomainName> {
        self.names().find(|name| **name == self.registrable)
    }

    /// The www name, if it is one of the two.
    pub fn www(&self) -> Option<&DomainName> {
        self.names().find(|name| name.without_www().as_ref() == Some(&self.registrable))
    }
}

#[cfg(feature = "parse")]
mod parse {
    use super::{Expect, ExpectError, Target, TargetError};
    use crate::{
        DomainName, Repaired, repair,
        suffix::{registrable, suffix},
    };

    /// Suffixes that are not delegated on the public internet. `test` is left out: a private test network uses it.
    const NOT_PUBLIC: &[&str] =
        &["alt", "arpa", "example", "home", "internal", "invalid", "lan", "local", "localdomain", "localhost", "onion"];

    /// More than any name, URL or address bar paste that makes sense.
    const TYPED_LIMIT: usize = 1024;

    impl Target {
        /// Reads what a stranger typed or sent: a domain, a URL or an address bar paste.
        ///
        /// # Errors
        /// A [`TargetError`] whose text is fit for the visitor.
        pub fn parse(typed: &str, expect: Option<&str>) -> Result<Target, TargetErrorOrExpect> {
            let mut target = Target::parse_name(typed)?;
            target.expect = expect.map(str::trim).filter(|text| !text.is_empty()).map(Expect::parse).transpose()?;
            Ok(target)
        }

        /// Whether the name ends as registered names do: the public suffix list knows its ending, rather than taking
        /// the last part for one as it does with `robots.txt`.
        pub fn has_known_suffix(&self) -> bool {
            suffix(self.name.as_str()).known
        }

        fn parse_name(typed: &str) -> Result<Target, TargetError> {
            if typed.len() > TYPED_LIMIT {
                return Err(TargetError::TooLong);
            }
            let host = match repair(typed) {
                Repaired::Empty => return Err(TargetError::Empty),
                Repaired::Host { host, .. } => host,
                Repaired::NginxConfig | Repaired::Terminal => {
                    let bad = typed.chars().find(|c| c.is_whitespace() || matches!(c, '{' | ';' | '#' | '$'));
                    let bad = bad.unwrap_or(' ');
                    return Err(TargetError::NotAName(short(typed), crate::NameError::Character(bad)));
                }
            };
            let authority = typed.split("://").last().unwrap_or(typed);
            let authority = authority.split(['/', '\\', '?', '#']).next().unwrap_or(authority);
            if authority.contains('@') {
                return Err(TargetError::Userinfo);
            }
            if host.is_empty() {
                return Err(TargetError::Empty);
            }
            if looks_like_address(&host) {
                return Err(TargetError::IpLiteral(short(&host)));
            }
            let ascii = idna::domain_to_ascii_cow(host.as_bytes(), idna::AsciiDenyList::URL)
                .map_err(|_| TargetError::NotAName(short(&host), odd_character(&host)))?;
            let name: DomainName = ascii.parse().map_err(|error| TargetError::NotAName(short(&host), error))?;
            if name.labels().count() < 2 {
                return Err(TargetError::SingleLabel(name.to_string()));
            }
            if looks_like_address(name.as_str()) {
                return Err(TargetError::IpLiteral(name.to_string()));
            }
            let last = name.labels().last().unwrap_or_default();
            if let Some(suffix) = NOT_PUBLIC.iter().find(|suffix| **suffix == last) {
                return Err(TargetError::NotPublic(name.to_string(), suffix));
            }
            let registrable: DomainName = match registrable(name.as_str()).map(str::parse) {
                Some(Ok(domain)) => domain,
                _ => return Err(TargetError::PublicSuffix(name.to_string())),
            };
            let twin = if name == registrable {
                name.with_www()
            } else {
                name.without_www().filter(|apex| *apex == registrable)
            };
            let unicode = idna::domain_to_unicode(name.as_str()).0;
            let unicode = (unicode != name.as_str()).then_some(unicode);
            Ok(Target { name, unicode, registrable, twin, expect: None })
        }
    }

    /// Either half of a request can be wrong.
    #[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
    pub enum TargetErrorOrExpect {
        /// The domain.
        #[error(transparent)]
        Target(#[from] TargetError),
        /// The expectation.
        #[error(transparent)]
        Expect(#[from] ExpectError),
    }

    impl TargetErrorOrExpect {
        /// The stable name in the API's problem documents.
        pub fn kind(&self) -> &'static str {
            match self {
                TargetErrorOrExpect::Target(error) => error.kind(),
                TargetErrorOrExpect::Expect(_) => "expect",
            }
        }
    }

    impl Expect {
        /// One or several addresses (commas or blanks between them), or one host name.
        ///
        /// # Errors
        /// What could not be read.
        pub fn parse(text: &str) -> Result<Expect, ExpectError> {
            let error = || ExpectError(short(text));
            if text.len() > TYPED_LIMIT {
                return Err(error());
            }
            let parts: Vec<&str> = text.split([',', ' ']).filter(|part| !part.is_empty()).collect();
            let addresses: Result<Vec<_>, _> = parts.iter().map(|part| part.parse()).collect();
            match (addresses, parts.as_slice()) {
                (Ok(addresses), [_, ..]) if addresses.len() <= 16 => Ok(Expect::Addresses(addresses)),
                (Err(_), [name]) if !looks_like_address(name) => Ok(Expect::Name(name.parse().map_err(|_| error())?)),
                _ => Err(error()),
            }
        }
    }

    /// WHATWG: a host whose last label is a number is an IPv4 address, whatever its base; brackets or several colons
    /// mean IPv6.
    fn looks_like_address(host: &str) -> bool {
        let last = host.rsplit('.').next().unwrap_or_default();
        let hex = last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        let number = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
        hex || number || host.starts_with('[') || host.matches(':').count() > 1
    }

    fn odd_character(host: &str) -> crate::NameError {
        match host.chars().find(|c| !(c.is_alphanumeric() || matches!(c, '-' | '.' | '_'))) {
            Some(c) => crate::NameError::Character(c),
            None if host.contains("..") => crate::NameError::EmptyLabel,
            None => crate::NameError::TooLong,
        }
    }

    /// What the visitor typed, short enough to be repeated in a sentence.
    fn short(text: &str) -> String {
        let text = text.trim();
        match text.char_indices().nth(60) {
            Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
            None => text.to_owned(),
        }
    }
}

#[cfg(feature = "parse")]
pub use parse::TargetErrorOrExpect;

#[cfg(test)]
#[cfg(feature = "parse")]
mod tests {
    use super::*;

    fn parse(typed: &str) -> Result<Target, TargetErrorOrExpect> {
        Target::parse(typed, None)
    }

    #[test]
    fn apex_and_www_are_twins() {
        let target = parse("https://Example.CO.UK/login").unwrap();
        assert_eq!(target.name.as_str(), "example.co.uk");
        assert_eq!(target.twin.as_ref().unwrap().as_str(), "www.example.co.uk");
        let target = parse("www.example.com").unwrap();
        assert_eq!(target.twin.as_ref().unwrap().as_str(), "example.com");
        assert_eq!(parse("app.example.com").unwrap().twin, None);
        assert_eq!(parse("www.app.example.com").unwrap().twin, None);
    }

    #[test]
    fn international_names_are_shown_in_both_forms() {
        let target = parse("münchen.de").unwrap();
        assert_eq!(target.name.as_str(), "xn--mnchen-3ya.de");
        assert_eq!(target.unicode.as_deref(), Some("münchen.de"));
    }

    #[test]
    fn a_file_name_has_no_known_suffix() {
        for (typed, known) in [
            ("example.com", true),
            ("a.b.co.uk", true),
            ("me.github.io", true),
            ("münchen.de", true),
            ("robots.txt", false),
            ("wp-login.php", false),
            ("healthy.test", false),
        ] {
            assert_eq!(parse(typed).unwrap().has_known_suffix(), known, "{typed}");
        }
    }

    /// What hostile and hurried people send, and the name of the error they get.
    #[test]
    fn hostile_input_gets_a_clear_error() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}com", "abcdefgh.".repeat(40));
        let very_long = "a".repeat(5000);
        let table = [
            ("", "empty"),
            ("   ", "empty"),
            ("\t\n", "empty"),
            (".", "empty"),
            ("...", "empty"),
            ("https://", "empty"),
            ("/", "empty"),
            ("\u{feff}", "empty"),
            ("127.0.0.1", "ip-literal"),
            ("http://127.0.0.1:8000/", "ip-literal"),
            ("8.8.8.8", "ip-literal"),
            ("::1", "ip-literal"),
            ("[::1]", "ip-literal"),
            ("http://[::1]:443/", "ip-literal"),
            ("[2606:4700::1111]", "ip-literal"),
            ("::ffff:10.0.0.1", "ip-literal"),
            ("64:ff9b::7f00:1", "ip-literal"),
            ("2130706433", "ip-literal"),
            ("0x7f000001", "ip-literal"),
            ("0x7f.1", "ip-literal"),
            ("127.1", "ip-literal"),
            ("0177.0.0.01", "ip-literal"),
            ("example.0x1", "ip-literal"),
            ("169.254.169.254", "ip-literal"),
            ("http://169.254.169.254/latest/meta-data/", "ip-literal"),
            ("１２７.0.0.1", "ip-literal"),
            ("127。0。0。1", "ip-literal"),
            ("localhost", "single-label"),
            ("com", "single-label"),
            ("http://intranet/", "single-label"),
            ("foo.localhost", "not-public"),
            ("db.internal", "not-public"),
            ("printer.local", "not-public"),
            ("nas.lan", "not-public"),
            ("router.home", "not-public"),
            ("x.invalid", "not-public"),
            ("abc.onion", "not-public"),
            ("1.0.0.127.in-addr.arpa", "not-public"),
            ("co.uk", "public-suffix"),
            ("github.io", "public-suffix"),
            ("https://co.jp/", "public-suffix"),
            ("user@example.com", "userinfo"),
            ("https://user:pass@example.com/", "userinfo"),
            ("https://example.com@evil.com/", "userinfo"),
            ("exa mple!.com", "not-a-name"),
            ("example..com", "not-a-name"),
            ("-example.com", "not-a-name"),
            ("example-.com", "not-a-name"),
            ("exam%00ple.com", "not-a-name"),
            ("exam%2fple.com", "not-a-name"),
            ("exam\u{0}ple.com", "not-a-name"),
            ("example.com\u{202e}", "not-a-name"),
            ("*.example.com", "not-a-name"),
            ("<script>alert(1)</script>", "not-a-name"),
            ("' or 1=1 --", "not-a-name"),
            ("$(id).example.com", "not-a-name"),
            ("example.com\r\nHost: evil", "not-a-name"),
            ("server { listen 80; }", "not-a-name"),
            ("xn--a.com", "not-a-name"),
            ("xn--.com", "not-a-name"),
            ("☃️..com", "not-a-name"),
            ("a^b.com", "not-a-name"),
            ("a|b.com", "not-a-name"),
            (long_label.as_str(), "not-a-name"),
            (long_name.as_str(), "not-a-name"),
            (very_long.as_str(), "too-long"),
        ];
        assert!(table.len() >= 60);
        let mut wrong = Vec::new();
        for (typed, kind) in table {
            let got = parse(typed).map(|target| target.name.to_string()).map_err(|error| error.kind());
            if got != Err(kind) {
                wrong.push(format!("{:?}: {got:?}, not {kind}", typed.chars().take(40).collect::<String>()));
            }
        }
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    #[test]
    fn expectations_are_addresses_or_one_name() {
        let expect = |text| Target::parse("example.com", Some(text)).map(|target| target.expect);
        assert!(matches!(expect("203.0.113.7, 2001:db8::7"), Ok(Some(Expect::Addresses(list))) if list.len() == 2));
        assert!(matches!(expect("cdn.example.net."), Ok(Some(Expect::Name(_)))));
        assert_eq!(expect("  ").unwrap(), None);
        for bad in ["203.0.113", "1.2.3.4 and more", "a b", "http://x"] {
            assert_eq!(expect(bad).unwrap_err().kind(), "expect", "{bad}");
        }
    }
}
