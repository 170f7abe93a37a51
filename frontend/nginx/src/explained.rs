//! What happens to a URL, as a list of steps, each with the line that decides it.

use findings::State;
use nginx::{Assumption, Config, Header, Outcome, Patterns, Request, Route, Step, StepKind, route};
use view::{
    components::glyph::{Shape, glyph},
    markup::Html,
    words::class,
};

use crate::place::go;

/// The explanation, as HTML; or what keeps the text from being a URL.
pub(crate) fn explained(config: &Config<'_>, url: &str, patterns: &dyn Patterns) -> String {
    let mut html = Html::default();
    match Request::parse(url) {
        Ok(request) => write(&mut html, &route(config, &request, patterns)),
        Err(why) => html.line("p", "wrong", why),
    }
    html.done()
}

fn write(html: &mut Html, route: &Route) {
    let (state, title, more) = outcome(&route.outcome);
    let state = if route.assumed.is_empty() { state } else { state.max(State::NotTested) };
    html.of("div", &["end ", class(state)].concat(), |html| {
        html.el("h3", &[("tabindex", "-1")], |html| {
            glyph(html, Shape::Of(state));
            html.prose("span", "", &title);
        });
        for line in more.iter().filter(|line| !line.is_empty()) {
            html.prose("p", "small", line);
        }
    });
    html.of("ol", "steps", |html| route.steps.iter().for_each(|it| step(html, it)));
    if !route.assumed.is_empty() {
        html.of("div", "assumed", |html| {
            html.line("h4", "", "Not known, and assumed");
            html.of("ul", "places", |html| route.assumed.iter().for_each(|it| assumption(html, it)));
        });
    }
    headers(html, "What the application receives", &route.request_headers);
    headers(html, "What nginx adds to the answer", &route.response_headers);
}

fn step(html: &mut Html, step: &Step) {
    html.el("li", &[], |html| {
        html.line("b", "", word(step.kind));
        html.of("div", "", |html| {
            html.prose("p", "", &step.text);
            if let Some(place) = &step.place {
                go(html, place, &step.text);
            }
        });
    });
}

fn assumption(html: &mut Html, it: &Assumption) {
    html.el("li", &[], |html| {
        html.prose("span", "", &it.text);
        html.text(" ");
        if let Some(place) = &it.place {
            go(html, place, &it.text);
        }
    });
}

fn headers(html: &mut Html, title: &str, headers: &[Header]) {
    if headers.is_empty() {
        return;
    }
    html.of("details", "evidence", |html| {
        html.line("summary", "", &format!("{title}: {}", headers.len()));
        html.of("dl", "raw", |html| {
            for header in headers {
                html.el("div", &[], |html| {
                    html.line("dt", "value", &header.name);
                    html.of("dd", "", |html| {
                        html.line("span", "value", &header.value);
                        if header.only_on_success {
                            html.line("span", "dim", " not sent with this answer: `always` is missing");
                        } else if !header.known {
                            html.line("span", "dim", " as far as it is known");
                        }
                    });
                });
            }
        });
    });
}

fn word(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Socket => "Socket",
        StepKind::Tls => "TLS",
        StepKind::Server => "Server",
        StepKind::Uri => "Path",
        StepKind::Location => "Location",
        StepKind::Rewrite => "Rewrite",
        StepKind::Return => "Return",
        StepKind::Files => "Files",
        StepKind::Access => "Access",
        StepKind::Error => "Error page",
        StepKind::Content => "Answer",
    }
}

/// How it ends: its state, a title, and further lines.
fn outcome(outcome: &Outcome) -> (State, String, Vec<String>) {
    let unsure = |known: &bool| {
        if *known { String::new() } else { "As far as it is known without the real request.".to_owned() }
    };
    match outcome {
        Outcome::Redirect { code, to, known } => {
            (State::Passed, format!("{code}: the browser is sent to {to}"), vec![unsure(known)])
        }
        Outcome::Answer { code, body } => {
            let body: String = body.chars().take(200).collect();
            let text = if body.is_empty() { String::new() } else { format!("With the text \"{body}\".") };
            (at(*code), format!("{code}, answered by nginx itself"), vec![text])
        }
        Outcome::Proxy { scheme, to, uri, members, known, code } => {
            let code = code.map(|code| format!("The answer’s status is overridden: {code}.")).unwrap_or_default();
            let members =
                if members.is_empty() { String::new() } else { format!("Behind it: {}.", members.join(", ")) };
            let target = if scheme == "http" { to.clone() } else { format!("{scheme}://{to}") };
            (
                State::Passed,
                format!("The application at {target} is asked for {uri}"),
                vec![members, code, unsure(known)],
            )
        }
        Outcome::Handler { name, to } => (State::Passed, format!("{name} {to}").trim().to_owned(), Vec::new()),
        Outcome::File { path, known, code } => {
            let code = if *code == 200 { String::new() } else { format!("With status {code}.") };
            (State::Passed, format!("The file {path}"), vec![code, unsure(known)])
        }
        Outcome::Listing { path, code } => {
            let code = if *code == 200 { String::new() } else { format!("With status {code}.") };
            (State::Passed, format!("A listing of {path}"), vec![code])
        }
        Outcome::Error { code, because } => {
            (at(*code), format!("{code}, nginx’s own error page"), vec![because.clone()])
        }
        Outcome::Closed => (State::Note, "The connection is closed without an answer".into(), Vec::new()),
        Outcome::HandshakeFails { because } => (State::Failed, "The TLS handshake fails".into(), vec![because.clone()]),
        Outcome::NothingListens { because } => (State::Warning, "Nothing listens there".into(), vec![because.clone()]),
        Outcome::Undecided { because } => {
            (State::NotTested, "It depends on the real request".into(), vec![because.clone()])
        }
    }
}

fn at(code: u16) -> State {
    match code {
        500.. => State::Failed,
        400.. => State::Warning,
        _ => State::Passed,
    }
}
