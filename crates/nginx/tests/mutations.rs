//! The texts of the fuzzer, the rules' examples and the guides, cut and mixed at random: read, judged and mended without a
//! panic, and what is mended stays mended. Seeded: LOCKSTEP_SEED and LOCKSTEP_MUTATIONS choose others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)] // a test fails by panicking
#![allow(clippy::print_stdout)] // it tells its seed
#![allow(clippy::disallowed_methods)] // the clock: nothing may hang

use std::{
    panic::catch_unwind,
    path::Path,
    time::{Duration, Instant},
};

use nginx::{Options, Source, Version, apply, apply_safe, lint, lint_all, rules::ALL};

const MUTATIONS: u64 = 900;

/// No text of this size may take longer, on any machine that runs tests.
const LONG: Duration = Duration::from_secs(5);

fn corpus() -> Vec<String> {
    let mut all = vec![
        include_str!("guides/https.conf").to_owned(),
        include_str!("guides/production.conf").to_owned(),
        include_str!("guides/proxy-heredoc.txt").to_owned(),
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/lint");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    files.sort();
    assert!(files.len() >= 10);
    all.extend(files.iter().map(|path| std::fs::read_to_string(path).unwrap()));
    for rule in ALL {
        let mut open = false;
        let mut text = String::new();
        for line in rule.about().doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)) {
            if line.starts_with("```") {
                open = !open;
                if !open {
                    all.push(std::mem::take(&mut text));
                }
            } else if open {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    all
}

struct Chance(u64);

impl Chance {
    fn below(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from((self.0 >> 20) % below.max(1) as u64).unwrap()
    }
}

const PIECES: &[&str] = &[
    ";",
    "{",
    "}",
    "\"",
    "'",
    "\\",
    "$",
    "${",
    "#",
    "\n",
    " ",
    "\t",
    "\r",
    "(",
    ")",
    "[",
    "]",
    "~",
    "=",
    "*",
    "/",
    ":",
    ".",
    "é",
    "\u{a0}",
    "\u{feff}",
    "\0",
    "{{ x }}",
    "{% y %}",
    "<Z>",
    "include *;",
    "include a.conf;",
    "if (",
    "location ",
    "server {",
    "http {",
    "map $a $b {",
    "return 301 ",
    "proxy_pass http://",
    "listen [::]:",
    "upstream u {",
    "# configuration file x:\n",
    "```nginx\n",
    "<<EOF\n",
    "99999999999999999999",
    "unix:",
    "set $a $a;",
    "ssl_certificate ",
    "add_header A ",
    "content_by_lua_block {",
    "rewrite ^ ",
    "@",
    "%",
    "$1",
    "(?<n>",
];

fn mutate(text: &str, other: &str, chance: &mut Chance) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..1 + chance.below(6) {
        let at = chance.below(letters.len() + 1);
        let end = (at + chance.below(12)).min(letters.len());
        match chance.below(6) {
            0 => drop(letters.drain(at..end)),
            1 | 2 => drop(letters.splice(at..at, PIECES[chance.below(PIECES.len())].chars()).count()),
            3 => drop(letters.splice(at..end, PIECES[chance.below(PIECES.len())].chars()).count()),
            4 => {
                let more: Vec<char> = other.chars().collect();
                let from = chance.below(more.len() + 1);
                let to = (from + chance.below(60)).min(more.len());
                letters.splice(at..at, more[from..to].iter().copied());
            }
            _ => {
                let copy: Vec<char> = letters[at..end].to_vec();
                letters.splice(at..at, copy.iter().copied().cycle().take(copy.len() * 8));
            }
        }
    }
    letters.truncate(20_000);
    letters.into_iter().collect()
}

fn through_everything(text: &str, options: &Options) {
    let linted = lint(text, options);
    for finding in &linted.findings {
        assert!(finding.place.start <= finding.place.end, "{} {:?}", finding.rule, finding.place);
    }
    if let Some(at) = linted.stops.as_ref().and_then(|stops| stops.finding) {
        assert!(linted.findings[at as usize].refused);
    }
    for finding in &linted.findings {
        let Some(fix) = &finding.fix else { continue };
        for edit in &fix.edits {
            let (start, end) = (edit.start as usize, edit.end as usize);
            assert!(
                start <= end && text.is_char_boundary(start) && text.is_char_boundary(end),
                "{}: {edit:?}",
                finding.rule
            );
        }
        apply(text, &fix.edits);
    }
    apply_safe(text, options);
    let (first, second) = text.split_at((0..=text.len() / 2).rev().find(|at| text.is_char_boundary(*at)).unwrap());
    lint_all(&[Source { name: "nginx.conf", text: first }, Source { name: "a.conf", text: second }], options);
}

#[test]
fn nothing_panics_and_nothing_hangs() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seed = number("LOCKSTEP_SEED").unwrap_or(1);
    let count = number("LOCKSTEP_MUTATIONS").unwrap_or(MUTATIONS);
    let corpus = corpus();
    let mut chance = Chance(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut slowest = Duration::ZERO;
    for round in 0..count {
        let base = &corpus[chance.below(corpus.len())];
        let other = &corpus[chance.below(corpus.len())];
        let text = if round < corpus.len() as u64 {
            corpus[usize::try_from(round).unwrap()].clone()
        } else {
            mutate(base, other, &mut chance)
        };
        let options = Options {
            version: [None, Some(Version::V1_18), Some(Version::V1_22), Some(Version::MAINLINE)][chance.below(4)],
            everything: chance.below(2) == 0,
        };
        let since = Instant::now();
        let outcome = catch_unwind(|| through_everything(&text, &options));
        assert!(outcome.is_ok(), "seed {seed}, round {round}, {options:?}:\n{text:?}");
        let took = since.elapsed();
        assert!(took < LONG, "seed {seed}, round {round}: {took:?} for {} bytes:\n{text:?}", text.len());
        slowest = slowest.max(took);
    }
    println!("seed {seed}: {count} texts, slowest {slowest:?}");
}
