//! A lossless tree over any text: nothing is refused, every byte has its token, one mistake is one fault.

mod lexer;
mod parser;
mod span;
mod strict;
mod tree;

pub(crate) use lexer::is_curly;
pub use parser::parse;
pub use span::Span;
pub(crate) use strict::{Reading, read as read_strictly};
pub use tree::{Fault, FaultKind, Node, NodeId, Quote, Terminator, Token, TokenKind, Tree, Word};
