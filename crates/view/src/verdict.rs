//! The one sentence on top, and how the tab and the icon say it.

use findings::State;
use lockstep::{FactId, Report, Situation};

use crate::{
    checklist::independent,
    words::{count, number, tallies},
};

/// What stands on top of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The shape and colour of it. Never [`State::Failed`] for a site that is not connected yet.
    pub state: State,
    /// A few words above the sentence: `One cause, 9 symptoms`.
    pub above: String,
    /// The sentence.
    pub headline: String,
    /// A second sentence, or nothing.
    pub detail: String,
    /// When it was seen.
    pub seen: String,
    /// Two or three words for the bar and the tab: `2 failed`, `All right`.
    pub short: String,
}

/// Words the verdict of a report.
pub fn verdict(report: &Report) -> Verdict {
    let (state, above, headline, detail, short) = match report.situation {
        Situation::Fine => fine(report),
        Situation::Warnings => warnings(report),
        Situation::Broken => broken(report),
        Situation::NotConnected => not_connected(report),
        Situation::Unseen => unseen(report),
    };
    Verdict { state, above, headline, detail, seen: seen(report), short }
}

/// `✓ example.com: All right · Lockstep`.
pub fn tab_title(report: &Report, verdict: &Verdict) -> String {
    let mark = match verdict.state {
        State::Passed => "✓",
        State::NotTested | State::Note => "○",
        State::Warning => "△",
        State::Failed => "✕",
    };
    format!("{mark} {}: {} · Lockstep", name(report), verdict.short)
}

/// The name as people read it.
pub fn name(report: &Report) -> &str {
    report.observed.target.unicode.as_deref().unwrap_or(&report.domain)
}

/// What the status line says at the end: `Check finished: 2 failed, 26 passed.`
pub fn finished(report: &Report) -> String {
    format!("Check finished: {}.", tallies(report.findings.iter().map(|finding| finding.state)))
}

type Parts = (State, String, String, String, String);

fn fine(report: &Report) -> Parts {
    let looked = report.findings.iter().filter(|finding| finding.state == State::Passed).count();
    let above = format!("{looked} passed");
    // What keeps it from being everything: nginx where an application is expected, or a proof that was not found.
    let doubt = report.facts.iter().find(|fact| fact.state == State::Note).map(|fact| &fact.sentence);
    let unproved = || {
        let unseen = |it: &&findings::Finding| it.id == "backend-port-public" && it.state == State::NotTested;
        report.findings.iter().find(unseen).map(|it| &it.seen)
    };
    match doubt.or_else(unproved) {
        None => (
            State::Passed,
            above,
            "Everything visible from outside is right.".into(),
            String::new(),
            "All right".into(),
        ),
        Some(why) => (State::Passed, above, "Nothing fails.".into(), why.clone(), "Nothing fails".into()),
    }
}

fn warnings(report: &Report) -> Parts {
    let alone = independent(report, State::Warning);
    let n = report.diagnoses.len() + alone.len();
    let above = "Works today".to_owned();
    let short = count(n.max(1), "warning", "warnings");
    match (report.diagnoses.as_slice(), alone.as_slice()) {
        ([cause, rest @ ..], alone) => {
            let more = rest.len() + alone.len();
            let above =
                if more == 0 { above } else { format!("{above}, {} want attention", number(n).to_ascii_lowercase()) };
            (State::Warning, above, cause.cause.clone(), cause.affects.clone(), short)
        }
        ([], [only]) => (State::Warning, above, sentence(&only.title), only.seen.clone(), short),
        _ => (State::Warning, above, format!("{} things want attention.", number(n)), String::new(), short),
    }
}

fn broken(report: &Report) -> Parts {
    let alone = independent(report, State::Failed);
    let failed = report.findings.iter().filter(|finding| finding.state == State::Failed).count();
    let short = format!("{failed} failed");
    match (report.diagnoses.as_slice(), alone.as_slice()) {
        ([cause, rest @ ..], alone) => {
            let symptoms = cause.explains.len();
            let mut above = format!("One cause, {}", count(symptoms, "symptom", "symptoms"));
            let more = rest.len() + alone.len();
            if more > 0 {
                above = format!("The first of {} causes", number(more + 1).to_ascii_lowercase());
            }
            (State::Failed, above, cause.cause.clone(), cause.affects.clone(), short)
        }
        ([], [only]) => (State::Failed, "One thing fails".into(), sentence(&only.title), only.seen.clone(), short),
        ([], alone) => {
            let headline = format!("{} things fail for visitors.", number(alone.len()));
            (State::Failed, "No one cause explains them".into(), headline, String::new(), short)
        }
    }
}

fn not_connected(report: &Report) -> Parts {
    let apex = report.observed.target.registrable.as_str();
    let headline = "Not connected yet.".to_owned();
    let detail = if report.observed.dns.names.iter().any(dns::NameSeen::resolves) {
        format!(
            "The name leads to an address, and no web server answers there yet. The next step for {apex} is open below."
        )
    } else {
        format!("{} leads nowhere yet. The next step is open below.", name(report))
    };
    (State::NotTested, "A ladder of seven steps".into(), headline, detail, "Not connected yet".into())
}

/// Why it could not be seen is what the app's fact says.
fn unseen(report: &Report) -> Parts {
    let why = report.facts.iter().find(|fact| fact.id == FactId::App).map(|fact| fact.sentence.clone());
    let headline = "Too little could be seen to say.".to_owned();
    (State::NotTested, "Nothing was found wrong".into(), headline, why.unwrap_or_default(), "Not seen".into())
}

/// A title as a sentence.
fn sentence(title: &str) -> String {
    if title.ends_with(['.', '?', '!']) { title.to_owned() } else { format!("{title}.") }
}

fn seen(report: &Report) -> String {
    ["Seen ", &report.seen_at.long_date(), ", ", &report.seen_at.clock()].concat()
}
