//! The report's components: they write what the plain modules decided, and nothing else.

mod cause;
mod copy;
mod findings;
pub mod glyph;
mod ladder;
mod picture;
mod report;

pub use report::report;
