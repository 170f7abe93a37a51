//! A report as text for a ticket or a mail: Markdown or plain.

use findings::State;
use lockstep::Report;

use crate::{
    checklist::checklist,
    facts::{calm, facts},
    verdict::{name, verdict},
};

/// The flavour of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With headings, emphasis and code fences.
    Markdown,
    /// Without.
    Plain,
}

/// The whole checklist as text, passed rows included, evidence left out.
pub fn text(report: &Report, form: Form) -> String {
    let verdict = verdict(report);
    let mut out = String::new();
    let heading = |out: &mut String, level: &str, words: &str| match form {
        Form::Markdown => out.push_str(&format!("{level} {words}\n\n")),
        Form::Plain => out.push_str(&format!("{words}\n\n")),
    };
    heading(&mut out, "#", &format!("{}: {}", name(report), verdict.headline.trim_end_matches('.')));
    if !verdict.detail.is_empty() {
        out.push_str(&format!("{}\n\n", verdict.detail));
    }
    out.push_str(&format!("{}\n\n", verdict.seen));
    for diagnosis in &report.diagnoses {
        heading(&mut out, "##", &format!("Cause: {}", diagnosis.cause.trim_end_matches('.')));
        out.push_str(&format!("{}\n\n", diagnosis.affects));
        remedy(&mut out, form, "", Some(&diagnosis.fix), Some(&diagnosis.prove));
        out.push('\n');
    }
    for fact in facts(report) {
        out.push_str(&format!("- {} {}: {}\n", mark(fact.state), fact.id.title(), fact.sentence));
    }
    for layer in checklist(report, &[]) {
        out.push('\n');
        heading(&mut out, "##", layer.section.title());
        for row in layer.shown.iter().chain(&layer.not_tested).chain(&layer.passed) {
            let state = calm(report.situation, row.state);
            for finding in &row.findings {
                let title = match form {
                    Form::Markdown => format!("**{}**", row.title),
                    Form::Plain => row.title.clone(),
                };
                out.push_str(&format!("- {} {title} ({}): {}\n", mark(state), finding.subject, finding.seen));
                if row.state >= State::Warning && row.explained_by.is_none() {
                    if !finding.means.is_empty() {
                        out.push_str(&format!("  {}\n", finding.means));
                    }
                    remedy(&mut out, form, "  ", finding.fix.as_ref(), finding.prove.as_ref());
                }
            }
        }
    }
    out
}

fn mark(state: State) -> &'static str {
    match state {
        State::Passed => "[passed]",
        State::NotTested => "[not tested]",
        State::Note => "[note]",
        State::Warning => "[warning]",
        State::Failed => "[failed]",
    }
}

fn remedy(out: &mut String, form: Form, indent: &str, fix: Option<&findings::Fix>, prove: Option<&findings::Prove>) {
    if let Some(fix) = fix {
        out.push_str(&format!("{indent}Fix: {}\n", fix.text));
        if let Some(code) = &fix.code {
            fence(out, form, indent, code);
        }
    }
    if let Some(prove) = prove {
        out.push_str(&format!("{indent}Prove: {}\n", prove.expect));
        fence(out, form, indent, &prove.command);
    }
}

fn fence(out: &mut String, form: Form, indent: &str, code: &str) {
    let (before, after) = match form {
        Form::Markdown => (format!("{indent}```\n"), format!("{indent}```\n")),
        Form::Plain => (String::new(), String::new()),
    };
    out.push_str(&before);
    for line in code.lines() {
        let deeper = if form == Form::Plain { "    " } else { "" };
        out.push_str(&format!("{indent}{deeper}{line}\n"));
    }
    out.push_str(&after);
}
