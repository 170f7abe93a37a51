//! Machines on loopback: each has its own four ports, and its nginx text is what a person would have written.
//!
//! The text in `lab/nginx` says `listen 443 ssl`, `/etc/letsencrypt/live/yourdomain.com` and
//! `unix:/run/gunicorn.sock` as on a real machine; here these become the machine's ports and places. One nginx runs
//! them all: servers on different ports do not know of each other.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};

use super::{
    doorbell::Doorbell,
    home,
    ports::{self, Held, Ports},
    process::{self, Process},
    site::{Server, Site},
    stranger::{self, Stranger},
};

/// A machine with its ports.
#[derive(Debug)]
pub(super) struct Placed {
    /// What the site's file says.
    pub(super) server: Server,
    /// The site's domain.
    pub(super) domain: String,
    /// `/run/gunicorn.sock`.
    pub(super) socket: PathBuf,
    /// `127.0.0.1:8000`.
    pub(super) upstream: u16,
    doors: Vec<Door>,
    text: String,
    /// Where ports inside lead that are closed, if anybody looks at them.
    closed: Option<u16>,
    doorbells: Vec<Doorbell>,
}

/// The ports that are looked at on the owner's request.
const INSIDE: [u16; 6] = [8000, 5000, 5432, 3306, 6379, 27017];

/// A port of the machine, and where it is on loopback.
#[derive(Debug, Clone, Copy)]
struct Door {
    own: u16,
    at: SocketAddr,
    state: DoorState,
    /// Where nginx listens when a firewall stands before the port.
    behind: SocketAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DoorState {
    Closed,
    Filtered,
    Nginx,
    Flask,
    Stranger(Stranger),
}

impl Server {
    fn stranger(&self, port: u16) -> Option<Stranger> {
        if port == 80 { self.stranger_80 } else { self.stranger_443 }
    }
}

impl Placed {
    /// Gives a machine its ports and writes its nginx text.
    pub(super) fn new(dir: &Path, site: &Site, index: usize, server: &Server, ports: &mut Ports) -> Result<Placed> {
        fs::create_dir_all(dir.join("run"))?;
        let socket = dir.join(format!("run/{}-{index}.sock", site.id));
        ensure!(socket.as_os_str().len() < 100, "{} is too long for a unix socket", socket.display());
        let upstream = ports.free()?;
        let mut doors = Vec::new();
        for own in [80, 443] {
            for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
                let stranger = server.stranger(own).filter(|_| ip.is_ipv4());
                let state = match stranger {
                    Some(stranger) => DoorState::Stranger(stranger),
                    None if server.filtered.contains(&own) => DoorState::Filtered,
                    None if server.flask_run.is_some() && ip.is_ipv4() => DoorState::Flask,
                    None => DoorState::Closed,
                };
                let at = SocketAddr::new(ip, ports.free()?);
                let behind = if state == DoorState::Filtered { SocketAddr::new(ip, ports.free()?) } else { at };
                doors.push(Door { own, at, state, behind });
            }
        }
        let text = match &server.nginx {
            None => String::new(),
            Some(name) => {
                let path = home().join(format!("lab/nginx/{name}.conf"));
                let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
                let text = text
                    .replace("yourdomain.com", &site.domain)
                    .replace("/etc/letsencrypt/live/", &format!("{}/live/", dir.display()))
                    .replace("/var/www/", &format!("{}/www/", dir.display()))
                    .replace("/run/gunicorn.sock", &socket.display().to_string())
                    .replace("127.0.0.1:8000", &format!("127.0.0.1:{upstream}"));
                move_listeners(&text, &mut doors).with_context(|| path.display().to_string())?
            }
        };
        let closed = if site.mine || site.doorbell { Some(ports.free()?) } else { None };
        let (server, domain) = (server.clone(), site.domain.clone());
        let mut placed = Placed { server, domain, socket, upstream, doors, text, closed, doorbells: Vec::new() };
        if site.doorbell {
            for address in &placed.server.addresses {
                for port in &placed.server.public {
                    let at = SocketAddr::from((Ipv4Addr::LOCALHOST, ports.free()?));
                    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, placed.within(*port, at.port())));
                    let of = SocketAddr::new(*address, *port);
                    placed.doorbells.push(Doorbell { of, at, to, book: dir.join("knocks") });
                }
            }
        }
        Ok(placed)
    }

    /// The dial map from this machine's addresses to its ports. Every address has both ports in it: what is not
    /// mapped would be dialled for real.
    pub(super) fn dial(&self) -> Vec<String> {
        let doors = |address: IpAddr| self.doors.iter().filter(move |door| door.at.is_ipv4() == address.is_ipv4());
        self.server
            .addresses
            .iter()
            .flat_map(|address| {
                doors(*address).map(|door| format!("{}={}", SocketAddr::new(*address, door.own), door.at))
            })
            .chain(self.inside())
            .collect()
    }

    /// The dial map of the ports inside.
    fn inside(&self) -> Vec<String> {
        let Some(closed) = self.closed else { return Vec::new() };
        let to = |of: SocketAddr| match self.doorbells.iter().find(|bell| bell.of == of) {
            Some(bell) => bell.at.port(),
            None => self.within(of.port(), closed),
        };
        let asked = self.server.addresses.iter().flat_map(|address| INSIDE.map(|port| SocketAddr::new(*address, port)));
        asked.map(|of| format!("{of}=127.0.0.1:{}", to(of))).collect()
    }

    /// Where a port inside leads on loopback.
    fn within(&self, port: u16, closed: u16) -> u16 {
        let door = self.doors.iter().find(|door| door.own == 80 && door.at.is_ipv4()).map(|door| door.at.port());
        match (self.server.public.contains(&port), port) {
            (true, 8000) => self.upstream,
            (true, _) => door.unwrap_or(closed),
            (false, _) => closed,
        }
    }

    /// Closes and filters what is not served, and lets strangers in.
    pub(super) async fn hold(&self) -> Result<Vec<Held>> {
        let mut held = Vec::new();
        if let Some(port) = self.closed {
            held.push(ports::closed((Ipv4Addr::LOCALHOST, port).into())?);
        }
        for bell in &self.doorbells {
            bell.serve().await?;
        }
        for door in &self.doors {
            match door.state {
                DoorState::Closed => held.push(ports::closed(door.at)?),
                DoorState::Filtered => held.push(ports::filtered(door.at).await?),
                DoorState::Stranger(stranger) => stranger::serve(door.at, stranger).await?,
                DoorState::Nginx | DoorState::Flask => {}
            }
        }
        if let Some(stranger) = self.server.stranger_8000 {
            stranger::serve((Ipv4Addr::LOCALHOST, self.upstream).into(), stranger).await?;
        }
        Ok(held)
    }

    /// The ports of the development server, and the machine's own port that each stands for.
    pub(super) fn development_ports(&self) -> impl Iterator<Item = (u16, u16)> {
        self.doors.iter().filter(|door| door.state == DoorState::Flask).map(|door| (door.at.port(), door.own))
    }

    /// Everything that has to take connections before the lab is ready.
    pub(super) fn answering(&self) -> Vec<(SocketAddr, String)> {
        let mut all: Vec<(SocketAddr, String)> = self
            .doors
            .iter()
            .filter(|door| matches!(door.state, DoorState::Nginx | DoorState::Flask))
            .map(|door| (door.at, format!("port {} of {}", door.own, self.domain)))
            .collect();
        if self.server.gunicorn.is_some() {
            all.push(((Ipv4Addr::LOCALHOST, self.upstream).into(), format!("Gunicorn of {}", self.domain)));
        }
        all
    }
}

/// The way to machines that can only be fetched: `http://127.0.0.1:PORT/scheme/host/path`, as a content network
/// would fetch it from the machine behind.
fn fetch_front(placed: &[Placed], port: u16) -> String {
    let mut map = String::new();
    for server in placed.iter().filter(|server| server.server.behind_cdn) {
        for door in server.doors.iter().filter(|door| door.at.is_ipv4()) {
            let scheme = if door.own == 443 { "https" } else { "http" };
            let plain = server.server.asked_over_http && door.own == 443;
            for host in [server.domain.clone(), format!("www.{}", server.domain)] {
                let (by, at) = match server.doors.iter().find(|it| it.own == 80 && it.at.is_ipv4()).filter(|_| plain) {
                    Some(other) => ("http", other.at),
                    None => (scheme, door.at),
                };
                map.push_str(&format!("\"{scheme} {host}\" {by}://{at};\n"));
            }
        }
    }
    format!(
        "map \"$to_scheme $to_host\" $origin {{\n{map}}}\n\
         server {{\n\
         listen 127.0.0.1:{port};\n\
         location ~ ^/(?<to_scheme>https?)/(?<to_host>[^/]+)(?<to_path>/.*)$ {{\n\
         proxy_pass $origin$to_path$is_args$args;\n\
         proxy_ssl_server_name on; proxy_ssl_name $to_host;\n\
         proxy_set_header Host $to_host; proxy_http_version 1.1; proxy_redirect off;\n\
         }}\n}}\n"
    )
}

/// Turns `listen 80`, `listen [::]:443 ssl` and so on into the machine's ports, and notes which are in use.
fn move_listeners(text: &str, doors: &mut [Door]) -> Result<String> {
    let mut moved = String::new();
    for line in text.lines() {
        let Some(rest) = line.trim_start().strip_prefix("listen ") else {
            moved.push_str(line);
            moved.push('\n');
            continue;
        };
        let end = rest.find([' ', ';']).context("a listen directive ends with ;")?;
        let (asked, options) = rest.split_at(end);
        let (is_ipv4, port) = match asked.strip_prefix("[::]:") {
            Some(port) => (false, port),
            None => (true, asked),
        };
        let own: u16 = port.parse().with_context(|| format!("listen {asked}"))?;
        let Some(door) = doors.iter_mut().find(|door| door.own == own && door.at.is_ipv4() == is_ipv4) else {
            bail!("listen {asked}: machines of the lab have ports 80 and 443");
        };
        match door.state {
            DoorState::Closed => door.state = DoorState::Nginx,
            DoorState::Nginx | DoorState::Filtered => {}
            DoorState::Flask | DoorState::Stranger(_) => bail!("port {own} belongs to somebody else"),
        }
        moved.push_str(&format!("listen {}{options}\n", door.behind));
    }
    Ok(moved)
}

/// Writes one configuration for all machines and starts nginx.
pub(super) fn start(dir: &Path, placed: &[Placed], fetch_port: u16) -> Result<Process> {
    fs::create_dir_all(dir.join("www/html"))?;
    for entry in fs::read_dir(home().join("lab/www"))? {
        let entry = entry?;
        fs::copy(entry.path(), dir.join("www/html").join(entry.file_name()))?;
    }
    fs::copy(home().join("lab/nginx/proxy_params"), dir.join("proxy_params"))?;
    // Started by root, workers would become nobody, who cannot read this directory.
    let user = if nix::unistd::geteuid().is_root() { "user root;\n" } else { "" };
    let mut configuration = format!(
        "{user}daemon off;\nworker_processes 2;\npid {dir}/nginx.pid;\nerror_log stderr notice;\n\
         events {{ worker_connections 768; }}\n\
         http {{\n\
         client_body_temp_path {dir}/tmp-body; proxy_temp_path {dir}/tmp-proxy; fastcgi_temp_path {dir}/tmp-fastcgi;\n\
         uwsgi_temp_path {dir}/tmp-uwsgi; scgi_temp_path {dir}/tmp-scgi;\n\
         access_log {dir}/log/access;\n\
         types {{ text/html html; text/css css; application/pkix-cert der; }}\n\
         default_type application/octet-stream;\n\
         server_names_hash_bucket_size 128;\n\
         # A site that shows its version says so itself.\n\
         server_tokens off;\n\
         # Debian's own lines.\n\
         ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;\nssl_prefer_server_ciphers on;\ngzip on;\n\
         # The real ports are the machine's, 80 and 443, which nginx leaves out of redirects by itself.\n\
         port_in_redirect off;\n",
        dir = dir.display(),
    );
    for server in placed {
        configuration.push_str(&format!("# {}\n{}", server.domain, server.text));
    }
    configuration.push_str(&fetch_front(placed, fetch_port));
    configuration.push_str("}\n");
    let file = dir.join("nginx.conf");
    fs::write(&file, configuration)?;
    let nginx = process::find("nginx").context("nginx")?;
    let arguments =
        ["-p", &dir.display().to_string(), "-e", "stderr", "-c", &file.display().to_string()].map(str::to_owned);
    let mut test = arguments.to_vec();
    test.push("-t".into());
    process::run(&nginx, &test).context("nginx does not accept the lab's configuration")?;
    Process::start(dir, "nginx", &nginx, &arguments)
}
