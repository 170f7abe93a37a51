//! Processes that end with the lab, whatever ends the lab.

use std::{
    env, fs,
    fs::File,
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use tokio::{net::TcpStream, time};

/// How long all servers together may take to answer.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long a server may take to end by itself.
const STOP_LIMIT: Duration = Duration::from_secs(3);

/// A child in a process group of its own.
#[derive(Debug)]
pub(super) struct Process {
    name: String,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program, its output in `DIR/log/NAME`.
    pub(super) fn start(dir: &Path, name: &str, program: &Path, arguments: &[String]) -> Result<Process> {
        let logs = dir.join("log");
        fs::create_dir_all(&logs)?;
        let log = logs.join(name);
        let out = File::create(&log)?;
        let child = Command::new(find("setpriv").context("setpriv")?)
            // The kernel ends it should the lab be killed before it can tidy up.
            .args(["--pdeathsig", "TERM", "--"])
            .arg(program)
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out)
            .process_group(0)
            .spawn()
            .with_context(|| format!("{} could not be started", program.display()))?;
        Ok(Process { name: name.into(), child, log })
    }

    fn ended(&mut self) -> Result<()> {
        match self.child.try_wait()? {
            None => Ok(()),
            Some(status) => bail!("{} ended with {status}:\n{}", self.name, self.last_words()),
        }
    }

    fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(20)..).unwrap_or_default().join("\n")
    }
}

impl Process {
    fn signal(&self, signal: Signal) {
        if let Ok(group) = i32::try_from(self.child.id()) {
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }
}

/// Processes that end together, none waiting for another.
#[derive(Debug, Default)]
pub(super) struct Processes(pub(super) Vec<Process>);

impl Drop for Processes {
    fn drop(&mut self) {
        for process in &self.0 {
            process.signal(Signal::SIGTERM);
        }
        let until = Instant::now() + STOP_LIMIT;
        for process in &mut self.0 {
            while Instant::now() < until && matches!(process.child.try_wait(), Ok(None)) {
                thread::sleep(Duration::from_millis(20));
            }
            // Its children too, and itself if it would not end.
            process.signal(Signal::SIGKILL);
            let _ = process.child.wait();
        }
    }
}

/// Waits until each address takes a connection, and says which server did not and what it printed.
pub(super) async fn ready(processes: &mut [Process], waiting: &[(SocketAddr, String)]) -> Result<()> {
    let until = Instant::now() + START_LIMIT;
    for (address, whose) in waiting {
        loop {
            if let Ok(Ok(_)) = time::timeout(Duration::from_secs(1), TcpStream::connect(address)).await {
                break;
            }
            for process in processes.iter_mut() {
                process.ended()?;
            }
            if Instant::now() > until {
                let words: Vec<String> =
                    processes.iter().map(|process| format!("{}:\n{}", process.name, process.last_words())).collect();
                bail!("{whose} does not answer at {address}\n{}", words.join("\n"));
            }
            time::sleep(Duration::from_millis(30)).await;
        }
    }
    for process in processes {
        process.ended()?;
    }
    Ok(())
}

/// Looks for programs, each with the Debian packages that bring it, and says all that is missing at once.
pub(super) fn require(programs: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&(&str, &str)> = programs.iter().filter(|(program, _)| find(program).is_none()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|(program, _)| *program).collect();
    let mut packages: Vec<&str> = missing.iter().map(|(_, packages)| *packages).collect();
    packages.dedup();
    bail!(
        "the practice network needs {}. On Debian and Ubuntu: apt-get install {}",
        names.join(", "),
        packages.join(" ")
    )
}

/// A program on the path or where servers are kept; ordinary users have no `sbin` on theirs.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|candidate| candidate.is_file())
}

/// Runs a program to its end; its output is the error when it fails.
pub(super) fn run(program: &Path, arguments: &[String]) -> Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} could not be started", program.display()))?;
    if !output.status.success() {
        bail!(
            "{} {} ended with {}:\n{}{}",
            program.display(),
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
