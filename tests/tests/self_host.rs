//! Lockstep on a machine of one's own, as docs/deploy.md says: started, looked through at a practice site, stopped and
//! started again, and the report that was shared still stands.

#![allow(clippy::disallowed_methods, reason = "a test has threads and runs programs")]

use std::{
    env,
    fs::{self, File},
    io::{self, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use http::Method;
use nix::{
    sys::signal::{Signal, killpg},
    unistd::Pid,
};
use serde_json::Value;
use tests::{
    ask::{get, send},
    lab::Guide,
};

const SECRET: &str = "a secret of this test, which is long enough";
const PAGE: &[(&str, &str)] = &[("accept", "text/html")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The running program; killed with all it started, when a test fails.
struct Server {
    child: Child,
    url: String,
    output: PathBuf,
}

impl Server {
    fn start(port: u16, state: &Path, settings: &[(&str, &str)]) -> Server {
        let output = state.join("output.txt");
        let file = File::options().create(true).append(true).open(&output).unwrap();
        let mut command = Command::new("node");
        command.arg(root().join("deploy/serve.mjs")).current_dir(state).process_group(0);
        command.envs(settings.iter().copied()).env("LOCKSTEP_LISTEN", format!("127.0.0.1:{port}"));
        command.env("LOCKSTEP_STATE", "state"); // beside where it is started
        command.stdin(Stdio::null()).stdout(file.try_clone().unwrap()).stderr(file);
        let mut server = Server { child: command.spawn().unwrap(), url: format!("http://127.0.0.1:{port}"), output };
        let since = Instant::now();
        while TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), Duration::from_secs(1))
            .is_err()
        {
            assert!(server.child.try_wait().unwrap().is_none(), "it ended: {}", server.said());
            assert!(since.elapsed() < Duration::from_secs(60), "it does not answer: {}", server.said());
            sleep(Duration::from_millis(100));
        }
        server
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.output).unwrap()
    }

    /// Ends it as systemd does.
    fn stop(mut self) -> ExitStatus {
        self.signal(Signal::SIGTERM);
        let since = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(since.elapsed() < Duration::from_secs(10), "it does not end: {}", self.said());
            sleep(Duration::from_millis(50));
        }
    }

    fn signal(&self, signal: Signal) {
        let _ = killpg(Pid::from_raw(i32::try_from(self.child.id()).unwrap()), signal);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.signal(Signal::SIGKILL);
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

#[test]
fn it_checks_keeps_and_counts_and_a_restart_loses_nothing() {
    let (Some(lab), true) = (env::var_os("LOCKSTEP_LAB"), root().join("build/shim.js").exists()) else {
        let _ = writeln!(
            io::stderr(),
            "not run: LOCKSTEP_LAB is not set, or nothing is built (cargo xtask test does both)"
        );
        return;
    };
    let guide = Guide::read(lab.as_ref()).unwrap();
    let mut settings: Vec<(&str, &str)> =
        guide.settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    settings.push(("LOCKSTEP_SECRET", SECRET));
    let (state, port) = (tempfile::tempdir().unwrap(), free_port());

    let server = Server::start(port, state.path(), &settings);
    let url = server.url.clone();
    assert!(get(&format!("{url}/"), PAGE).body.contains("<title>Lockstep"));
    assert!(get(&format!("{url}/robots.txt"), &[]).body.contains("Disallow: /r/"));
    let report = get(&format!("{url}/api/v1/check?domain=missing-www.test"), &[]).body;
    let json: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(json["situation"], "broken", "{report}");
    let share = || {
        let headers = [("content-type", "application/json"), ("cf-connecting-ip", "203.0.113.9")];
        send(Method::POST, &format!("{url}/api/v1/reports"), &headers, report.clone())
    };
    let told = share();
    assert_eq!(told.status, 201, "{}", told.body);
    let link = format!("{url}{}", told.json()["url"].as_str().unwrap());
    let limited = (0..25).map(|_| share().status.as_u16()).filter(|status| *status == 429).count();
    assert!(limited > 0, "the limit is part of it");

    let wrangler = fs::read_to_string(state.path().join("state/wrangler.log")).unwrap();
    let said = [server.said(), wrangler].concat();
    let checks: Vec<Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter(|line: &Value| line["event"] == "check")
        .collect();
    let [check] = checks.as_slice() else { panic!("one line for one check: {said}") };
    assert_eq!(check["outcome"], "broken");
    assert!(check["millis"].as_u64().unwrap() > 0);
    assert!(
        said.contains(r#"{"event":"shared","bytes":"#) && said.contains(r#"{"event":"refused","kind":"rate-limited"}"#)
    );
    for secret in ["missing-www", "203.0.113", "127.0.0.1:8", told.json()["id"].as_str().unwrap(), SECRET, "/api/"] {
        assert!(!said.contains(secret), "{secret} is in the log: {said}");
    }
    assert!(server.stop().success());

    let server = Server::start(port, state.path(), &settings);
    let page = get(&link, &[PAGE, &[("x-forwarded-proto", "https")]].concat());
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains(&link.replace("http:", "https:")), "behind a web server that ends TLS: {}", page.body);
    assert!(page.body.contains("<h1>missing-www.test</h1>"));
    assert!(server.stop().success());

    // Without a secret reports are not sealed, and that sharing is off is said.
    settings.pop();
    let server = Server::start(port, state.path(), &settings);
    // Afresh: what was seen before the restart may still be kept.
    let plain = get(&format!("{url}/api/v1/check?domain=missing-www.test&fresh=1"), &[]);
    assert_eq!(plain.json()["seal"], Value::Null);
    let headers = [("content-type", "application/json")];
    send(Method::POST, &format!("{url}/api/v1/reports"), &headers, plain.body).is_problem(501, "sharing-off");
    assert_eq!(get(&link, PAGE).status, 200, "what was shared before still stands");
    assert!(server.stop().success());
}

#[test]
fn what_is_wrong_with_its_settings_is_said_at_once() {
    let state = tempfile::tempdir().unwrap();
    for (name, value, wanted) in [
        ("LOCKSTEP_LISTEN", "8787", "LOCKSTEP_LISTEN is \"8787\"; it takes an address and a port"),
        ("LOCKSTEP_LISTEN", "127.0.0.1:99999", "LOCKSTEP_LISTEN is \"127.0.0.1:99999\""),
        ("LOCKSTEP_OTHER", "x", "LOCKSTEP_STATE is not set"),
        ("LOCKSTEP_TRUST", "nowhere.pem", "LOCKSTEP_TRUST cannot be read"),
    ] {
        let mut node = Command::new("node");
        node.arg(root().join("deploy/serve.mjs")).current_dir(state.path()).env_remove("STATE_DIRECTORY");
        node.env_remove("LOCKSTEP_STATE").env_remove("LOCKSTEP_TRUST").env(name, value);
        if name == "LOCKSTEP_TRUST" {
            node.env("LOCKSTEP_STATE", "state");
        }
        let output = node.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(wanted), "{said}");
    }
}

#[test]
fn the_unit_is_one_that_systemd_takes() {
    let unit = root().join("deploy/lockstep.service");
    let text = fs::read_to_string(&unit).unwrap();
    assert!(
        text.contains("\nExecStart=/usr/bin/env node deploy/serve.mjs\n") && root().join("deploy/serve.mjs").exists()
    );
    match Command::new("systemd-analyze").arg("verify").arg(&unit).output() {
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            let _ = writeln!(io::stderr(), "not run: systemd-analyze: {error}");
        }
    }
}

/// Every setting that the worker or the program around it reads has its row.
#[test]
fn every_setting_is_in_the_table() {
    let read = |file: &str| fs::read_to_string(root().join(file)).unwrap();
    let sources = [
        "crates/network/src/settings.rs",
        "deploy/serve.mjs",
        "worker/src/settings.rs",
        "worker/src/kept.rs",
        "worker/src/rate.rs",
        "worker/src/seal.rs",
    ];
    let table: String = read("docs/deploy.md").lines().filter(|line| line.starts_with("| `LOCKSTEP_")).collect();
    for name in sources.iter().flat_map(|file| names(&read(file))) {
        assert!(table.contains(&format!("`{name}`")), "{name} is not in docs/deploy.md");
    }
}

/// `LOCKSTEP_…` wherever it stands in a text; examples of tests aside, which have no such settings.
fn names(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let pieces = text.split("LOCKSTEP_").skip(1);
    let names = pieces.map(|rest| rest.chars().take_while(|c| is_part(*c)).collect::<String>());
    names.filter(|name| !name.is_empty()).map(|name| format!("LOCKSTEP_{name}")).collect()
}
