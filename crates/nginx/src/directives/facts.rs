//! The tables that the build makes of `data/`, put in order when the first question is asked: as text and columns they
//! compress to half of what lists and rows do.

use std::sync::LazyLock;

use super::{Kind, Row};
use crate::words::joined;

#[allow(clippy::all)]
mod tables {
    use super::Column;
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

/// One fact about every row: the place of each in the list of those that differ.
struct Column {
    distinct: &'static [u16],
    places: &'static [u8],
}

impl Column {
    fn at(&self, row: usize) -> u16 {
        self.places.get(row).and_then(|place| self.distinct.get(usize::from(*place))).copied().unwrap_or(0)
    }
}

/// The kinds of values, as `build.rs` numbers them.
const KINDS: [Kind; 17] = [
    Kind::Other,
    Kind::Flag,
    Kind::Text,
    Kind::Size,
    Kind::Offset,
    Kind::Number,
    Kind::Msec,
    Kind::Sec,
    Kind::Enum,
    Kind::Bitmask,
    Kind::Buffers,
    Kind::Complex,
    Kind::ComplexSize,
    Kind::Predicate,
    Kind::KeyValue,
    Kind::Path,
    Kind::Access,
];

/// What nginx knows.
#[inline(never)]
pub(super) fn facts() -> &'static Facts {
    static FACTS: LazyLock<Facts> = LazyLock::new(Facts::read);
    &FACTS
}

pub(super) struct Facts {
    /// Sorted.
    pub(super) names: Vec<&'static str>,
    /// One past the last row of each name.
    pub(super) ends: Vec<u16>,
    pub(super) rows: Vec<Row>,
    /// Modules, each with a page of the documentation (empty for none): `ngx_http_proxy_module http/ngx_http_proxy_module`.
    pub(super) origins: Vec<&'static str>,
    pub(super) values: Vec<Vec<&'static str>>,
    pub(super) http_variables: Vec<&'static str>,
    pub(super) http_prefixes: Vec<&'static str>,
    pub(super) stream_variables: Vec<&'static str>,
    pub(super) stream_prefixes: Vec<&'static str>,
    /// One more than a name's place, at its hash or after it; 0 where nothing is. Less than half is taken.
    slots: Vec<u16>,
}

const SLOTS: usize = 2048;

impl Facts {
    fn read() -> Facts {
        let words = lines(words().leak());
        let of = |role: u8| {
            let mut named = Vec::new();
            for (word, roles) in words.iter().zip(tables::ROLES) {
                if roles & role != 0 {
                    named.push(*word);
                }
            }
            named
        };
        let names = of(1);
        let mut row = 0_u16;
        let ends = tables::FORMS.iter().map(|forms| {
            row += u16::from(*forms);
            row
        });
        let mut facts = Facts {
            ends: ends.collect(),
            rows: (0..usize::from(row)).map(read_row).collect(),
            origins: lines(tables::ORIGINS),
            values: lines(tables::VALUES).into_iter().map(|legal| legal.split_ascii_whitespace().collect()).collect(),
            http_variables: of(2),
            http_prefixes: of(8),
            stream_variables: of(4),
            stream_prefixes: of(16),
            slots: vec![0; SLOTS],
            names,
        };
        for (name, number) in facts.names.iter().zip(1_u16..) {
            let mut slot = hash(name);
            while facts.slots.get(slot).is_some_and(|taken| *taken != 0) {
                slot = (slot + 1) % SLOTS;
            }
            if let Some(free) = facts.slots.get_mut(slot) {
                *free = number;
            }
        }
        facts
    }

    /// The place of a name.
    pub(super) fn name(&self, name: &str) -> Option<u16> {
        let mut slot = hash(name);
        loop {
            let at = self.slots.get(slot)?.checked_sub(1)?;
            if self.names.get(usize::from(at)).is_some_and(|there| *there == name) {
                return Some(at);
            }
            slot = (slot + 1) % SLOTS;
        }
    }
}

fn read_row(row: usize) -> Row {
    let [kind, marks] = tables::KIND.at(row).to_le_bytes();
    Row {
        contexts: tables::CONTEXTS.at(row),
        args: tables::ARGS.at(row),
        kind: KINDS.get(usize::from(kind)).copied().unwrap_or(Kind::Other),
        duplicate_is_error: marks & 1 != 0,
        third: marks & 2 != 0,
        origin: tables::ORIGIN.get(row).copied().unwrap_or_default(),
        values: tables::LEGAL.at(row),
        since: tables::SINCE.at(row),
        removed: tables::REMOVED.at(row),
    }
}

/// Every name of a directive and of a variable, one a line. In the table each is without the words with which the one before
/// it begins as well: so they compress best.
fn words() -> String {
    let mut text = String::new();
    let mut parts: Vec<&str> = Vec::new();
    for (rest, shared) in tables::WORDS.split('\n').zip(tables::SHARED) {
        parts.truncate(usize::from(*shared));
        parts.extend(rest.split('_'));
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(&joined(&parts, "_"));
    }
    text
}

fn lines(text: &'static str) -> Vec<&'static str> {
    text.split('\n').collect()
}

/// Names are ours: nobody can make them collide.
fn hash(name: &str) -> usize {
    name.bytes().fold(name.len(), |hash, byte| hash.wrapping_mul(31).wrapping_add(usize::from(byte))) % SLOTS
}
