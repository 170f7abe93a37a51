//! The API is what its description says: the document is sound, every operation is called, every answer has the form that is
//! promised, and the lines that the page offers to copy run.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use http::Method;
use serde_json::{Value, json};
use tests::{
    ask::{Answer, get, send, worker},
    python::asked,
};

fn document(url: &str) -> Value {
    let answer = get(&format!("{url}/api/openapi.json"), &[]);
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/json"), "{answer:?}");
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert_ne!(answer.header("etag"), "");
    answer.json()
}

/// What openapi-spec-validator says against it.
#[test]
fn the_description_is_sound() {
    let Some(url) = worker() else { return };
    let script = "from openapi_spec_validator import OpenAPIV31SpecValidator\n\
        def answer(text):\n\
        \x20   return [str(error)[:500] for error in OpenAPIV31SpecValidator(json.loads(text)).iter_errors()]";
    let document = document(&url);
    let mut broken = document.clone();
    broken["info"]["title"] = json!(7);
    let said: Vec<Vec<String>> = asked(script, Path::new(""), &[document.to_string(), broken.to_string()]).unwrap();
    assert_eq!(said[0], Vec::<String>::new());
    assert!(!said[1].is_empty(), "a broken document is found out");
    assert_eq!(document["openapi"].as_str().map(|version| version.starts_with("3.1")), Some(true));
}

/// An answer beside the place in the document that says what it looks like.
struct Told {
    operation: String,
    status: u16,
    schema: Value,
    instance: Value,
}

/// Finds what the document promises for this answer.
fn told(document: &Value, operation: &str, answer: &Answer) -> Told {
    let resolved = |value: &Value| match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap().clone(),
        None => value.clone(),
    };
    let paths = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let of = paths.into_iter().find(|it| it["operationId"] == operation).unwrap_or_else(|| panic!("{operation}"));
    let status = answer.status.as_u16();
    let response = resolved(&of["responses"][status.to_string()]);
    assert!(response.is_object(), "{operation} does not promise {status}: {answer:?}");
    for (name, header) in response["headers"].as_object().into_iter().flatten() {
        let optional = ["Age", "ETag", "RateLimit-Policy"].contains(&name.as_str());
        assert!(optional || !answer.header(name).is_empty(), "{operation} {status}: {name} {header}");
    }
    let media_type = answer.header("content-type").split(';').next().unwrap_or_default().to_owned();
    let schema = match response["content"].as_object() {
        None => {
            assert_eq!(answer.body, "", "{operation} {status} has no content");
            json!({})
        }
        Some(content) => {
            let promised = content.get(&media_type).unwrap_or_else(|| panic!("{operation} {status}: {media_type}"));
            promised["schema"].clone()
        }
    };
    let instance =
        if media_type.ends_with("json") && !answer.body.is_empty() { answer.json() } else { json!(answer.body) };
    Told { operation: operation.to_owned(), status, schema, instance }
}

#[test]
fn every_operation_answers_as_it_is_described() {
    let Some(url) = worker() else { return };
    let document = document(&url);
    let mut all: Vec<Told> = Vec::new();
    let mut ask = |operation: &str, status: u16, method: Method, path: &str, headers: &[(&str, &str)], body: &str| {
        let answer = send(method, &format!("{url}{path}"), headers, body.to_owned());
        assert_eq!(answer.status.as_u16(), status, "{operation}: {answer:?}");
        if path.starts_with("/api/v1/") || answer.status.is_success() {
            assert_eq!(answer.header("access-control-allow-origin"), "*", "{operation} {status}");
        }
        all.push(told(&document, operation, &answer));
        answer
    };
    let json: &[(&str, &str)] = &[("content-type", "application/json")];
    // The states of a site are as many as the types of what can be seen.
    let mut report = String::new();
    for query in [
        "domain=missing-www.test&subdomains=1&path=/,/nothing=404",
        "domain=expired.test&expect=203.0.113.77",
        "domain=not-set-up.test",
        "domain=silent-443.test",
        "domain=inner-pages.test&crawl=1",
        "domain=healthy-both.test",
    ] {
        report = ask("checkDomain", 200, Method::GET, &format!("/api/v1/check?{query}"), &[], "").body;
    }
    ask("checkDomain", 400, Method::GET, "/api/v1/check?domain=localhost", &[], "");
    ask("describeProof", 200, Method::GET, "/api/v1/proof?domain=example.com", &[], "");
    ask("describeProof", 400, Method::GET, "/api/v1/proof?domain=example.com&proof=no", &[], "");
    let link = ask("createLink", 201, Method::POST, "/api/v1/reports", json, &report).json();
    ask("createLink", 400, Method::POST, "/api/v1/reports", json, "{}");
    ask("createLink", 415, Method::POST, "/api/v1/reports", &[], &report);
    let kept = format!("/api/v1/reports/{}", link["id"].as_str().unwrap());
    let tag = ask("getReport", 200, Method::GET, &kept, &[], "").header("etag").to_owned();
    ask("getReport", 304, Method::GET, &kept, &[("if-none-match", &tag)], "");
    ask("getReport", 404, Method::GET, &format!("/api/v1/reports/{}", "0".repeat(32)), &[], "");
    ask("deleteReport", 401, Method::DELETE, &kept, &[], "");
    let key = link["delete"].as_str().unwrap().split("key=").nth(1).unwrap();
    ask("deleteReport", 204, Method::DELETE, &kept, &[("authorization", &format!("Bearer {key}"))], "");
    ask("getCalendar", 200, Method::GET, "/calendar/healthy-both.test.ics", &[], "");
    ask("getCalendar", 400, Method::GET, "/calendar/localhost.ics", &[], "");
    ask("getBadgePicture", 200, Method::GET, "/badge/healthy-both.test.svg", &[], "");
    ask("getBadgePicture", 400, Method::GET, "/badge/localhost.svg", &[], "");
    ask("getBadge", 200, Method::GET, "/badge/healthy-both.test.json", &[], "");
    ask("getBadge", 400, Method::GET, "/badge/a..b.json", &[], "");
    ask("describeApi", 200, Method::GET, "/api/openapi.json", &[], "");
    // Line by line.
    let lines = get(&format!("{url}/api/v1/check?domain=missing-www.test"), &[("accept", "application/x-ndjson")]);
    let event =
        &document["paths"]["/api/v1/check"]["get"]["responses"]["200"]["content"]["application/x-ndjson"]["schema"];
    for line in lines.body.lines() {
        let instance = serde_json::from_str(line).unwrap();
        all.push(Told { operation: "checkDomain".into(), status: 200, schema: event.clone(), instance });
    }

    let called: BTreeSet<&str> = all.iter().map(|it| it.operation.as_str()).collect();
    let operations =
        document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    let described: BTreeSet<&str> = operations.filter_map(|it| it["operationId"].as_str()).collect();
    assert_eq!(called, described, "every operation is called");
    assert!(described.len() >= 9);

    // And a report that lacks what is promised is found out.
    let mut lacking: Value = serde_json::from_str(&report).unwrap();
    lacking["findings"][0]["state"] = json!("purple");
    let schema = json!({ "$ref": "#/components/schemas/Report" });
    all.push(Told { operation: "lacking".into(), status: 0, schema, instance: lacking });

    let script = "from jsonschema import Draft202012Validator\n\
        document = json.load(open(sys.argv[1]))\n\
        def answer(text):\n\
        \x20   told = json.loads(text)\n\
        \x20   schema = dict(told['schema'], components=document['components'])\n\
        \x20   return [f'{list(it.absolute_path)}: {it.message[:300]}' for it in Draft202012Validator(schema).iter_errors(told['instance'])]";
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("openapi.json");
    fs::write(&file, document.to_string()).unwrap();
    let texts: Vec<String> =
        all.iter().map(|it| json!({ "schema": it.schema, "instance": it.instance }).to_string()).collect();
    let said: Vec<Vec<String>> = asked(script, &file, &texts).unwrap();
    for (told, faults) in all.iter().zip(said) {
        assert_eq!(!faults.is_empty(), told.operation == "lacking", "{} {}: {faults:?}", told.operation, told.status);
    }
}

#[test]
fn the_lines_to_copy_run() {
    let Some(url) = worker() else { return };
    let page = get(&format!("{url}/api"), &[("accept", "text/html")]);
    assert_eq!(page.status.as_u16(), 200);
    let folder = tempfile::tempdir().unwrap();
    let examples: Vec<String> = page
        .body
        .split("<pre><code>")
        .skip(1)
        .filter_map(|rest| rest.split("</code>").next())
        .map(|code| code.replace("&amp;", "&").replace("&gt;", ">").replace("&lt;", "<"))
        .collect();
    assert!(examples.len() >= 8, "{examples:?}");
    for example in examples {
        assert!(example.starts_with("curl ") && example.contains("https://lockstep.example/"), "{example}");
        let script = example.replace("https://lockstep.example", &url).replace("example.com", "healthy-both.test");
        let ran = Command::new("sh").args(["-ec", &script]).current_dir(folder.path()).output().unwrap();
        let out = String::from_utf8_lossy(&ran.stdout);
        assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
        let expected = match &script {
            it if it.contains("localhost") => "/problems/single-label",
            it if it.contains("ndjson") => "{\"plan\":",
            it if it.contains("/proof") => "_lockstep.healthy-both.test",
            it if it.contains("/reports") => "\"delete\":\"/r/",
            it if it.contains(".ics") => "BEGIN:VCALENDAR",
            it if it.contains(".svg") => "<svg",
            it if it.contains("/api/v1/check") => "\"schema\":\"lockstep.report/1\"",
            _ => "Everything visible from outside is right",
        };
        assert!(out.contains(expected), "{script}: {out}");
    }
}

#[test]
fn what_another_origin_may_ask_is_said_beforehand() {
    let Some(url) = worker() else { return };
    let headers = [("origin", "https://elsewhere.example"), ("access-control-request-method", "GET")];
    let answer = send(Method::OPTIONS, &format!("{url}/api/v1/check"), &headers, "");
    assert_eq!(answer.status.as_u16(), 204);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    assert!(answer.header("access-control-allow-headers").contains("cache-control"), "{:?}", answer.headers);
}
