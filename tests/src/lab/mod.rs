//! The practice network: nginx, BIND, Gunicorn and Flask on loopback, every site at an address of its own.
//!
//! Sites live at documentation addresses (RFC 5737, RFC 3849). The checker reaches them through its own settings:
//! resolvers of the lab, the lab's trust anchor, these ranges allowed, and a dial map to unprivileged ports.

mod apps;
mod authority;
mod doh;
mod doorbell;
mod logs;
mod names;
mod ports;
mod process;
mod server;
mod site;
mod stranger;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::mpsc,
    thread,
};

use anyhow::{Context, Result, anyhow};
use serde::{Deserialize, Serialize};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

pub use apps::python;
pub use site::{Certificate, Issuer, Server, Site, sites};
pub use stranger::Stranger;

/// The lab's own authority information access host, `http://aia.lab.test/intermediate.der`, lives here.
const AUTHORITY_ADDRESS: &str = "192.0.2.10";

/// The addresses of a content network, which are fetched and never dialled.
const CDN: &str = "198.51.100.128/25";

/// What a checker needs to know to look at the lab, and what a person may try: the content of `lab.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Guide {
    /// `LOCKSTEP_*` settings by name, as the command line reads them from the environment.
    pub settings: BTreeMap<String, String>,
    /// The sites, the healthy ones first.
    pub sites: Vec<Entry>,
    /// Where BIND answers, over UDP too: for `dig`.
    pub names: String,
    /// The file in which doorbells note who came: `203.0.113.240:8000` a line.
    pub knocks: PathBuf,
}

/// One site as `lab.json` tells it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Entry {
    /// What to type.
    pub domain: String,
    /// A few words.
    pub title: String,
    /// One line for people.
    pub story: String,
}

impl Guide {
    /// Reads `lab.json` of a running lab.
    ///
    /// # Errors
    /// When there is none, or it is not one.
    pub fn read(dir: &Path) -> Result<Guide> {
        let path = dir.join("lab.json");
        let text = fs::read(&path).with_context(|| format!("no running lab: {} cannot be read", path.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is not a lab's", path.display()))
    }
}

/// A running practice network. Dropping it ends every process it started.
#[derive(Debug)]
pub struct Lab {
    guide: Guide,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Lab {
    /// Starts everything, and returns once every server answers. SIGINT and SIGTERM end the lab and the process.
    ///
    /// # Errors
    /// What is missing on this machine, or which server did not start and what it said.
    pub fn start() -> Result<Lab> {
        let sites = sites()?;
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = mpsc::channel();
        // Children get a signal when the *thread* that started them is gone (PR_SET_PDEATHSIG), so one thread
        // starts them all and lives as long as they do.
        let thread = thread::Builder::new().name("lab".into()).spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => {
                    let _ = tell.send(Err(anyhow!(error)));
                    return;
                }
            };
            runtime.block_on(async {
                match Running::start(&sites).await {
                    Ok(running) => {
                        let _ = tell.send(Ok(running.guide.clone()));
                        let code = until_stopped(stopped).await;
                        drop(running);
                        if let Some(code) = code {
                            std::process::exit(code);
                        }
                    }
                    Err(error) => {
                        let _ = tell.send(Err(error));
                    }
                }
            });
        })?;
        let guide = told.recv().context("the lab's thread ended early")??;
        Ok(Lab { guide, stop: Some(stop), thread: Some(thread) })
    }

    /// Settings and sites.
    pub fn guide(&self) -> &Guide {
        &self.guide
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The exit code to end the process with, when a signal asked for it.
async fn until_stopped(stopped: oneshot::Receiver<()>) -> Option<i32> {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        let _ = stopped.await;
        return None;
    };
    tokio::select! {
        _ = stopped => None,
        _ = interrupt.recv() => Some(130),
        _ = terminate.recv() => Some(143),
    }
}

/// Everything that has to stay alive. Fields are dropped in order: processes before their directory.
struct Running {
    guide: Guide,
    _processes: process::Processes,
    _held: Vec<ports::Held>,
    _directory: tempfile::TempDir,
}

impl Running {
    async fn start(sites: &[Site]) -> Result<Running> {
        process::require(&[
            ("nginx", "nginx-light"),
            ("named", "bind9"),
            ("dnssec-keygen", "bind9-utils"),
            ("dnssec-dsfromkey", "bind9-utils"),
            ("openssl", "openssl"),
            ("setpriv", "util-linux"),
            ("python3", "python3 python3-venv"),
        ])?;
        let directory = tempfile::Builder::new().prefix("lockstep-lab-").tempdir()?;
        let dir = directory.path();
        let python = apps::python()?;
        let authority = authority::Authority::new()?;
        let trust = dir.join("root.pem");
        fs::write(&trust, authority.root_pem())?;

        let mut ports = ports::Ports::new()?;
        let mut processes = process::Processes::default();
        let mut held = Vec::new();
        let mut placed = Vec::new();
        let mut logged = Vec::new();
        let listed = sites.iter().filter_map(|site| Some((site.domain.clone(), site.preload.clone()?))).collect();
        let knocks = dir.join("knocks");
        fs::write(&knocks, "")?;
        for site in sites {
            for certificate in &site.certificates {
                logged.extend(authority.logged(certificate));
                authority.write(certificate, &dir.join("live").join(&certificate.live))?;
            }
            for (index, server) in site.servers.iter().enumerate() {
                placed.push(server::Placed::new(dir, site, index, server, &mut ports)?);
            }
        }
        let own = site::authority_server();
        let own_site = site::authority_site();
        placed.push(server::Placed::new(dir, &own_site, 0, &own, &mut ports)?);
        let www = dir.join("www/authority");
        fs::create_dir_all(&www)?;
        fs::write(www.join("intermediate.der"), authority.intermediate_der())?;
        fs::write(www.join("r3.crl"), authority.crl_der()?)?;

        let names = names::start(dir, sites, &mut ports)?;
        let (today, yesterday, resolving) = (names.today, names.yesterday, names.resolving);
        processes.0.push(names.process);
        apps::start(dir, &python, &placed, &mut processes)?;
        for server in &placed {
            held.extend(server.hold().await?);
        }
        let fetch_port = ports.free()?;
        processes.0.push(server::start(dir, &placed, fetch_port)?);

        // Two resolvers know today's records, one still remembers yesterday's.
        let mut resolvers = Vec::new();
        let zones = |odd: fn(&Site) -> bool| {
            sites.iter().filter(|site| odd(site)).map(|site| site.origin().to_owned()).collect::<Vec<_>>()
        };
        let oddities = doh::Oddities {
            refusing: zones(|site| site.refuses_caa),
            resolved: zones(|site| site.by_resolver),
            resolver: resolving,
        };
        for (name, upstream) in [("North", today), ("East", today), ("South", yesterday)] {
            let address = doh::serve(upstream, oddities.clone()).await?;
            resolvers.push(format!("{name}=http://{address}/dns-query"));
        }
        let search = logs::serve(logged, listed, authority.renewable()).await?;
        let mut waiting = vec![(today.to, "named".to_owned())];
        waiting.extend(placed.iter().flat_map(server::Placed::answering));
        process::ready(&mut processes.0, &waiting).await?;

        let mut dial: Vec<String> = placed.iter().flat_map(server::Placed::dial).collect();
        dial.extend(names::serve(today.to).await?);
        let settings = [
            ("LOCKSTEP_RESOLVERS", resolvers.join(",")),
            ("LOCKSTEP_TRUST", trust.display().to_string()),
            ("LOCKSTEP_ALLOW", "192.0.2.0/24,198.51.100.0/24,203.0.113.0/24,2001:db8::/32".into()),
            ("LOCKSTEP_DIAL", dial.join(",")),
            ("LOCKSTEP_FETCH_ONLY", CDN.into()),
            ("LOCKSTEP_FETCH_BASE", format!("http://127.0.0.1:{fetch_port}")),
            ("LOCKSTEP_HSTS_PRELOAD", search.clone()),
            ("LOCKSTEP_ACME", format!("{search}{}", logs::DIRECTORY)),
            ("LOCKSTEP_CT_CERTSPOTTER", search),
            ("LOCKSTEP_IPV4", "yes".into()),
            ("LOCKSTEP_IPV6", "yes".into()),
            ("LOCKSTEP_DEADLINE", "20".into()),
        ];
        let guide = Guide {
            settings: settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            sites: sites
                .iter()
                .map(|site| Entry { domain: site.domain.clone(), title: site.title.clone(), story: site.story.clone() })
                .collect(),
            names: today.to.to_string(),
            knocks,
        };
        Ok(Running { guide, _processes: processes, _held: held, _directory: directory })
    }
}

/// This package's directory.
pub fn home() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}
