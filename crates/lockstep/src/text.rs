//! The checklist as plain text: what a terminal and `curl` show.

use findings::{Diagnosis, Finding, Prove, Section, State};

use crate::{Event, Report, Situation};

/// What an event adds to the text; `None` when it adds nothing. Each text ends with a line break.
pub fn text(event: &Event) -> Option<String> {
    match event {
        Event::Plan(plan) => {
            let names: Vec<String> = plan.target.names().map(ToString::to_string).collect();
            Some(format!("Lockstep looks at {} (asking {})\n\n", names.join(" and "), plan.resolvers.join(", ")))
        }
        Event::Progress(_) | Event::Facts(_) => None,
        Event::Finding(finding) => Some(row(finding)),
        Event::Report(report) => Some(summary(report)),
    }
}

/// A finished report as the text that was streamed while it was made.
pub fn whole(report: &Report) -> String {
    report.findings.iter().map(row).chain([summary(report)]).collect()
}

/// The verdict in one sentence, dated.
pub fn verdict(report: &Report) -> String {
    let count = |state: State| {
        let rows = report.findings.iter().filter(|finding| finding.section != Section::Hardening);
        rows.filter(|finding| finding.state == state).count()
    };
    let (failed, warnings) = (count(State::Failed), count(State::Warning));
    let plural = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    let domain = line(&report.domain);
    let sentence = match report.situation {
        Situation::Fine => match (report.facts.iter().find(|fact| fact.state == State::Note), left_out(report)) {
            (Some(doubt), _) => {
                format!("Nothing fails at {domain}; {}", line(doubt.sentence.trim_end_matches('.')))
            }
            (None, true) => format!(
                "What everybody can see of {domain} is right; ports and files were not looked at, for want of a proof that it is yours"
            ),
            (None, false) => format!("Everything visible from outside is right at {domain}"),
        },
        Situation::Warnings => format!("{domain} works, with {}", plural(warnings, "warning")),
        Situation::Broken if warnings == 0 => format!("{domain} has {}", plural(failed, "fault")),
        Situation::Broken => {
            format!("{domain} has {} and {}", plural(failed, "fault"), plural(warnings, "warning"))
        }
        Situation::NotConnected => format!("{domain} is not connected yet"),
        Situation::Unseen => format!("Too little of {domain} could be seen to say whether it is right"),
    };
    format!("{sentence}, seen on {} at {}.", report.seen_at.long_date(), report.seen_at.clock())
}

/// Whether the owner asked for more than everybody may see, with a proof that was not found.
fn left_out(report: &Report) -> bool {
    let control = report.observed.exposed.as_ref().and_then(|exposed| exposed.control.as_ref());
    control.is_some_and(|control| !control.is_proved())
}

fn mark(state: State) -> &'static str {
    match state {
        State::Passed => "  ok   ",
        State::NotTested => "  ?    ",
        State::Note => "  note ",
        State::Warning => "! WARN ",
        State::Failed => "X FAIL ",
    }
}

fn row(finding: &Finding) -> String {
    let (title, seen) = (line(&finding.title), line(&finding.seen));
    format!("{} {:<16} {title}: {seen}\n", mark(finding.state), finding.section.title())
}

/// What stands under the rows: causes, what to do, the verdict, the five facts.
pub fn summary(report: &Report) -> String {
    let mut text = String::from("\n");
    for diagnosis in &report.diagnoses {
        text.push_str(&cause(diagnosis));
    }
    let explained = |finding: &Finding| report.diagnoses.iter().any(|it| it.explains.contains(&finding.key()));
    for finding in report.findings.iter().filter(|finding| finding.state >= State::Warning && !explained(finding)) {
        text.push_str(&action(finding));
    }
    text.push_str(&format!("{}\n\n", verdict(report)));
    for fact in &report.facts {
        text.push_str(&format!("{} {:<16} {}\n", mark(fact.state), fact.id.title(), line(&fact.sentence)));
    }
    text
}

fn cause(diagnosis: &Diagnosis) -> String {
    let count = diagnosis.explains.len();
    let explains = if count == 1 { "1 row".to_owned() } else { format!("{count} rows") };
    let (cause, affects) = (line(&diagnosis.cause), line(&diagnosis.affects));
    let mut text = format!("CAUSE  {cause}\n  {affects}\n  Explains {explains} above.\n");
    text.push_str(&fix(&diagnosis.fix));
    text.push_str(&proof(&diagnosis.prove));
    if !diagnosis.otherwise.is_empty() {
        text.push_str(&format!("  If that is not it: {}\n", line(&diagnosis.otherwise)));
    }
    text.push('\n');
    text
}

fn action(finding: &Finding) -> String {
    let [title, subject, means] = [&finding.title, &finding.subject, &finding.means].map(|text| line(text));
    let mut text = format!("{}  {title} ({subject})\n  {means}\n", finding.state.word());
    if let Some(it) = &finding.fix {
        text.push_str(&fix(it));
    }
    if let Some(prove) = &finding.prove {
        text.push_str(&proof(prove));
    }
    text.push('\n');
    text
}

fn fix(fix: &findings::Fix) -> String {
    let mut text = format!("  Fix: {}\n", line(&fix.text));
    for code in fix.code.iter().flat_map(|code| code.lines()) {
        text.push_str(&format!("    {}\n", line(code)));
    }
    text
}

fn proof(prove: &Prove) -> String {
    format!("  Prove: {}\n  Expect: {}\n", line(&prove.command), line(&prove.expect))
}

/// A stranger's words in one line, in which nothing is a command to the terminal and nothing turns the direction of
/// what follows.
pub fn line(text: &str) -> String {
    let hidden = |sign: char| sign.is_control() || matches!(sign, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|sign| if hidden(sign) { ' ' } else { sign }).collect()
}
