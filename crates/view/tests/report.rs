//! What people see of recorded sites: the decisions, and the HTML that they end in.

#![allow(clippy::unwrap_used, reason = "a test may")]

use findings::{Section, State};
use lockstep::{Observations, Report, Situation, Timing, report};
use view::{
    certificate::{Anchor, certificates},
    checklist::checklist,
    compare::{Changes, changes},
    corners::picture,
    facts::facts,
    ladder::{Reach, ladder},
    trails::trails,
    verdict::{finished, tab_title, verdict},
};

fn recorded(json: &str) -> Report {
    report(serde_json::from_str::<Observations>(json).unwrap(), Timing::default())
}

fn healthy() -> Report {
    recorded(include_str!("recordings/healthy-apex.json"))
}

fn missing_www() -> Report {
    recorded(include_str!("recordings/missing-www.json"))
}

fn not_set_up() -> Report {
    recorded(include_str!("recordings/not-set-up.json"))
}

fn html(report: &Report) -> String {
    view::components::report(report, &Changes::default())
}

#[test]
fn a_healthy_site_is_said_to_be_right() {
    let report = healthy();
    let top = verdict(&report);
    assert_eq!((top.state, top.headline.as_str()), (State::Passed, "Everything visible from outside is right."));
    assert!(tab_title(&report, &top).starts_with("✓ healthy-apex.test"));
    assert!(finished(&report).starts_with("Check finished: "));
    let html = html(&report);
    for word in ["Failed", "Warning", "class=\"glyph failed\"", "class=\"glyph warning\""] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn what_the_owner_asked_for_and_nobody_looked_at_is_said_on_top() {
    let mut report = healthy();
    let mut row = report.findings[0].clone();
    row.id = "backend-port-public".into();
    row.state = State::NotTested;
    row.seen = "Not looked at, because control of healthy-apex.test has not been proved.".into();
    let seen = row.seen.clone();
    report.findings.push(row);
    let top = verdict(&report);
    assert_eq!((top.headline.as_str(), top.detail), ("Nothing fails.", seen));
}

#[test]
fn passed_rows_are_folded_and_layers_keep_their_order() {
    let layers = checklist(&healthy(), &[]);
    let order: Vec<Section> = layers.iter().map(|layer| layer.section).collect();
    let mut sorted = order.clone();
    sorted.sort();
    assert_eq!(order, sorted);
    assert!(layers.iter().all(|layer| layer.shown.iter().all(|row| row.state != State::Passed)));
    assert!(layers.iter().any(|layer| layer.passed.len() > 3));
}

#[test]
fn every_anchor_is_unique() {
    for report in [healthy(), missing_www(), not_set_up()] {
        let layers = checklist(&report, &[]);
        let rows = layers.iter().flat_map(|it| it.shown.iter().chain(&it.not_tested).chain(&it.passed));
        let mut anchors: Vec<String> = rows.map(|row| row.anchor.clone()).collect();
        let all = anchors.len();
        anchors.sort();
        anchors.dedup();
        assert_eq!(anchors.len(), all);
        let html = html(&report);
        let ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let mut distinct = ids.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(ids.len(), distinct.len(), "{ids:?}");
        // Every link within the page has its target.
        for link in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(ids.contains(&link), "#{link}");
        }
    }
}

#[test]
fn the_corner_picture_has_every_entrance_at_every_address() {
    let picture = picture(&healthy()).unwrap();
    assert_eq!(picture.columns.len(), 2);
    assert_eq!(picture.rows.len(), 4);
    for row in &picture.rows {
        for cell in row.cells.iter().flatten() {
            assert_eq!(cell.state, State::Passed);
            assert_eq!(cell.statuses.last(), Some(&200));
            assert_eq!(cell.certificate.is_some(), row.scheme == domain::Scheme::Https);
        }
    }
    assert!(picture_of_nothing().is_none());
}

fn picture_of_nothing() -> Option<view::corners::Picture> {
    picture(&not_set_up())
}

#[test]
fn an_entrance_that_shows_the_wrong_certificate_is_marked_though_it_answers_200() {
    let report = missing_www();
    let picture = picture(&report).unwrap();
    for row in &picture.rows {
        let wrong = row.host.as_str().starts_with("www.");
        for cell in row.cells.iter().flatten() {
            assert_eq!(cell.state == State::Failed, wrong, "{} {}", row.scheme, row.host);
            assert_eq!(cell.fault.is_some(), wrong);
        }
    }
}

#[test]
fn the_cause_stands_on_top_and_its_symptoms_say_so() {
    let report = missing_www();
    assert_eq!(report.situation, Situation::Broken);
    let top = verdict(&report);
    assert_eq!(top.headline, report.diagnoses[0].cause);
    assert_eq!(top.above, "One cause, 1 symptom");
    let layers = checklist(&report, &[]);
    let rows: Vec<_> = layers.iter().flat_map(|layer| &layer.shown).filter(|row| row.state == State::Failed).collect();
    assert!(!rows.is_empty());
    assert!(rows.iter().all(|row| row.explained_by == Some(1)));
    assert!(facts(&report).iter().any(|fact| fact.waits_on == Some(1)));
    let html = html(&report);
    assert!(html.find("id=\"cause-1\"").unwrap() < html.find("The five facts").unwrap());
    assert!(html.matches(" open>").count() <= 3);
}

#[test]
fn what_was_fixed_is_said_and_stays_in_sight() {
    let (before, mut now) = (missing_www(), missing_www());
    assert!(changes(&before, &now).sentence().contains("nothing has changed"));
    for finding in now.findings.iter_mut().filter(|finding| finding.state == State::Failed) {
        finding.state = State::Passed;
    }
    now.diagnoses.clear();
    let news = changes(&before, &now);
    assert!(news.sentence().starts_with("Fixed: “"), "{}", news.sentence());
    let layers = checklist(&now, &news.fixed);
    assert!(layers.iter().flat_map(|layer| &layer.shown).any(|row| row.fixed.is_some()));
    let back = changes(&now, &before);
    assert!(back.sentence().starts_with("New since the last look: "), "{}", back.sentence());
}

#[test]
fn what_could_not_be_tested_this_time_is_not_called_fixed() {
    let (before, mut now) = (missing_www(), missing_www());
    for finding in now.findings.iter_mut().filter(|finding| finding.state == State::Failed) {
        finding.state = State::NotTested;
    }
    assert_eq!(changes(&before, &now).fixed, []);
}

#[test]
fn a_site_that_is_not_set_up_gets_a_ladder_and_nothing_red() {
    let report = not_set_up();
    assert_eq!(report.situation, Situation::NotConnected);
    assert_eq!(verdict(&report).state, State::NotTested);
    let rungs = ladder(&report);
    assert_eq!(rungs.len(), 7);
    let reach: Vec<Reach> = rungs.iter().map(|rung| rung.reach).collect();
    assert_eq!(reach.iter().filter(|reach| **reach == Reach::Current).count(), 1);
    assert_eq!(reach[..2], [Reach::Done, Reach::Current]);
    assert!(reach[2..].iter().all(|reach| *reach == Reach::Later));
    assert!(rungs[1].wait.as_ref().unwrap().contains("may remember “no” until "));
    assert!(rungs[1].prove.as_ref().unwrap().command.contains("dig +short not-set-up.test"));
    let html = html(&report);
    for word in ["class=\"glyph failed\"", "class=\"glyph warning\"", ">Failed<", ">Warning<"] {
        assert!(!html.contains(word), "{word}");
    }
}

#[test]
fn the_ladder_says_when_the_registry_has_no_such_domain() {
    let mut report = not_set_up();
    for name in &mut report.observed.dns.names {
        for asked in name.addresses.iter_mut().chain(&mut name.others) {
            if let network::Saw::Seen(answer) = &mut asked.answer {
                answer.rcode = "NXDOMAIN".into();
                answer.records.clear();
                answer.zone = Some("test".into());
            }
        }
    }
    let rungs = ladder(&report);
    assert_eq!(rungs[0].reach, Reach::Current);
    assert_eq!(rungs[0].text, "not-set-up.test is not registered: \".test\" has no such domain.");
}

#[test]
fn a_chain_ends_in_a_trusted_root_and_its_life_is_on_the_bar() {
    let shown = certificates(&healthy());
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].letter, &shown[0].anchor), ('A', &Anchor::Trusted));
    let life = shown[0].life.as_ref().unwrap();
    assert!(life.today_at < life.due_at);
    assert!((600..=700).contains(&life.due_at));
}

#[test]
fn trails_are_drawn_once_each_plain_http_first() {
    let drawn = trails(&healthy());
    assert!(drawn.first().unwrap().from.starts_with("http://"));
    assert!(drawn.iter().all(|trail| trail.hops.last().unwrap().state == Some(State::Passed)));
}

#[test]
fn a_hostile_server_cannot_write_markup() {
    let mut report = missing_www();
    let hostile = "</script><img src=x onerror=alert(1)>\"'";
    for finding in &mut report.findings {
        finding.seen = hostile.into();
        finding.evidence = vec![findings::Evidence { label: hostile.into(), value: hostile.into() }];
    }
    for certificate in report.observed.tls.chains.iter_mut().flat_map(|chain| &mut chain.certificates) {
        certificate.subject = format!("CN={hostile}");
        certificate.names = vec![hostile.into()];
        certificate.issued_by = hostile.into();
    }
    let html = html(&report);
    assert!(!html.contains("<img") && !html.contains("</script>"));
}
