//! `GET /r/<id>`: a report that somebody shared, as a page that needs no script, or as text in a terminal.

use domain::{Expect, Time};
use lockstep::Report;
use view::{compare::Changes, components, markup::Html, verdict};

use crate::{
    data,
    error::ApiError,
    log,
    routes::form::escape,
    shell::{escaped, fill},
    store::{self, Id, Record},
    visit::{self, Answer, Visit},
};

/// The frame of the page.
const SHELL: &str = "data/shared.html";

pub(crate) async fn answer(visit: &Visit, id: &str) -> Answer {
    let (id, record) = match store::get(&visit.env, id).await {
        Ok(found) => found,
        Err(error) => return trouble(visit, error).await,
    };
    let report = &record.report;
    if visit.wants_text() {
        let until = format!("Shared; kept until {}.", record.expires.long_date());
        return visit::text(format!("{}\n{until}\n", lockstep::whole(report).trim_end()));
    }
    let mut main = Html::default();
    head(&mut main, &id, &record, store::now());
    let content = Content::of(report, [main.done(), result(report, &Changes::default())].concat());
    content.answer(visit, 200, &[]).await
}

/// What goes into the frame.
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) description: String,
    /// HTML.
    pub(crate) main: String,
}

impl Content {
    /// Title and description say the verdict, for the tab and for a preview of the link.
    pub(crate) fn of(report: &Report, main: String) -> Content {
        let top = verdict::verdict(report);
        let described = [top.headline.as_str(), top.detail.as_str(), top.seen.as_str()];
        let described: Vec<&str> = described.into_iter().filter(|part| !part.is_empty()).collect();
        Content {
            title: verdict::tab_title(report, &top),
            description: format!("{}: {}.", verdict::name(report), described.join(" ")),
            main,
        }
    }

    /// # Errors
    /// [`ApiError::Misconfigured`] where the frame is missing.
    pub(crate) async fn answer(self, visit: &Visit, status: u16, headers: &[(&'static str, String)]) -> Answer {
        let shell = String::from_utf8(data::file(&visit.env, SHELL).await?).unwrap_or_default();
        let place = [&visit.url.origin().ascii_serialization(), visit.url.path()].concat();
        visit::page(status, headers, self.into_page(&shell, &place))
    }

    fn into_page(self, shell: &str, place: &str) -> String {
        let values = [
            ("title", escaped(&self.title)),
            ("description", escaped(&self.description)),
            ("place", escaped(place)),
            ("main", self.main),
        ];
        fill(shell, &values)
    }
}

/// The one page for every link that shows nothing; text in a terminal.
pub(crate) async fn trouble(visit: &Visit, error: ApiError) -> Answer {
    if visit.wants_text() {
        return Err(error);
    }
    log::write(&log::Line::Refused { kind: error.kind() });
    let problem = error.problem();
    let mut main = Html::default();
    main.of("header", "shared", |html| {
        html.line("h1", "", problem.title);
        html.line("p", "stands", &error.detail());
        html.of("p", "ways", |html| html.el("a", &[("href", "/")], |html| html.text("Check a domain")));
    });
    let content =
        Content {
            title: format!("{} · Lockstep", problem.title), description: problem.help.into(), main: main.done()
        };
    content.answer(visit, problem.status, &error.headers()).await
}

/// Whose report it is, of when, for how long, and the ways on from here.
fn head(html: &mut Html, id: &Id, record: &Record, now: Time) {
    let report = &record.report;
    heading(html, report, &format!("A report of {}", moment(report.seen_at)), |html| {
        let stands = format!(
            "What was seen {}, unchanged since. The link works until {}.",
            age(now.days_since(report.seen_at)),
            record.expires.long_date()
        );
        html.line("p", "stands", &stands);
        html.of("p", "ways", |html| {
            again(html, report);
            html.el("a", &[("href", &since(id, report)), ("rel", "nofollow")], |html| {
                html.text("What changed since");
            });
            html.el("a", &[("href", &["/api/v1/reports/", id.as_str()].concat())], |html| html.text("As JSON"));
        });
    });
}

/// The name in large, what it is above, and what there is to say below.
pub(crate) fn heading(html: &mut Html, report: &Report, above: &str, below: impl FnOnce(&mut Html)) {
    html.of("header", "shared", |html| {
        html.line("p", "kind", above);
        html.line("h1", "", verdict::name(report));
        below(html);
    });
}

/// The report itself.
pub(crate) fn result(report: &Report, changes: &Changes) -> String {
    let mut open = Html::default();
    open.open("div", &[("id", "result"), ("tabindex", "-1")]);
    [&open.done(), &components::report(report, changes), "</div>"].concat()
}

/// The way to a new check: in the page that streams, or in one answer where no script runs.
pub(crate) fn again(html: &mut Html, report: &Report) {
    let name = escape(&report.domain);
    html.el("a", &[("class", "scripted"), ("href", &["/check/", &name].concat())], |html| html.text("Check again"));
    html.raw("<noscript>");
    html.el("a", &[("href", &["/check?domain=", &name].concat())], |html| html.text("Check again"));
    html.raw("</noscript>");
}

/// `21 November 2026, 14:20 UTC`.
pub(crate) fn moment(time: Time) -> String {
    [&time.long_date(), ", ", &time.clock()].concat()
}

fn age(days: i64) -> String {
    match days {
        ..=0 => "less than a day ago".into(),
        1 => "a day ago".into(),
        days => format!("{days} days ago"),
    }
}

/// The address of a fresh check of the same kind, so that like is held against like.
fn since(id: &Id, report: &Report) -> String {
    let seen = &report.observed;
    let mut query: Vec<String> = Vec::new();
    match &seen.target.expect {
        Some(Expect::Addresses(addresses)) => {
            let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
            query.push(["expect=", &escape(&addresses.join(","))].concat());
        }
        Some(Expect::Name(name)) => query.push(["expect=", &escape(name.as_str())].concat()),
        None => {}
    }
    for wanted in seen.exposed.iter().flat_map(|exposed| &exposed.paths) {
        let status = wanted.status.map(|status| status.to_string());
        let want = status.or_else(|| wanted.text.clone()).map(|want| ["=", &want].concat()).unwrap_or_default();
        query.push(["path=", &escape(&[wanted.url.path(), &want].concat())].concat());
    }
    for (given, name) in [(seen.subdomains.is_some(), "subdomains=1"), (seen.crawl.is_some(), "crawl=1")] {
        query.extend(given.then(|| name.to_owned()));
    }
    let mark = if query.is_empty() { "" } else { "?" };
    ["/r/", id.as_str(), "/since", mark, &query.join("&")].concat()
}

#[cfg(test)]
mod tests {
    use domain::HttpUrl;
    use lockstep::{Exposed, Timing, Wanted};
    use network::Saw;

    use super::*;

    fn report() -> Report {
        let recorded = include_str!("../../../crates/view/tests/recordings/missing-www.json");
        lockstep::report(serde_json::from_str(recorded).unwrap(), Timing::default())
    }

    fn id() -> Id {
        Id::parse("00112233445566778899aabbccddeeff").unwrap()
    }

    #[test]
    fn the_head_says_when_it_was_and_how_long_the_link_works() {
        let report = report();
        let day = 86_400;
        let record = Record::new(report.clone(), &id(), report.seen_at.plus(2 * day));
        let mut html = Html::default();
        head(&mut html, &id(), &record, report.seen_at.plus(5 * day));
        let html = html.done();
        let until = report.seen_at.plus(92 * day).long_date();
        assert!(html.contains(&format!("<p class=\"kind\">A report of {}</p>", moment(report.seen_at))), "{html}");
        assert!(html.contains("<h1>missing-www.test</h1>"), "{html}");
        assert!(html.contains(&format!("seen 5 days ago, unchanged since. The link works until {until}.")), "{html}");
        assert!(html.contains("href=\"/check/missing-www.test\""), "{html}");
        assert!(html.contains("href=\"/r/00112233445566778899aabbccddeeff/since\""), "{html}");
    }

    #[test]
    fn what_changed_since_is_asked_as_the_report_was() {
        let mut report = report();
        report.observed.target.expect = Some(Expect::Addresses(vec!["203.0.113.7".parse().unwrap()]));
        let wanted = |path: &str, status, text: Option<&str>| Wanted {
            url: HttpUrl::parse(&format!("https://missing-www.test{path}")).unwrap(),
            status,
            text: text.map(str::to_owned),
            answer: Saw::Seen((200, true)),
        };
        let paths = vec![wanted("/login?a=b", Some(403), None), wanted("/about", None, Some("Us & <you>"))];
        report.observed.exposed = Some(Exposed { paths, ..Exposed::default() });
        assert_eq!(
            since(&id(), &report),
            "/r/00112233445566778899aabbccddeeff/since?expect=203.0.113.7\
             &path=%2Flogin%3Fa=b=403&path=%2Fabout=Us%20%26%20%3Cyou%3E"
        );
    }

    #[test]
    fn hostile_text_stays_text_wherever_it_stands() {
        let hostile = "\"><script>alert(1)</script>[[main]]";
        let mut report = report();
        report.domain = hostile.into();
        report.observed.target.unicode = Some(hostile.into());
        for finding in &mut report.findings {
            finding.title = hostile.into();
            finding.seen = hostile.into();
        }
        for diagnosis in &mut report.diagnoses {
            diagnosis.cause = hostile.into();
        }
        let record = Record::new(report, &id(), Time::from_unix(1_800_000_000));
        let mut main = Html::default();
        head(&mut main, &id(), &record, record.created);
        let main = [main.done(), result(&record.report, &Changes::default())].concat();
        let shell = "<title>[[title]]</title><meta content=\"[[description]]\">[[place]]<main>[[main]]</main>";
        let page = Content::of(&record.report, main).into_page(shell, hostile);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
        assert_eq!(page.matches("<main>").count(), 1);
    }

    #[test]
    fn ages_are_words() {
        assert_eq!([-1, 0, 1, 2].map(age), ["less than a day ago", "less than a day ago", "a day ago", "2 days ago"]);
    }
}
