//! BIND with a zone for every registered domain, one of them signed, and a second view that remembers old records.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpSocket};

use super::{
    AUTHORITY_ADDRESS,
    ports::Ports,
    process::{self, Process},
    site::Site,
};

/// Views are told apart by who asks, so they can share the port and the zones.
const FROM_TODAY: Ipv4Addr = Ipv4Addr::LOCALHOST;
const FROM_YESTERDAY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Asks as somebody to whom no view belongs: BIND refuses.
const FROM_NOWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// The registry's own server knows nothing but its list of domains.
const FROM_REGISTRY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

/// A resolver that follows aliases and checks signatures.
const FROM_RESOLVING: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 5);

/// A DS record that fits no key: tag, algorithm, digest type, digest.
const WRONG_DS: &str = "12345 13 2 0000000000000000000000000000000000000000000000000000000000000000";

/// Refresh, retry, expire, and how long resolvers may remember "no such name" (RFC 2308).
const TIMERS: &str = "14400 3600 1209600 900";

/// The name servers: where they are, and as whom BIND is asked through them.
const SERVERS: [(&str, &str, Ipv4Addr); 5] = [
    ("ns", "192.0.2.53", FROM_TODAY),
    ("ns2", "192.0.2.54", FROM_YESTERDAY),
    ("ns3", "192.0.2.55", FROM_NOWHERE),
    ("ns4", "192.0.2.56", FROM_TODAY),
    ("registry", "192.0.2.57", FROM_REGISTRY),
];

/// A running name server.
pub(super) struct Names {
    /// How to ask for today's records.
    pub(super) today: Upstream,
    /// How to ask for the remembered ones.
    pub(super) yesterday: Upstream,
    /// How to ask a resolver.
    pub(super) resolving: Upstream,
    /// The server.
    pub(super) process: Process,
}

/// How to ask for one view.
#[derive(Debug, Clone, Copy)]
pub(super) struct Upstream {
    /// Whom to ask.
    pub(super) to: SocketAddr,
    /// From which address.
    pub(super) from: Ipv4Addr,
}

/// Writes zones and configuration and starts `named`.
pub(super) fn start(dir: &Path, sites: &[Site], ports: &mut Ports) -> Result<Names> {
    let home = dir.join("names");
    fs::create_dir_all(home.join("keys"))?;
    let port = ports.free()?;
    let own_server = ["ns".to_owned()];
    let mut parent = head(1, &["registry".to_owned()], TIMERS);
    let (mut today, mut yesterday) = (String::new(), String::new());
    for site in sites.iter().filter(|site| site.registered && !site.apex_alias) {
        let domain = site.origin();
        let timers = site.timers.as_deref().unwrap_or(TIMERS);
        fs::write(home.join(domain), format!("{}{}", head(2, &site.name_servers, timers), site.records()))?;
        let signing = if site.signed { " dnssec-policy lab; inline-signing yes;" } else { "" };
        writeln!(today, "zone \"{domain}\" {{ type primary; file \"{domain}\";{signing} }};")?;
        match &site.remembered_zone {
            None => writeln!(yesterday, "zone \"{domain}\" {{ in-view \"today\"; }};")?,
            Some(zone) => {
                let zone = format!("{}{zone}", head(1, &site.name_servers, timers));
                fs::write(home.join(format!("{domain}.yesterday")), zone)?;
                writeln!(yesterday, "zone \"{domain}\" {{ type primary; file \"{domain}.yesterday\"; }};")?;
            }
        }
        for server in site.delegated_to.as_ref().unwrap_or(&site.name_servers) {
            writeln!(parent, "{domain}. NS {server}.lab.test.")?;
        }
    }
    let mut own = format!("{}aia A {AUTHORITY_ADDRESS}\n", head(1, &own_server, TIMERS));
    for site in sites.iter().filter(|site| site.apex_alias) {
        let (domain, id) = (site.origin(), &site.id);
        writeln!(parent, "{domain}. CNAME {id}.lab.test.\nwww.{domain}. CNAME {id}.lab.test.")?;
        for address in site.servers.iter().take(1).flat_map(|server| &server.addresses) {
            writeln!(own, "{id} {} {address}", if address.is_ipv4() { "A" } else { "AAAA" })?;
        }
    }
    for (server, address, _) in SERVERS {
        writeln!(own, "{server} A {address}")?;
    }
    fs::write(home.join("lab.test"), own)?;
    writeln!(parent, "lab.test. NS ns.lab.test.\nns.lab.test. A 192.0.2.53")?;
    for zone in ["lab.test", "test"] {
        writeln!(today, "zone \"{zone}\" {{ type primary; file \"{zone}\"; }};")?;
        writeln!(yesterday, "zone \"{zone}\" {{ in-view \"today\"; }};")?;
    }

    let wrong = |site: &&Site| site.wrong_ds;
    let anchors: String = sites
        .iter()
        .filter(wrong)
        .map(|site| {
            let (numbers, digest) = WRONG_DS.rsplit_once(' ').unwrap_or_default();
            format!("\"{}\" static-ds {numbers} \"{digest}\"; ", site.origin())
        })
        .collect();
    let policy = "dnssec-policy lab { keys { csk lifetime unlimited algorithm ecdsap256sha256; }; };\n";
    let configuration = format!(
        r#"options {{
  directory "{home}"; pid-file none; session-keyfile "{home}/session.key"; managed-keys-directory "{home}";
  key-directory "{home}/keys";
  listen-on port {port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};
  recursion no; allow-query {{ any; }}; dnssec-validation no; notify no; empty-zones-enable no;
}};
controls {{ }};
logging {{ channel all {{ stderr; severity info; }}; category default {{ all; }}; }};
{policy}
view "today" {{ match-clients {{ {FROM_TODAY}; }};
{today}}};
view "yesterday" {{ match-clients {{ {FROM_YESTERDAY}; }};
{yesterday}}};
view "registry" {{ match-clients {{ {FROM_REGISTRY}; }};
zone "test" {{ in-view "today"; }};
}};
view "resolving" {{ match-clients {{ {FROM_RESOLVING}; }};
  recursion yes; allow-recursion {{ any; }}; dnssec-validation yes; query-source address {FROM_TODAY};
  forward only; forwarders {{ {FROM_TODAY} port {port}; }};
  # Times to live that run down would tell two checks apart.
  max-cache-ttl 0; max-ncache-ttl 0;
  trust-anchors {{ {anchors} }};
}};
"#,
        home = home.display(),
    );
    let file = home.join("named.conf");
    fs::write(&file, configuration)?;
    for site in sites.iter().filter(|site| site.signed) {
        match site.wrong_ds {
            true => writeln!(parent, "{}. DS {WRONG_DS}", site.origin())?,
            false => writeln!(parent, "{}", delegation_signer(&home, &file, site.origin())?)?,
        }
    }
    fs::write(home.join("test"), parent)?;

    // Ubuntu's AppArmor profile is bound to the path of the packaged program and lets it read /etc/bind only.
    let program = home.join("named");
    fs::copy(process::find("named").context("named")?, &program)?;
    let arguments = ["-g", "-n", "1", "-c", &file.display().to_string()].map(str::to_owned);
    let process = Process::start(dir, "named", &program, &arguments)?;
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let upstream = |from| Upstream { to, from };
    let (today, yesterday, resolving) = (upstream(FROM_TODAY), upstream(FROM_YESTERDAY), upstream(FROM_RESOLVING));
    Ok(Names { today, yesterday, resolving, process })
}

/// Makes the zone's key before BIND does, so that its parent can vouch for it (RFC 4034 §5).
fn delegation_signer(home: &Path, configuration: &Path, domain: &str) -> Result<String> {
    let keys = home.join("keys").display().to_string();
    let configuration = configuration.display().to_string();
    let keygen = process::find("dnssec-keygen").context("dnssec-keygen")?;
    let made =
        process::run(&keygen, &["-q", "-k", "lab", "-l", &configuration, "-K", &keys, domain].map(str::to_owned))?;
    let key = format!("{keys}/{}.key", made.trim());
    let dsfromkey = process::find("dnssec-dsfromkey").context("dnssec-dsfromkey")?;
    Ok(process::run(&dsfromkey, &["-2".to_owned(), key])?.trim().to_owned())
}

fn head(serial: u32, servers: &[String], timers: &str) -> String {
    let servers: String = servers.iter().map(|server| format!("@ NS {server}.lab.test.\n")).collect();
    format!("$TTL 60\n@ SOA ns.lab.test. hostmaster.lab.test. {serial} {timers}\n{servers}")
}

/// Lets each name server be asked over TCP at a port of its own; returns the dial map to them.
pub(super) async fn serve(to: SocketAddr) -> Result<Vec<String>> {
    let mut dial = Vec::new();
    for (_, address, from) in SERVERS {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        dial.push(format!("{address}:53={}", listener.local_addr()?));
        tokio::spawn(async move {
            while let Ok((mut asker, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let socket = TcpSocket::new_v4()?;
                    socket.bind((from, 0).into())?;
                    let mut server = socket.connect(to).await?;
                    tokio::io::copy_bidirectional(&mut asker, &mut server).await
                });
            }
        });
    }
    Ok(dial)
}
