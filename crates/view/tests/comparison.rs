//! Two reports held against each other: what is said to be different, and what is not.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may")]

use findings::{Finding, State};
use lockstep::{Observations, Report, Timing, report};
use network::{Saw, Unseen};
use view::{
    comparison::{Comparison, Row, Value, comparison, text},
    components,
};

fn seen(json: &str) -> Report {
    report(serde_json::from_str::<Observations>(json).unwrap(), Timing::default())
}

fn healthy() -> Report {
    seen(include_str!("recordings/healthy-apex.json"))
}

/// A healthy site of which other rows are said.
fn with(rows: &[(&str, State, &str)]) -> Report {
    let mut all = healthy();
    let like = all.findings.remove(0);
    let told = rows.iter().map(|(id, state, subject)| Finding {
        id: (*id).into(),
        state: *state,
        subject: (*subject).into(),
        ..like.clone()
    });
    all.findings = told.collect();
    all
}

/// The same site, whose two addresses are others.
fn moved(mut report: Report, to: [&str; 2]) -> Report {
    for name in &mut report.observed.dns.names {
        for (address, to) in name.visit.iter_mut().zip(to) {
            *address = to.parse().unwrap();
        }
    }
    report
}

fn said(rows: &[Row<'_>]) -> Vec<String> {
    rows.iter().map(|row| format!("{} {}", row.finding.id, row.whereabouts)).collect()
}

/// Broke, found, fixed, still, unknown.
fn rows(before: &Report, now: &Report) -> [Vec<String>; 5] {
    let it = comparison(before, now);
    [&it.broke, &it.found, &it.fixed, &it.still, &it.unknown].map(|rows| said(rows))
}

const FAILED: State = State::Failed;
const WARNS: State = State::Warning;
const RIGHT: State = State::Passed;

#[test]
fn a_report_is_like_itself() {
    let it = healthy();
    let same = comparison(&it, &it);
    assert!(same.is_same());
    assert_eq!(same.headline(), "Nothing has changed.");
    let broken = with(&[("hsts-missing", WARNS, "a.test")]);
    let same = comparison(&broken, &broken);
    assert_eq!((same.headline().as_str(), same.still.len()), ("Nothing has changed: what was wrong still is.", 1));
}

#[test]
fn only_what_was_looked_at_and_is_right_counts_as_put_right() {
    let before =
        with(&[("a", FAILED, "x.test"), ("b", FAILED, "x.test"), ("c", FAILED, "x.test"), ("d", FAILED, "x.test")]);
    let now = with(&[("a", RIGHT, "x.test"), ("b", State::NotTested, "x.test"), ("d", WARNS, "x.test")]);
    let [broke, found, fixed, still, unknown] = rows(&before, &now);
    assert_eq!(fixed, ["a x.test", "d x.test"]);
    assert_eq!(unknown, ["b x.test", "c x.test"], "not tested, and not said at all");
    assert!(found.is_empty() && still.is_empty());
    assert_eq!(broke, Vec::<String>::new(), "a fault that became a warning did not break");
}

#[test]
fn what_fails_and_passed_broke_and_what_was_not_tested_was_found() {
    let before = with(&[("a", RIGHT, "x.test"), ("b", State::NotTested, "x.test"), ("c", WARNS, "x.test")]);
    let now =
        with(&[("a", FAILED, "x.test"), ("b", FAILED, "x.test"), ("c", FAILED, "x.test"), ("d", WARNS, "x.test")]);
    let [broke, found, fixed, still, unknown] = rows(&before, &now);
    assert_eq!(broke, ["a x.test", "c x.test", "d x.test"]);
    assert_eq!(found, ["b x.test"]);
    assert!(fixed.is_empty() && still.is_empty() && unknown.is_empty());
    let it = comparison(&before, &now);
    assert_eq!(it.headline(), "Three things broke.");
    assert_eq!(it.detail(), "One is wrong that could not be looked at before.");
}

#[test]
fn of_a_row_about_several_names_only_what_changed_is_named() {
    let both = with(&[("a", FAILED, "x.test and www.x.test")]);
    let one = with(&[("a", FAILED, "x.test"), ("a", RIGHT, "www.x.test")]);
    let [broke, _, fixed, still, _] = rows(&both, &one);
    assert_eq!((fixed, still), (vec!["a www.x.test".to_owned()], vec!["a x.test".to_owned()]));
    assert!(broke.is_empty());
    let [broke, _, fixed, ..] = rows(&one, &both);
    assert_eq!((broke, fixed), (vec!["a www.x.test".to_owned()], vec![]));
}

#[test]
fn a_server_that_moved_takes_its_faults_along() {
    let site = |address: &str| with(&[("a", FAILED, &format!("x.test at {address}"))]);
    let before = moved(site("192.0.2.1"), ["192.0.2.1", "2001:db8::1"]);
    let now = moved(site("192.0.2.7"), ["192.0.2.7", "2001:db8::1"]);
    let [broke, _, fixed, still, _] = rows(&before, &now);
    assert_eq!(still, ["a x.test at 192.0.2.7"]);
    assert!(broke.is_empty() && fixed.is_empty());
    // An address that was there before and answered is another matter.
    let now = moved(site("2001:db8::1"), ["192.0.2.1", "2001:db8::1"]);
    assert_eq!(rows(&before, &now)[0], ["a 2001:db8::1"]);
}

#[test]
fn a_renewed_certificate_is_told_with_what_it_was() {
    let (before, mut now) = (healthy(), healthy());
    let leaf = &mut now.observed.tls.chains[0].certificates[0];
    leaf.sha256 = "ab".repeat(32);
    leaf.not_after = leaf.not_after.plus(60 * 86_400);
    let it = comparison(&before, &now);
    let [part] = it.parts.as_slice() else { panic!("{:?}", it.parts) };
    let what: Vec<&str> = part.changes.iter().map(|change| change.what).collect();
    assert_eq!(what, ["Certificate", "Valid until"], "once for both names");
    assert_eq!(it.headline(), "Nothing got better or worse, and something looks different.");
    let said = text(&it);
    assert!(
        said.contains(
            "\nChanged: Certificate and chain\n  Certificate of healthy-apex.test and www.healthy-apex.test\n    - "
        ),
        "{said}"
    );
    assert!(said.contains("\n    + abababababababab…, issued "), "{said}");
}

#[test]
fn addresses_are_compared_in_no_order_and_not_seeing_them_is_not_losing_them() {
    let before = healthy();
    let mut now = healthy();
    now.observed.dns.names[0].visit.reverse();
    assert!(comparison(&before, &now).is_same());
    for asked in &mut now.observed.dns.names[0].addresses {
        asked.answer = Saw::Unseen(Unseen::TimedOut);
    }
    let it = comparison(&before, &now);
    let change = &it.parts[0].changes[0];
    assert_eq!((it.parts[0].title, change.what), ("DNS", "Addresses"));
    assert_eq!(change.now, Value::Unseen("no answer came within the time limit".into()));
    // What neither saw is no news.
    assert!(comparison(&now, &now.clone()).is_same());
}

#[test]
fn headers_are_compared_and_those_of_one_answer_alone_are_not() {
    let (before, mut now) = (healthy(), healthy());
    for corner in &mut now.observed.web.corners {
        if let Saw::Seen(first) = &mut corner.first {
            first.headers.push(("date".into(), "Sun, 22 Nov 2026 10:00:00 GMT".into()));
            first.headers.push(("etag".into(), "\"x\"".into()));
        }
    }
    assert!(comparison(&before, &now).is_same());
    for corner in &mut now.observed.web.corners {
        if let Saw::Seen(first) = &mut corner.first {
            first.headers.push(("x-frame-options".into(), "DENY".into()));
        }
    }
    let it = comparison(&before, &now);
    let change = &it.parts[0].changes[0];
    assert_eq!(change.what, "x-frame-options");
    assert_eq!(change.of, "https://healthy-apex.test/ and https://www.healthy-apex.test/");
    assert_eq!((&change.before, &change.now), (&Value::Seen(vec![]), &Value::Seen(vec!["DENY".into()])));
    // An answer that did not come has no headers to lose.
    for corner in &mut now.observed.web.corners {
        corner.first = Saw::Unseen(Unseen::Refused);
        corner.trail = None;
    }
    let it = comparison(&before, &now);
    let headers = it.parts.iter().find(|part| part.title == "Headers over HTTPS").unwrap();
    assert!(headers.changes.iter().all(|change| change.what == "First answer"), "{headers:?}");
}

#[test]
fn an_entrance_that_leads_elsewhere_is_told_with_its_way() {
    let (before, mut now) = (healthy(), healthy());
    let trail =
        now.observed.web.trails.iter_mut().find(|it| it.from.as_str() == "http://www.healthy-apex.test/").unwrap();
    trail.end = web::End::TooMany;
    let it = comparison(&before, &now);
    let change = &it.parts[0].changes[0];
    assert_eq!((it.parts[0].title, change.of.as_str()), ("Redirects", "http://www.healthy-apex.test/"));
    let Value::Seen(ways) = &change.now else { panic!("{change:?}") };
    assert!(ways[0].ends_with(", and on)"), "{ways:?}");
}

#[test]
fn two_domains_are_compared_by_the_place_of_each_name() {
    let before = healthy();
    let json = include_str!("recordings/healthy-apex.json").replace("healthy-apex.test", "staging.test");
    let mut now = seen(&json);
    let it = comparison(&before, &now);
    assert_eq!(it.parts, [], "they differ in nothing but their names");
    assert_eq!(it.headline(), "Nothing is known to be wrong at one and right at the other.");
    let like = now.findings[0].clone();
    now.findings.push(Finding { id: "z".into(), state: FAILED, subject: "www.staging.test".into(), ..like });
    assert_eq!(comparison(&before, &now).headline(), "One thing is wrong at staging.test only.");
    let mut other = healthy();
    other.findings.push(Finding { subject: "www.healthy-apex.test".into(), ..now.findings.last().unwrap().clone() });
    assert_eq!(rows(&other, &now)[3], ["z www.staging.test"], "wrong at both");
    let titles: Vec<String> = comparison(&other, &now).groups().into_iter().map(|(_, title, _)| title).collect();
    assert_eq!(titles, ["Wrong at both"]);
}

#[test]
fn whatever_a_server_says_stays_text() {
    let hostile = "</dd><img src=x onerror=alert(1)>\"'\u{1b}[2J";
    let mut before = with(&[("a", RIGHT, "x.test")]);
    let mut now = with(&[("a", FAILED, "x.test")]);
    now.findings[0].seen = hostile.into();
    now.findings[0].title = hostile.into();
    before.findings[0].seen = hostile.into();
    for corner in &mut now.observed.web.corners {
        if let Saw::Seen(first) = &mut corner.first {
            first.headers.push(("server".into(), hostile.into()));
        }
    }
    now.observed.tls.chains[0].certificates[0].issued_by = hostile.into();
    let html = components::comparison(&before, &now);
    assert!(!html.contains("<img") && html.contains("&lt;img"), "{html}");
    assert!(!text(&comparison(&before, &now)).contains('\u{1b}'));
}

#[test]
fn what_points_nowhere_is_left_out() {
    let (before, mut now) = (healthy(), healthy());
    now.observed.tls.chains.clear();
    now.observed.web.trails.clear();
    now.observed.dns.names.clear();
    let it: Comparison<'_> = comparison(&before, &now);
    assert!(!components::comparison(&before, &now).is_empty() && !it.is_same());
}
