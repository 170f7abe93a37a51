//! The settings as flags and environment variables.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    path::PathBuf,
};

use clap::Args;
use ipnet::IpNet;
use network::{Dial, Resolver, Settings, Vantage};

/// How to look. Each flag has an environment variable of the same meaning; the worker takes the same names as vars.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// DNS over HTTPS service to ask, as URL or NAME=URL; repeat for several. Default: Cloudflare, Google, AdGuard
    #[arg(long = "resolver", value_name = "NAME=URL", env = "LOCKSTEP_RESOLVERS", value_delimiter = ',')]
    resolvers: Vec<Resolver>,

    /// PEM file with additional trust anchors
    #[arg(long, value_name = "FILE", env = "LOCKSTEP_TRUST")]
    trust: Option<PathBuf>,

    /// Address range that may be visited although it is not public; repeat for several
    #[arg(long, value_name = "RANGE", env = "LOCKSTEP_ALLOW", value_delimiter = ',')]
    allow: Vec<IpNet>,

    /// Dial another address and port instead, after the guard: ADDRESS:PORT=ADDRESS:PORT; repeat for several
    #[arg(long, value_name = "FROM=TO", env = "LOCKSTEP_DIAL", value_delimiter = ',')]
    dial: Vec<Dial>,

    /// Address range that is looked at by fetch only, as the edge does with Cloudflare's; repeat for several
    #[arg(long, value_name = "RANGE", env = "LOCKSTEP_FETCH_ONLY", value_delimiter = ',')]
    fetch_only: Vec<IpNet>,

    /// For test networks: fetch BASE/scheme/host/path instead of scheme://host/path on the fetch path
    #[arg(long, value_name = "URL", env = "LOCKSTEP_FETCH_BASE")]
    fetch_base: Option<String>,

    /// The whole check ends after this many seconds
    #[arg(long, value_name = "SECONDS", env = "LOCKSTEP_DEADLINE", default_value_t = 20,
          value_parser = clap::value_parser!(u64).range(1..=120))]
    deadline: u64,

    /// Whether this computer has IPv4
    #[arg(long, value_enum, env = "LOCKSTEP_IPV4", default_value_t = HasFamily::Auto)]
    ipv4: HasFamily,

    /// Whether this computer has IPv6
    #[arg(long, value_enum, env = "LOCKSTEP_IPV6", default_value_t = HasFamily::Auto)]
    ipv6: HasFamily,
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
        let mut settings = Settings::default();
        if !self.resolvers.is_empty() {
            settings.resolvers = self.resolvers;
        }
        if let Some(path) = self.trust.filter(|path| !path.as_os_str().is_empty()) {
            let shown = path.display();
            let pem = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
            settings.trust =
                tls::certificates_from_pem(&pem).map_err(|error| format!("cannot use {shown}: {error}"))?;
        }
        settings.allow = self.allow;
        settings.dial = self.dial;
        settings.fetch_only = self.fetch_only;
        settings.fetch_base = self.fetch_base.filter(|base| !base.is_empty());
        settings.deadline = std::time::Duration::from_secs(self.deadline);
        settings.vantage = Vantage {
            // Route look-ups only: a UDP socket that is connected sends nothing.
            v4: has(self.ipv4, IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1))),
            v6: has(self.ipv6, IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111))),
        };
        Ok(settings)
    }
}

#[expect(clippy::disallowed_methods, reason = "asks the routing table which families this computer has")]
fn has(family: HasFamily, somewhere: IpAddr) -> bool {
    let route = || {
        let any: IpAddr = if somewhere.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        UdpSocket::bind(SocketAddr::new(any, 0)).and_then(|socket| socket.connect((somewhere, 53))).is_ok()
    };
    match family {
        HasFamily::Auto => route(),
        HasFamily::Yes => true,
        HasFamily::No => false,
    }
}
