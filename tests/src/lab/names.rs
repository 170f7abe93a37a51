//! BIND with a zone for every registered domain, one of them signed, and a second view that remembers old records.

use std::{
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use anyhow::{Context, Result};

use super::{
    AUTHORITY_ADDRESS,
    ports::Ports,
    process::{self, Process},
    site::Site,
};

/// Views are told apart by who asks, so they can share the port and the zones.
const FROM_TODAY: Ipv4Addr = Ipv4Addr::LOCALHOST;
const FROM_YESTERDAY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// Resolvers may remember "no such name" for this many seconds (RFC 2308).
const NEGATIVE_TTL: u32 = 900;

/// A running name server.
pub(super) struct Names {
    /// How to ask for today's records.
    pub(super) today: Upstream,
    /// How to ask for the remembered ones.
    pub(super) yesterday: Upstream,
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
    let mut parent = head();
    let (mut today, mut yesterday) = (String::new(), String::new());
    for site in sites.iter().filter(|site| site.registered) {
        let domain = site.origin();
        fs::write(home.join(domain), format!("{}{}", head(), site.records()))?;
        let signing = if site.signed { " dnssec-policy lab; inline-signing yes;" } else { "" };
        writeln!(today, "zone \"{domain}\" {{ type primary; file \"{domain}\";{signing} }};")?;
        match &site.remembered_zone {
            None => writeln!(yesterday, "zone \"{domain}\" {{ in-view \"today\"; }};")?,
            Some(zone) => {
                fs::write(home.join(format!("{domain}.yesterday")), format!("{}{zone}", head()))?;
                writeln!(yesterday, "zone \"{domain}\" {{ type primary; file \"{domain}.yesterday\"; }};")?;
            }
        }
        writeln!(parent, "{domain}. NS ns.lab.test.")?;
    }
    let own = format!("{}ns A 192.0.2.53\naia A {AUTHORITY_ADDRESS}\n", head());
    fs::write(home.join("lab.test"), own)?;
    writeln!(parent, "lab.test. NS ns.lab.test.\nns.lab.test. A 192.0.2.53")?;
    for zone in ["lab.test", "test"] {
        writeln!(today, "zone \"{zone}\" {{ type primary; file \"{zone}\"; }};")?;
        writeln!(yesterday, "zone \"{zone}\" {{ in-view \"today\"; }};")?;
    }

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
"#,
        home = home.display(),
    );
    let file = home.join("named.conf");
    fs::write(&file, configuration)?;
    for site in sites.iter().filter(|site| site.signed) {
        writeln!(parent, "{}", delegation_signer(&home, &file, site.origin())?)?;
    }
    fs::write(home.join("test"), parent)?;

    // Ubuntu's AppArmor profile is bound to the path of the packaged program and lets it read /etc/bind only.
    let program = home.join("named");
    fs::copy(process::find("named").context("named")?, &program)?;
    let arguments = ["-g", "-n", "1", "-c", &file.display().to_string()].map(str::to_owned);
    let process = Process::start(dir, "named", &program, &arguments)?;
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    Ok(Names { today: Upstream { to, from: FROM_TODAY }, yesterday: Upstream { to, from: FROM_YESTERDAY }, process })
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

fn head() -> String {
    format!("$TTL 60\n@ SOA ns.lab.test. hostmaster.lab.test. 1 14400 3600 1209600 {NEGATIVE_TTL}\n@ NS ns.lab.test.\n")
}
