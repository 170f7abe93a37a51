//! Thousands of configurations, good and broken: is the verdict nginx's, and is the line?

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use nginx::{Options, Version, lint};

use super::{
    ask,
    generate::{Chance, good},
    installed,
    mutate::KINDS,
};

/// How many configurations of each kind, unless LOCKSTEP_DIFFERENTIAL says otherwise.
const EACH: usize = 125;

/// What nginx answered for one text, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) accepted: bool,
    pub(crate) words: String,
    pub(crate) line: Option<u32>,
}

impl Answer {
    pub(crate) fn of(folder: &Path, text: &str) -> Answer {
        let (accepted, said) = ask(folder, text);
        let words = said.split("[emerg] ").nth(1).unwrap_or_default();
        let words = words.split_once(": ").filter(|(before, _)| before.contains('#')).map_or(words, |(_, rest)| rest);
        let line = words.rsplit_once("nginx.conf:").and_then(|(_, line)| line.trim().parse().ok());
        let words = words.split(" in /").next().unwrap_or_default().to_owned();
        Answer { accepted, words, line }
    }

    /// It depends on more than the text: a file, a name, an account.
    fn is_about_the_machine(&self) -> bool {
        [
            "host not found in",
            "open() ",
            "cannot load",
            "BIO_new_file",
            "getpwnam",
            "getgrnam",
            "mkdir()",
            "SSL_CTX",
            "no resolver",
            "stat()",
            "bind()",
        ]
        .iter()
        .any(|word| self.words.starts_with(word))
    }
}

/// One text on which we do not say what nginx says.
struct Difference {
    nginx: Answer,
    ours: String,
    text: String,
    number: usize,
}

#[derive(Default)]
struct Tally {
    asked: usize,
    refused: usize,
    verdict: usize,
    line: usize,
    differences: Vec<Difference>,
}

#[test]
fn verdict_and_line_are_nginxs() {
    let Some(version) = installed() else { return };
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<usize>().ok());
    let each = number("LOCKSTEP_DIFFERENTIAL").unwrap_or(EACH);
    let seed = number("LOCKSTEP_SEED").unwrap_or(1);
    let only = std::env::var("LOCKSTEP_KIND").ok();
    let tallies: Mutex<BTreeMap<&str, Tally>> = Mutex::new(BTreeMap::new());
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = super::folder();
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some((kind, _)) = KINDS.get(at) else { break };
                    if only.as_ref().is_some_and(|only| only != kind) {
                        continue;
                    }
                    let tally = tally(folder.path(), at, each, seed, version);
                    tallies.lock().unwrap().insert(kind, tally);
                }
            });
        }
    });
    let tallies = tallies.into_inner().unwrap();
    let report = report(&tallies, seed);
    eprintln!("{report}");
    let sum = |what: fn(&Tally) -> usize| tallies.values().map(what).sum::<usize>();
    let (asked, verdict, line) = (sum(|tally| tally.asked), sum(|tally| tally.verdict), sum(|tally| tally.line));
    if only.is_some() {
        return;
    }
    assert!(sum(|tally| tally.refused) * 10 >= asked * 4, "too few are refused");
    assert!(verdict * 1000 >= asked * 995, "the verdict is nginx's in {verdict} of {asked}");
    assert!(line * 1000 >= asked * 995, "verdict and line are nginx's in {line} of {asked}");
    for (kind, tally) in &tallies {
        // Sizes that a slip makes too small for a table are a large part of one kind, and nothing that a text tells.
        let open = tally.differences.iter().filter(|it| reason(it) != SIZES).count();
        assert!(open * 100 <= tally.asked * 2, "{kind}: {open} of {}", tally.asked);
    }
}

fn tally(folder: &Path, kind: usize, each: usize, seed: usize, version: Version) -> Tally {
    let (_, change) = KINDS[kind];
    let mut tally = Tally::default();
    let options = Options { version: Some(version), everything: true };
    let mut tried = 0;
    while tally.asked < each && tried < each * 20 {
        tried += 1;
        let number = seed * 1_000_000 + kind * 10_000 + tried;
        let mut chance = Chance::new(number as u64);
        let lines = good(&mut chance);
        let Some(text) = change(lines, &mut chance) else { continue };
        let linted = lint(&text, &options);
        let first = linted.stops.as_ref();
        let answer = Answer::of(folder, &text);
        // What is only told when all of `http` is read comes after it, whatever its line.
        let later = |stops: &nginx::Stops| stops.words.starts_with("no \"ssl_certificate");
        if answer.is_about_the_machine()
            && first
                .filter(|first| !later(first))
                .and_then(|first| first.line)
                .is_none_or(|line| answer.line.is_none_or(|own| line > own))
        {
            continue;
        }
        tally.asked += 1;
        tally.refused += usize::from(!answer.accepted);
        // What the page shows as a refusal and where it says nginx stops are one and the same thing.
        let verdict = answer.accepted != linted.refused() && linted.refused() == first.is_some();
        let line = verdict && first.and_then(|first| first.line) == answer.line;
        tally.verdict += usize::from(verdict);
        tally.line += usize::from(line);
        if !line {
            let found: Vec<String> = linted
                .findings
                .iter()
                .filter(|finding| finding.refused)
                .map(|finding| {
                    format!(
                        "{} at {} ({:?}) {}",
                        finding.rule,
                        finding.place.line,
                        finding.nginx_line,
                        finding.nginx.clone().unwrap_or_default()
                    )
                })
                .collect();
            let ours = format!("{:?}; {}", first.map(|first| (first.line, &first.words)), found.join("; "));
            tally.differences.push(Difference { nginx: answer, ours, text, number });
        }
    }
    tally
}

const SIZES: &str = "nginx works this out from sizes and counts when it starts; nothing in the line itself is wrong";

/// Why we differ there.
fn reason(difference: &Difference) -> &'static str {
    let words = difference.nginx.words.as_str();
    let has = |part: &str| words.contains(part);
    if has("could not build") || has("are not enough for") || has("Cannot allocate") {
        SIZES
    } else if has("must be less than") || has("must be equal to or greater") {
        "it follows from several sizes together, defaults included"
    } else if has("pcre2_compile()") {
        "no engine is at hand: only brackets, repetitions, names of groups and escapes are judged"
    } else if has("no \"ssl_certificate") && difference.ours.starts_with("None") {
        "a missing \";\" makes nginx read the line of the certificate as values of the one before: told, not counted as refused"
    } else if difference.nginx.accepted && difference.ours.contains("variable") {
        "the value is never used: every location has headers of its own"
    } else if has("no \"events\"") {
        "what is left looks like a part of a configuration, of which nothing absent is claimed"
    } else if has("unexpected end of file") && difference.ours.contains("unclosed-quote") {
        "a quote is never closed: we read on behind its line, for nginx everything behind it is inside"
    } else if has("directive is duplicate")
        || has("is outside location")
        || has("cannot be inside")
        || difference.ours.contains("-brace")
    {
        "a brace is missing or too many: we read what was meant, nginx goes on in another block"
    } else {
        "not explained"
    }
}

fn report(tallies: &BTreeMap<&str, Tally>, seed: usize) -> String {
    let mut out = format!("seed {seed}\n{:<30}{:>7}{:>9}{:>9}{:>7}\n", "kind", "asked", "refused", "verdict", "line");
    let mut all = [0; 4];
    for (kind, tally) in tallies {
        let row = [tally.asked, tally.refused, tally.verdict, tally.line];
        writeln!(out, "{kind:<30}{:>7}{:>9}{:>9}{:>7}", row[0], row[1], row[2], row[3]).unwrap();
        for (sum, own) in all.iter_mut().zip(row) {
            *sum += own;
        }
    }
    writeln!(out, "{:<30}{:>7}{:>9}{:>9}{:>7}", "all", all[0], all[1], all[2], all[3]).unwrap();
    let show = std::env::var_os("LOCKSTEP_TEXTS").is_some();
    for (kind, tally) in tallies {
        for difference in &tally.differences {
            let verdict = if difference.nginx.accepted {
                "accepts".into()
            } else {
                format!("{:?} {}", difference.nginx.line, difference.nginx.words)
            };
            writeln!(out, "{kind} {}\n  nginx: {verdict}\n  ours:  {}", difference.number, difference.ours).unwrap();
            writeln!(out, "  why:   {}", reason(difference)).unwrap();
            if let Some(line) = difference.nginx.line {
                writeln!(out, "  line:  {}", difference.text.lines().nth(line as usize - 1).unwrap_or_default().trim())
                    .unwrap();
            }
            if show {
                writeln!(out, "{}", difference.text).unwrap();
            }
        }
    }
    out
}
