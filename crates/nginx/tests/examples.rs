//! The examples in the rules' own documentation: each `fires` fires, each `quiet` is quiet, and each fix mends.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use nginx::{Linted, Options, Version, rules::ALL};

struct Example {
    rule: &'static str,
    fires: bool,
    options: Options,
    text: String,
}

fn examples() -> Vec<Example> {
    let mut all = Vec::new();
    for rule in ALL {
        let mut open: Option<Example> = None;
        for line in rule.about().doc.lines() {
            let line = line.strip_prefix(' ').unwrap_or(line);
            if let Some(words) = line.strip_prefix("```nginx ") {
                let mut options = Options::default();
                for word in words.split_whitespace().skip(1) {
                    match word {
                        "everything" => options.everything = true,
                        version => options.version = Some(Version::parse(version).unwrap()),
                    }
                }
                let fires = match words.split_whitespace().next() {
                    Some("fires") => true,
                    Some("quiet") => false,
                    other => panic!("{}: {other:?}", rule.about().id),
                };
                open = Some(Example { rule: rule.about().id, fires, options, text: String::new() });
            } else if line.starts_with("```") {
                all.extend(open.take());
            } else if let Some(example) = &mut open {
                example.text.push_str(line);
                example.text.push('\n');
            }
        }
        assert!(open.is_none(), "{}: a fence stays open", rule.about().id);
    }
    all
}

fn of(linted: &Linted, rule: &str) -> usize {
    linted.findings.iter().filter(|finding| finding.rule == rule).count()
}

#[test]
fn every_rule_has_examples_and_they_hold() {
    let examples = examples();
    for rule in ALL {
        for fires in [true, false] {
            let has = examples.iter().any(|example| example.rule == rule.about().id && example.fires == fires);
            assert!(has, "{} lacks an example that {}", rule.about().id, if fires { "fires" } else { "is quiet" });
        }
    }
    let mut wrong = Vec::new();
    for example in &examples {
        let linted = nginx::lint(&example.text, &example.options);
        if (of(&linted, example.rule) > 0) != example.fires {
            let said: Vec<_> = linted.findings.iter().map(|finding| &finding.rule).collect();
            wrong.push(format!("{} should be {}:\n{}said: {said:?}", example.rule, example.fires, example.text));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Quiet examples are good nginx: nothing in them may be refused.
#[test]
fn quiet_examples_are_valid() {
    for example in examples().iter().filter(|example| !example.fires) {
        let linted = nginx::lint(&example.text, &example.options);
        let refused: Vec<_> = linted
            .findings
            .iter()
            .filter(|finding| {
                finding.refused && finding.rule != "certificate-missing" && finding.rule != "events-missing"
            })
            .map(|finding| format!("{}: {}", finding.rule, finding.seen))
            .collect();
        assert!(refused.is_empty(), "{}:\n{}{refused:#?}", example.rule, example.text);
    }
}

/// For every rule with a fix: it changes only what its edits name, it removes the finding, and it is idempotent.
#[test]
fn fixes_mend_what_they_promise() {
    let mut mended = 0;
    let mut with_fix = std::collections::BTreeSet::new();
    for example in examples().iter().filter(|example| example.fires) {
        let mut text = example.text.clone();
        for round in 0..6 {
            let linted = nginx::lint(&text, &example.options);
            let fix = linted
                .findings
                .iter()
                .filter(|finding| finding.rule == example.rule)
                .find_map(|finding| finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()));
            let Some(fix) = fix else { break };
            let before = of(&linted, example.rule);
            let after_text = nginx::apply(&text, &fix.edits);
            untouched_bytes_stay(&text, &after_text, &fix.edits);
            let after = nginx::lint(&after_text, &example.options);
            assert!(
                of(&after, example.rule) < before,
                "{}: \"{}\" leaves the finding:\n{text}=>\n{after_text}",
                example.rule,
                fix.text
            );
            let worse: Vec<_> = after
                .findings
                .iter()
                .filter(|finding| finding.refused && of(&linted, &finding.rule) < of(&after, &finding.rule))
                .map(|finding| &finding.rule)
                .collect();
            let hidden = matches!(
                example.rule,
                "missing-semicolon"
                    | "unclosed-quote"
                    | "missing-opening-brace"
                    | "unexpected-block"
                    | "unclosed-brace"
            );
            assert!(worse.is_empty() || hidden, "{}: the fix brings {worse:?}:\n{after_text}", example.rule);
            mended += 1;
            with_fix.insert(example.rule);
            text = after_text;
            assert!(round < 5, "{}: fixes without end", example.rule);
        }
        let once = nginx::apply_safe(&example.text, &example.options);
        assert_eq!(nginx::apply_safe(&once, &example.options), once, "{}: fixing twice differs", example.rule);
    }
    assert!(mended >= 15, "only {mended} fixes were tried");
    // No rule promises a fix that no example tries.
    let untried: Vec<&str> = ALL
        .iter()
        .map(|rule| rule.about().id)
        .filter(|id| {
            let path = format!("{}/src/rules/{}.rs", env!("CARGO_MANIFEST_DIR"), id.replace('-', "_"));
            std::fs::read_to_string(path).unwrap().contains(".safe(") && !with_fix.contains(id)
        })
        .collect();
    assert!(untried.is_empty(), "safe fixes without an example: {untried:?}");
}

fn untouched_bytes_stay(before: &str, after: &str, edits: &[nginx::Edit]) {
    let (mut old, mut new) = (0_usize, 0_usize);
    for edit in edits {
        let kept = &before[old..edit.start as usize];
        assert_eq!(&after[new..new + kept.len()], kept);
        new += kept.len() + edit.text.len();
        old = edit.end as usize;
    }
    assert_eq!(&after[new..], &before[old..]);
}
