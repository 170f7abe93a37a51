//! The same question again: what is kept answers for a minute, says its age, and nothing else is counted. And what is one
//! too many is refused. All through a worker with cache and limits as they are deployed.

#![allow(clippy::disallowed_methods, reason = "a test has threads")]

use std::{
    env, fs, thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tests::{
    ask::{Answer, deployed, get},
    lab::Guide,
    proof::SECRET,
};

/// One client of several: the platform tells their addresses apart by this header, which at the edge it writes itself.
fn check(url: &str, client: &str, query: &str, more: &[(&str, &str)]) -> Answer {
    let headers = [&[("cf-connecting-ip", client), ("accept", "application/json")], more].concat();
    get(&format!("{url}/api/v1/check?{query}"), &headers)
}

/// When a report says that it was seen.
fn seen_at(answer: &Answer) -> String {
    answer.json()["seen_at"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

#[test]
fn the_same_question_is_answered_by_the_same_look_for_a_minute() {
    let Some(url) = deployed() else { return };
    let ask = |query: &str, more: &[(&str, &str)]| check(&url, "203.0.113.1", query, more);
    let first = ask("domain=healthy-both.test", &[]);
    let since = Instant::now();
    assert_eq!((first.status.as_u16(), first.header("age")), (200, ""));

    let again = ask("domain=Healthy-Both.test&expect=", &[]);
    assert!(again.header("age").parse::<u32>().unwrap() < 60, "{:?}", again.headers);
    assert_eq!(first.json(), again.json());
    assert!(again.header("access-control-expose-headers").contains("age"));

    let events = ask("domain=healthy-both.test", &[("accept", "application/x-ndjson")]);
    assert_ne!(events.header("age"), "");
    let events: Vec<Value> = events.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(events.len(), 2);
    assert!(events[0]["plan"]["rows"].as_array().is_some_and(|rows| rows.len() > 50));
    assert_eq!(events[1]["report"], first.json());

    let text = get(&format!("{url}/healthy-both.test"), &[("accept", "text/plain")]).body;
    assert!(text.starts_with("Looked at ") && text.contains("fresh=1"), "{text}");
    for finding in first.json()["findings"].as_array().unwrap() {
        assert!(text.contains(finding["title"].as_str().unwrap()), "{finding}: {text}");
    }
    let page = get(&format!("{url}/check?domain=healthy-both.test"), &[("accept", "text/html")]).body;
    let again = "href=\"/check?domain=healthy-both.test&amp;fresh=1\">Check again</a>";
    assert!(page.contains("Looked at ") && page.contains(again), "{page}");

    // Whoever asks for more, or for something else, is answered by a look of their own.
    for query in ["expect=203.0.113.9", "path=/", "crawl=1", "subdomains=1"] {
        let other = ask(&format!("domain=healthy-both.test&{query}"), &[]);
        assert_eq!((other.status.as_u16(), other.header("age")), (200, ""), "{query}");
    }
    // What is looked at afresh is what is kept from then on. Reports tell the time in seconds.
    thread::sleep(Duration::from_millis(1100));
    let afresh = ask("domain=healthy-both.test&fresh=1", &[]);
    assert_eq!(afresh.header("age"), "");
    assert_ne!(seen_at(&afresh), seen_at(&first));
    let reloaded = ask("domain=healthy-both.test", &[("cache-control", "max-age=0, no-cache")]);
    assert_eq!(reloaded.header("age"), "");
    let kept = ask("domain=healthy-both.test", &[]);
    assert_eq!((kept.header("age").is_empty(), seen_at(&kept)), (false, seen_at(&reloaded)));

    thread::sleep(Duration::from_secs(62));
    let later = ask("domain=healthy-both.test", &[]);
    assert!(since.elapsed() > Duration::from_secs(60) && later.header("age").is_empty(), "{:?}", later.headers);
    assert_ne!(seen_at(&later), seen_at(&reloaded));
}

#[test]
fn what_depends_on_a_secret_is_not_kept() {
    let Some(url) = deployed() else { return };
    let ask = |more: &str| check(&url, "203.0.113.2", &format!("domain=proved-by-record.test{more}"), &[]);
    let (own, again) = (ask(&format!("&proof={SECRET}")), ask(&format!("&proof={SECRET}")));
    assert!(own.json()["observed"]["exposed"].is_object(), "{}", own.body);
    assert_eq!((own.header("age"), again.header("age")), ("", ""));
    let other = ask("");
    assert_eq!(other.header("age"), "");
    assert!(other.json()["observed"]["exposed"].is_null());
}

#[test]
fn one_look_too_many_is_refused_and_says_when_the_next_is_welcome() {
    let Some(url) = deployed() else { return };
    let since = Instant::now();
    // Ten of one domain, by whoever asks and under whichever of its names.
    for n in 0..10 {
        let answer = check(&url, &format!("198.51.100.{n}"), &format!("domain=n{n}.limits.test"), &[]);
        assert_eq!(answer.status.as_u16(), 200, "{n}: {answer:?}");
        assert_eq!(answer.header("ratelimit-policy"), "\"client\";q=20;w=60, \"domain\";q=10;w=600");
    }
    let refused = check(&url, "198.51.100.77", "domain=limits.test", &[]);
    assert_eq!(refused.status.as_u16(), 429, "{refused:?}");
    assert_eq!(refused.header("content-type"), "application/problem+json");
    let problem = refused.json();
    assert_eq!((problem["type"].as_str(), problem["status"].as_u64()), (Some("/problems/rate-limited"), Some(429)));
    assert!(problem["detail"].as_str().unwrap().contains("limits.test was looked at 10 times"), "{problem}");
    assert!((1..=600).contains(&refused.header("retry-after").parse::<u32>().unwrap()));
    assert!(refused.header("ratelimit-policy").contains("q=10;w=600"));
    // What is kept is answered all the same, and a name of another domain as well.
    let kept = check(&url, "198.51.100.77", "domain=n9.limits.test", &[]);
    assert_eq!((kept.status.as_u16(), kept.header("age").is_empty()), (200, false), "{kept:?}");
    let text = get(&format!("{url}/limits.test"), &[("accept", "text/plain")]);
    assert_eq!((text.status.as_u16(), text.header("retry-after").is_empty()), (429, false), "{text:?}");
    let page = get(&format!("{url}/check?domain=limits.test"), &[("accept", "text/html")]);
    assert_eq!((page.status.as_u16(), page.header("retry-after").is_empty()), (429, false), "{page:?}");
    assert!(page.body.contains("<h2>Too many checks in a short time</h2>"), "{}", page.body);
    assert_eq!(check(&url, "198.51.100.77", "domain=others.test", &[]).status.as_u16(), 200);
    // The platform's counter of a minute is over; the ten minutes are not.
    thread::sleep(Duration::from_secs(61));
    let still = check(&url, "198.51.100.78", "domain=limits.test", &[]);
    assert_eq!(still.status.as_u16(), 429, "{still:?}");
    let wait = still.header("retry-after").parse::<u64>().unwrap();
    let passed = since.elapsed().as_secs();
    assert!(wait > 60 && wait <= 600 && wait + passed >= 598, "{wait} after {passed}");
}

#[test]
fn a_client_with_many_checks_waits_and_others_do_not() {
    let Some(url) = deployed() else { return };
    let ask = |client: &str, n: u32| check(&url, client, &format!("domain=client{n}.test"), &[]);
    let statuses: Vec<u16> = thread::scope(|scope| {
        let some = (0..3).map(|part| {
            scope.spawn(move || {
                (part * 7..part * 7 + 7).map(|n| ask("192.0.2.5", n).status.as_u16()).collect::<Vec<_>>()
            })
        });
        some.collect::<Vec<_>>().into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 20, "{statuses:?}");
    let refused = ask("192.0.2.5", 99);
    assert_eq!((refused.status.as_u16(), refused.header("retry-after")), (429, "60"));
    assert_eq!(ask("192.0.2.6", 99).status.as_u16(), 200);
    // An answer that is kept opens no connection and costs nothing.
    assert_eq!(ask("192.0.2.5", 99).status.as_u16(), 200);
    // A mistyped name neither.
    assert_eq!(check(&url, "192.0.2.5", "domain=localhost", &[]).status.as_u16(), 400);
}

#[test]
fn whoever_is_visited_can_read_who_it_was() {
    let Some(url) = deployed() else { return };
    let Some(lab) = env::var_os("LOCKSTEP_LAB") else { return };
    let log = Guide::read(lab.as_ref()).unwrap().knocks.with_file_name("log").join("access");
    let visits = || fs::read_to_string(&log).unwrap();
    let before = visits().len();
    check(&url, "203.0.113.3", "domain=self-signed.test&crawl=1&fresh=1", &[]);
    let log = visits();
    let told = format!("\"Mozilla/5.0 (compatible; Lockstep/1; HTTPS deployment check; +{url}/about)\"");
    assert!(log[before..].contains(&told), "{}", &log[before..]);
}

#[test]
fn the_pages_say_what_is_kept_and_who_visits() {
    let Some(url) = deployed() else { return };
    for (path, said) in [
        ("about", "Lockstep/1; HTTPS deployment check"),
        ("limits", "<td>10</td><td>10 minutes</td>"),
        ("privacy", "for 60 seconds"),
    ] {
        let page = get(&format!("{url}/{path}"), &[("accept", "text/html")]);
        assert_eq!(page.status.as_u16(), 200, "{path}");
        assert!(page.body.contains(said), "{path}: {}", page.body);
    }
    let robots = get(&format!("{url}/robots.txt"), &[]).body;
    for path in ["/check", "/api/", "/r/", "/calendar/", "/badge/"] {
        assert!(robots.contains(&format!("\nDisallow: {path}\n")), "{robots}");
    }
}
