//! Reads nginx configuration as people paste it: a lossless tree, what it means, what is wrong with it.

pub mod directives;
pub mod syntax;
mod version;

pub use syntax::Span;
pub use version::Version;
