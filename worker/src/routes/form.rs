//! `GET /check?domain=…`: where the form leads when no script runs. The whole answer as one page.

use domain::Target;
use futures_util::{StreamExt, future::ready};
use lockstep::{Event, Report};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use view::{compare::Changes, components, markup, verdict};

use crate::{
    data,
    error::ApiError,
    run::{Look, Run},
    shell::{escaped, fill},
    visit::{self, Answer, Visit},
};

/// The page to fill in.
const SHELL: &str = "data/still.html";

pub(crate) async fn answer(visit: &Visit) -> Answer {
    let typed = visit.query("domain").unwrap_or_default();
    if visit.wants_text() || typed.trim().is_empty() {
        let mut more: Vec<(&str, Option<String>)> =
            ["expect", "subdomains", "crawl", "fresh"].into_iter().map(|name| (name, visit.query(name))).collect();
        more.insert(1, ("path", Some(visit.queries("path").join(", "))));
        return visit::redirect(303, &place(&typed, &more));
    }
    if visit.is_head() {
        Target::parse(&typed, visit.query("expect").as_deref())?;
        return visit::page(200, &[], String::new());
    }
    let shell = String::from_utf8(data::file(&visit.env, SHELL).await?).unwrap_or_default();
    let (status, headers, filling) = match filling(visit, &typed).await {
        Ok(filling) => (200, Vec::new(), filling),
        Err(error) => (error.problem().status, error.headers(), Filling::trouble(&error)),
    };
    let asked = Asked {
        typed,
        expect: visit.query("expect").unwrap_or_default(),
        path: visit.queries("path").join(", "),
        subdomains: visit.query("subdomains").as_deref() == Some("1"),
    };
    visit::page(status, &headers, filling.into_page(&shell, &asked.fields()))
}

async fn filling(visit: &Visit, typed: &str) -> Result<Filling, ApiError> {
    let look = match Run::begin(visit, typed, visit.query("expect").as_deref()).await? {
        Run::Look(look) => look,
        Run::Known(known) => {
            let mut html = markup::Html::default();
            html.of("p", "dim", |html| {
                html.text(&format!("Looked at {} s ago. ", known.age()));
                html.el("a", &[("href", again(visit).as_str())], |html| html.text("Check again"));
            });
            let Filling { title, description, result } = Filling::of(&known.seen()?);
            return Ok(Filling { title, description, result: html.done() + &result });
        }
    };
    let report = seen(*look).await?;
    Ok(Filling::of(&report))
}

/// The report of a check that runs now, whatever is kept.
pub(crate) async fn fresh(visit: &Visit, typed: &str, expect: Option<&str>) -> Result<Box<Report>, ApiError> {
    seen(*Run::afresh(visit, typed, expect).await?).await
}

async fn seen(look: Look) -> Result<Box<Report>, ApiError> {
    let reports = look.events().filter_map(|event| {
        ready(match event {
            Event::Report(report) => Some(report),
            Event::Plan(_) | Event::Progress(_) | Event::Facts(_) | Event::Finding(_) => None,
        })
    });
    std::pin::pin!(reports).next().await.ok_or_else(|| ApiError::Internal("the check ended without a report".into()))
}

/// The address of the same question, to be answered afresh.
fn again(visit: &Visit) -> String {
    let mut url = visit.url.clone();
    url.query_pairs_mut().clear().extend_pairs(visit.url.query_pairs().filter(|(name, _)| name != "fresh"));
    url.query_pairs_mut().append_pair("fresh", "1");
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// What was asked, as the form holds it for the next time.
struct Asked {
    typed: String,
    expect: String,
    path: String,
    subdomains: bool,
}

impl Asked {
    fn fields(&self) -> [(&'static str, String); 5] {
        let more = self.subdomains || [&self.expect, &self.path].iter().any(|text| !text.trim().is_empty());
        let attribute = |given: bool, name: &str| if given { format!(" {name}") } else { String::new() };
        [
            ("typed", escaped(&self.typed)),
            ("expect", escaped(&self.expect)),
            ("path", escaped(&self.path)),
            ("subdomains", attribute(self.subdomains, "checked")),
            ("more", attribute(more, "open")),
        ]
    }
}

/// What goes into the page; the result is HTML, the rest is text.
pub(crate) struct Filling {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) result: String,
}

impl Filling {
    pub(crate) fn of(report: &Report) -> Filling {
        let top = verdict::verdict(report);
        Filling {
            title: verdict::tab_title(report, &top),
            description: format!("{}: {}", verdict::name(report), top.headline),
            result: components::report(report, &Changes::default()),
        }
    }

    fn trouble(error: &ApiError) -> Filling {
        let (title, detail) = (error.problem().title, error.detail());
        let mut html = markup::Html::default();
        html.of("section", "trouble", |html| {
            html.line("h2", "", title);
            html.line("p", "", &detail);
        });
        Filling { title: format!("{title} · Lockstep"), description: detail, result: html.done() }
    }

    fn into_page(self, shell: &str, given: &[(&str, String)]) -> String {
        let own =
            [("title", escaped(&self.title)), ("description", escaped(&self.description)), ("result", self.result)];
        fill(shell, &[&own[..], given].concat())
    }
}

/// What a path segment or a query value cannot contain as it is.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The address of the check: with the name as understood, or else as it was typed, so that the page can say what is
/// wrong with it.
fn place(typed: &str, more: &[(&str, Option<String>)]) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        return "/".into();
    }
    let name = Target::parse(typed, None).map_or_else(|_| typed.to_owned(), |target| target.name.to_string());
    // A segment of dots alone would be resolved away; nothing that long is a name.
    let name: String = name.chars().take(1024).collect();
    let name = if name.bytes().all(|byte| byte == b'.') { "%2E".into() } else { escape(&name) };
    let given = more
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_deref().map(str::trim).filter(|it| !it.is_empty())?)));
    let query: Vec<String> = given.map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/check/{name}{mark}{}", query.join("&"))
}

pub(crate) fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_filled_in_is_never_a_placeholder_or_markup() {
        let error = ApiError::Request(domain::Target::parse("a..b", None).unwrap_err());
        let shell = "<title>[[title]]</title><input value=\"[[typed]]\">[[result]][[nobody]]!";
        let given = [("typed", escaped("\"><script>[[result]]"))];
        let page = Filling::trouble(&error).into_page(shell, &given);
        assert!(page.contains("value=\"&quot;&gt;&lt;script&gt;[[result]]\""), "{page}");
        assert_eq!(page.matches("<section class=\"trouble\">").count(), 1, "{page}");
        assert!(page.ends_with('!') && !page.contains("nobody"), "{page}");
    }

    #[test]
    fn the_form_leads_to_the_check() {
        for (typed, expect, to) in [
            ("example.com", None, "/check/example.com"),
            (" HTTPS://Example.COM/path?q ", None, "/check/example.com"),
            ("münchen.de", Some(""), "/check/xn--mnchen-3ya.de"),
            ("example.com", Some("203.0.113.7, 2001:db8::7"), "/check/example.com?expect=203.0.113.7,%202001:db8::7"),
            ("localhost", None, "/check/localhost"),
            ("a/../b", None, "/check/a%2F..%2Fb"),
            ("x\r\nset-cookie: a=b", None, "/check/x%0D%0Aset-cookie:%20a=b"),
            ("//evil.example", Some("&x=1#"), "/check/%2F%2Fevil.example?expect=%26x=1%23"),
            ("..", None, "/check/%2E"),
            ("", None, "/"),
            ("  ", Some("203.0.113.7"), "/"),
        ] {
            assert_eq!(place(typed, &[("expect", expect.map(str::to_owned))]), to, "{typed:?}");
        }
        let more = [("expect", None), ("path", Some("/a=b, /c".into())), ("subdomains", Some("1".into()))];
        assert_eq!(place("example.com", &more), "/check/example.com?path=%2Fa=b,%20%2Fc&subdomains=1");
    }
}
