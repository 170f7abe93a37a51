//! The report's components: they write what the plain modules decided, and nothing else.

mod cause;
mod comparison;
mod copy;
mod findings;
pub mod glyph;
mod ladder;
mod picture;
mod report;

pub use comparison::comparison;
pub use report::report;
