//! What a host may set: resolvers, trust, allowed ranges, dial map, fetch-only ranges, deadline.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
    time::Duration,
};

use ipnet::IpNet;

/// Settings shared by the worker (vars) and the command line (flags and environment). The README has the table.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whom to ask about names, in order; the first answers for the record types asked once.
    pub resolvers: Vec<Resolver>,
    /// Additional trust anchors, DER.
    pub trust: Vec<Vec<u8>>,
    /// Ranges that may be visited despite the guard.
    pub allow: Vec<IpNet>,
    /// Where to dial instead, after the guard.
    pub dial: Vec<Dial>,
    /// Ranges that cannot be dialled and take the fetch path.
    pub fetch_only: Vec<IpNet>,
    /// Instead of `scheme://host` of a site behind a fetch-only address: `BASE/scheme/host` + path. For test networks.
    pub fetch_base: Option<String>,
    /// Base URL of Cert Spotter's API, which is asked first for the certificates that were publicly logged; `None`: not
    /// asked.
    pub certspotter: Option<String>,
    /// Base URL of crt.sh, which is asked second; `None`: not asked.
    pub crtsh: Option<String>,
    /// Base URL of hstspreload.org, which knows the browsers' built-in list; `None`: not asked.
    pub hsts_preload: Option<String>,
    /// The directory (RFC 8555 §7.1.1) of Let's Encrypt, which is asked when its certificates should be renewed; `None`:
    /// not asked.
    pub acme: Option<String>,
    /// Where those who find us in their logs read who we are; `None`: nowhere.
    pub about: Option<String>,
    /// The whole check ends after this time.
    pub deadline: Duration,
    /// Which families the place we look from has.
    pub vantage: Vantage,
    /// Whether the visitor says that the site is their own: then ports and files that nobody should reach are looked at,
    /// where the feature `mine` is there. Only for a command line, which runs on the visitor's own account.
    pub mine: bool,
    /// The secret of a visitor who wants the same of somebody else's checker: it has to be proved first.
    pub proof: Option<Proof>,
    /// Whether subdomains that the public logs know are looked at, too.
    pub subdomains: bool,
    /// Whether further pages of the site are read, too.
    pub crawl: bool,
    /// What the visitor expects of paths of the site.
    pub paths: Vec<PathWanted>,
}

/// The secret half of a proof that a domain is the visitor's own: 128 bits as 32 hexadecimal digits, in lower case. What
/// is published is a hash of it, which is of no use to those who read it.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof(String);

impl Proof {
    /// The digits.
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Proof {
    /// Without the secret: settings may end up in a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proof")
    }
}

impl FromStr for Proof {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<Proof, SettingError> {
        let text = text.trim();
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(SettingError { value: text.into(), wanted: "a secret of 32 hexadecimal digits" });
        }
        Ok(Proof(text.to_ascii_lowercase()))
    }
}

/// What a path of the site should answer: `/login`, `/login=200` or `/about=Contact us`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathWanted {
    /// Path and query, from `/` on.
    pub path: String,
    /// This status; any of 200 to 399 when there is none.
    pub status: Option<u16>,
    /// This text, somewhere in the answer.
    pub text: Option<String>,
}

impl FromStr for PathWanted {
    type Err = SettingError;

    fn from_str(text: &str) -> Result<PathWanted, SettingError> {
        let (path, wanted) = match text.split_once('=') {
            Some((path, wanted)) => (path, Some(wanted.trim())),
            None => (text, None),
        };
        if !path.starts_with('/') || path.starts_with("//") || wanted == Some("") {
            return Err(SettingError {
                value: text.into(),
                wanted: "a path such as /login, /login=200 or /about=Contact us",
            });
        }
        let status = wanted.and_then(|it| it.parse().ok()).filter(|status| (100..600).contains(status));
        let text = wanted.filter(|_| status.is_none()).map(str::to_owned);
        Ok(PathWanted { path: path.into(), status, text })
    }
}

/// One DNS over HTTPS service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolver {
    /// As shown to the visitor.
    pub name: String,
    /// The URL that takes `application/dns-message`.
    pub url: String,
}

/// One entry of the dial map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dial {
    /// What was to be dialled.
    pub from: SocketAddr,
    /// What is dialled instead.
    pub to: SocketAddr,
}

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IPv4.
    V4,
    /// IPv6.
    V6,
}

impl From<IpAddr> for Family {
    fn from(address: IpAddr) -> Family {
        if address.is_ipv4() { Family::V4 } else { Family::V6 }
    }
}

/// Which families the place we look from has. Without a family nothing is said about addresses of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vantage {
    /// IPv4 is known to work.
    pub v4: bool,
    /// IPv6 is known to work.
    pub v6: bool,
}

/// Resolvers asked by default. Each speaks HTTP/1.1, which is all that workerd's fetch does.
pub const DEFAULT_RESOLVERS: [(&str, &str); 3] = [
    ("Cloudflare", "https://cloudflare-dns.com/dns-query"),
    ("Google", "https://dns.google/dns-query"),
    ("AdGuard", "https://unfiltered.adguard-dns.com/dns-query"),
];

/// Where publicly logged certificates are looked up by default.
pub const DEFAULT_CERTSPOTTER: &str = "https://api.certspotter.com";
/// Where they are looked up by default when that does not suffice.
pub const DEFAULT_CRTSH: &str = "https://crt.sh";
/// Where the browsers' built-in list of names is asked about by default.
pub const DEFAULT_HSTS_PRELOAD: &str = "https://hstspreload.org";
/// The directory of Let's Encrypt.
pub const DEFAULT_ACME: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Cloudflare's published ranges (cloudflare.com/ips), which its own edge cannot dial.
pub const CLOUDFLARE: [&str; 22] = [
    "173.245.48.0/20",
    "103.21.244.0/22",
    "103.22.200.0/22",
    "103.31.4.0/22",
    "141.101.64.0/18",
    "108.162.192.0/18",
    "190.93.240.0/20",
    "188.114.96.0/20",
    "197.234.240.0/22",
    "198.41.128.0/17",
    "162.158.0.0/15",
    "104.16.0.0/13",
    "104.24.0.0/14",
    "172.64.0.0/13",
    "131.0.72.0/22",
    "2400:cb00::/32",
    "2606:4700::/32",
    "2803:f800::/32",
    "2405:b500::/32",
    "2405:8100::/32",
    "2a06:98c0::/29",
    "2c0f:f248::/32",
];

/// A setting could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is not {wanted}")]
pub struct SettingError {
    /// What was given.
    pub value: String,
    /// What it should look like.
    pub wanted: &'static str,
}

impl Default for Settings {
    /// Public resolvers and log searches, Mozilla's roots, no exceptions, 20 seconds, both families, nothing fetch-only.
    fn default() -> Settings {
        Settings {
            resolvers: DEFAULT_RESOLVERS
                .iter()
                .map(|(name, url)| Resolver { name: (*name).into(), url: (*url).into() })
                .collect(),
            trust: Vec::new(),
            allow: Vec::new(),
            dial: Vec::new(),
            fetch_only: Vec::new(),
            fetch_base: None,
            certspotter: Some(DEFAULT_CERTSPOTTER.into()),
            crtsh: Some(DEFAULT_CRTSH.into()),
            hsts_preload: Some(DEFAULT_HSTS_PRELOAD.into()),
            acme: Some(DEFAULT_ACME.into()),
            about: None,
            deadline: Duration::from_secs(20),
            vantage: Vantage { v4: true, v6: true },
            mine: false,
            proof: None,
            subdomains: false,
            crawl: false,
            paths: Vec::new(),
        }
    }
}

impl Settings {
    /// Reads the settings that are text, by the names that worker vars and the command line's environment share:
    /// `LOCKSTEP_RESOLVERS`, `LOCKSTEP_ALLOW`, `LOCKSTEP_DIAL`, `LOCKSTEP_FETCH_ONLY`, `LOCKSTEP_FETCH_BASE`,
    /// `LOCKSTEP_CT_CERTSPOTTER`, `LOCKSTEP_CT_CRTSH`, `LOCKSTEP_HSTS_PRELOAD` and `LOCKSTEP_ACME` (a base URL or `none`),
    /// `LOCKSTEP_ABOUT` (a URL), `LOCKSTEP_DEADLINE` (seconds), `LOCKSTEP_IPV4` and `LOCKSTEP_IPV6` (`yes` or `no`). Lists are separated by commas or
    /// blanks. What is missing or empty keeps the value it has in `self`; trust anchors are read elsewhere.
    ///
    /// # Errors
    /// The first value that cannot be read, and what it should look like.
    pub fn with_vars(mut self, var: impl Fn(&str) -> Option<String>) -> Result<Settings, SettingError> {
        let var = |name: &str| var(name).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        if let Some(text) = var("LOCKSTEP_RESOLVERS") {
            self.ask(list(&text).map(str::parse).collect::<Result<_, _>>()?);
        }
        if let Some(text) = var("LOCKSTEP_CT_CERTSPOTTER") {
            self.certspotter = text.parse::<LogSearch>()?.0;
        }
        if let Some(text) = var("LOCKSTEP_CT_CRTSH") {
            self.crtsh = text.parse::<LogSearch>()?.0;
        }
        if let Some(text) = var("LOCKSTEP_HSTS_PRELOAD") {
            self.hsts_preload = text.parse::<LogSearch>()?.0;
        }
        if let Some(text) = var("LOCKSTEP_ACME") {
            self.acme = text.parse::<LogSearch>()?.0;
        }
        if let Some(text) = var("LOCKSTEP_ABOUT") {
            self.about = Some(about(text)?);
        }
        if let Some(text) = var("LOCKSTEP_ALLOW") {
            self.allow = ranges(&text)?;
        }
        if let Some(text) = var("LOCKSTEP_DIAL") {
            self.dial = list(&text).map(str::parse).collect::<Result<_, _>>()?;
        }
        if let Some(text) = var("LOCKSTEP_FETCH_ONLY") {
            self.fetch_only = if text == "none" { Vec::new() } else { ranges(&text)? };
        }
        if let Some(text) = var("LOCKSTEP_FETCH_BASE") {
            self.fetch_base = Some(text.trim_end_matches('/').to_owned());
        }
        if let Some(text) = var("LOCKSTEP_DEADLINE") {
            self.deadline = deadline(&text)?;
        }
        if let Some(text) = var("LOCKSTEP_IPV4") {
            self.vantage.v4 = yes(&text)?;
        }
        if let Some(text) = var("LOCKSTEP_IPV6") {
            self.vantage.v6 = yes(&text)?;
        }
        Ok(self)
    }

    /// Asks these resolvers instead. Names that only they know are in no public log or list and are nobody else's
    /// business: the log searches, the list and the authority are off until they are set themselves.
    pub fn ask(&mut self, resolvers: Vec<Resolver>) {
        self.resolvers = resolvers;
        self.certspotter = None;
        self.crtsh = None;
        self.hsts_preload = None;
        self.acme = None;
    }

    /// What we call ourselves in `User-Agent` (RFC 9110 §10.1.5), with the page about us where there is one.
    pub fn user_agent(&self) -> String {
        let name = crate::http::USER_AGENT;
        match &self.about {
            Some(url) => format!("{}; +{url})", name.trim_end_matches(')')),
            None => name.to_owned(),
        }
    }

    /// [`CLOUDFLARE`] as ranges.
    pub fn cloudflare() -> Vec<IpNet> {
        CLOUDFLARE.iter().filter_map(|range| range.parse().ok()).collect()
    }
}

fn list(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n']).filter(|item| !item.is_empty())
}

fn ranges(text: &str) -> Result<Vec<IpNet>, SettingError> {
    let wanted = "an address range such as 192.0.2.0/24 or 2001:db8::/32";
    list(text).map(|item| item.parse().map_err(|_| SettingError { value: item.into(), wanted })).collect()
}

/// A URL that can stand in a comment of `User-Agent`, in one piece.
fn about(text: String) -> Result<String, SettingError> {
    let fits = text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'(' | b')' | b'\\' | b'"'));
    match fits && text.len() <= 300 && (text.starts_with("https://") || text.starts_with("http://")) {
        true => Ok(text),
        false => Err(SettingError { value: text, wanted: "a URL such as https://lockstep.example/about" }),
    }
}

fn deadline(text: &str) -> Result<Duration, SettingError> {
    let wanted = "a number of seconds from 1 to 120";
    match text.parse() {
        Ok(seconds @ 1..=120) => Ok(Duration::from_secs(seconds)),
        _ => Err(SettingError { value: text.into(), wanted }),
    }
}

fn yes(text: &str) -> Result<bool, SettingError> {
    match text {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(SettingError { value: text.into(), wanted: "yes or no" }),
    }
}

impl FromStr for Resolver {
    type Err = SettingError;

    /// `URL` or `NAME=URL`; without a name the URL's host is the name.
    fn from_str(text: &str) -> Result<Resolver, SettingError> {
        let wanted = "a resolver such as https://dns.example/dns-query or NAME=https://dns.example/dns-query";
        let error = || SettingError { value: text.into(), wanted };
        let (name, url) = match text.split_once('=') {
            Some((name, url)) if !name.contains(':') => (Some(name), url),
            _ => (None, text),
        };
        let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(error)?;
        let host = rest.split('/').next().filter(|host| !host.is_empty()).ok_or_else(error)?;
        Ok(Resolver { name: name.unwrap_or(host).to_owned(), url: url.to_owned() })
    }
}

/// Base URL of a search in public logs, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSearch(pub Option<String>);

impl FromStr for LogSearch {
    type Err = SettingError;

    /// An http or https URL, or `none`.
    fn from_str(text: &str) -> Result<LogSearch, SettingError> {
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        match (text, host) {
            ("none", _) => Ok(LogSearch(None)),
            (url, Some(host)) if !host.is_empty() && !host.starts_with('/') => {
                Ok(LogSearch(Some(url.trim_end_matches('/').to_owned())))
            }
            _ => Err(SettingError { value: text.into(), wanted: "a URL such as https://crt.sh, or none" }),
        }
    }
}

impl FromStr for Dial {
    type Err = SettingError;

    /// `ADDRESS:PORT=ADDRESS:PORT`, IPv6 in brackets.
    fn from_str(text: &str) -> Result<Dial, SettingError> {
        let wanted = "a dial map entry such as 192.0.2.1:443=127.0.0.1:8443";
        let error = || SettingError { value: text.into(), wanted };
        let (from, to) = text.split_once('=').ok_or_else(error)?;
        Ok(Dial { from: from.parse().map_err(|_| error())?, to: to.parse().map_err(|_| error())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_range_parses() {
        assert_eq!(Settings::cloudflare().len(), CLOUDFLARE.len());
    }

    #[test]
    fn vars_replace_only_what_they_name() {
        let var = |name: &str| match name {
            "LOCKSTEP_ALLOW" => Some("127.0.0.0/8, ::1/128".to_owned()),
            "LOCKSTEP_IPV6" => Some("no".to_owned()),
            "LOCKSTEP_DEADLINE" => Some("7".to_owned()),
            "LOCKSTEP_DIAL" => Some(String::new()),
            _ => None,
        };
        let settings = Settings::default().with_vars(var).unwrap();
        assert_eq!(settings.allow.len(), 2);
        assert_eq!(settings.vantage, Vantage { v4: true, v6: false });
        assert_eq!(settings.deadline, Duration::from_secs(7));
        assert_eq!(settings.resolvers.len(), 3);
        for (name, bad) in [("LOCKSTEP_DEADLINE", "0"), ("LOCKSTEP_IPV4", "maybe"), ("LOCKSTEP_ALLOW", "10.0.0.0/33")] {
            let error = Settings::default().with_vars(|n| (n == name).then(|| bad.to_owned())).unwrap_err();
            assert_eq!(error.value, bad);
        }
    }

    #[test]
    fn those_who_are_visited_can_read_who_we_are() {
        let about = |url: &'static str| {
            Settings::default().with_vars(|name| (name == "LOCKSTEP_ABOUT").then(|| url.to_owned()))
        };
        let agent = about("https://lockstep.example/about").unwrap().user_agent();
        assert!(agent.contains("Lockstep/1") && agent.ends_with("; +https://lockstep.example/about)"), "{agent}");
        assert!(!Settings::default().user_agent().contains('+'));
        for bad in ["lockstep.example", "https://a.example/) evil", "https://a.example/\r\nx: y", "ftp://a.example/"] {
            assert_eq!(about(bad).unwrap_err().value, bad);
        }
    }

    #[test]
    fn own_resolvers_switch_the_log_searches_off_until_they_are_set() {
        let public = Settings::default().with_vars(|_| None).unwrap();
        assert_eq!(public.certspotter.as_deref(), Some(DEFAULT_CERTSPOTTER));
        assert_eq!(public.crtsh.as_deref(), Some(DEFAULT_CRTSH));
        let resolvers =
            |name: &str| (name == "LOCKSTEP_RESOLVERS").then(|| "http://127.0.0.1:8054/dns-query".to_owned());
        let lab = Settings::default().with_vars(resolvers).unwrap();
        assert_eq!((lab.certspotter, lab.crtsh, lab.hsts_preload, lab.acme), (None, None, None, None));
        let var = |name: &str| match name {
            "LOCKSTEP_CT_CERTSPOTTER" => Some("http://127.0.0.1:9000/".to_owned()),
            other => resolvers(other),
        };
        let own = Settings::default().with_vars(var).unwrap();
        assert_eq!((own.certspotter.as_deref(), own.crtsh), (Some("http://127.0.0.1:9000"), None));
        let off = |name: &str| (name == "LOCKSTEP_CT_CRTSH").then(|| "none".to_owned());
        let off = Settings::default().with_vars(off).unwrap();
        assert!(off.certspotter.is_some() && off.crtsh.is_none());
        assert!("crt.sh".parse::<LogSearch>().is_err() && "https:///x".parse::<LogSearch>().is_err());
    }

    #[test]
    fn a_proof_is_32_digits_and_is_not_shown() {
        let proof: Proof = " 00112233445566778899AABBCCDDEEFF ".parse().unwrap();
        assert_eq!(proof.secret(), "00112233445566778899aabbccddeeff");
        assert_eq!(format!("{proof:?}"), "Proof");
        for bad in ["", "0011", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeefg", &"0".repeat(64)]
        {
            assert!(bad.parse::<Proof>().is_err(), "{bad}");
        }
    }

    #[test]
    fn resolvers_and_dials_are_read() {
        let named: Resolver = "Lab=http://127.0.0.1:8054/dns-query".parse().unwrap();
        assert_eq!((named.name.as_str(), named.url.as_str()), ("Lab", "http://127.0.0.1:8054/dns-query"));
        let plain: Resolver = "https://dns.example/q?a=b".parse().unwrap();
        assert_eq!(plain.name, "dns.example");
        assert!("dns.example".parse::<Resolver>().is_err());
        assert!("[2001:db8::1]:443=[::1]:8443".parse::<Dial>().is_ok());
        assert!("2001:db8::1=::1".parse::<Dial>().is_err());
    }
}
