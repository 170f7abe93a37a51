//! One site of the lab, as its file says.

use std::{collections::BTreeSet, fs, net::IpAddr};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::{AUTHORITY_ADDRESS, Stranger, home};
use crate::expectation::Expectation;

/// A site: `lab/sites/<id>.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Site {
    /// The file's name.
    #[serde(skip)]
    pub id: String,
    /// What to type.
    pub domain: String,
    /// A few words.
    pub title: String,
    /// One line for people.
    pub story: String,
    /// Nothing warns and nothing fails.
    #[serde(default)]
    pub healthy: bool,
    /// Which of the four results it is: `fine`, `warnings`, `broken` or `not-connected`.
    #[serde(default = "fine")]
    pub situation: String,
    /// The causes that are named, the most telling first.
    #[serde(default)]
    pub causes: Vec<String>,
    /// What the visitor types as the expected address, if anything.
    #[serde(default)]
    pub expect: Option<String>,
    /// Whether the domain is registered: delegated from its parent.
    #[serde(default = "yes")]
    pub registered: bool,
    /// Whether it is looked at as the visitor's own with `--mine`, which only the command line has.
    #[serde(default)]
    pub mine: bool,
    /// Whether its public ports inside note who comes.
    #[serde(default)]
    pub doorbell: bool,
    /// Whether its subdomains are looked at, too.
    #[serde(default)]
    pub subdomains: bool,
    /// Whether further pages of it are read, too.
    #[serde(default)]
    pub crawl: bool,
    /// How it stands with the browsers' built-in list, in hstspreload.org's words; `unknown` when it is left out.
    #[serde(default)]
    pub preload: Option<String>,
    /// What the visitor expects of paths: `/login=200`.
    #[serde(default)]
    pub paths: Vec<String>,
    /// Whether the zone is signed with DNSSEC.
    #[serde(default)]
    pub signed: bool,
    /// Whether the registry still has a DS record for keys that the zone no longer has.
    #[serde(default)]
    pub wrong_ds: bool,
    /// Whether it is asked through a real resolver, which follows aliases into other zones and checks signatures.
    #[serde(default)]
    pub by_resolver: bool,
    /// Whether its name server answers questions for CAA with an error, as old ones do with types they do not know.
    #[serde(default)]
    pub refuses_caa: bool,
    /// What we know to be missing: the site differs from its lists until then, and nobody calls that fine.
    #[serde(default)]
    pub gap: Option<String>,
    /// Whether the bare domain is an alias of its first server, which BIND lets no zone of its own say.
    #[serde(default)]
    pub apex_alias: bool,
    /// The zone's name, when it is not the domain itself.
    #[serde(default)]
    pub origin: Option<String>,
    /// The zone's records. Left out: name and www at the first server's addresses.
    #[serde(default)]
    pub zone: Option<String>,
    /// What one of the three resolvers still remembers instead.
    #[serde(default)]
    pub remembered_zone: Option<String>,
    /// The zone's name servers, of `ns` and `ns4`, `ns2` (which still has the
    /// remembered zone) and `ns3` (which knows no zone).
    #[serde(default = "name_servers")]
    pub name_servers: Vec<String>,
    /// Those that the registry lists. Left out: the same.
    #[serde(default)]
    pub delegated_to: Option<Vec<String>>,
    /// The zone's refresh, retry, expire and minimum, in seconds.
    #[serde(default)]
    pub timers: Option<String>,
    /// The machines the records lead to.
    #[serde(default, rename = "server")]
    pub servers: Vec<Server>,
    /// The certificates in `/etc/letsencrypt/live`.
    #[serde(default, rename = "certificate")]
    pub certificates: Vec<Certificate>,
    /// What a person would want to be told.
    #[serde(default)]
    pub must: Vec<Expectation>,
    /// What may be said besides.
    #[serde(default)]
    pub may: Vec<Expectation>,
}

/// One machine.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Server {
    /// Where it is; each of the lab has addresses of its own.
    pub addresses: Vec<IpAddr>,
    /// Its configuration: `lab/nginx/<name>.conf`, written as on a real machine.
    #[serde(default)]
    pub nginx: Option<String>,
    /// The Flask application that Gunicorn serves on `/run/gunicorn.sock` and `127.0.0.1:8000`: `lab/apps/<name>.py`.
    #[serde(default)]
    pub gunicorn: Option<String>,
    /// The Flask application that the development server serves on ports 80 and 443.
    #[serde(default)]
    pub flask_run: Option<String>,
    /// Whether the development server shows its debugger.
    #[serde(default)]
    pub flask_debugger: bool,
    /// Stands behind a content network whose addresses cannot be dialled: only fetch leads there.
    #[serde(default)]
    pub behind_cdn: bool,
    /// Whether that network asks it over plain HTTP, whatever the visitor used.
    #[serde(default)]
    pub asked_over_http: bool,
    /// Who answers on port 80 instead of nginx.
    #[serde(default)]
    pub stranger_80: Option<Stranger>,
    /// Who answers on port 443 instead of nginx.
    #[serde(default)]
    pub stranger_443: Option<Stranger>,
    /// Who answers on `127.0.0.1:8000` instead of Gunicorn.
    #[serde(default)]
    pub stranger_8000: Option<Stranger>,
    /// Ports inside that are open to everybody: Gunicorn's 8000 leads there, any other to whoever has port 80.
    #[serde(default)]
    pub public: Vec<u16>,
    /// Ports whose packets a firewall drops.
    #[serde(default)]
    pub filtered: Vec<u16>,
}

/// One certificate: `live/<live>/{cert,chain,fullchain,privkey}.pem`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Certificate {
    /// The folder. Left out: the first of the names.
    #[serde(default)]
    pub live: String,
    /// Subject alternative names.
    pub names: Vec<String>,
    /// Valid from and until, in days from now.
    pub days: (i64, i64),
    /// The same for earlier certificates of these names, which only the public logs remember.
    #[serde(default)]
    pub before: Vec<(i64, i64)>,
    /// Who signed it.
    #[serde(default)]
    pub issuer: Issuer,
    /// Whether `fullchain.pem` has its certificates in the wrong order.
    #[serde(default)]
    pub wrong_order: bool,
    /// Whether the public logs know it to be revoked.
    #[serde(default)]
    pub revoked: bool,
    /// Whether the authority's own list has it revoked.
    #[serde(default)]
    pub on_list: bool,
    /// Whether the authority wants it renewed at once, to revoke it.
    #[serde(default)]
    pub recalled: bool,
    /// Valid from and until, in days from now, of certificates for these names by another authority, which only the
    /// public logs remember.
    #[serde(default)]
    pub elsewhere: Vec<(i64, i64)>,
    /// Whether it carries no promises of public logs.
    #[serde(default)]
    pub unlogged: bool,
    /// Whether it is made for clients instead of servers.
    #[serde(default)]
    pub for_clients: bool,
    /// Whether it demands a stapled response.
    #[serde(default)]
    pub must_staple: bool,
    /// Whether `dhparam.pem` lies beside it, with a prime of 1024 bits.
    #[serde(default)]
    pub short_prime: bool,
    /// An RSA key of this size instead of ECDSA P-256.
    #[serde(default)]
    pub rsa: Option<u32>,
}

/// Who signs a certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Issuer {
    /// The trusted authority's intermediate.
    #[default]
    Intermediate,
    /// The certificate's own key.
    #[serde(rename = "self")]
    Itself,
    /// A staging authority that calls itself one.
    Staging,
    /// An authority nobody trusts.
    Untrusted,
    /// The intermediate of a root that only newer devices know.
    Young,
}

fn fine() -> String {
    "fine".into()
}

fn name_servers() -> Vec<String> {
    vec!["ns".into(), "ns4".into()]
}

fn yes() -> bool {
    true
}

/// Every site of `lab/sites`, the healthy ones first, then by name; refuses lists that contradict themselves.
///
/// # Errors
/// Which file is wrong and why.
pub fn sites() -> Result<Vec<Site>> {
    let folder = home().join("lab/sites");
    let mut sites = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let text = fs::read_to_string(&path)?;
        let mut site: Site = toml::from_str(&text).with_context(|| path.display().to_string())?;
        site.id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for certificate in &mut site.certificates {
            if certificate.live.is_empty() {
                certificate.live = certificate.names.first().context("a certificate has names")?.clone();
            }
        }
        site.sound().with_context(|| path.display().to_string())?;
        sites.push(site);
    }
    sites.sort_by(|a, b| (!a.healthy, &a.id).cmp(&(!b.healthy, &b.id)));
    let mut taken: BTreeSet<IpAddr> = BTreeSet::from([AUTHORITY_ADDRESS.parse()?]);
    let mut domains = BTreeSet::new();
    for site in &sites {
        ensure!(domains.insert(&site.domain), "{} is there twice", site.domain);
        for address in site.servers.iter().flat_map(|server| &server.addresses) {
            ensure!(taken.insert(*address), "{address} of {} belongs to another machine", site.domain);
        }
    }
    Ok(sites)
}

impl Site {
    fn sound(&self) -> Result<()> {
        let all = || self.must.iter().chain(&self.may);
        if self.healthy {
            if let Some(red) = all().find(|said| said.is_fault()) {
                bail!("a healthy site cannot be told `{red}`");
            }
            ensure!(self.situation == "fine" && self.causes.is_empty(), "a healthy site is fine");
        } else {
            ensure!(
                self.must.iter().any(|said| !said.is_passed()),
                "a site that is not healthy has its cause in `must`"
            );
        }
        ensure!(self.domain.ends_with(".test"), "the lab's names end in .test (RFC 6761)");
        Ok(())
    }

    /// The zone's name.
    pub fn origin(&self) -> &str {
        self.origin.as_deref().unwrap_or(&self.domain)
    }

    /// The zone's records.
    pub fn records(&self) -> String {
        if let Some(zone) = &self.zone {
            return zone.clone();
        }
        let addresses = self.servers.first().map(|server| server.addresses.as_slice()).unwrap_or_default();
        let mut zone = String::new();
        for owner in ["@", "www"] {
            for address in addresses {
                let kind = if address.is_ipv4() { "A" } else { "AAAA" };
                zone.push_str(&format!("{owner} {kind} {address}\n"));
            }
        }
        zone
    }
}

/// The machine that serves the authority's own certificate.
pub(super) fn authority_server() -> Server {
    Server {
        addresses: AUTHORITY_ADDRESS.parse().into_iter().collect(),
        nginx: Some("authority".into()),
        ..Server::default()
    }
}

/// The site that machine belongs to; nobody checks it.
pub(super) fn authority_site() -> Site {
    Site {
        id: "authority".into(),
        domain: "aia.lab.test".into(),
        title: String::new(),
        story: String::new(),
        healthy: true,
        situation: fine(),
        causes: Vec::new(),
        expect: None,
        registered: true,
        mine: false,
        doorbell: false,
        subdomains: false,
        crawl: false,
        preload: None,
        paths: Vec::new(),
        signed: false,
        wrong_ds: false,
        by_resolver: false,
        refuses_caa: false,
        gap: None,
        apex_alias: false,
        origin: None,
        zone: None,
        remembered_zone: None,
        name_servers: name_servers(),
        delegated_to: None,
        timers: None,
        servers: Vec::new(),
        certificates: Vec::new(),
        must: Vec::new(),
        may: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_sites_files_are_sound() {
        assert!(super::sites().unwrap().len() >= 15);
    }
}
