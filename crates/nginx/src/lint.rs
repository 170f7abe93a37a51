//! From text to findings.

use serde::{Deserialize, Serialize};

use crate::{
    Config, Edit, FileRead, Finding, Fix, Linted, Related, Source, Span, Undecided, Version,
    directives::{self, Context},
    finding::Draft,
    fix, order,
    rules::{self, Found, Rule},
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
const MOST: usize = 500;

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
    for rule in rules::ALL {
        let mut found = Found::default();
        (rule.run)(config, &mut found);
        found.drafts.truncate(MOST);
        for draft in found.drafts {
            let finding = finish(config, rule, draft);
            let line = (finding.place.source.unwrap_or(u32::MAX), finding.place.pasted_line, finding.rule.clone());
            if !silenced.contains(&line) {
                findings.push(finding);
            }
        }
        found.undecided.truncate(MOST);
        for (span, because) in found.undecided {
            let one = Undecided { rule: rule.about.id.into(), because, place: config.files.locate(span) };
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
        findings,
        context: files.first().map_or_else(|| Context::MAIN.name().to_owned(), |file| file.context.clone()),
        files,
        form: config.files.form,
        version: config.version,
        everything: config.everything,
        undecided,
    }
}

fn finish(config: &Config<'_>, rule: &Rule, draft: Draft) -> Finding {
    let about = &rule.about;
    let doc = draft.doc.or_else(|| {
        if about.docs.starts_with("https://") {
            Some(about.docs.to_owned())
        } else {
            directives::doc(about.docs, Context::LOCATION.or(Context::SERVER).or(Context::HTTP))
        }
    });
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
        doc,
        seed: about.seed.into(),
    }
}

/// An edit in its source; `None` in a text that Lockstep brought along, which nobody can edit.
fn place(config: &Config<'_>, (span, text): (Span, String)) -> Option<Edit> {
    let place = config.files.locate(span);
    Some(Edit { source: place.source?, start: place.start, end: place.end, text })
}
