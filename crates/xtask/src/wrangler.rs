//! The worker under the edge runtime on this machine.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::{
    project::{node_program, path, program},
    run::{self, Group},
};

/// `wrangler dev`, stopped when dropped.
pub struct Wrangler {
    group: Group,
    port: u16,
    log: std::path::PathBuf,
}

impl Wrangler {
    /// Starts it and waits until it answers. `vars` replace those of `wrangler.toml`; what it says goes to a file, and
    /// where `loud` its errors also to the terminal.
    pub fn start(port: u16, vars: &[(String, String)], loud: bool) -> Result<Wrangler> {
        let log = path(".dev").join(format!("wrangler-{port}.log"));
        fs::create_dir_all(path(".dev"))?;
        let mut file = File::create(&log)?;
        let mut command = program(node_program("wrangler"));
        command.args(["dev", "--ip", "127.0.0.1", "--port", &port.to_string(), "--inspector-port", "0"]);
        command.args(["--show-interactive-dev-session=false", "--log-level", "info"]);
        // Sealed with what everybody knows: a worker on this machine keeps reports for nobody else.
        let secret = ("LOCKSTEP_SECRET".to_owned(), "of this machine, and no secret at all".to_owned());
        for (name, value) in [secret].iter().chain(vars) {
            command.arg("--var").arg(format!("{name}:{value}"));
        }
        command.envs([
            ("CI", "1"),
            ("CLOUDFLARE_CF_FETCH_ENABLED", "false"),
            ("NO_COLOR", "1"),
            ("WRANGLER_HIDE_BANNER", "true"),
            ("WRANGLER_SEND_METRICS", "false"),
        ]);
        // One pipe for both streams would need more than std has; errors go where they can be picked out.
        command.stdout(file.try_clone()?).stderr(Stdio::piped());
        let mut group = Group::start(&mut command)?;
        let errors = group.child().stderr.take().context("no pipe to wrangler")?;
        thread::spawn(move || {
            for line in BufReader::new(errors).lines().map_while(Result::ok) {
                let _ = writeln!(file, "{line}");
                if loud && !line.trim().is_empty() && !line.contains("Request.cf") {
                    eprintln!("{line}");
                }
            }
        });
        let mut wrangler = Wrangler { group, port, log };
        wrangler.wait(Duration::from_secs(90))?;
        Ok(wrangler)
    }

    /// Where it answers.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Fails once it has ended by itself.
    pub fn check(&mut self) -> Result<()> {
        match self.group.ended()? {
            Some(status) => bail!("wrangler ended ({status}):\n{}", self.tail()),
            None => Ok(()),
        }
    }

    fn wait(&mut self, limit: Duration) -> Result<()> {
        let since = Instant::now();
        while !answers(self.port) {
            self.check()?;
            if since.elapsed() > limit {
                bail!("wrangler does not answer after {} seconds:\n{}", limit.as_secs(), self.tail());
            }
            run::pause(Duration::from_millis(200))?;
        }
        Ok(())
    }

    /// The last of what it said.
    fn tail(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let mut last = VecDeque::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            if last.len() == 30 {
                last.pop_front();
            }
            last.push_back(line);
        }
        Vec::from(last).join("\n")
    }
}

/// A port nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Fails when somebody listens on this port already.
pub fn must_be_free(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(_) => bail!(
            "Port {port} is taken on this machine. Choose another: cargo xtask dev --port {}",
            port.saturating_add(1)
        ),
    }
}

/// An HTTP answer of any kind.
fn answers(port: u16) -> bool {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let Ok(mut stream) = TcpStream::connect_timeout(&address, Duration::from_secs(1)) else { return false };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(10)));
    let request = format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    let mut start = [0; 5];
    stream.write_all(request.as_bytes()).is_ok() && stream.read_exact(&mut start).is_ok() && &start == b"HTTP/"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_named() {
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = taken.local_addr().unwrap().port();
        assert!(must_be_free(port).unwrap_err().to_string().contains(&port.to_string()));
        drop(taken);
        assert!(must_be_free(port).is_ok());
    }

    #[test]
    fn what_is_asked_about_is_not_logged() {
        let settings = fs::read_to_string(path("wrangler.toml")).unwrap();
        for (table, line) in [("logs", "\ninvocation_logs = false\n"), ("traces", "\nenabled = false\n")] {
            let (_, of_table) = settings.split_once(&format!("[observability.{table}]")).unwrap();
            let of_table = of_table.split('[').next().unwrap();
            assert!(of_table.contains(line), "{table}: {of_table}");
        }
    }

    #[test]
    fn only_an_http_answer_is_an_answer() {
        for (says, expected) in [(&b"HTTP/1.1 404 Not Found\r\n\r\n"[..], true), (b"220 mail ready\r\n", false)] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let _ = stream.read(&mut [0; 512]);
                let _ = stream.write_all(says);
            });
            assert_eq!(answers(port), expected);
        }
        assert!(!answers(free_port().unwrap()));
    }
}
