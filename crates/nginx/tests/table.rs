//! RULES.md says of every question which rules answer it, or why none does: it and the rules agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking

use std::collections::BTreeSet;

#[test]
fn the_table_and_the_rules_agree() {
    let mut named = BTreeSet::new();
    let mut questions = 0;
    for row in include_str!("../RULES.md").lines().filter(|line| line.starts_with('|')).skip(2) {
        let cells: Vec<&str> = row.trim_matches('|').splitn(2, '|').map(str::trim).collect();
        let [question, answer] = cells[..] else { panic!("{row}") };
        if question.starts_with("**") {
            assert!(answer.is_empty(), "{row}");
            continue;
        }
        questions += 1;
        if let Some(reason) = answer.strip_prefix("none: ") {
            assert!(reason.split_whitespace().count() >= 3, "{row}");
            continue;
        }
        for id in answer.split(", ") {
            let id = id.strip_prefix('`').and_then(|id| id.strip_suffix('`')).unwrap_or_else(|| panic!("{row}"));
            assert!(nginx::rules::by_id(id).is_some(), "no rule is called {id}");
            assert!(named.insert(id), "{id} answers two questions");
        }
    }
    assert!(questions >= 80, "only {questions} questions");
    let all: BTreeSet<&str> = nginx::rules::ALL.iter().map(|rule| rule.about().id).collect();
    assert_eq!(all.difference(&named).collect::<Vec<_>>(), Vec::<&&str>::new());
}
