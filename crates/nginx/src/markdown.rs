//! Findings as Markdown, to be pasted where people help each other.

use std::fmt::Write as _;

use findings::Severity;

use crate::{Files, Linted, Safety, Source, apply};

/// What a lint found, as a list with excerpts and the edits as diffs. `sources` are the texts that were linted, in the
/// same order.
pub fn markdown(linted: &Linted, sources: &[Source<'_>]) -> String {
    let files = Files::read(sources);
    let mut out = format!("# nginx configuration, read for nginx {}\n\n", linted.version);
    let counted = |severity| linted.findings.iter().filter(|finding| finding.severity == severity).count();
    let counts: Vec<String> = [
        (Severity::Failed, "error", "errors"),
        (Severity::Warning, "warning", "warnings"),
        (Severity::Note, "note", "notes"),
    ]
    .into_iter()
    .filter_map(|(severity, one, many)| match counted(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {many}")),
    })
    .collect();
    let summary = if counts.is_empty() { "Nothing found.".to_owned() } else { format!("{}.", counts.join(", ")) };
    let _ = writeln!(out, "{summary}");
    if let Some(stops) = &linted.stops {
        let file = if stops.path.is_empty() { String::new() } else { format!("{}, ", code(&stops.path)) };
        let at = stops.line.map(|line| format!(" at {file}line {line}")).unwrap_or_default();
        let _ = writeln!(out, "\n`nginx -t` stops{at}: {}", code(&stops.words));
    }
    for finding in &linted.findings {
        let place = &finding.place;
        let file = if place.path.is_empty() { String::new() } else { format!("{}, ", code(&place.path)) };
        let severity = match finding.severity {
            Severity::Failed => "Error",
            Severity::Warning => "Warning",
            Severity::Note => "Note",
        };
        let _ = writeln!(out, "\n## {severity}: {} ({file}line {})\n", escaped(&finding.title), place.line);
        let _ = writeln!(out, "{}", [&finding.seen, &finding.means].map(|text| escaped(text)).join(" ").trim_end());
        if let Some(nginx) = &finding.nginx {
            let line = finding.nginx_line.filter(|line| *line != place.line);
            let at = line.map(|line| format!(", at line {line}")).unwrap_or_default();
            let _ = writeln!(out, "\nnginx says{at}: {}", code(nginx));
        }
        fenced(&mut out, "nginx", files.line_of(place));
        for related in &finding.related {
            let _ = writeln!(out, "\nLine {}: {}", related.place.line, escaped(&related.text));
            fenced(&mut out, "nginx", files.line_of(&related.place));
        }
        if let Some(fix) = &finding.fix {
            let care = if fix.safety == Safety::Review { " (look at it first)" } else { "" };
            let _ = writeln!(out, "\nFix{care}: {}", escaped(&fix.text));
            if let Some(diff) = diff(&fix.edits, sources) {
                fenced(&mut out, "diff", &diff);
            }
        }
        let doc = finding.doc.as_ref().map(|doc| format!(", [documentation](<{doc}>)")).unwrap_or_default();
        let _ = writeln!(out, "\nRule {}{doc}", code(&finding.rule));
    }
    if !linted.undecided.is_empty() {
        out.push_str("\n## Not decided\n\n");
        let mut said: Vec<(String, usize)> = Vec::new();
        for undecided in &linted.undecided {
            match said.iter_mut().find(|(because, _)| *because == undecided.because) {
                Some((_, rules)) => *rules += 1,
                None => said.push((undecided.because.clone(), 1)),
            }
        }
        for (because, rules) in said {
            let what = if rules == 1 { "One rule waits".to_owned() } else { format!("{rules} rules wait") };
            let _ = writeln!(out, "- {} {what} for it.", escaped(&because));
        }
    }
    out
}

/// The lines that edits touch, before and after; `None` when they are in several sources or touch nothing.
fn diff(edits: &[crate::Edit], sources: &[Source<'_>]) -> Option<String> {
    let (first, last) = (edits.first()?, edits.last()?);
    if first.source != last.source {
        return None;
    }
    let text = sources.get(first.source as usize)?.text;
    let from = text.get(..first.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let to = text.get(last.end as usize..)?.find('\n').map_or(text.len(), |at| last.end as usize + at);
    let changed = apply(text, edits);
    let before = text.get(from..to)?;
    // What follows the last edit is the same in both.
    let after = changed.get(from..changed.len().checked_sub(text.len().checked_sub(to)?)?)?;
    if before.len() + after.len() > 8_000 {
        return None;
    }
    let (old, new): (Vec<&str>, Vec<&str>) = (before.split('\n').collect(), after.split('\n').collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - same;
    let tail = old.iter().rev().zip(new.iter().rev()).take(rest).take_while(|(a, b)| a == b).count();
    let mut out = String::new();
    let middle = |lines: &[&str]| lines.len() - tail;
    for (sign, lines, from, to) in [
        (' ', &old, 0, same),
        ('-', &old, same, middle(&old)),
        ('+', &new, same, middle(&new)),
        (' ', &old, middle(&old), old.len()),
    ] {
        for line in lines.get(from..to).unwrap_or_default() {
            out.push(sign);
            out.push_str(line.trim_end_matches('\r'));
            out.push('\n');
        }
    }
    Some(out)
}

/// A fence that nothing in the text can close.
fn fenced(out: &mut String, language: &str, text: &str) {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    let _ = writeln!(out, "\n{fence}{language}\n{}\n{fence}", text.trim_end());
}

/// Code in a line, whatever it holds.
fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace(['\n', '\r'], " "))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Prose in which nothing is taken for markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' | '|' | '~' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, lint};

    #[test]
    fn a_finding_is_told_with_its_line_and_its_fix() {
        let text = "server {\n    listen 443\n    root /srv;\n}\n";
        let said = markdown(&lint(text, &Options::default()), &[Source { name: "", text }]);
        assert!(said.contains("```nginx\n    listen 443\n```"), "{said}");
        assert!(said.contains("\n`nginx -t` stops at line 3: `invalid parameter \"root\"`\n"), "{said}");
        assert!(said.contains("\nnginx says, at line 3: `invalid parameter \"root\"`\n"), "{said}");
        assert!(said.contains("```diff\n-    listen 443\n+    listen 443;\n```"), "{said}");
    }

    #[test]
    fn hostile_text_stays_text() {
        let text = "server {\n    a```</script>[x](javascript:y) on;\n}\n";
        let said = markdown(&lint(text, &Options::default()), &[Source { name: "<b>`", text }]);
        assert!(said.contains("````nginx\n    a```</script>"), "{said}");
        assert!(!said.lines().any(|line| line.starts_with("[x]") || line.starts_with("</script>")), "{said}");
    }
}
