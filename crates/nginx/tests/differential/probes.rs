//! Every row of the directive table, asked of nginx: in a place where it may stand and in one where it may not, with a
//! number of values that it takes and with one that it does not.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use nginx::{
    Options,
    directives::{self, Context, Row},
    lint,
};

use super::{folder, installed, random::Answer};

const PLACES: [(Context, &str, &str); 9] = [
    (Context::MAIN, "", ""),
    (Context::EVENTS, "events {\n", "\n}"),
    (Context::HTTP, "http {\n", "\n}"),
    (Context::SERVER, "http {\nserver {\n", "\n}\n}"),
    (Context::LOCATION, "http {\nserver {\nlocation /x {\n", "\n}\n}\n}"),
    (Context::SERVER_IF, "http {\nserver {\nif ($host) {\n", "\n}\n}\n}"),
    (Context::LOCATION_IF, "http {\nserver {\nlocation /x {\nif ($host) {\n", "\n}\n}\n}\n}"),
    (Context::LIMIT_EXCEPT, "http {\nserver {\nlocation /x {\nlimit_except GET {\n", "\n}\n}\n}\n}"),
    (Context::UPSTREAM, "http {\nupstream u {\n", "\n}\n}"),
];

/// What nginx's complaint is about, as far as the table goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Unknown,
    Place,
    Count,
    Form,
    /// It went on to look at the values.
    Beyond,
}

fn verdict(words: &str, name: &str) -> Verdict {
    if words.starts_with(&format!("unknown directive \"{name}\"")) {
        Verdict::Unknown
    } else if words.starts_with(&format!("\"{name}\" directive is not allowed here")) {
        Verdict::Place
    } else if words.starts_with(&format!("invalid number of arguments in \"{name}\" directive")) {
        Verdict::Count
    } else if words.starts_with(&format!("directive \"{name}\" ")) {
        Verdict::Form
    } else {
        Verdict::Beyond
    }
}

fn probe(name: &str, count: usize, block: bool, before: &str, after: &str) -> String {
    let values = " on".repeat(count);
    let end = if block { " {\n}" } else { ";" };
    format!("error_log stderr;\npid nginx.pid;\n{before}{name}{values}{end}{after}\n")
}

/// A count that a row takes and one that no row of that place takes.
fn counts(row: &Row, rows: &[&Row]) -> (Option<usize>, Option<usize>) {
    ((0..8).find(|count| row.takes(*count)), (0..8).find(|count| !rows.iter().any(|row| row.takes(*count))))
}

#[test]
fn every_row_is_nginxs() {
    let Some(version) = installed() else { return };
    let names = directives::names();
    let next = AtomicUsize::new(0);
    let wrong: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let missing: Mutex<BTreeSet<(&str, &str)>> = Mutex::new(BTreeSet::new());
    let asked: [AtomicUsize; 5] = std::array::from_fn(|_| AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let folder = folder();
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let rows: Vec<&Row> =
                        directives::rows(name).iter().filter(|row| !row.third && row.exists_in(version)).collect();
                    for (row_at, row) in rows.iter().enumerate() {
                        for (context, before, after) in PLACES {
                            let here: Vec<&Row> =
                                rows.iter().copied().filter(|row| row.contexts().is(context)).collect();
                            // Each row once in each of its places; a place of no row once for each name.
                            if !(row.contexts().is(context) || (here.is_empty() && row_at == 0)) {
                                continue;
                            }
                            let (right, not) = counts(row, &here);
                            let wrong_place = here.is_empty();
                            for count in [right, not.filter(|_| !wrong_place)].into_iter().flatten() {
                                let text = probe(name, count, row.is_block(), before, after);
                                let answer = Answer::of(folder.path(), &text);
                                let theirs = verdict(&answer.words, name);
                                let ours = lint(&text, &Options { version: Some(version), everything: true });
                                let ours = verdict(ours.stops.as_ref().map_or("", |stops| &stops.words), name);
                                asked[theirs as usize].fetch_add(1, Ordering::Relaxed);
                                // A module that this build leaves out is not in its tables.
                                if theirs != ours && theirs != Verdict::Unknown {
                                    wrong
                                        .lock()
                                        .unwrap()
                                        .push(format!("{text}nginx: {}\nours: {ours:?}", answer.words));
                                } else if theirs == Verdict::Unknown && context.is(row.contexts()) {
                                    missing.lock().unwrap().insert((row.module(), *name));
                                }
                            }
                        }
                    }
                }
            });
        }
    });
    let asked = asked.map(AtomicUsize::into_inner);
    let wrong = wrong.into_inner().unwrap();
    eprintln!("not in this build: {:?}", missing.into_inner().unwrap());
    eprintln!("unknown, place, count, form, beyond: {asked:?}; {} differ", wrong.len());
    let [_, place, count, _, beyond] = asked;
    assert!(place > 2000 && count > 900 && beyond > 1400, "too few were asked: {asked:?}");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n----\n"));
}
