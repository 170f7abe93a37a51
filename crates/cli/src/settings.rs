//! The settings as flags and environment variables.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::{Path, PathBuf},
};

use clap::Args;
use ipnet::IpNet;
use network::{Dial, LogSearch, Resolver, Settings, Vantage};

/// How to look. Each flag has an environment variable, which the worker takes as a var of the same name; a flag wins
/// over its variable.
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum HasFamily {
    /// Ask the routing table
    Auto,
    /// Yes
    Yes,
    /// No: addresses of this family are "not tested"
    No,
}

impl SettingsArgs {
    /// The settings meant.
    ///
    /// # Errors
    /// The trust file that cannot be read, and why.
    pub fn read(self) -> Result<Settings, String> {
        // What the routing table says holds unless somebody says otherwise.
        let var = |name: &str| std::env::var(name).ok().filter(|value| value != "auto");
        let vantage = Vantage {
            v4: has_route(IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1))),
            v6: has_route(IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111))),
        };
        let defaults = Settings { vantage, ..Settings::default() };
        let mut settings = defaults.with_vars(var).map_err(|error| error.to_string())?;
        if let Some(path) = self.trust.or_else(|| var("LOCKSTEP_TRUST").map(PathBuf::from)) {
            settings.trust = anchors(&path)?;
        }
        if !self.resolvers.is_empty() {
            settings.ask(self.resolvers);
            // What the environment says about the others was meant; their defaults are not.
            let others = |name: &str| (name != "LOCKSTEP_RESOLVERS").then(|| var(name)).flatten();
            settings = settings.with_vars(others).map_err(|error| error.to_string())?;
        }
        settings.certspotter = self.certspotter.map_or(settings.certspotter, |search| search.0);
        settings.crtsh = self.crtsh.map_or(settings.crtsh, |search| search.0);
        settings.hsts_preload = self.hsts_preload.map_or(settings.hsts_preload, |search| search.0);
        settings.acme = self.acme.map_or(settings.acme, |directory| directory.0);
        replace(&mut settings.allow, self.allow);
        replace(&mut settings.dial, self.dial);
        replace(&mut settings.fetch_only, self.fetch_only);
        settings.fetch_base = self.fetch_base.or(settings.fetch_base);
        settings.deadline = self.deadline.map_or(settings.deadline, std::time::Duration::from_secs);
        settings.vantage.v4 = self.ipv4.map_or(settings.vantage.v4, |family| family.or(vantage.v4));
        settings.vantage.v6 = self.ipv6.map_or(settings.vantage.v6, |family| family.or(vantage.v6));
        Ok(settings)
    }
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
    if path.as_os_str().is_empty() {
        return Ok(Vec::new());
    }
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
