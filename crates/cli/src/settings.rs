//! The settings as flags and environment variables.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;
use ipnet::IpNet;
use network::{Dial, LogSearch, Resolver, Settings, Vantage};
use serde::Deserialize;

use crate::config::Text;

/// How to look. Each flag has an environment variable, which the worker takes as a var of the same name; a flag wins
/// over its variable, and both over `lockstep.toml`.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// DNS over HTTPS service to ask, as URL or NAME=URL; repeat for several. Default: Cloudflare, Google, AdGuard
    /// [env: LOCKSTEP_RESOLVERS]
    #[arg(long = "resolver", value_name = "NAME=URL")]
    resolvers: Vec<Resolver>,

    /// PEM file with additional trust anchors [env: LOCKSTEP_TRUST]
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,

    /// Address range that may be visited although it is not public; repeat for several [env: LOCKSTEP_ALLOW]
    #[arg(long, value_name = "RANGE")]
    allow: Vec<IpNet>,

    /// Dial another address and port instead, after the guard: ADDRESS:PORT=ADDRESS:PORT; repeat for several
    /// [env: LOCKSTEP_DIAL]
    #[arg(long, value_name = "FROM=TO")]
    dial: Vec<Dial>,

    /// Address range that is looked at by fetch only, as the edge does with Cloudflare's; repeat for several
    /// [env: LOCKSTEP_FETCH_ONLY]
    #[arg(long, value_name = "RANGE")]
    fetch_only: Vec<IpNet>,

    /// For test networks: fetch BASE/scheme/host/path instead of scheme://host/path on the fetch path
    /// [env: LOCKSTEP_FETCH_BASE]
    #[arg(long, value_name = "URL")]
    fetch_base: Option<String>,

    /// Base URL of Cert Spotter's API, or none: asked first for publicly logged certificates. Default: the public one,
    /// and none with resolvers of your own [env: LOCKSTEP_CT_CERTSPOTTER]
    #[arg(long, value_name = "URL")]
    certspotter: Option<LogSearch>,

    /// Base URL of crt.sh, or none: asked second. Default as above [env: LOCKSTEP_CT_CRTSH]
    #[arg(long, value_name = "URL")]
    crtsh: Option<LogSearch>,

    /// Base URL of hstspreload.org, or none: asked whether browsers have the domain built in. Default as above
    /// [env: LOCKSTEP_HSTS_PRELOAD]
    #[arg(long, value_name = "URL")]
    hsts_preload: Option<LogSearch>,
    /// Directory URL of Let's Encrypt, or none: asked when its certificates should be renewed. Default as above
    /// [env: LOCKSTEP_ACME]
    #[arg(long, value_name = "URL")]
    acme: Option<LogSearch>,

    /// The whole check ends after this many seconds; default 20 [env: LOCKSTEP_DEADLINE]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=120))]
    deadline: Option<u64>,

    /// Whether this computer has IPv4; default auto [env: LOCKSTEP_IPV4]
    #[arg(long, value_enum)]
    ipv4: Option<HasFamily>,

    /// Whether this computer has IPv6; default auto [env: LOCKSTEP_IPV6]
    #[arg(long, value_enum)]
    ipv6: Option<HasFamily>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HasFamily {
    /// Ask the routing table
    Auto,
    /// Yes
    Yes,
    /// No: addresses of this family are "not tested"
    No,
}

impl SettingsArgs {
    /// The settings meant: a flag wins over its environment variable, which wins over the file.
    ///
    /// # Errors
    /// A variable or the trust file that cannot be read, and why.
    pub fn read(self, file: &FileSettings) -> Result<Settings, String> {
        self.over(file, |name| std::env::var(name).ok())
    }

    fn over(self, file: &FileSettings, var: impl Fn(&str) -> Option<String>) -> Result<Settings, String> {
        let var = |name: &str| var(name).filter(|value| !value.trim().is_empty());
        let auto = Vantage {
            v4: has_route(IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1))),
            v6: has_route(IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111))),
        };
        let mut settings = Settings { vantage: auto, ..Settings::default() };
        // Whom to ask comes first: resolvers of one's own switch off the others' defaults, not what is said of them
        // anywhere.
        if !file.resolvers.is_empty() {
            settings.ask(values(&file.resolvers));
        }
        let resolvers = |name: &str| (name == "LOCKSTEP_RESOLVERS").then(|| var(name)).flatten();
        settings = settings.with_vars(resolvers).map_err(|error| error.to_string())?;
        if !self.resolvers.is_empty() {
            settings.ask(self.resolvers);
        }
        file.others(&mut settings, auto);
        // What the routing table says holds unless somebody says otherwise.
        for (name, has, known) in
            [("LOCKSTEP_IPV4", &mut settings.vantage.v4, auto.v4), ("LOCKSTEP_IPV6", &mut settings.vantage.v6, auto.v6)]
        {
            if var(name).is_some_and(|value| value.trim() == "auto") {
                *has = known;
            }
        }
        let others = |name: &str| var(name).filter(|value| name != "LOCKSTEP_RESOLVERS" && value.trim() != "auto");
        settings = settings.with_vars(others).map_err(|error| error.to_string())?;
        let trust = self.trust.or_else(|| var("LOCKSTEP_TRUST").map(PathBuf::from));
        if let Some(path) = trust.as_ref().or(file.trust.as_ref()) {
            settings.trust = anchors(path)?;
        }
        settings.certspotter = self.certspotter.map_or(settings.certspotter, |search| search.0);
        settings.crtsh = self.crtsh.map_or(settings.crtsh, |search| search.0);
        settings.hsts_preload = self.hsts_preload.map_or(settings.hsts_preload, |search| search.0);
        settings.acme = self.acme.map_or(settings.acme, |directory| directory.0);
        replace(&mut settings.allow, self.allow);
        replace(&mut settings.dial, self.dial);
        replace(&mut settings.fetch_only, self.fetch_only);
        settings.fetch_base = self.fetch_base.or(settings.fetch_base);
        settings.deadline = self.deadline.map_or(settings.deadline, Duration::from_secs);
        settings.vantage.v4 = self.ipv4.map_or(settings.vantage.v4, |family| family.or(auto.v4));
        settings.vantage.v6 = self.ipv6.map_or(settings.vantage.v6, |family| family.or(auto.v6));
        Ok(settings)
    }
}

/// The same in `lockstep.toml`, under `[settings]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FileSettings {
    resolvers: Vec<Text<Resolver>>,
    /// Relative to the file's folder as long as it is not read.
    pub(crate) trust: Option<PathBuf>,
    allow: Vec<Text<IpNet>>,
    dial: Vec<Text<Dial>>,
    fetch_only: Vec<Text<IpNet>>,
    fetch_base: Option<String>,
    certspotter: Option<Text<LogSearch>>,
    crtsh: Option<Text<LogSearch>>,
    hsts_preload: Option<Text<LogSearch>>,
    acme: Option<Text<LogSearch>>,
    deadline: Option<Seconds>,
    ipv4: Option<HasFamily>,
    ipv6: Option<HasFamily>,
}

impl FileSettings {
    /// Sets all but resolvers and trust.
    fn others(&self, settings: &mut Settings, auto: Vantage) {
        for (setting, said) in [
            (&mut settings.certspotter, &self.certspotter),
            (&mut settings.crtsh, &self.crtsh),
            (&mut settings.hsts_preload, &self.hsts_preload),
            (&mut settings.acme, &self.acme),
        ] {
            if let Some(Text(LogSearch(url))) = said {
                setting.clone_from(url);
            }
        }
        replace(&mut settings.allow, values(&self.allow));
        replace(&mut settings.dial, values(&self.dial));
        replace(&mut settings.fetch_only, values(&self.fetch_only));
        if let Some(base) = &self.fetch_base {
            settings.fetch_base = Some(base.trim_end_matches('/').to_owned());
        }
        settings.deadline = self.deadline.map_or(settings.deadline, |it| Duration::from_secs(it.0));
        settings.vantage.v4 = self.ipv4.map_or(settings.vantage.v4, |family| family.or(auto.v4));
        settings.vantage.v6 = self.ipv6.map_or(settings.vantage.v6, |family| family.or(auto.v6));
    }
}

/// How long a check may take.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "i64")]
struct Seconds(u64);

impl TryFrom<i64> for Seconds {
    type Error = &'static str;

    fn try_from(seconds: i64) -> Result<Seconds, &'static str> {
        let seconds = u64::try_from(seconds).ok().filter(|seconds| (1..=120).contains(seconds));
        seconds.map(Seconds).ok_or("the deadline is a number of seconds from 1 to 120")
    }
}

fn values<T: Clone>(texts: &[Text<T>]) -> Vec<T> {
    texts.iter().map(|text| text.0.clone()).collect()
}

impl HasFamily {
    fn or(self, auto: bool) -> bool {
        match self {
            HasFamily::Auto => auto,
            HasFamily::Yes => true,
            HasFamily::No => false,
        }
    }
}

/// Flags win over the environment where there are any.
fn replace<T>(setting: &mut Vec<T>, flags: Vec<T>) {
    if !flags.is_empty() {
        *setting = flags;
    }
}

fn anchors(path: &Path) -> Result<Vec<Vec<u8>>, String> {
    let shown = path.display();
    let pem = std::fs::read_to_string(path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    tls::certificates_from_pem(&pem).map_err(|error| format!("cannot use {shown}: {error}"))
}

/// A look-up only: a UDP socket that is connected sends nothing.
#[expect(clippy::disallowed_methods, reason = "asks the routing table which families this computer has")]
fn has_route(somewhere: IpAddr) -> bool {
    let any: IpAddr = if somewhere.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    UdpSocket::bind(SocketAddr::new(any, 0)).and_then(|socket| socket.connect((somewhere, 53))).is_ok()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        settings: SettingsArgs,
    }

    fn settings(flags: &[&str], vars: &[(&str, &str)], file: &str) -> Settings {
        let line = Line::parse_from([&["lockstep"][..], flags].concat());
        let var = |name: &str| vars.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        line.settings.over(&toml::from_str(file).unwrap(), var).unwrap()
    }

    #[test]
    fn a_flag_wins_over_its_variable_and_that_over_the_file() {
        let (flags, vars, file) = (["--deadline", "3"], [("LOCKSTEP_DEADLINE", "4")], "deadline = 5");
        let seconds = |flags: &[&str], vars: &[(&str, &str)], file| settings(flags, vars, file).deadline.as_secs();
        assert_eq!(seconds(&flags, &vars, file), 3);
        assert_eq!(seconds(&[], &vars, file), 4);
        assert_eq!(seconds(&[], &[("LOCKSTEP_DEADLINE", " ")], file), 5, "empty is not given");
        assert_eq!(seconds(&[], &[], file), 5);
        assert_eq!(seconds(&[], &[], ""), 20);
        let allow = |flags: &[&str], vars: &[(&str, &str)]| {
            let all = settings(flags, vars, "allow = [\"10.0.0.0/8\", \"::1/128\"]").allow;
            all.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(allow(&[], &[]), "10.0.0.0/8 ::1/128");
        assert_eq!(allow(&[], &[("LOCKSTEP_ALLOW", "192.168.0.0/16")]), "192.168.0.0/16");
        assert_eq!(allow(&["--allow", "127.0.0.0/8"], &[]), "127.0.0.0/8");
    }

    #[test]
    fn own_resolvers_anywhere_switch_off_defaults_and_nothing_that_was_said() {
        let own = "resolvers = [\"http://127.0.0.1:8054/dns-query\"]";
        assert_eq!(settings(&[], &[], own).crtsh, None);
        let log = "crtsh = \"http://127.0.0.1:9000/\"";
        for (flags, vars, file) in [
            (&[][..], &[][..], &format!("{own}\n{log}")[..]),
            (&[], &[("LOCKSTEP_RESOLVERS", "http://127.0.0.1:8054/dns-query")], log),
            (&["--resolver", "http://127.0.0.1:8054/dns-query"], &[], log),
            (&["--resolver", "http://127.0.0.1:8054/dns-query"], &[("LOCKSTEP_CT_CRTSH", "http://127.0.0.1:9000")], ""),
            (&["--crtsh", "http://127.0.0.1:9000"], &[], own),
        ] {
            let settings = settings(flags, vars, file);
            assert_eq!(settings.resolvers.len(), 1);
            let asked = (settings.crtsh.as_deref(), settings.certspotter, settings.acme);
            assert_eq!(asked, (Some("http://127.0.0.1:9000"), None, None), "{flags:?} {vars:?} {file}");
        }
        assert!(settings(&[], &[], log).certspotter.is_some(), "the public resolvers leave the others on");
    }

    #[test]
    fn auto_in_the_environment_wins_over_the_file() {
        let auto = settings(&[], &[], "").vantage;
        assert_eq!(settings(&[], &[("LOCKSTEP_IPV6", "auto")], "ipv6 = \"no\"").vantage, auto);
        assert!(!settings(&[], &[], "ipv6 = \"no\"").vantage.v6);
        assert!(settings(&["--ipv6", "yes"], &[("LOCKSTEP_IPV6", "no")], "ipv6 = \"no\"").vantage.v6);
    }
}
