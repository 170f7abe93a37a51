//! Public suffixes: under which endings others register names.
//!
//! The rules are those of the crate `psl`, kept here as sorted text and searched as it is: the same rules compiled to
//! code are 877 kB of the worker, as text they are 97 kB, and as a file beside it nothing.

use std::sync::OnceLock;

/// One parent a line, in ASCII form and sorted by bytes, and after it what may stand before it: ` com net …` for those
/// without a parent, `ck * !www` for the rules `*.ck` (one more label belongs to the ending) and `!www.ck` (an
/// exception to that). Data of the Mozilla Public Suffix List, publicsuffix.org, under the MPL 2.0.
#[cfg(any(test, feature = "suffixes"))]
const RULES: &str = include_str!("suffixes.txt");
#[cfg(not(any(test, feature = "suffixes")))]
const RULES: &str = "";

/// The rules where they were handed in.
static GIVEN: OnceLock<&'static str> = OnceLock::new();

/// Hands in the rules, as `suffixes.txt` has them, where they are not compiled in (feature `suffixes`). To be done
/// before the first name is parsed: without rules no ending is known. The first text stays.
pub fn use_suffixes(rules: &'static str) {
    let _ = GIVEN.set(rules);
}

/// Whether endings can be told.
pub fn has_suffixes() -> bool {
    !rules().is_empty()
}

fn rules() -> &'static str {
    GIVEN.get().copied().unwrap_or(RULES)
}

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
        let (label, parent) = match candidate.split_once('.') {
            Some((label, parent)) => (label, Some(parent)),
            None => (candidate, None),
        };
        let rules = below(parent.unwrap_or_default());
        let has = |sign: &str, label: &str| rules.split(' ').any(|it| it.strip_prefix(sign) == Some(label));
        match parent {
            Some(parent) if has("!", label) => return Suffix { text: parent, known: true },
            Some(_) if has("*", "") => return Suffix { text: candidate, known: true },
            _ if has("", label) => return Suffix { text: candidate, known: true },
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

/// What may stand before a parent, separated by blanks: a binary search over the lines.
fn below(parent: &str) -> &'static str {
    let mut rest = rules();
    while !rest.is_empty() {
        // The line that contains the middle, and what stands before and after it.
        let middle = (0..=rest.len() / 2).rev().find(|at| rest.is_char_boundary(*at)).unwrap_or(0);
        let start = rest.get(..middle).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let (before, from) = rest.split_at_checked(start).unwrap_or((rest, ""));
        let (line, after) = from.split_once('\n').unwrap_or((from, ""));
        let (key, labels) = line.split_once(' ').unwrap_or((line, ""));
        match key.cmp(parent) {
            std::cmp::Ordering::Equal => return labels,
            std::cmp::Ordering::Less => rest = after,
            std::cmp::Ordering::Greater => rest = before,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::PathBuf,
        process::Command,
    };

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
        let mut rules: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for rule in fs::read_to_string(file).unwrap().lines().filter(|line| !line.is_empty()).map(ascii) {
            let (label, parent) = rule.split_once('.').unwrap_or((&rule, ""));
            rules.entry(parent.to_owned()).or_default().insert(label.to_owned());
        }
        let line = |(parent, labels): (&String, &BTreeSet<String>)| {
            format!("{parent} {}\n", labels.iter().map(String::as_str).collect::<Vec<_>>().join(" "))
        };
        rules.iter().map(line).collect()
    }

    /// The rules one by one, as they are published.
    fn published_rules() -> Vec<String> {
        let of = |line: &str| {
            let (parent, labels) = line.split_once(' ').unwrap();
            let name = |label: &str| if parent.is_empty() { label.to_owned() } else { format!("{label}.{parent}") };
            labels.split(' ').map(name).collect::<Vec<_>>()
        };
        super::rules().lines().flat_map(of).collect()
    }

    fn ascii(rule: &str) -> String {
        let name = rule.trim_start_matches(['!', '*', '.']);
        let sign = &rule[..rule.len() - name.len()];
        format!("{sign}{}", idna::domain_to_ascii(name).unwrap())
    }

    #[test]
    fn the_rules_are_those_of_the_locked_crate() {
        assert!(
            rules() == published(),
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
        let wildcard = |name: &str| below(name).split(' ').any(|label| label == "*");
        for rule in published_rules() {
            let name = rule.trim_start_matches(['!', '*', '.']);
            for name in [name.to_owned(), format!("a.{name}"), format!("b.a.{name}"), format!("c.b.a.{name}")] {
                let theirs = psl::suffix(name.as_bytes()).unwrap();
                let ours = suffix(&name);
                // Under `*.a` and `*.b.a`, psl forgets that b.a is an ending too; the published algorithm does not.
                if name.split_once('.').is_some_and(|(_, parent)| wildcard(parent)) && wildcard(&name) {
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
