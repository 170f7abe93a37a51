//! Links to reports, through the real worker and its local store: made, read, refused, deleted, over.

#![allow(clippy::disallowed_methods, reason = "a test has threads and runs programs")]

use std::{env, io::Write, path::Path, process::Command, sync::OnceLock};

use anyhow::{Result, ensure};
use flate2::{Compression, write::GzEncoder};
use http::{Method, StatusCode};
use lockstep::Report;
use serde_json::{Value, json};
use tests::ask::{Answer, get, send, worker};

const JSON: &[(&str, &str)] = &[("content-type", "application/json")];
const PAGE: &[(&str, &str)] = &[("accept", "text/html")];

fn check(worker: &str, query: &str) -> String {
    let answer = get(&format!("{worker}/api/v1/check?{query}"), &[]);
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// A sealed report, checked once for all tests.
fn sealed(worker: &str) -> &'static str {
    static SEALED: OnceLock<String> = OnceLock::new();
    SEALED.get_or_init(|| check(worker, "domain=missing-www.test&expect=198.51.100.77&path=/nowhere-at-all=200"))
}

fn share(worker: &str, query: &str, report: &str) -> Answer {
    send(Method::POST, &format!("{worker}/api/v1/reports{query}"), JSON, report.to_owned())
}

/// Shares and returns what the maker of the link is told.
fn shared(worker: &str) -> Value {
    let answer = share(worker, "", sealed(worker));
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.json()
}

fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("no {field}: {value}"))
}

#[test]
fn a_report_is_shared_and_read_as_page_text_and_json() {
    let Some(worker) = worker() else { return };
    let whole: Report = serde_json::from_str(sealed(&worker)).unwrap();
    assert_eq!(whole.seal.as_deref().map(str::len), Some(64));
    let answer = share(&worker, "", sealed(&worker));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let told = answer.json();
    let (id, url) = (text(&told, "id"), text(&told, "url"));
    assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
    assert_eq!((url, answer.header("location")), (&*format!("/r/{id}"), url));
    assert!(text(&told, "delete").starts_with(&format!("/r/{id}/delete?key=")));

    let page = get(&format!("{worker}{url}"), PAGE);
    assert_eq!((page.status, page.header("content-type")), (StatusCode::OK, "text/html; charset=utf-8"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"));
    assert_eq!(page.header("x-robots-tag"), "noindex");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    for wanted in [
        "<title>✕ missing-www.test: ",
        "<meta property=\"og:title\" content=\"✕ missing-www.test: ",
        "<meta property=\"og:description\" content=\"missing-www.test: ",
        &format!("<meta property=\"og:url\" content=\"{worker}{url}\">"),
        "<meta name=\"robots\" content=\"noindex\">",
        "<h1>missing-www.test</h1>",
        "href=\"/check/missing-www.test\"",
        &format!("href=\"{url}/since\""),
    ] {
        assert!(page.body.contains(wanted), "no {wanted}");
    }
    for unwanted in ["<script", ".wasm", "[[", "{{"] {
        assert!(!page.body.contains(unwanted), "{unwanted}");
    }
    let terminal = get(&format!("{worker}{url}"), &[("user-agent", "curl/8.0")]);
    assert!(terminal.header("content-type").starts_with("text/plain"));
    assert!(
        terminal.body.contains("\nmissing-www.test has ") && terminal.body.contains("\nShared; kept until "),
        "{}",
        terminal.body
    );
    let head = send(Method::HEAD, &format!("{worker}{url}"), PAGE, "");
    assert_eq!((head.status, head.body.as_str()), (StatusCode::OK, ""));

    let data = get(&format!("{worker}/api/v1/reports/{id}"), &[]);
    assert_eq!(data.header("access-control-allow-origin"), "*");
    let kept: Report = serde_json::from_str(&data.body).unwrap();
    assert!(kept.seal.is_none());
    assert_eq!((&kept.domain, kept.seen_at), (&whole.domain, whole.seen_at));
    let etag = data.header("etag");
    assert!(etag.len() > 10);
    let again = get(&format!("{worker}/api/v1/reports/{id}"), &[("if-none-match", etag)]);
    assert_eq!((again.status, again.body.as_str()), (StatusCode::NOT_MODIFIED, ""));
    let other = get(&format!("{worker}/api/v1/reports/{id}"), &[("if-none-match", "\"other\"")]);
    assert_eq!(other.status, 200);
}

#[test]
fn the_same_report_shared_twice_has_two_links() {
    let Some(worker) = worker() else { return };
    assert_ne!(shared(&worker)["id"], shared(&worker)["id"]);
}

#[test]
fn a_link_leaves_out_what_is_the_visitors_own_unless_it_is_ticked() {
    let Some(worker) = worker() else { return };
    let whole: Report = serde_json::from_str(sealed(&worker)).unwrap();
    let kept = |query: &str| -> String {
        let told = share(&worker, query, sealed(&worker)).json();
        let json = get(&format!("{worker}/api/v1/reports/{}", text(&told, "id")), &[]).body;
        let page = get(&format!("{worker}{}", text(&told, "url")), PAGE).body;
        let both = [json, page].concat();
        assert!(both.contains("missing-www.test"), "{both}");
        both
    };
    let says = |text: &str| (text.contains("198.51.100.77"), text.contains("nowhere-at-all"));
    assert_eq!(says(sealed(&worker)), (true, true));
    assert_eq!(says(&kept("")), (false, false));
    assert_eq!(says(&kept("?keep=expect")), (true, false));
    assert_eq!(says(&kept("?keep=path")), (false, true));
    let told = share(&worker, "?keep=expect,path&keep=subdomains,exposed", sealed(&worker)).json();
    let all: Report =
        serde_json::from_str(&get(&format!("{worker}/api/v1/reports/{}", text(&told, "id")), &[]).body).unwrap();
    assert_eq!(all, Report { seal: None, ..whole });
    share(&worker, "?keep=everything", sealed(&worker)).is_problem(400, "keep");
}

#[test]
fn only_what_was_made_here_is_shared() {
    let Some(worker) = worker() else { return };
    let honest: Value = serde_json::from_str(sealed(&worker)).unwrap();
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut report = honest.clone();
        change(&mut report);
        share(&worker, "", &report.to_string())
    };
    // However it is laid out, and whatever stands beside it: what is kept is the report alone.
    assert_eq!(changed(&|report| report["foreign"] = json!("<b>")).status, 201);
    changed(&|report| report["findings"][0]["title"] = json!("All is well")).is_problem(400, "seal");
    changed(&|report| report["domain"] = json!("other.test")).is_problem(400, "seal");
    changed(&|report| report["observed"]["target"]["expect"] = Value::Null).is_problem(400, "seal");
    changed(&|report| report["seal"] = json!("0".repeat(64))).is_problem(400, "seal");
    changed(&|report| report["seal"] = json!("<script>")).is_problem(400, "seal");
    changed(&|report| {
        report.as_object_mut().unwrap().remove("seal");
    })
    .is_problem(400, "seal");
    changed(&|report| report["schema"] = json!("lockstep.report/0")).is_problem(400, "report");
    changed(&|report| report["findings"] = json!("none")).is_problem(400, "report");
}

#[test]
fn what_is_no_report_is_refused_in_words() {
    let Some(worker) = worker() else { return };
    let url = format!("{worker}/api/v1/reports");
    for bad in ["", "{}", "[]", "nonsense", "{\"seal\":", &"[".repeat(50_000)] {
        share(&worker, "", bad).is_problem(400, "report");
    }
    send(Method::POST, &url, JSON, vec![0xff; 100]).is_problem(400, "report");
    send(Method::POST, &url, &[], sealed(&worker)).is_problem(415, "not-json");
    send(Method::POST, &url, &[("content-type", "text/plain")], sealed(&worker)).is_problem(415, "not-json");
    let padded = format!("{}{}", sealed(&worker), " ".repeat(4_000_001));
    share(&worker, "", &padded).is_problem(413, "too-large");
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer = send(method, &url, JSON, "");
        answer.is_problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), "POST, OPTIONS");
    }
    // A page of another origin is not allowed to send JSON here.
    let preflight = send(
        Method::OPTIONS,
        &url,
        &[("origin", "https://other.example"), ("access-control-request-headers", "content-type")],
        "",
    );
    assert!(!preflight.header("access-control-allow-headers").contains("content-type"));
}

#[test]
fn a_number_that_leads_nowhere_is_said_in_plain_words() {
    let Some(worker) = worker() else { return };
    let told = shared(&worker);
    let id = text(&told, "id");
    let upper = id.to_uppercase();
    let short = &id[..31];
    let wrong: String = id.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect();
    for bad in [wrong.as_str(), short, &upper, "x", "%00", "..%2f..%2fetc", &"0".repeat(5_000), &format!("{id}/more")] {
        let page = get(&format!("{worker}/r/{bad}"), PAGE);
        assert_eq!(page.status, 404, "{bad}");
        assert!(page.body.contains("<h1>There is no report here</h1>"), "{bad}: {}", page.body);
        get(&format!("{worker}/api/v1/reports/{bad}"), &[]).is_problem(404, "no-report");
        assert_eq!(get(&format!("{worker}/r/{bad}/since"), PAGE).status, 404);
    }
    let terminal = get(&format!("{worker}/r/{wrong}"), &[("user-agent", "curl/8.0")]);
    assert_eq!(
        (terminal.status, terminal.body.lines().next()),
        (StatusCode::NOT_FOUND, Some("There is no report here."))
    );
}

#[test]
fn only_its_key_deletes_it() {
    let Some(worker) = worker() else { return };
    let (told, other) = (shared(&worker), shared(&worker));
    let key = |told: &Value| text(told, "delete").split_once("key=").unwrap().1.to_owned();
    let data = format!("{worker}/api/v1/reports/{}", text(&told, "id"));
    let delete = |authorization: &str| send(Method::DELETE, &data, &[("authorization", authorization)], "");
    for wrong in
        ["", "Bearer", "Bearer ", &format!("Bearer {}", key(&other)), &key(&told), &format!("Basic {}", key(&told))]
    {
        let refused = delete(wrong);
        refused.is_problem(401, "delete-key");
        assert_eq!(refused.header("www-authenticate"), "Bearer");
    }
    assert_eq!(get(&data, &[]).status, 200);
    let deleted = delete(&format!("Bearer {}", key(&told)));
    assert_eq!((deleted.status, deleted.body.as_str()), (StatusCode::NO_CONTENT, ""));
    get(&data, &[]).is_problem(404, "no-report");
    delete(&format!("Bearer {}", key(&told))).is_problem(404, "no-report");
    assert_eq!(get(&format!("{worker}{}", text(&told, "url")), PAGE).status, 404);

    // The same by the page: asking changes nothing, and posting needs the key.
    let page = format!("{worker}{}", text(&other, "delete"));
    let form = format!("{worker}/r/{}/delete", text(&other, "id"));
    let post = |body: &str| {
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        send(Method::POST, &form, &[form_type, ("accept", "text/html")], body.to_owned())
    };
    assert!(get(&page, PAGE).body.contains("<form class=\"ways\" method=\"post\""));
    assert_eq!(get(&form, PAGE).status, 401);
    for wrong in ["", "key=", &format!("key={}", key(&told)), "key=%00"] {
        assert_eq!(post(wrong).status, 401, "{wrong}");
    }
    assert_eq!(post(&"x".repeat(2_000)).status, 413);
    assert_eq!(get(&page, PAGE).status, 200);
    assert!(post(&format!("key={}", key(&other))).body.contains("is deleted</h1>"));
    assert_eq!(get(&page, PAGE).status, 404);
}

#[test]
fn what_changed_since_is_a_fresh_check_beside_the_old_report() {
    let Some(worker) = worker() else { return };
    let told = shared(&worker);
    let page = get(&format!("{worker}{}/since", text(&told, "url")), PAGE);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("<p class=\"kind\">What changed since "), "{}", page.body);
    assert!(page.body.contains("Looked at afresh: nothing has changed since the last look."), "{}", page.body);
    assert!(page.body.contains(&format!("href=\"{}\">The report of then", text(&told, "url"))));
}

#[test]
fn what_is_different_since_is_told_with_what_it_was() {
    let Some(worker) = worker() else { return };
    let v1 = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worker/tests/reports/v1.json");
    let mut record: Value = serde_json::from_str(&std::fs::read_to_string(v1).unwrap()).unwrap();
    record["expires"] = json!("2999-01-01T00:00:00Z");
    let like = record["report"]["findings"][0].clone();
    let wrong = json!({ "id": "hsts-long-gone", "state": "failed", "title": "A fault of then", "subject": "www.missing-www.test" });
    let mut then = like.as_object().unwrap().clone();
    then.extend(wrong.as_object().unwrap().clone());
    record["report"]["findings"].as_array_mut().unwrap().push(Value::Object(then));
    let old = "000000000000000000000000000000b1";
    store(old, &record).unwrap();
    let page = get(&format!("{worker}/r/{old}/since"), PAGE);
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("<article class=\"comparison\">"), "{}", page.body);
    assert!(page.body.contains("Was wrong, and could not be compared") && page.body.contains("A fault of then"));
    // The practice network's certificates are made anew each time.
    assert!(page.body.contains("<h4>Certificate and chain</h4>") && page.body.contains("<del>"), "{}", page.body);
    let text = get(&format!("{worker}/r/{old}/since"), &[("accept", "text/plain")]);
    assert!(text.body.contains("\nChanged: Certificate and chain\n  Certificate of "), "{}", text.body);
}

#[test]
fn when_its_time_is_over_a_report_is_gone_even_if_it_is_still_stored() {
    let Some(worker) = worker() else { return };
    let v1 = Path::new(env!("CARGO_MANIFEST_DIR")).join("../worker/tests/reports/v1.json");
    let mut record: Value = serde_json::from_str(&std::fs::read_to_string(v1).unwrap()).unwrap();
    let old = "000000000000000000000000000000a1";
    record["expires"] = json!("2999-01-01T00:00:00Z");
    store(old, &record).unwrap();
    let page = get(&format!("{worker}/r/{old}"), PAGE);
    assert_eq!(page.status, 200, "a record of version 1 is shown: {}", page.body);
    assert!(page.body.contains("<h1>missing-www.test</h1>"));
    let over = "000000000000000000000000000000a2";
    record["expires"] = json!("2026-01-01T00:00:00Z");
    store(over, &record).unwrap();
    let page = get(&format!("{worker}/r/{over}"), PAGE);
    assert_eq!(page.status, 410);
    assert!(page.body.contains("<h1>This report is no longer kept</h1>"), "{}", page.body);
    get(&format!("{worker}/api/v1/reports/{over}"), &[]).is_problem(410, "expired");
    let newer = "000000000000000000000000000000a3";
    record["version"] = json!(99);
    store(newer, &record).unwrap();
    get(&format!("{worker}/api/v1/reports/{newer}"), &[]).is_problem(500, "internal");
}

/// Writes into the local store, past the worker.
fn store(id: &str, record: &Value) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut file = tempfile::NamedTempFile::new()?;
    let mut gzip = GzEncoder::new(&mut file, Compression::default());
    gzip.write_all(&serde_json::to_vec(record)?)?;
    gzip.finish()?;
    let mut wrangler = Command::new(root.join("node_modules/.bin/wrangler"));
    wrangler.args(["kv", "key", "put", id, "--binding", "REPORTS", "--local", "--path"]).arg(file.path());
    let quiet = [("CI", "1"), ("WRANGLER_SEND_METRICS", "false"), ("CLOUDFLARE_CF_FETCH_ENABLED", "false")];
    let output = wrangler.current_dir(&root).envs(quiet).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
