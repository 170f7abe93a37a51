//! `cargo xtask bench`: how fast, and beside whom.

use anyhow::Result;
use clap::{Args, ValueEnum};

mod check;
mod nginx;
mod runtime;

/// What to measure.
#[derive(Args)]
pub struct Arguments {
    /// What to measure
    #[arg(value_enum)]
    what: What,
    /// Only ours, without the others
    #[arg(long)]
    alone: bool,
    /// How long a round trip to the practice network takes, in milliseconds
    #[arg(long, default_value_t = 50)]
    round_trip: u32,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// A check over a way that takes time (needs root)
    Check,
    /// The reader of nginx text
    Nginx,
}

/// Measures and prints a table.
pub fn run(arguments: &Arguments) -> Result<()> {
    match arguments.what {
        What::Check => check::run(arguments.round_trip, arguments.alone),
        What::Nginx => nginx::run(arguments.alone),
    }
}
