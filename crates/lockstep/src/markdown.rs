//! The report as Markdown: a checklist fit for a ticket.

use findings::{Finding, Fix, Prove, Section, State};

use crate::{Report, text, verdict};

/// The report as a checklist: the verdict, the five facts, causes and faults with fix and proof, then every row.
pub fn markdown(report: &Report) -> String {
    let mut out = format!("# {}\n\n{}\n\n", line(&report.domain), line(&verdict(report)));
    for fact in &report.facts {
        item(&mut out, fact.state, &format!("**{}**: {}", fact.id.title(), line(&fact.sentence)));
    }
    let explained = |finding: &Finding| report.diagnoses.iter().any(|it| it.explains.contains(&finding.key()));
    let loose: Vec<&Finding> =
        report.findings.iter().filter(|it| it.state >= State::Warning && !explained(it)).collect();
    if !report.diagnoses.is_empty() || !loose.is_empty() {
        out.push_str("\n## What to change\n");
    }
    for cause in &report.diagnoses {
        out.push_str(&format!("\n### {}\n\n{}\n", line(&cause.cause), line(&cause.affects)));
        remedy(&mut out, Some(&cause.fix), Some(&cause.prove));
        if !cause.otherwise.is_empty() {
            out.push_str(&format!("\nIf that is not it: {}\n", line(&cause.otherwise)));
        }
    }
    for finding in loose {
        out.push_str(&format!(
            "\n### {} ({})\n\n{}\n",
            line(&finding.title),
            line(&finding.subject),
            line(&finding.seen)
        ));
        if !finding.means.is_empty() {
            out.push_str(&format!("{}\n", line(&finding.means)));
        }
        remedy(&mut out, finding.fix.as_ref(), finding.prove.as_ref());
    }
    for section in Section::ALL {
        let rows: Vec<&Finding> = report.findings.iter().filter(|finding| finding.section == section).collect();
        if rows.is_empty() {
            continue;
        }
        out.push_str(&format!("\n## {}\n\n", section.title()));
        for finding in rows {
            item(&mut out, finding.state, &format!("{}: {}", line(&finding.title), line(&finding.seen)));
        }
    }
    out
}

/// A row with a box, ticked where all is well; the others say how bad.
fn item(out: &mut String, state: State, text: &str) {
    match state {
        State::Passed => out.push_str(&format!("- [x] {text}\n")),
        State::NotTested | State::Note => out.push_str(&format!("- {}: {text}\n", state.word())),
        State::Warning | State::Failed => out.push_str(&format!("- [ ] **{}** {text}\n", state.word())),
    }
}

fn remedy(out: &mut String, fix: Option<&Fix>, prove: Option<&Prove>) {
    if let Some(fix) = fix {
        out.push_str(&format!("\n{}\n", line(&fix.text)));
        block(out, fix.code.as_deref());
    }
    if let Some(prove) = prove {
        out.push_str(&format!("\nTo prove it ({}):\n", line(&prove.expect)));
        block(out, Some(&prove.command));
    }
}

/// A fenced block, with a fence longer than any run of backticks inside.
fn block(out: &mut String, code: Option<&str>) {
    let Some(code) = code else { return };
    let code: String = code.split('\n').map(|code| text::line(code) + "\n").collect();
    let longest = code.split(|sign| sign != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    out.push_str(&format!("\n{fence}\n{}\n{fence}\n", code.trim_end()));
}

/// A stranger's words in one line, in which nothing is markup: titles and headers may hold anything.
pub(crate) fn line(text: &str) -> String {
    let text = text::line(text);
    let text = text.trim();
    let mut out = String::with_capacity(text.len());
    // What makes a list, or an underline of what stands above, only where a line begins.
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text.get(digits + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '));
    for (at, sign) in text.char_indices() {
        match sign {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '!' | '@' | '$' => out.push('\\'),
            '-' | '+' | '=' | ':' if at == 0 => out.push('\\'),
            '.' | ')' if at == digits && at > 0 && number => out.push('\\'),
            _ => {}
        }
        match sign {
            '&' => out.push_str("&amp;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Timing, fixture::healthy, report};

    #[test]
    fn a_healthy_site_is_a_list_of_ticks() {
        let text = markdown(&report(healthy(), Timing::default()));
        assert!(text.starts_with("# example.com\n\nEverything visible from outside is right at example.com"), "{text}");
        assert!(text.contains("- [x] **DNS**: example.com and www.example.com lead to 9.9.9.9"), "{text}");
        assert!(!text.contains("[ ]") && !text.contains("## What to change"), "{text}");
    }

    #[test]
    fn what_makes_a_list_or_an_underline_does_so_only_where_a_line_begins() {
        for (text, told) in [
            ("1. one", "1\\. one"),
            ("2)", "2\\)"),
            ("9.9.9.9 answers", "9.9.9.9 answers"),
            ("- a - b", "\\- a - b"),
            ("===", "\\==="),
            ("  4 spaces", "4 spaces"),
            ("example-site.test: a=b", "example-site.test: a=b"),
        ] {
            assert_eq!(line(text), told);
        }
    }

    #[test]
    fn a_fault_comes_with_what_to_change_and_what_proves_it() {
        let mut report = report(healthy(), Timing::default());
        let row = &mut report.findings[0];
        row.state = State::Failed;
        row.seen = "The title is <b>`x`</b> @all\n# not a heading".into();
        row.fix = Some(Fix { text: "Say it.".into(), code: Some("echo '```'".into()) });
        row.prove = Some(Prove { command: "dig x".into(), expect: "an address".into() });
        let text = markdown(&report);
        assert!(text.contains("## What to change"), "{text}");
        assert!(text.contains("\\<b\\>\\`x\\`\\</b\\> \\@all \\# not a heading"), "{text}");
        assert!(text.contains("\n````\necho '```'\n````\n"), "{text}");
        assert!(text.contains("To prove it (an address):\n\n```\ndig x\n```\n"), "{text}");
        assert!(text.contains("- [ ] **Failed**"), "{text}");
    }
}
