//! `cargo xtask bench`: how fast, and beside whom.

use anyhow::Result;
use clap::{Args, ValueEnum};

mod nginx;

/// What to measure.
#[derive(Args)]
pub struct Arguments {
    /// What to measure
    #[arg(value_enum)]
    what: What,
    /// Only ours, without the others
    #[arg(long)]
    alone: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// The reader of nginx text
    Nginx,
}

/// Measures and prints a table.
pub fn run(arguments: &Arguments) -> Result<()> {
    match arguments.what {
        What::Nginx => nginx::run(arguments.alone),
    }
}
