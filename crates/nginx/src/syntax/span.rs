//! A range of bytes.

use serde::{Deserialize, Serialize};

/// `start..end` in bytes. What they count from is said by the owner: the pasted text, unless the text came in several
/// files (see [`crate::Files`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From `start` to `end`.
    pub const fn new(start: u32, end: u32) -> Span {
        Span { start, end }
    }

    /// An insertion point.
    pub const fn at(position: u32) -> Span {
        Span { start: position, end: position }
    }

    /// In bytes.
    pub const fn len(self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// An insertion point.
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// From the first byte of `self` to the last byte of `other`.
    #[must_use]
    pub const fn to(self, other: Span) -> Span {
        Span { start: self.start, end: other.end }
    }

    /// Does it hold this position, its end included?
    pub const fn touches(self, position: u32) -> bool {
        self.start <= position && position <= self.end
    }

    /// The text, when the span counts from `base`.
    pub fn of(self, text: &str, base: u32) -> &str {
        let from = self.start.saturating_sub(base) as usize;
        let to = self.end.saturating_sub(base) as usize;
        text.get(from..to).unwrap_or_default()
    }
}
