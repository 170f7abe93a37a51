//! The report as people see it: decisions in plain Rust, and components that write them as HTML.
//!
//! Grouping, ordering, wording and drawing are decided in modules of their own and tested natively. The components
//! only write those decisions down: they hold no state and handle no event, so that what the worker writes is what
//! the page shows. Buttons say by `data-copy`, `data-again` and `data-tool` what they are for; the page listens.

pub mod certificate;
pub mod checklist;
pub mod compare;
pub mod comparison;
pub mod components;
pub mod corners;
pub mod facts;
pub mod hint;
pub mod ladder;
pub mod markup;
pub mod place;
pub mod trails;
pub mod verdict;
pub mod words;
