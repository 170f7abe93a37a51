//! The one door to the API: a check as a stream of events.

use domain::{Target, Time};
use findings::{Diagnosis, Finding};
use js_sys::{JsString, Reflect, Uint8Array};
use lockstep::{Event, Fact, Observations, Plan, Progress, Report, SCHEMA, Situation, Timing};
use serde::Deserialize;
use view::place::encoded;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Headers, ReadableStreamDefaultReader, RequestInit, Response};

use crate::wire;

/// Why a check did not end in a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The API said no, and why.
    Problem(Problem),
    /// The API could not be reached.
    Unreachable,
    /// The stream ended before the report.
    Cut,
}

/// An RFC 9457 problem document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct Problem {
    /// `/problems/not-a-name`: stable.
    #[serde(default, rename = "type")]
    pub(crate) kind: String,
    /// The same for every occurrence.
    #[serde(default)]
    pub(crate) title: String,
    /// This occurrence.
    #[serde(default)]
    pub(crate) detail: String,
    /// The HTTP status.
    #[serde(default)]
    pub(crate) status: u16,
    /// Seconds to wait, from `Retry-After`.
    #[serde(skip)]
    pub(crate) retry_after: Option<u32>,
}

/// One line of the stream, as the page reads it.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Line {
    Plan(Plan),
    Progress(Progress),
    Facts(Vec<Fact>),
    Finding(Box<Finding>),
    Report(Box<Told>),
}

/// A report with those observations that the page draws: what is not read here costs no visitor a byte.
#[derive(Deserialize)]
struct Told {
    schema: String,
    domain: String,
    seen_at: Time,
    situation: Situation,
    facts: Vec<Fact>,
    diagnoses: Vec<Diagnosis>,
    findings: Vec<Finding>,
    timing: Timing,
    observed: Drawn,
}

#[derive(Deserialize)]
struct Drawn {
    target: Target,
    dns: dns::Observation,
    tls: Shown,
    web: web::Observation,
}

/// What ports and certificates are drawn from.
#[derive(Deserialize)]
struct Shown {
    endpoints: Vec<tls::Endpoint>,
    chains: Vec<tls::Chain>,
}

/// The event of a line; `None` when it is not one of this version.
pub(crate) fn event(line: &str) -> Option<Event> {
    Some(match wire::read::<Line>(line)? {
        Line::Plan(plan) => Event::Plan(plan),
        Line::Progress(progress) => Event::Progress(progress),
        Line::Facts(facts) => Event::Facts(facts),
        Line::Finding(finding) => Event::Finding(finding),
        Line::Report(told) if told.schema == SCHEMA => Event::Report(Box::new(Report {
            schema: told.schema,
            domain: told.domain,
            seen_at: told.seen_at,
            situation: told.situation,
            facts: told.facts,
            diagnoses: told.diagnoses,
            findings: told.findings,
            timing: told.timing,
            seal: None, // the line itself is what is shared
            observed: Observations {
                seen_at: told.seen_at,
                target: told.observed.target,
                dns: told.observed.dns,
                tls: tls::Observation {
                    seen_at: told.seen_at,
                    endpoints: told.observed.tls.endpoints,
                    chains: told.observed.tls.chains,
                    without_sni: None,
                    revocations: Vec::new(),
                    closer: None,
                },
                web: told.observed.web,
                renewal: Default::default(),
                exposed: None,
                preload: None,
                subdomains: None,
                crawl: None,
            },
        })),
        Line::Report(_) => return None,
    })
}

/// Asks for a check and hands over each event with its line as it comes. Returns after the report, with how many seconds
/// ago it was seen where that was not just now.
pub(crate) async fn check(
    domain: &str,
    more: &str,
    stop: &AbortSignal,
    mut on_event: impl FnMut(Event, &str),
) -> Result<Option<String>, Failure> {
    let address = format!("/api/v1/check?domain={}{more}", encoded(domain));
    let response = ask(&address, "application/x-ndjson", Some(stop)).await.map_err(|_| Failure::Unreachable)?;
    if !response.ok() {
        return Err(Failure::Problem(problem(&response).await));
    }
    let mut ended = false;
    let mut lines = Lines::default();
    let reader: ReadableStreamDefaultReader = response.body().ok_or(Failure::Cut)?.get_reader().unchecked_into();
    while !ended {
        let Some(chunk) = next(&reader).await else { break };
        lines.push(&chunk, |line| {
            let Ok(line) = str::from_utf8(line) else { return };
            if let Some(event) = event(line) {
                ended |= matches!(event, Event::Report(_));
                on_event(event, line);
            }
        });
    }
    if ended { Ok(response.headers().get("age").ok().flatten()) } else { Err(Failure::Cut) }
}

/// One site that the practice network offers.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Practice {
    /// Its name.
    pub(crate) domain: String,
    /// What it shows.
    #[serde(default)]
    pub(crate) title: String,
    /// Its story in a sentence.
    #[serde(default)]
    pub(crate) story: String,
}

/// The sites of the practice network, when the page is served together with one.
pub(crate) async fn practice() -> Vec<Practice> {
    #[derive(Deserialize)]
    struct Listed {
        sites: Vec<Practice>,
    }
    let Ok(response) = ask("/lab.json", "application/json", None).await else { return Vec::new() };
    let text = text(&response).await;
    wire::read::<Listed>(&text).map(|listed| listed.sites).unwrap_or_default()
}

async fn ask(address: &str, accept: &str, stop: Option<&AbortSignal>) -> Result<Response, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", accept)?;
    let init = RequestInit::new();
    init.set_headers(&headers);
    init.set_signal(stop);
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    Ok(JsFuture::from(window.fetch_with_str_and_init(address, &init)).await?.unchecked_into())
}

async fn problem(response: &Response) -> Problem {
    let retry_after = response.headers().get("retry-after").ok().flatten().and_then(|text| text.trim().parse().ok());
    let status = response.status();
    let said = wire::read::<Problem>(&text(response).await);
    let mut problem = said.unwrap_or_else(|| Problem {
        kind: String::new(),
        title: "The answer could not be read".into(),
        detail: format!("The server answered with status {status} and without an explanation."),
        status,
        retry_after: None,
    });
    problem.status = status;
    problem.retry_after = retry_after;
    problem
}

async fn text(response: &Response) -> String {
    let Ok(promise) = response.text() else { return String::new() };
    JsFuture::from(promise)
        .await
        .ok()
        .and_then(|text| text.dyn_into::<JsString>().ok())
        .map(String::from)
        .unwrap_or_default()
}

async fn next(reader: &ReadableStreamDefaultReader) -> Option<Vec<u8>> {
    let read = JsFuture::from(reader.read()).await.ok()?;
    if Reflect::get(&read, &"done".into()).ok()?.is_truthy() {
        return None;
    }
    let chunk: Uint8Array = Reflect::get(&read, &"value".into()).ok()?.unchecked_into();
    Some(chunk.to_vec())
}

/// Cuts chunks into lines.
#[derive(Default)]
struct Lines(Vec<u8>);

impl Lines {
    fn push(&mut self, chunk: &[u8], mut on_line: impl FnMut(&[u8])) {
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            self.0.extend_from_slice(part);
            if self.0.ends_with(b"\n") {
                on_line(&self.0);
                self.0.clear();
            }
        }
    }
}
