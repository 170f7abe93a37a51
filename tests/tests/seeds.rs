//! Every question, closing line and common cause of the guides has its answer: `docs/seeds.md` has no holes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// How many lines each list of the guides has.
const LISTS: [(&str, usize); 9] = [
    ("A-faq", 10),
    ("A-list", 17),
    ("A-cause", 8),
    ("B-faq", 5),
    ("B-list", 16),
    ("B-cause", 10),
    ("C-faq", 8),
    ("C-list", 8),
    ("C-cause", 8),
];

/// What else may answer a line.
const OTHERWISE: [&str; 4] = ["commands", "by hand", "report", "generator"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The ids of a folder with one file each.
fn files(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let names = entries.filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    names.filter_map(|name| name.strip_suffix(".rs").map(|it| it.replace('_', "-"))).filter(|it| it != "mod").collect()
}

/// A table's rows: the line that is answered, and what answers it.
fn table(file: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("docs").join(file)).unwrap();
    let rows = text.lines().filter_map(|line| {
        let cells: Vec<&str> = line.strip_prefix('|')?.strip_suffix('|')?.split('|').map(str::trim).collect();
        let [id, _, answers] = cells.as_slice() else { panic!("not three cells: {line}") };
        id.contains(|c: char| c.is_ascii_digit()).then(|| ((*id).to_owned(), (*answers).to_owned()))
    });
    rows.collect()
}

#[test]
fn no_line_of_the_guides_is_missing() {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for (id, _) in table("seeds.md") {
        *times.entry(id).or_default() += 1;
    }
    let wanted = LISTS.iter().flat_map(|(list, lines)| (1..=*lines).map(move |line| (format!("{list} {line}"), 1)));
    assert_eq!(times, wanted.collect());
}

/// Everything that may answer a line.
fn known() -> BTreeSet<String> {
    let mut known: BTreeSet<String> = lockstep::catalogue().iter().map(|about| about.id.to_owned()).collect();
    known.extend(files("crates/lockstep/src/diagnoses"));
    known.extend(files("crates/nginx/src/rules"));
    known
}

/// What stands between backticks and is spelt like an id; other code is left out.
fn ids(answers: &str) -> impl Iterator<Item = &str> {
    let is_id = |text: &&str| text.contains('-') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    answers.split('`').skip(1).step_by(2).filter(is_id)
}

#[test]
fn the_catalogue_names_checks_that_there_are() {
    let (known, rows) = (known(), table("checks.md"));
    assert!(rows.len() > 120, "{}", rows.len());
    let lines: BTreeSet<&str> = rows.iter().map(|(row, _)| row.as_str()).collect();
    assert_eq!(lines.len(), rows.len(), "each row stands there once");
    let lost: Vec<_> = rows.iter().flat_map(|(row, it)| ids(it).map(move |id| (row, id))).collect();
    let lost: Vec<_> = lost.into_iter().filter(|(_, id)| !known.contains(*id)).collect();
    assert!(lost.is_empty(), "no such check: {lost:?}");
    let named: BTreeSet<&str> = rows.iter().flat_map(|(_, it)| ids(it)).collect();
    let idle: Vec<_> = lockstep::catalogue().into_iter().filter(|about| !named.contains(about.id)).collect();
    assert!(idle.is_empty(), "in no row: {:?}", idle.iter().map(|about| about.id).collect::<Vec<_>>());
}

#[test]
fn every_answer_exists() {
    let known = known();
    let mut faults = Vec::new();
    for (id, answers) in table("seeds.md") {
        let (mut rest, mut any) = (String::new(), false);
        for (at, part) in answers.split('`').enumerate() {
            match at % 2 {
                0 => rest.push_str(part),
                _ if known.contains(part) => any = true,
                _ => faults.push(format!("{id}: there is no {part}")),
            }
        }
        for word in OTHERWISE {
            any |= rest.contains(word);
            rest = rest.replace(word, "");
        }
        if !any {
            faults.push(format!("{id} has no answer"));
        }
        if !rest.trim().is_empty() {
            faults.push(format!("{id}: not understood: {}", rest.trim()));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A cause that the guides call common and that shows from outside is named by a diagnosis, not by a symptom alone.
#[test]
fn every_diagnosis_answers_a_line() {
    let answered: String = table("seeds.md").into_iter().map(|(_, answers)| answers).collect();
    let idle: Vec<String> = files("crates/lockstep/src/diagnoses")
        .into_iter()
        .filter(|id| !answered.contains(&format!("`{id}`")))
        .collect();
    assert!(idle.is_empty(), "no line of the guides leads to {idle:?}");
}
