//! Which lines differ, as rows to show and as replacements to make.

use std::ops::Range;

#[cfg(feature = "reading")]
use nginx::Edit;
use view::markup::Html;

/// Lines around a difference that are shown with it.
#[cfg(feature = "reports")]
const AROUND: u32 = 2;
/// Rows of one difference that are shown.
const MOST: usize = 400;

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    /// What happened to it.
    pub(crate) kind: Kind,
    /// Its number, from 1: in the text before for what is gone, in the text after for the others.
    pub(crate) line: u32,
    /// Without its end.
    pub(crate) text: String,
}

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Gone,
    New,
    Same,
    /// Lines that are left out.
    Gap,
}

/// A run of lines in the text before, and what stands there afterwards; in bytes.
#[cfg(feature = "reports")]
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) text: String,
}

/// The rows that an edit changes, without the lines around it.
#[cfg(feature = "reading")]
pub(crate) fn of_edits(text: &str, edits: &[Edit]) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut edits = edits.iter().peekable();
    while let Some(first) = edits.next() {
        let from = line_start(text, first.start as usize);
        let mut to = line_end(text, first.end as usize);
        let mut here = vec![first];
        while let Some(next) = edits.next_if(|next| next.start as usize <= to + 1) {
            to = to.max(line_end(text, next.end as usize));
            here.push(next);
        }
        let shift = u32::try_from(from).unwrap_or(u32::MAX);
        let here: Vec<Edit> = here
            .into_iter()
            .map(|edit| Edit {
                start: edit.start.saturating_sub(shift),
                end: edit.end.saturating_sub(shift),
                ..edit.clone()
            })
            .collect();
        let before = text.get(from..to).unwrap_or_default();
        let above = text.get(..from).unwrap_or_default().bytes().filter(|byte| *byte == b'\n').count();
        let above = u32::try_from(above).unwrap_or(u32::MAX);
        rows.extend(of_texts(before, &nginx::apply(before, &here), 0, &|_, _, _| Vec::new()).into_iter().map(
            |mut row| {
                row.line = row.line.saturating_add(above);
                row
            },
        ));
    }
    rows
}

/// The rows in which two texts differ, with some lines around them.
#[cfg(feature = "reports")]
pub(crate) fn between(before: &str, after: &str) -> Vec<Row> {
    of_texts(before, after, AROUND, &path)
}

/// What to replace in the text before, in runs of lines.
#[cfg(feature = "reports")]
pub(crate) fn changes(before: &str, after: &str) -> Vec<Change> {
    let (old, new) = (starts(before), starts(after));
    let at = |starts: &[u32], line: u32| starts.get(line as usize).copied().unwrap_or(0);
    hunks(before, after, &path)
        .into_iter()
        .map(|hunk| {
            let (from, to) = (at(&new, hunk.after.start) as usize, at(&new, hunk.after.end) as usize);
            Change {
                start: at(&old, hunk.before.start),
                end: at(&old, hunk.before.end),
                text: after.get(from..to).unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

/// Writes rows as a list of lines; what is gone and what is new can be told without colour.
pub(crate) fn write(html: &mut Html, rows: &[Row]) {
    html.of("pre", "diff", |html| {
        for row in rows.iter().take(MOST) {
            let (tag, kind, sign) = match row.kind {
                Kind::Gone => ("del", "gone", "−"),
                Kind::New => ("ins", "new", "+"),
                Kind::Same => ("span", "same", " "),
                Kind::Gap => ("span", "gap", "⋯"),
            };
            html.of(tag, kind, |html| {
                let line = if row.kind == Kind::Gap { String::new() } else { row.line.to_string() };
                html.line("i", "", &line);
                html.line("b", "", sign);
                html.text(&row.text);
                html.raw("\n");
            });
        }
        if rows.len() > MOST {
            html.line("span", "gap", &format!("and {} lines more", rows.len() - MOST));
        }
    });
}

/// The new lines alone, for someone who edits by hand.
#[cfg(feature = "reading")]
pub(crate) fn new_lines(rows: &[Row]) -> String {
    rows.iter().filter(|row| row.kind == Kind::New).flat_map(|row| [row.text.as_str(), "\n"]).collect()
}

fn of_texts(before: &str, after: &str, around: u32, way: Way<'_>) -> Vec<Row> {
    let (old, new) = (Lines::new(before), Lines::new(after));
    let mut rows = Vec::new();
    // One past the last line of the text after that was shown.
    let mut shown = 0_u32;
    for (at, hunk) in hunks(before, after, way).into_iter().enumerate() {
        if at > 0 {
            let tail = shown.saturating_add(around).min(hunk.after.start);
            (shown..tail).for_each(|line| rows.push(new.row(Kind::Same, line)));
            shown = tail;
        }
        let lead = hunk.after.start.saturating_sub(around).max(shown);
        if lead > shown && around > 0 {
            rows.push(Row { kind: Kind::Gap, line: 0, text: String::new() });
        }
        (lead..hunk.after.start).for_each(|line| rows.push(new.row(Kind::Same, line)));
        hunk.before.clone().for_each(|line| rows.push(old.row(Kind::Gone, line)));
        hunk.after.clone().for_each(|line| rows.push(new.row(Kind::New, line)));
        shown = hunk.after.end;
    }
    if !rows.is_empty() {
        let end = shown.saturating_add(around).min(new.count());
        (shown..end).for_each(|line| rows.push(new.row(Kind::Same, line)));
    }
    rows
}

/// Lines before that became lines after.
struct Hunk {
    before: Range<u32>,
    after: Range<u32>,
}

/// Lines that may differ until the rest is taken as one difference.
#[cfg(feature = "reports")]
const FURTHEST: usize = 1500;

/// Which lines are kept of so many before and so many after, as pairs. The lines of one fix lie side by side: of them
/// none is, and what finds them does not weigh on the findings.
type Way<'w> = &'w dyn Fn(usize, usize, &dyn Fn(usize, usize) -> bool) -> Vec<(usize, usize)>;

/// What differs, after what is the same at both ends.
fn hunks(before: &str, after: &str, way: Way<'_>) -> Vec<Hunk> {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let same = |a: usize, b: usize| matches!((old.get(a), new.get(b)), (Some(a), Some(b)) if a == b);
    // What is the same at both ends costs nothing.
    let shorter = old.len().min(new.len());
    let head = (0..shorter).take_while(|at| same(*at, *at)).count();
    let tail = (0..shorter - head).take_while(|at| same(old.len() - 1 - at, new.len() - 1 - at)).count();
    let (rows, columns) = (old.len() - head - tail, new.len() - head - tail);
    let mut kept = Vec::new();
    if rows > 0 && columns > 0 {
        kept = way(rows, columns, &|a, b| same(head + a, head + b));
    }
    // Between two lines that are kept stands what differs.
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut a, mut b) = (0, 0);
    let number = |at: usize| u32::try_from(head + at).unwrap_or(u32::MAX);
    for (next_a, next_b) in kept.into_iter().chain([(rows, columns)]) {
        if next_a > a || next_b > b {
            hunks.push(Hunk { before: number(a)..number(next_a), after: number(b)..number(next_b) });
        }
        (a, b) = (next_a + 1, next_b + 1);
    }
    hunks
}

/// The lines that are kept on the shortest way, as pairs; none when that is too long (Myers 1986, "An O(ND) difference
/// algorithm and its variations").
#[cfg(feature = "reports")]
fn path(rows: usize, columns: usize, same: &dyn Fn(usize, usize) -> bool) -> Vec<(usize, usize)> {
    // For each number of changes, and each diagonal with it, how far down one can get.
    let mut reached: Vec<Vec<usize>> = Vec::new();
    for changes in 0..=(rows + columns).min(FURTHEST) {
        let mut here = Vec::with_capacity(changes + 1);
        for step in 0..=changes {
            let (mut a, came_down) = start(&reached, changes, step);
            let mut b = (a + 2 * step).saturating_sub(changes);
            if a + 2 * step < changes || a > rows || b > columns {
                // Beyond the edge: nothing can start from here.
                here.push(if came_down { rows + 1 } else { a });
                continue;
            }
            while a < rows && b < columns && same(a, b) {
                (a, b) = (a + 1, b + 1);
            }
            here.push(a);
            if a == rows && b == columns {
                return walked(&reached, changes, step, rows, same);
            }
        }
        reached.push(here);
    }
    Vec::new()
}

/// Where the furthest way with so many changes begins on its diagonal (`step` lines are new, the others gone), and
/// whether its last change is a line that is gone.
#[cfg(feature = "reports")]
fn start(reached: &[Vec<usize>], changes: usize, step: usize) -> (usize, bool) {
    let Some(before) = reached.last().filter(|_| changes > 0) else { return (0, false) };
    let down = before.get(step).filter(|_| step < changes).map(|a| a + 1);
    let right = step.checked_sub(1).and_then(|step| before.get(step)).copied();
    match (down, right) {
        (Some(down), Some(right)) if right >= down => (right, false),
        (Some(down), _) => (down, true),
        (None, right) => (right.unwrap_or(0), false),
    }
}

/// The pairs on the way that ended here, from the first.
#[cfg(feature = "reports")]
fn walked(
    reached: &[Vec<usize>],
    changes: usize,
    step: usize,
    end: usize,
    same: &dyn Fn(usize, usize) -> bool,
) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut changes, mut step, mut a) = (changes, step, end);
    loop {
        let (first, came_down) = start(reached.get(..changes).unwrap_or_default(), changes, step);
        while a > first {
            a -= 1;
            pairs.push((a, (a + 2 * step).saturating_sub(changes)));
        }
        if changes == 0 {
            break;
        }
        changes -= 1;
        if came_down {
            a = first.saturating_sub(1);
        } else {
            step = step.saturating_sub(1);
            a = first;
        }
    }
    debug_assert!(pairs.iter().all(|(a, b)| same(*a, *b)), "only lines that are the same are kept");
    pairs.reverse();
    pairs
}

/// The lines of a text by number.
struct Lines<'a>(Vec<&'a str>);

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Lines<'a> {
        Lines(text.split_inclusive('\n').collect())
    }

    fn count(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn row(&self, kind: Kind, line: u32) -> Row {
        let text = self.0.get(line as usize).copied().unwrap_or_default();
        Row { kind, line: line.saturating_add(1), text: text.trim_end_matches(['\n', '\r']).to_owned() }
    }
}

/// Where each line starts, and where the text ends.
#[cfg(feature = "reports")]
fn starts(text: &str) -> Vec<u32> {
    let mut starts = vec![0];
    let mut at = 0_u32;
    for line in text.split_inclusive('\n') {
        at = at.saturating_add(u32::try_from(line.len()).unwrap_or(u32::MAX));
        starts.push(at);
    }
    starts
}

#[cfg(feature = "reading")]
fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1)
}

/// One past the end of the line, its line feed included.
#[cfg(feature = "reading")]
fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |length| at + length + 1)
}

#[cfg(all(test, feature = "reading", feature = "reports"))]
mod tests {
    use super::*;

    fn told(rows: &[Row]) -> Vec<String> {
        let sign = |kind| match kind {
            Kind::Gone => "-",
            Kind::New => "+",
            Kind::Same => " ",
            Kind::Gap => "~",
        };
        rows.iter().map(|row| format!("{}{} {}", sign(row.kind), row.line, row.text)).collect()
    }

    #[test]
    fn an_edit_shows_its_own_lines() {
        let text = "server {\n  listen 443\n  root /srv;\n}\n";
        let at = text.find("443").unwrap() as u32 + 3;
        let edits = [Edit { source: 0, start: at, end: at, text: ";".into() }];
        assert_eq!(told(&of_edits(text, &edits)), ["-2   listen 443", "+2   listen 443;"]);
        assert_eq!(new_lines(&of_edits(text, &edits)), "  listen 443;\n");
    }

    #[test]
    fn edits_far_apart_are_shown_apart() {
        let text = "a;\nb;\nc;\nd;\n";
        let edit = |at: u32, word: &str| Edit { source: 0, start: at, end: at + 1, text: word.into() };
        assert_eq!(told(&of_edits(text, &[edit(0, "x"), edit(9, "y")])), ["-1 a;", "+1 x;", "-4 d;", "+4 y;"]);
    }

    #[test]
    fn texts_are_compared_with_lines_around() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let after = "1\n2\n3\n4\nfive\n6\n7\n8\n9\nten\n";
        let expected = ["~0 ", " 3 3", " 4 4", "-5 5", "+5 five", " 6 6", " 7 7", " 8 8", " 9 9", "+10 ten"];
        assert_eq!(told(&between(before, after)), expected);
        assert!(between(before, before).is_empty());
        assert_eq!(told(&between("", "a\n")), ["+1 a"]);
    }

    #[test]
    fn the_way_is_the_shortest() {
        for (before, after, changed) in [
            ("a b c a b b a", "c b a b a c", 5), // the example of the paper
            ("a b c d", "b c d e", 2),
            ("a a a", "a", 2),
            ("x", "y z", 3),
            ("a b c", "", 3),
        ] {
            let text = |words: &str| words.split(' ').map(|word| format!("{word}\n")).collect::<String>();
            let (before, after) = (text(before), if after.is_empty() { String::new() } else { text(after) });
            let found: u32 =
                hunks(&before, &after, &path).iter().map(|hunk| (hunk.before.len() + hunk.after.len()) as u32).sum();
            assert_eq!(found, changed, "{before:?} → {after:?}");
        }
    }

    #[test]
    fn texts_that_have_nothing_in_common_are_soon_done() {
        let text = |word: &str| (0..50_000).map(|n| format!("{word} {n}\n")).collect::<String>();
        assert_eq!(hunks(&text("a"), &text("b"), &path).len(), 1);
    }

    #[test]
    fn changes_make_the_second_text_of_the_first() {
        let texts = ["", "a", "a\n", "a\nb\n", "b\na\n", "a\nx\nb\nc\n", "server {\r\n}\r\n", "é\n🦀\nb\n"];
        for before in texts {
            for after in texts {
                let edits: Vec<Edit> = changes(before, after)
                    .into_iter()
                    .map(|change| Edit { source: 0, start: change.start, end: change.end, text: change.text })
                    .collect();
                assert_eq!(nginx::apply(before, &edits), after, "{before:?} → {after:?}");
            }
        }
    }
}
