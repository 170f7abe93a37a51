//! The edge path over the practice network: the worker under workerd says what the command line says.
//!
//! The two reports are equal as data, apart from what [`forget`] lists and the differences between the platforms in
//! [`PLATFORM`].

#![allow(clippy::disallowed_methods, reason = "a test has threads")]

use std::{
    collections::BTreeMap,
    env,
    io::{self, Write},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use anyhow::{Context, Result, ensure};
use http::Method;
use lockstep::{Event, Report};
use serde_json::{Value, json};
use tests::{
    ask::{self, attempt, get, send},
    command::{self, Network},
    lab::{Guide, Site, sites},
    proof::{CASES, SECRET},
    soundness::differences,
};

/// Simultaneous checks. One isolate answers them all.
const AT_ONCE: usize = 2;

/// The worker's address, when there is one to test: `cargo xtask test` starts lab and worker and sets both.
fn worker() -> Option<(String, Guide)> {
    let url = ask::worker()?;
    let Some(lab) = env::var_os("LOCKSTEP_LAB") else {
        not_run("LOCKSTEP_LAB is not set, so nobody knows which lab the worker was given");
        return None;
    };
    Some((url, Guide::read(lab.as_ref()).unwrap()))
}

/// Written past the test runner, which keeps back what a passing test prints.
fn not_run(why: &str) {
    let _ = writeln!(io::stderr(), "not run: {why}");
}

#[test]
fn the_worker_says_what_the_command_line_says() {
    let Some((url, _)) = worker() else { return };
    let network = Network::find().unwrap();
    let sites = sites().unwrap();
    let next = AtomicUsize::new(0);
    let wrong: Mutex<BTreeMap<String, Vec<String>>> = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(site) = sites.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if site.mine {
                        continue; // the edge does not look at what is the owner's affair
                    }
                    let lines = match compare(&url, &network, site) {
                        Ok(lines) => lines,
                        Err(error) => vec![format!("{error:#}")],
                    };
                    if !lines.is_empty() {
                        wrong.lock().unwrap().insert(site.domain.clone(), lines);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    let text: String = wrong.iter().map(|(domain, lines)| format!("\n{domain}\n  {}\n", lines.join("\n  "))).collect();
    assert!(wrong.is_empty(), "{} of {} sites differ:\n{text}", wrong.len(), sites.len());
}

#[test]
fn the_worker_streams_the_findings_of_its_report() {
    let Some((url, guide)) = worker() else { return };
    let domain = &guide.sites.iter().find(|site| site.domain == "expired.test").unwrap().domain;
    let answer = fetch(&format!("{url}/api/v1/check?domain={domain}"), "application/x-ndjson").unwrap();
    let events: Vec<Event> = answer.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(matches!(events.first(), Some(Event::Plan(_))));
    let Some(Event::Report(report)) = events.last() else { panic!("the last line is the report") };
    let streamed = events.iter().filter_map(|event| match event {
        Event::Finding(finding) => Some(serde_json::to_string(finding).unwrap()),
        _ => None,
    });
    let mut streamed: Vec<String> = streamed.collect();
    let mut whole: Vec<String> =
        report.findings.iter().map(|finding| serde_json::to_string(finding).unwrap()).collect();
    streamed.sort();
    whole.sort();
    assert_eq!(streamed, whole);
}

/// Anybody may ask the worker, about anybody's domain.
#[test]
fn ports_inside_are_looked_at_only_where_domain_and_address_are_proved() {
    let Some((url, guide)) = worker() else { return };
    let look = |case: &tests::proof::Case| {
        let proof = case.secret.map(|secret| format!("&proof={secret}")).unwrap_or_default();
        let answer = fetch(&format!("{url}/api/v1/check?domain={}{proof}", case.domain), "application/json")?;
        Ok(serde_json::from_str(&answer)?)
    };
    let faults: Vec<String> = CASES.iter().flat_map(|case| case.faults(&guide, || look(case)).unwrap()).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn what_to_publish_is_told_for_a_new_secret_or_ones_own() {
    let Some((url, _)) = worker() else { return };
    let ask = |query: &str| fetch(&format!("{url}/api/v1/proof?{query}"), "application/json");
    let told = |query: &str| -> Value { serde_json::from_str(&ask(query).unwrap()).unwrap() };
    let own = told(&format!("domain=Proved-by-record.test&proof={SECRET}"));
    assert_eq!((own["domain"].as_str(), own["secret"].as_str()), (Some("proved-by-record.test"), Some(SECRET)));
    assert_eq!(own["record"]["name"], "_lockstep.proved-by-record.test");
    let site = sites().unwrap().into_iter().find(|site| site.domain == "proved-by-record.test").unwrap();
    assert!(site.records().contains(own["record"]["value"].as_str().unwrap()), "{own}");
    let (one, other) = (told("domain=proved-by-record.test"), told("domain=proved-by-record.test"));
    assert_eq!(one["secret"].as_str().unwrap().len(), 32);
    assert_ne!(one["secret"], other["secret"]);
    assert_eq!(told(&format!("domain=proved-by-record.test&proof={}", one["secret"].as_str().unwrap())), one);
    for (query, kind) in [
        ("domain=proved-by-record.test&proof=yes".to_owned(), "proof"),
        ("domain=proved-by-record.test&proof=".to_owned(), "proof"),
        (format!("domain=localhost&proof={SECRET}"), "single-label"),
        ("proof=".to_owned(), "empty"),
    ] {
        let refused = ask(&query).unwrap_err().to_string();
        assert!(refused.contains(&format!("\"/problems/{kind}\"")), "{query}: {refused}");
    }
    let checked = fetch(&format!("{url}/api/v1/check?domain=proved-by-record.test&proof=0{SECRET}"), "*/*");
    assert!(checked.unwrap_err().to_string().contains("\"/problems/proof\""));
}

#[test]
fn every_check_is_explained_on_a_page() {
    let Some((url, _)) = worker() else { return };
    let index = fetch(&format!("{url}/checks"), "text/html").unwrap();
    for about in lockstep::catalogue() {
        assert!(index.contains(&format!("href=\"/checks/{}\"", about.id)), "{}", about.id);
    }
    let page = fetch(&format!("{url}/checks/port-443-closed"), "text/html").unwrap();
    assert!(page.contains("<h2>Why it matters</h2>") && page.contains("<h2>How to fix</h2>"), "{page}");
}

fn compare(url: &str, network: &Network, site: &Site) -> Result<Vec<String>> {
    let expect = site.expect.as_deref();
    let mut query = format!("{url}/api/v1/check?domain={}", site.domain);
    let mut arguments = vec!["check", site.domain.as_str(), "--format", "json"];
    if let Some(expect) = expect {
        query.push_str(&format!("&expect={expect}"));
        arguments.extend(["--expect", expect]);
    }
    if site.subdomains {
        query.push_str("&subdomains=1");
        arguments.push("--subdomains");
    }
    if site.crawl {
        query.push_str("&crawl=1");
        arguments.push("--crawl");
    }
    for path in &site.paths {
        query.push_str(&format!("&path={}", path.replace(' ', "%20").replace('=', "%3D")));
        arguments.extend(["--path", path]);
    }
    let answer = fetch(&query, "application/json")?;
    let edge: Report = serde_json::from_str(&answer).with_context(|| {
        let start: String = answer.chars().take(300).collect();
        format!("no report: {start}")
    })?;
    let mut lines = if site.gap.is_some() { Vec::new() } else { differences(site, &edge) };
    lines.extend(returned(url, answer, &edge)?);
    let native = command::run(&command::lockstep()?, network.settings(), &arguments)?.report()?;
    let (edge, native) = (comparable(&edge)?, comparable(&native)?);
    apart("", &native, &edge, &mut lines);
    Ok(lines)
}

/// What is wrong where the report, shared with everything kept, does not come back as it was: so every form that a report
/// takes passes the edge's reader.
fn returned(url: &str, answer: String, edge: &Report) -> Result<Option<String>> {
    let json = [("content-type", "application/json")];
    let keep = format!("{url}/api/v1/reports?keep=expect,path,subdomains,exposed");
    let told = send(http::Method::POST, &keep, &json, answer);
    if told.status != 201 {
        return Ok(Some(format!("cannot be shared: {}", told.body)));
    }
    let kept = get(&format!("{url}/api/v1/reports/{}", told.json()["id"].as_str().unwrap_or_default()), &[]);
    let kept: Report = serde_json::from_str(&kept.body)?;
    Ok((kept != Report { seal: None, ..edge.clone() }).then(|| "comes back differently when it is shared".into()))
}

/// What the two platforms cannot help seeing differently: the command line's words, the worker's, and why.
const PLATFORM: &[(&str, &str, &str)] = &[
    ("reset", "closed", "workerd's sockets end alike, whether the peer reset the connection or closed it"),
    ("the connection was reset", "the connection was closed before an answer came", "the same in words"),
];

fn is_platform(native: &Value, edge: &Value) -> bool {
    let (Some(native), Some(edge)) = (native.as_str(), edge.as_str()) else { return false };
    PLATFORM.iter().any(|(ours, theirs, _)| {
        // A word alone is a value; words in a sentence may stand anywhere in it.
        if ours.contains(' ') { native.replace(ours, theirs) == edge } else { (native, edge) == (*ours, *theirs) }
    })
}

/// A report as data, without what changes from run to run.
fn comparable(report: &Report) -> Result<Value> {
    let mut value = serde_json::to_value(report)?;
    forget(&mut value);
    Ok(value)
}

/// Times of day and durations; the unpredictable path that is asked for, wherever it appears; and the order of
/// headers, which a platform's fetch does not keep, and of DNS records, which name servers rotate (RFC 1794).
fn forget(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !matches!(name.as_str(), "timing" | "millis" | "seen_at" | "seal"));
            if let Some(Value::Array(headers)) = fields.get_mut("headers") {
                headers.retain(|header| header.get(0).is_none_or(|name| name != "date" && name != "expires"));
                headers.sort_by_key(ToString::to_string);
            }
            if let Some(Value::Array(records)) = fields.get_mut("records") {
                records.sort_by_key(ToString::to_string);
            }
            if let Some(Value::String(start)) = fields.get_mut("start")
                && start.contains("Werkzeug Debugger")
            {
                // Its page has a secret and the addresses of frames in it, new with each request.
                start.truncate(start.find("<script").unwrap_or(0));
            }
            let not_waited = json!({ "unseen": { "failed": "it was not waited for any longer" } });
            if fields.get("history") == Some(&not_waited) {
                // Nobody waits for the logs: a check that is over sooner has not heard from them.
                fields.insert(
                    "history".into(),
                    json!({ "seen": { "cut": false, "issuances": [], "sources": ["Cert Spotter"] } }),
                );
            }
            // Nor for the browsers' list.
            let is_told =
                fields.get("preload").is_some_and(|it| it["seen"]["status"] != "unknown" && *it != not_waited);
            if !is_told {
                fields.remove("preload");
            }
            fields.values_mut().for_each(forget);
        }
        Value::Array(items) => items.iter_mut().for_each(forget),
        Value::String(text) => *text = without_times(&without_nonce(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `203.0.113.7 in 12 ms.` becomes `203.0.113.7 in … ms.`
fn without_times(text: &str) -> String {
    let mut parts = text.split(" ms");
    let mut known = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        known.truncate(known.trim_end_matches(|c: char| c.is_ascii_digit()).len());
        known.push_str("… ms");
        known.push_str(part);
    }
    known
}

/// `/lockstep-0123456789abcdef/` becomes `/lockstep-…/`.
fn without_nonce(text: &str) -> String {
    let mut parts = text.split("lockstep-");
    let mut known = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_hexdigit).count();
        known.push_str("lockstep-…");
        known.push_str(part.get(digits..).unwrap_or_default());
    }
    known
}

/// Notes where two values differ.
fn apart(at: &str, native: &Value, edge: &Value, lines: &mut Vec<String>) {
    match (native, edge) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names {
                let (a, b) = (a.get(name).unwrap_or(&Value::Null), b.get(name).unwrap_or(&Value::Null));
                apart(&format!("{at}/{name}"), a, b, lines);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                apart(&format!("{at}/{index}"), a, b, lines);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let mut only = |whose: &str, items: &[Value], others: &[Value]| {
                for item in items.iter().filter(|item| !others.contains(item)) {
                    let text: String = item.to_string().chars().take(300).collect();
                    lines.push(format!("differs  {at}\n           {whose} only: {text}"));
                }
            };
            only("command line", a, b);
            only("worker", b, a);
        }
        (a, b) if a == b || is_platform(a, b) => {}
        (a, b) => lines.push(format!("differs  {at}\n           command line: {a}\n           worker:       {b}")),
    }
}

/// One GET: status 200 or an error.
fn fetch(url: &str, accept: &str) -> Result<String> {
    let answer = attempt(Method::GET, url, &[("accept", accept)], "")?;
    ensure!(answer.status.is_success(), "{url}: {}: {}", answer.status, answer.body);
    Ok(answer.body)
}

#[test]
fn only_the_unpredictable_part_of_a_path_is_forgotten() {
    assert_eq!(without_nonce("http://a.test/lockstep-0123456789abcdef/a?b"), "http://a.test/lockstep-…/a?b");
    assert_eq!(without_nonce("nothing"), "nothing");
}

#[test]
fn a_difference_is_told_with_its_place() {
    let mut lines = Vec::new();
    let mut a = json!({ "port": "refused", "title": "A", "millis": 7, "same": [1, 2] });
    let b = json!({ "port": { "failed": "closed" }, "title": "A", "same": [1, 2] });
    forget(&mut a);
    apart("", &a, &b, &mut lines);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("/port"));
}
