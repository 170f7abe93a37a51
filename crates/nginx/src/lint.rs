//! From text to findings.

use findings::Severity;
use serde::{Deserialize, Serialize};

use crate::{
    Config, Edit, File, FileRead, Finding, Fix, Linted, Related, Source, Span, Undecided, Version,
    directives::Context,
    finding::{Draft, Noticed, Step, Stops},
    fix, order,
    rules::{self, About, Found},
    search::Search,
    syntax::{Fault, FaultKind, Reading},
};

/// What the visitor says about the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Options {
    /// The release that it is for; guessed from the text when nobody says.
    pub version: Option<Version>,
    /// Nothing is left out: what is absent is absent.
    pub everything: bool,
}

/// Findings of one rule that are kept.
pub(crate) const MOST: usize = 500;

/// Reads one pasted text and says what is wrong with it.
pub fn lint(text: &str, options: &Options) -> Linted {
    lint_all(&[Source { name: "", text }], options)
}

/// Reads several files together.
pub fn lint_all(sources: &[Source<'_>], options: &Options) -> Linted {
    lint_config(&Config::read(sources, options.version, options.everything))
}

/// Asks every rule about a configuration that was read already.
pub fn lint_config(config: &Config<'_>) -> Linted {
    let silenced = fix::silenced(config);
    let mut findings = Vec::new();
    let mut undecided = Vec::new();
    let readings = config.readings();
    let reading_order = config.reading_order();
    let read_at = |at: u32| {
        let next = reading_order.partition_point(|(start, _)| *start <= at);
        next.checked_sub(1).and_then(|at| reading_order.get(at)).map_or(0, |(_, item)| *item)
    };
    let mut stops: Vec<(Order, Stops)> = Vec::new();
    // Directives with a word processor's signs in them, and what was said of each: that is why nginx refuses them.
    let marred = |fault: &Fault| matches!(fault.kind, FaultKind::Invisible | FaultKind::Curly);
    let marred: Vec<u32> = config
        .faults()
        .filter(|(_, fault)| marred(fault))
        .map(|(_, fault)| config.files.terminator_after(fault.span.start))
        .collect();
    let mut causes: Vec<(u32, usize)> = Vec::new();
    for rule in rules::ALL {
        let about = rule.about();
        let mut found = Found::default();
        (rule.run)(config, &mut found);
        found.drafts.truncate(MOST);
        for mut draft in found.drafts {
            let doubtful = draft.absent && !config.sees_all_servers();
            if doubtful {
                draft.seen = [config.scope(), &draft.seen].concat();
            }
            // Nothing is red that something else may put right.
            let foretold = doubtful && std::mem::take(&mut draft.refused);
            if foretold {
                draft.means = ["Where nothing else provides it, ", &draft.means].concat();
            }
            let order = draft.refused.then_some(()).and_then(|()| order(config, &mut draft, &readings));
            let directive = if marred.is_empty() { 0 } else { config.files.terminator_after(draft.span.start) };
            let mut finding = finish(config, &about, draft);
            if foretold {
                finding.severity = finding.severity.min(Severity::Warning);
            }
            if let Some(order) = order {
                let (line, path) = order.named(config);
                finding.nginx_line = line;
                let words = finding.nginx.clone().unwrap_or_default();
                stops.push((
                    Order { item: if order.at == u32::MAX { u32::MAX } else { read_at(order.at) }, ..order },
                    Stops { words, path, line, finding: None },
                ));
            }
            if marred.contains(&directive) && finding.severity == Severity::Failed {
                match causes.iter().find(|(at, _)| *at == directive).and_then(|(_, cause)| findings.get_mut(*cause)) {
                    Some(Finding { refused: true, .. }) => continue,
                    Some(cause) if finding.refused => {
                        (cause.refused, cause.nginx, cause.nginx_line) = (true, finding.nginx, finding.nginx_line);
                        continue;
                    }
                    Some(_) => {}
                    None => causes.push((directive, findings.len())),
                }
            }
            let line = (finding.place.source.unwrap_or(u32::MAX), finding.place.pasted_line, finding.rule.clone());
            if !silenced.contains(&line) {
                findings.push(finding);
            }
        }
        found.undecided.truncate(MOST);
        for (span, because) in found.undecided {
            let one = Undecided { rule: about.id.into(), because, place: config.files.locate(span) };
            if !undecided.contains(&one) {
                undecided.push(one);
            }
        }
    }
    order::sort_by(&mut findings, |a, b| {
        let key = |finding: &Finding| (finding.place.source.unwrap_or(u32::MAX), finding.place.start);
        key(a).cmp(&key(b)).then(b.severity.cmp(&a.severity))
    });
    let files: Vec<FileRead> = config
        .files
        .files
        .iter()
        .map(|file| FileRead {
            path: file.path.clone(),
            source: file.source.and_then(|at| u32::try_from(at).ok()),
            context: file.tree.context.name().into(),
            directives: u32::try_from(file.tree.nodes.len()).unwrap_or(u32::MAX),
        })
        .collect();
    Linted {
        stops: first_stop(config, &readings, read_at, stops, &findings),
        findings,
        context: files.first().map_or_else(|| Context::MAIN.name().to_owned(), |file| file.context.clone()),
        files,
        form: config.files.form,
        version: config.version,
        everything: config.everything,
        undecided,
    }
}

/// When nginx would notice, in its own order: as it reads, and at the end of `http` step by step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Order {
    /// Between files: which directive it is, in reading order.
    item: u32,
    at: u32,
    step: Option<Step>,
    /// The place whose line it names.
    line: Option<u32>,
}

impl Order {
    fn reading(at: u32) -> Order {
        Order { item: 0, at, step: None, line: Some(at) }
    }

    fn named(self, config: &Config<'_>) -> (Option<u32>, String) {
        let Some(at) = self.line else { return (None, String::new()) };
        let place = config.files.locate(Span::at(at));
        (Some(place.line), place.path)
    }
}

/// `None` when nginx gets through the text after all.
fn order(config: &Config<'_>, draft: &mut Draft, readings: &[(&File<'_>, Reading)]) -> Option<Order> {
    let start = draft.span.start;
    let own = readings.iter().find(|(file, _)| (file.tree.start..=file.end).contains(&start));
    let directive = config.files.terminator_after(start);
    // What lies behind a quote that is never closed is read in another way than it was meant.
    let misread = || {
        own.is_some_and(|(file, _)| {
            let faults = &file.tree.faults;
            faults.iter().any(|fault| {
                fault.kind == FaultKind::UnclosedQuote && fault.span.start <= directive && start <= fault.span.end
            })
        })
    };
    if draft.noticed == Noticed::Directive
        && let (Some((_, Reading::Stops { stop, .. })), true) = (own, misread())
    {
        draft.nginx = Some(stop.words.clone());
        return Some(Order::reading(stop.at));
    }
    let noticed = draft.noticed;
    Some(match noticed {
        Noticed::Directive => Order::reading(directive),
        Noticed::Reading | Noticed::Swallowed => match own.map(|(_, reading)| reading) {
            Some(Reading::Stops { stop, .. })
                if start <= stop.at && (noticed == Noticed::Reading || stop.at <= directive) =>
            {
                draft.nginx = Some(stop.words.clone());
                Order::reading(stop.at)
            }
            Some(Reading::Whole { .. }) if noticed == Noticed::Reading => {
                (draft.refused, draft.nginx) = (false, None);
                return None;
            }
            _ => Order::reading(directive),
        },
        Noticed::Sign(at) => Order::reading(at),
        Noticed::Together(step, line) => {
            let end =
                own.and_then(|(_, reading)| reading.http_end()).filter(|end| step < Step::Started && start < *end);
            Order { item: 0, at: end.unwrap_or(u32::MAX), step: Some(step), line }
        }
    })
}

/// The mistake that nginx would report: the first that it meets.
fn first_stop(
    config: &Config<'_>,
    readings: &[(&File<'_>, Reading)],
    read_at: impl Fn(u32) -> u32,
    mut stops: Vec<(Order, Stops)>,
    findings: &[Finding],
) -> Option<Stops> {
    for (_, reading) in readings {
        let Reading::Stops { stop, .. } = reading else { continue };
        let order = Order { item: read_at(stop.at), ..Order::reading(stop.at) };
        let (line, path) = order.named(config);
        // Before a finding at the same place: these are nginx's words for what it reads there.
        stops.insert(0, (order, Stops { words: stop.words.clone(), path, line, finding: None }));
    }
    let (_, mut first) = stops.into_iter().min_by_key(|(order, _)| *order)?;
    let same =
        |finding: &&Finding| finding.refused && finding.nginx_line == first.line && finding.place.path == first.path;
    let found = findings.iter().position(|finding| same(&finding) && finding.nginx.as_ref() == Some(&first.words));
    first.finding =
        found.or_else(|| findings.iter().position(|finding| same(&finding))).and_then(|at| u32::try_from(at).ok());
    Some(first)
}

fn finish(config: &Config<'_>, about: &About, draft: Draft) -> Finding {
    Finding {
        rule: about.id.into(),
        severity: about.severity,
        title: about.title.into(),
        seen: draft.seen,
        means: draft.means,
        place: config.files.locate(draft.span),
        related: draft
            .related
            .into_iter()
            .map(|(span, text)| Related { place: config.files.locate(span), text })
            .collect(),
        fix: draft.fix.and_then(|(text, safety, edits)| {
            let mut edits: Vec<Edit> = edits.into_iter().map(|edit| place(config, edit)).collect::<Option<_>>()?;
            order::sort(&mut edits);
            Some(Fix { text, safety, edits })
        }),
        nginx: draft.nginx,
        refused: draft.refused,
        nginx_line: None,
        doc: draft.doc.or_else(|| about.link()),
        seed: about.seed.into(),
    }
}

/// An edit in its source; `None` in a text that Lockstep brought along, which nobody can edit.
fn place(config: &Config<'_>, (span, text): (Span, String)) -> Option<Edit> {
    let place = config.files.locate(span);
    // What is added ends its lines as the others do.
    let first =
        config.files.source_text(span.start).and_then(|(all, _)| all.split_once('\n')).map_or("", |(line, _)| line);
    let text = if first.ends_with('\r') { text.swapped("\r\n", "\n").swapped("\n", "\r\n") } else { text };
    Some(Edit { source: place.source?, start: place.start, end: place.end, text })
}
