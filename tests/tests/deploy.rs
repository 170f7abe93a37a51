//! `cargo xtask deploy` against a practice account: what it makes, what it uploads, and that it makes nothing twice.

#![allow(clippy::disallowed_methods, reason = "a test has threads and runs programs")]

use std::{
    env, fs,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The practice account, ended with the test.
struct Account {
    child: Child,
    port: u16,
    requests: Receiver<Value>,
}

impl Account {
    fn start() -> Account {
        let mut node = Command::new("node");
        let mut child = node.arg(root().join("tests/deploy/account.mjs")).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let port = lines.next().unwrap().parse().unwrap();
        let (sender, requests) = channel();
        thread::spawn(move || lines.try_for_each(|line| sender.send(serde_json::from_str(&line).unwrap())));
        Account { child, port, requests }
    }

    /// Deploys what is built, and returns what the account was asked: the question and its body.
    fn deploy(&self) -> Vec<(String, String)> {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["xtask", "deploy", "--built"]).current_dir(root());
        cargo.env("CLOUDFLARE_API_BASE_URL", format!("http://127.0.0.1:{}/client/v4", self.port));
        cargo.env("CLOUDFLARE_API_TOKEN", "of no account").env("CLOUDFLARE_ACCOUNT_ID", "practice");
        let output = cargo.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&said));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        self.requests.try_iter().map(|it| (text(&it["asked"]), text(&it["body"]))).collect()
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const MAKES: &str = "POST /accounts/practice/storage/kv/namespaces";
const UPLOADS: &str = "PUT /accounts/practice/workers/scripts/lockstep";
const SEALS: &str = "PUT /accounts/practice/workers/scripts/lockstep/secrets";

#[test]
fn what_is_missing_is_made_once_and_the_worker_uploaded_each_time() {
    // Only where the stage has built what is deployed.
    if env::var_os("LOCKSTEP_WORKER_URL").is_none() {
        let _ = writeln!(io::stderr(), "not run: nothing is built (cargo xtask test does)");
        return;
    }
    let account = Account::start();
    let asked = account.deploy();
    let body = |question: &str| {
        let mut bodies = asked.iter().filter(|(asked, _)| asked == question).map(|(_, body)| body.as_str());
        (bodies.next().unwrap_or_else(|| panic!("not asked: {question} of {asked:#?}")), bodies.count())
    };
    let (made, more) = body(MAKES);
    assert!(made.contains("\"lockstep-reports\"") && more == 0, "{made}");
    let (uploaded, more) = body(UPLOADS);
    assert_eq!(more, 0);
    for wanted in ["\"namespace_id\":\"0123456789abcdef0123456789abcdef\"", "\"REPORTS\"", "\"RATE\"", "\"ASSETS\""] {
        assert!(uploaded.contains(wanted), "{wanted}: {uploaded}");
    }
    assert!(!uploaded.contains("LOCKSTEP_SECRET"), "a secret is no var: {uploaded}");
    let secret: Value = serde_json::from_str(body(SEALS).0).unwrap();
    let key = secret["text"].as_str().unwrap();
    assert_eq!(secret["name"], "LOCKSTEP_SECRET");
    assert!(key.len() == 64 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");

    let again = account.deploy();
    let asks = |question: &str| again.iter().filter(|(asked, _)| asked == question).count();
    assert_eq!((asks(MAKES), asks(UPLOADS), asks(SEALS)), (0, 1, 0), "{again:#?}");
    let _ = fs::remove_file(root().join("wrangler.deploy.toml"));
}
