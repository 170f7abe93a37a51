//! Public suffixes: under which endings others register names.
//!
//! The rules are those of the crate `psl`, kept here as sorted text and searched as it is: the same rules compiled to
//! code are 877 kB of the worker, as text they are 150 kB.

/// One rule a line in ASCII form, sorted by bytes: `com`, `*.ck` (one more label belongs to the ending) or `!www.ck`
/// (an exception to that). Data of the Mozilla Public Suffix List, publicsuffix.org, under the MPL 2.0.
const RULES: &str = include_str!("suffixes.txt");

/// The ending of a name under which others register theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Suffix<'n> {
    /// The ending.
    pub(crate) text: &'n str,
    /// A rule says so. Otherwise it is just the last label.
    pub(crate) known: bool,
}

/// The public suffix of a name that is in ASCII form, in lower case and without a final dot.
pub(crate) fn suffix(name: &str) -> Suffix<'_> {
    let mut candidate = name;
    loop {
        // The longest rule wins, and an exception wins over the rule that it excepts from.
        let parent = candidate.split_once('.').map(|(_, parent)| parent);
        match parent {
            Some(parent) if has(&["!", candidate]) => return Suffix { text: parent, known: true },
            Some(parent) if has(&["*.", parent]) => return Suffix { text: candidate, known: true },
            _ if has(&[candidate]) => return Suffix { text: candidate, known: true },
            Some(parent) => candidate = parent,
            None => return Suffix { text: candidate, known: false },
        }
    }
}

/// The suffix and one label more; none for a name that is a suffix itself.
pub(crate) fn registrable(name: &str) -> Option<&str> {
    let ahead = name.strip_suffix(suffix(name).text)?.strip_suffix('.')?;
    let start = ahead.rfind('.').map_or(0, |dot| dot + 1);
    name.get(start..)
}

/// Whether the rule made of these parts is there: a binary search over the lines.
fn has(parts: &[&str]) -> bool {
    let mut rest = RULES;
    while !rest.is_empty() {
        // The line that contains the middle, and what stands before and after it.
        let middle = (0..=rest.len() / 2).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
        let start = rest.get(..middle).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let (before, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let (line, after) = from.split_once('\n').unwrap_or((from, ""));
        match line.bytes().cmp(parts.iter().flat_map(|part| part.bytes())) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => rest = after,
            std::cmp::Ordering::Greater => rest = before,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::PathBuf, process::Command};

    use super::*;

    /// The rules of the crate `psl` that is locked, in our form.
    fn published() -> String {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let metadata = Command::new(cargo).args(["metadata", "--format-version", "1"]).output().unwrap();
        let metadata = String::from_utf8(metadata.stdout).unwrap();
        let manifest = metadata
            .split("\"manifest_path\":\"")
            .filter_map(|rest| rest.split('"').next())
            .find(|path| path.contains("/psl-2."))
            .expect("psl is a dev-dependency");
        let file = PathBuf::from(manifest).with_file_name("data").join("rules.txt");
        let rules: BTreeSet<String> =
            fs::read_to_string(file).unwrap().lines().filter(|line| !line.is_empty()).map(ascii).collect();
        rules.into_iter().map(|rule| rule + "\n").collect()
    }

    fn ascii(rule: &str) -> String {
        let name = rule.trim_start_matches(['!', '*', '.']);
        let sign = &rule[..rule.len() - name.len()];
        format!("{sign}{}", idna::domain_to_ascii(name).unwrap())
    }

    #[test]
    fn the_rules_are_those_of_the_locked_crate() {
        assert!(
            RULES == published(),
            "psl has newer rules. To take them: cargo test -p domain --features parse -- --ignored take_newer_rules"
        );
    }

    #[test]
    #[ignore = "writes suffixes.txt"]
    fn take_newer_rules() {
        fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/src/suffixes.txt"), published()).unwrap();
    }

    #[test]
    fn every_rule_and_name_under_it_is_judged_as_by_psl() {
        let mut compared = 0;
        for rule in RULES.lines() {
            let name = rule.trim_start_matches(['!', '*', '.']);
            for name in [name.to_owned(), format!("a.{name}"), format!("b.a.{name}"), format!("c.b.a.{name}")] {
                let theirs = psl::suffix(name.as_bytes()).unwrap();
                let ours = suffix(&name);
                // Under `*.a` and `*.b.a`, psl forgets that b.a is an ending too; the published algorithm does not.
                if name.split_once('.').is_some_and(|(_, parent)| has(&["*.", parent])) && has(&["*.", &name]) {
                    assert_eq!(ours, Suffix { text: &name, known: true });
                    continue;
                }
                assert_eq!((ours.text.as_bytes(), ours.known), (theirs.as_bytes(), theirs.is_known()), "{name}");
                assert_eq!(registrable(&name), psl::domain_str(&name), "{name}");
                compared += 1;
            }
        }
        assert!(compared > 40_000, "{compared}");
    }

    #[test]
    fn suffixes_wildcards_and_exceptions_are_told_apart() {
        for (name, ending, known, expected) in [
            ("example.com", "com", true, Some("example.com")),
            ("www.example.co.uk", "co.uk", true, Some("example.co.uk")),
            ("co.uk", "co.uk", true, None),
            ("a.b.ck", "b.ck", true, Some("a.b.ck")),
            ("b.ck", "b.ck", true, None),
            ("www.ck", "ck", true, Some("www.ck")),
            ("a.www.ck", "ck", true, Some("www.ck")),
            ("robots.txt", "txt", false, Some("robots.txt")),
            ("a.test", "test", false, Some("a.test")),
            ("a.github.io", "github.io", true, Some("a.github.io")),
            ("a.b.xn--p1ai", "xn--p1ai", true, Some("b.xn--p1ai")),
            ("", "", false, None),
        ] {
            assert_eq!(suffix(name), Suffix { text: ending, known }, "{name}");
            assert_eq!(registrable(name), expected, "{name}");
        }
    }
}
