//! One table of patterns, in the native engine, in JavaScript's (where node is installed) and in PCRE itself (where nginx
//! is): what a pattern matches and captures must be the same in all three, or said to be undecided.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking
#![allow(clippy::print_stderr)] // it says what was not run
#![allow(clippy::disallowed_methods)] // waits for a real server

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
    os::unix::net::UnixStream,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use nginx::{Fancy, Pattern, Patterns as _};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Row {
    pattern: String,
    any_case: bool,
    #[serde(default)]
    text: String,
    /// Each group; `None` when the pattern does not match.
    groups: Option<Vec<String>>,
    #[serde(default)]
    undecided: bool,
}

fn table() -> Vec<Row> {
    serde_json::from_str(include_str!("patterns.json")).unwrap()
}

/// One character for each byte, as nginx compares them.
fn latin(text: &str) -> String {
    text.bytes().map(char::from).collect()
}

fn decided() -> impl Iterator<Item = (Row, Pattern)> {
    table().into_iter().filter(|row| !row.undecided).map(|row| {
        let pattern = Pattern::from_pcre(&row.pattern, row.any_case);
        let pattern = pattern.unwrap_or_else(|why| panic!("{}: {why}", row.pattern));
        (row, pattern)
    })
}

#[test]
fn what_cannot_be_translated_is_said() {
    for row in table().iter().filter(|row| row.undecided) {
        assert!(Pattern::from_pcre(&row.pattern, row.any_case).is_err(), "{}", row.pattern);
    }
}

#[test]
fn the_native_engine_agrees() {
    let engine = Fancy::default();
    for (row, pattern) in decided() {
        let found = engine.find(&pattern, &latin(&row.text)).unwrap();
        let groups = found.map(|groups| groups.into_iter().skip(1).map(Option::unwrap_or_default).collect::<Vec<_>>());
        assert_eq!(groups, row.groups.clone(), "{} as {} on {}", row.pattern, pattern.source, row.text);
    }
}

#[test]
fn javascript_agrees() {
    const SCRIPT: &str = "const rows = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        console.log(JSON.stringify(rows.map(({ source, any_case, text }) => {
            const found = new RegExp(source, any_case ? 'i' : '').exec(text);
            return found && [...found].slice(1).map((group) => group ?? '');
        })));";
    let Ok(mut child) = Command::new("node").args(["-e", SCRIPT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()
    else {
        eprintln!("not run: no node on PATH");
        return;
    };
    let asked: Vec<_> = decided()
        .map(|(row, pattern)| {
            serde_json::json!({ "source": pattern.source, "any_case": pattern.any_case, "text": latin(&row.text) })
        })
        .collect();
    child.stdin.take().unwrap().write_all(serde_json::to_string(&asked).unwrap().as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    let found: Vec<Option<Vec<String>>> = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(found.len(), asked.len());
    for ((row, pattern), groups) in decided().zip(found) {
        assert_eq!(groups, row.groups, "{} as {} on {}", row.pattern, pattern.source, row.text);
    }
}

#[test]
fn pcre_agrees() {
    if Command::new("nginx").arg("-v").output().is_err() {
        eprintln!("not run: no nginx on PATH");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let scratch = folder.path().display();
    let mut maps = String::new();
    let mut servers = String::new();
    for (at, (row, _)) in decided().enumerate() {
        let quoted = row.pattern.replace('\\', "\\\\").replace('"', "\\\"");
        let sign = if row.any_case { "~*" } else { "~" };
        let count = row.groups.as_ref().map_or(0, Vec::len);
        let groups: String = (1..=count).map(|group| format!("<${group}>")).collect();
        let _ = writeln!(maps, "map $http_x_text $found{at} {{ default no; \"{sign}{quoted}\" \"yes{groups}\"; }}");
        let _ = writeln!(servers, "location = /{at} {{ return 200 \"$found{at}\"; }}");
    }
    let text = format!(
        "daemon off;\nmaster_process off;\npid {scratch}/pid;\nerror_log {scratch}/log;\nevents {{}}\nhttp {{\naccess_log off;\n\
         client_body_temp_path {scratch}/t1;\nproxy_temp_path {scratch}/t2;\nfastcgi_temp_path {scratch}/t3;\nuwsgi_temp_path {scratch}/t4;\nscgi_temp_path {scratch}/t5;\n\
         variables_hash_max_size 4096;\n{maps}server {{\nlisten unix:{scratch}/sock;\n{servers}}}\n}}\n"
    );
    let file = folder.path().join("nginx.conf");
    std::fs::write(&file, text).unwrap();
    let mut nginx = Command::new("nginx");
    nginx.arg("-p").arg(folder.path()).arg("-c").arg(&file).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = nginx.spawn().unwrap();
    let socket = folder.path().join("sock");
    let start = Instant::now();
    let connected = loop {
        match UnixStream::connect(&socket) {
            Ok(stream) => break Some(stream),
            Err(_) if start.elapsed() > Duration::from_secs(10) => break None,
            Err(_) if child.try_wait().unwrap().is_some() => break None,
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    let mut wrong = Vec::new();
    if connected.is_some() {
        for (at, (row, _)) in decided().enumerate() {
            let mut stream = UnixStream::connect(&socket).unwrap();
            write!(stream, "GET /{at} HTTP/1.0\r\nX-Text: {}\r\n\r\n", row.text).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            let body = answer.split("\r\n\r\n").nth(1).unwrap_or_default().to_owned();
            let expected = match &row.groups {
                None => "no".to_owned(),
                Some(groups) => {
                    let groups: String = groups.iter().map(|group| format!("<{group}>")).collect();
                    format!("yes{groups}")
                }
            };
            if body != expected {
                wrong.push(format!("{} on {:?}: {body:?}, not {expected:?}", row.pattern, row.text));
            }
        }
    }
    let _ = child.kill();
    let said = child.wait_with_output().unwrap();
    assert!(connected.is_some(), "{}", String::from_utf8_lossy(&said.stderr));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
