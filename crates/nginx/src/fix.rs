//! Edits: made by rules, applied by the page. What no edit touches stays as it was, byte for byte.

use crate::{
    Config, Directive, Edit, Options, Safety, Source, Span, finding::Words, lint_all, order, search::Search,
    syntax::TokenKind, words::joined,
};

/// Applies edits of one source. Of two that overlap the first wins; the same edit twice counts once.
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut edits: Vec<&Edit> = edits.iter().collect();
    order::sort_by(&mut edits, |a, b| (a.start, a.end).cmp(&(b.start, b.end)));
    edits.dedup();
    let mut out = String::with_capacity(text.len());
    let mut at = 0_usize;
    for edit in edits {
        let (start, end) = (edit.start as usize, edit.end as usize);
        if start < at || end < start {
            continue;
        }
        let (Some(between), true) = (text.get(at..start), text.is_char_boundary(end)) else { continue };
        out.push_str(between);
        out.push_str(&edit.text);
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Applies every fix that can be applied unseen, again and again until none is left (at most eight rounds: a `;` that was
/// missing may have hidden something).
pub fn apply_safe(text: &str, options: &Options) -> String {
    apply_safe_all(&[Source { name: "", text }], options).pop().unwrap_or_default()
}

/// The same for several files that are read together; the texts come back in the same order.
pub fn apply_safe_all(sources: &[Source<'_>], options: &Options) -> Vec<String> {
    let mut texts: Vec<String> = sources.iter().map(|source| source.text.to_owned()).collect();
    for _ in 0..8 {
        let now: Vec<Source<'_>> =
            sources.iter().zip(&texts).map(|(source, text)| Source { name: source.name, text }).collect();
        // In the order of their places.
        let mut taken: Vec<Edit> = Vec::new();
        for finding in lint_all(&now, options).findings {
            let Some(fix) = finding.fix.filter(|fix| fix.safety == Safety::Safe) else { continue };
            // All edits of a fix, or none. Edits that touch wait for the next round.
            let clash = fix.edits.iter().any(|edit| {
                let after = taken.partition_point(|old| (old.source, old.start) <= (edit.source, edit.end));
                let before = after.checked_sub(1).and_then(|at| taken.get(at));
                before.is_some_and(|old| old.source == edit.source && old != edit && old.end >= edit.start)
            });
            if clash {
                continue;
            }
            for edit in fix.edits {
                let at = taken.partition_point(|old| (old.source, old.start) < (edit.source, edit.start));
                match taken.get_mut(at).filter(|old| (old.source, old.start) == (edit.source, edit.start)) {
                    Some(old) => *old = edit,
                    None => taken.insert(at, edit),
                }
            }
        }
        if taken.is_empty() {
            break;
        }
        for (text, at) in texts.iter_mut().zip(0_u32..) {
            let own: Vec<Edit> = taken.iter().filter(|edit| edit.source == at).cloned().collect();
            if !own.is_empty() {
                *text = apply(text, &own);
            }
        }
    }
    texts
}

/// A span and what stands there afterwards; positions count through all sources.
pub(crate) type Replace = (Span, String);

/// The line around a position: white space before its first sign, and whether it starts or ends the line.
struct Around<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Around<'a> {
    fn new(config: &Config<'a>, position: u32) -> Option<Around<'a>> {
        let (text, base) = config.files.source_text(position)?;
        let at = position.saturating_sub(base) as usize;
        text.is_char_boundary(at).then_some(Around { text, at })
    }

    fn line_start(&self) -> usize {
        self.text.get(..self.at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
    }

    fn before(&self) -> &'a str {
        self.text.get(self.line_start()..self.at).unwrap_or_default()
    }

    fn indent(&self) -> &'a str {
        let line = self.text.get(self.line_start()..).unwrap_or_default();
        let end = line.find(|c| c != ' ' && c != '\t').unwrap_or(line.len());
        line.get(..end).unwrap_or_default()
    }

    fn starts_line(&self) -> bool {
        self.before().trim().is_empty()
    }

    fn after(&self) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.get(..rest.find('\n').unwrap_or(rest.len())).unwrap_or_default()
    }
}

/// Adds lines at the end of a block, indented like its other directives.
pub(crate) fn add_inside(block: Directive<'_>, lines: &[String]) -> Vec<Replace> {
    let config = block.config();
    let own: Vec<_> = block.children().filter(|child| !child.is_built_in()).collect();
    let last = own.iter().rfind(|child| file_of(**child) == file_of(block));
    let Some(close) = block.close().filter(|_| !block.is_root()) else {
        return last.map(|last| add_after(*last, lines)).unwrap_or_default();
    };
    if close.is_empty() {
        // The `}` itself is missing: mend that first.
        return Vec::new();
    }
    let Some(around) = Around::new(config, close.start) else { return Vec::new() };
    if !around.starts_line() {
        let space = if around.before().ends_with([' ', '\t']) { "" } else { " " };
        return vec![(Span::at(close.start), format!("{space}{} ", joined(lines, " ")))];
    }
    let indent = last
        .and_then(|last| Around::new(config, last.name_span().start))
        .filter(Around::starts_line)
        .map_or_else(|| format!("{}    ", around.indent()), |around| around.indent().to_owned());
    let before = u32::try_from(around.before().len()).unwrap_or(0);
    let text: String = lines.iter().flat_map(|line| line.split('\n')).map(|line| format!("{indent}{line}\n")).collect();
    vec![(Span::at(close.start.saturating_sub(before)), text)]
}

/// Adds lines after a directive.
pub(crate) fn add_after(directive: Directive<'_>, lines: &[String]) -> Vec<Replace> {
    let end = directive.span().end;
    let Some(around) = Around::new(directive.config(), directive.name_span().start) else { return Vec::new() };
    if !around.starts_line() {
        return vec![(Span::at(end), format!(" {}", joined(lines, " ")))];
    }
    let indent = around.indent();
    let text: String = lines.iter().flat_map(|line| line.split('\n')).map(|line| format!("\n{indent}{line}")).collect();
    vec![(Span::at(end), text)]
}

/// Adds lines before a directive.
pub(crate) fn add_before(directive: Directive<'_>, lines: &[String]) -> Vec<Replace> {
    let start = directive.name_span().start;
    let Some(around) = Around::new(directive.config(), start) else { return Vec::new() };
    if !around.starts_line() {
        return vec![(Span::at(start), format!("{} ", joined(lines, " ")))];
    }
    let indent = around.indent();
    let text: String = lines.iter().flat_map(|line| line.split('\n')).map(|line| format!("{line}\n{indent}")).collect();
    vec![(Span::at(start), text)]
}

/// Takes a directive away, with its line when it has it for itself.
pub(crate) fn remove(directive: Directive<'_>) -> Vec<Replace> {
    let span = directive.span();
    let Some(start) = Around::new(directive.config(), span.start) else { return Vec::new() };
    let Some(end) = Around::new(directive.config(), span.end) else { return Vec::new() };
    if start.starts_line() && end.after().trim().is_empty() {
        let from = span.start.saturating_sub(u32::try_from(start.before().len()).unwrap_or(0));
        let rest = end.after().len();
        let newline = usize::from(end.text.len() > end.at + rest);
        let to = span.end.saturating_add(u32::try_from(rest + newline).unwrap_or(0));
        return vec![(Span::new(from, to), String::new())];
    }
    vec![(span, String::new())]
}

/// Replaces an argument.
pub(crate) fn replace_arg(directive: Directive<'_>, at: usize, text: impl Words) -> Vec<Replace> {
    vec![(directive.arg_span(at), text.written())]
}

/// Takes an argument away, with the space before it.
pub(crate) fn remove_arg(directive: Directive<'_>, at: usize) -> Vec<Replace> {
    let span = directive.arg_span(at);
    let before = if at == 0 { directive.name_span().end } else { directive.arg_span(at - 1).end };
    vec![(Span::new(before, span.end), String::new())]
}

/// Adds an argument at the end.
pub(crate) fn add_arg(directive: Directive<'_>, text: &str) -> Vec<Replace> {
    vec![(Span::at(directive.head_span().end), format!(" {text}"))]
}

/// Where the directive's file begins: tells files apart.
fn file_of(directive: Directive<'_>) -> Option<u32> {
    directive.config().files.file_at(directive.span().start).map(|file| file.tree.start)
}

/// Each comment that silences a rule: the line that it means (in what was pasted), and where it names the rule.
pub(crate) fn ignores(config: &Config<'_>) -> Vec<(u32, Span)> {
    const SIGN: &str = "lockstep:ignore ";
    let mut found = Vec::new();
    for file in &config.files.files {
        for (token, span) in file.tree.token_spans().filter(|(token, _)| token.kind == TokenKind::Comment) {
            let text = config.files.text(span);
            let Some(at) = text.place(SIGN).map(|at| at + SIGN.len()) else { continue };
            let Some(after) = text.get(at..) else { continue };
            let from = at + after.len() - after.trim_start().len();
            let name = after.split_whitespace().next().unwrap_or_default();
            let line = config.files.locate(span).pasted_line;
            let start = span.start + u32::try_from(from).unwrap_or(0);
            let name = Span::new(start, start + u32::try_from(name.len()).unwrap_or(0));
            found.push((line.saturating_add(u32::from(token.line_start)), name));
        }
    }
    found
}

/// Lines on which a comment silences a rule: (source, line in what was pasted, rule).
pub(crate) fn silenced(config: &Config<'_>) -> crate::map::Set<(u32, u32, String)> {
    let own = ignores(config)
        .into_iter()
        .filter_map(|(line, name)| Some((config.files.locate(name).source?, line, config.files.text(name).to_owned())));
    own.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(start: u32, end: u32, text: &str) -> Edit {
        Edit { source: 0, start, end, text: text.into() }
    }

    #[test]
    fn edits_change_only_what_they_name() {
        assert_eq!(apply("abcdef", &[edit(4, 5, "X"), edit(1, 2, "YY"), edit(1, 2, "YY")]), "aYYcdXf");
        assert_eq!(apply("abc", &[edit(0, 2, "1"), edit(1, 3, "2")]), "1c");
        assert_eq!(apply("é", &[edit(1, 1, "x")]), "é");
        assert_eq!(apply("a", &[edit(9, 12, "x")]), "a");
    }

    #[test]
    fn each_file_gets_its_own_edits() {
        let sources = [
            Source { name: "nginx.conf", text: "events {}\nhttp {\n    sendfile on\n    include a.conf;\n}\n" },
            Source { name: "a.conf", text: "server {\n    listen 80\n    root /srv;\n}\n" },
            Source { name: "b.conf", text: "server {\n    listen 81;\n}\n" },
        ];
        let fixed = apply_safe_all(&sources, &Options::default());
        assert!(fixed[0].contains("sendfile on;\n"), "{}", fixed[0]);
        assert!(fixed[1].contains("listen 80;\n"), "{}", fixed[1]);
        assert_eq!(fixed[2], sources[2].text);
    }
}
