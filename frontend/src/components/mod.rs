//! What the page has of its own, apart from the report's components: each folder a component and its style.

pub(crate) mod board;
pub(crate) mod gauge;
pub(crate) mod trouble;
