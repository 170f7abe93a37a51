//! Calendars and badges are what their readers can read, and one look serves them all.

#![allow(clippy::disallowed_methods, reason = "a test waits, and reads the clock")]

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use tests::{
    ask::{deployed, get},
    python::asked,
};

/// One client of several, so that one test's looks are not another's.
const CLIENT: (&str, &str) = ("cf-connecting-ip", "203.0.113.50");

/// Calendars as icalendar, a parser of RFC 5545, understands them.
fn parsed(texts: &[String]) -> Vec<Value> {
    let script = "import icalendar\n\
        def event(it):\n\
        \x20   alarms = [alarm.decoded('trigger').total_seconds() for alarm in it.walk('VALARM')]\n\
        \x20   return {'uid': str(it['uid']), 'at': it.decoded('dtstart').isoformat(), 'summary': str(it['summary']),\n\
        \x20           'description': str(it['description']), 'alarms': alarms, 'errors': [str(e) for e in it.errors]}\n\
        def answer(text):\n\
        \x20   it = icalendar.Calendar.from_ical(text)\n\
        \x20   return {'name': str(it['name']), 'errors': [str(e) for e in it.errors],\n\
        \x20           'events': [event(e) for e in it.walk('VEVENT')]}";
    asked(script, Path::new(""), texts).unwrap()
}

#[test]
fn a_calendar_is_read_by_calendars_and_says_what_the_report_says() {
    let Some(url) = deployed() else { return };
    let ask = |name: &str| get(&format!("{url}/calendar/{name}.ics"), &[CLIENT]);
    let calendars = ["missing-www.test", "expired.test", "not-set-up.test"].map(ask);
    for calendar in &calendars {
        assert_eq!(calendar.status.as_u16(), 200, "{calendar:?}");
        assert_eq!(calendar.header("content-type"), "text/calendar; charset=utf-8");
        assert_eq!(calendar.header("access-control-allow-origin"), "*");
    }
    let said = parsed(&calendars.each_ref().map(|it| it.body.clone()));
    for calendar in &said {
        assert_eq!(calendar["errors"], serde_json::json!([]), "{calendar}");
        assert!(calendar["events"].as_array().unwrap().iter().all(|it| it["errors"] == serde_json::json!([])));
    }
    let report = get(&format!("{url}/api/v1/check?domain=missing-www.test"), &[CLIENT]).json();
    let ends = report["observed"]["tls"]["chains"][0]["certificates"][0]["not_after"].as_str().unwrap().to_owned();
    let events = said[0]["events"].as_array().unwrap();
    let kinds: Vec<&str> = events.iter().filter_map(|it| it["uid"].as_str()?.split('.').next()).collect();
    assert_eq!(kinds, ["renewal-due", "renewal-overdue", "expiry"]);
    assert_eq!(events[2]["at"].as_str().unwrap().replace("+00:00", "Z"), ends);
    assert_eq!(events[2]["alarms"], serde_json::json!([-7.0 * 86_400.0, -86_400.0]));
    assert_eq!(said[1]["events"][0]["uid"].as_str().unwrap().split('@').next(), Some("renewal-due.expired.test"));
    assert_eq!(said[2]["events"][0]["summary"], "No certificate was seen at not-set-up.test");
    assert_eq!(said[2]["events"].as_array().unwrap().len(), 1);

    // One look a day: the same answer, or none at all.
    let again = ask("missing-www.test");
    assert_eq!(again.body, calendars[0].body);
    let tag = calendars[0].header("etag");
    let same = get(&format!("{url}/calendar/Missing-www.test.ics"), &[CLIENT, ("if-none-match", tag)]);
    assert_eq!((same.status.as_u16(), same.body.as_str()), (304, ""));
    let refused = ask("localhost");
    assert_eq!(refused.status.as_u16(), 400);
    assert!(refused.body.contains("at least two parts"), "{}", refused.body);
}

/// A badge's title and words, as an XML parser reads them.
fn drawn(svg: &str) -> (String, Vec<String>) {
    let script = "import xml.etree.ElementTree as tree\n\
        def answer(text):\n\
        \x20   ns = '{http://www.w3.org/2000/svg}'\n\
        \x20   root = tree.fromstring(text)\n\
        \x20   assert root.get('role') == 'img' and root.find(ns + 'title').get('id') == root.get('aria-labelledby')\n\
        \x20   return [root.find(ns + 'title').text, [it.text for it in root.findall(ns + 'text')]]";
    asked(script, Path::new(""), &[svg.to_owned()]).unwrap().remove(0)
}

#[test]
fn a_badge_says_the_verdict_and_its_age() {
    let Some(url) = deployed() else { return };
    let badge = |name: &str| get(&format!("{url}/badge/{name}"), &[CLIENT]);
    // What nobody knows yet is grey until the look is over.
    let known = |name: &str| {
        let since = Instant::now();
        loop {
            let answer = badge(&format!("{name}.json"));
            assert_eq!(answer.status.as_u16(), 200, "{answer:?}");
            let json = answer.json();
            if json["isError"] == false {
                return json;
            }
            assert_eq!(json["message"], "not known");
            assert!(since.elapsed() < Duration::from_secs(60), "{name} is still not known");
            thread::sleep(Duration::from_secs(2));
        }
    };
    let json = known("self-signed.test");
    assert_eq!((json["schemaVersion"].as_u64(), json["label"].as_str()), (Some(1), Some("https")));
    assert!(json["message"].as_str().unwrap().ends_with(" failed, just now"), "{json}");
    assert_eq!(json["color"], "#b3261e");
    let svg = badge("self-signed.test.svg");
    assert_eq!(svg.header("content-type"), "image/svg+xml; charset=utf-8");
    assert!(
        svg.header("cache-control").contains("max-age=3600")
            && svg.header("cross-origin-resource-policy") == "cross-origin"
    );
    let (title, words) = drawn(&svg.body);
    assert!(title.starts_with("HTTPS of self-signed.test: ") && title.contains("Looked at just now, on "), "{title}");
    assert!(words[0] == "https" && words[1].ends_with(" failed"), "{words:?}");
    let same = get(&format!("{url}/badge/self-signed.test.svg"), &[CLIENT, ("if-none-match", svg.header("etag"))]);
    assert_eq!((same.status.as_u16(), same.body.as_str()), (304, ""));
    assert_eq!(known("healthy-apex.test")["color"], "#1d6b45");
}

#[test]
fn nobody_waits_for_a_badge_and_the_look_goes_on() {
    let Some(url) = deployed() else { return };
    let ask = || get(&format!("{url}/badge/silent-443.test.json"), &[("cf-connecting-ip", "203.0.113.51")]);
    let since = Instant::now();
    let first = ask();
    assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
    assert_eq!((first.json()["message"].as_str(), first.header("etag")), (Some("not known"), ""));
    assert!(first.header("cache-control").contains("max-age=60"), "{:?}", first.headers);
    // A look of at most twenty seconds, and nobody asks for it meanwhile.
    thread::sleep(Duration::from_secs(25));
    let since = Instant::now();
    let second = ask();
    assert_eq!(second.json()["isError"], false, "{second:?}");
    assert!(since.elapsed() < Duration::from_secs(2), "{:?}", since.elapsed());
}

#[test]
fn beyond_the_limit_a_badge_is_not_known_and_a_calendar_waits() {
    let Some(url) = deployed() else { return };
    let ask = |n: u32, what: &str| get(&format!("{url}/{what}"), &[("cf-connecting-ip", &format!("198.51.101.{n}"))]);
    for n in 0..10 {
        let answer = ask(n, &format!("calendar/n{n}.badges.test.ics"));
        assert_eq!(answer.status.as_u16(), 200, "{n}: {answer:?}");
    }
    let (title, words) = drawn(&ask(11, "badge/n11.badges.test.svg").body);
    assert!(title.contains("not known yet") && title.contains("badges.test was looked at 10 times"), "{title}");
    assert_eq!(words, ["https", "not known"]);
    let calendar = ask(11, "calendar/n11.badges.test.ics");
    assert_eq!((calendar.status.as_u16(), calendar.header("retry-after").is_empty()), (429, false), "{calendar:?}");
    // What is known is told all the same.
    assert_eq!(ask(11, "calendar/n3.badges.test.ics").status.as_u16(), 200);
}
