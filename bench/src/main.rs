//! Asks the nginx page's reader about a file again and again for a while and prints the least processor time that one
//! answer took, in milliseconds, with the length of the answer.

#![allow(clippy::print_stdout)] // its output is what it is for
#![allow(clippy::disallowed_methods)] // the clock

use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

fn main() -> ExitCode {
    let Some(text) = std::env::args().nth(1).and_then(|file| std::fs::read_to_string(file).ok()) else {
        return ExitCode::FAILURE;
    };
    // As the page asks: forty findings of a group, every rule on.
    let question = ["read", "40", "1.22", "everything", "", &text].join("\0");
    let start = Instant::now();
    let mut least = f64::INFINITY;
    let mut length = 0;
    // Several answers at once where one is too short for the system's accounts.
    let mut passes = 1_u32;
    let mut rounds = 0;
    while rounds < 3 || start.elapsed() < Duration::from_secs(3) {
        let since = used(start);
        for _ in 0..passes {
            length = reader::answer(&question).len();
        }
        let took = used(start).saturating_sub(since);
        if took < Duration::from_millis(60) && passes < 1 << 20 {
            passes *= 2;
            continue;
        }
        least = least.min(took.as_secs_f64() * 1000.0 / f64::from(passes));
        rounds += 1;
    }
    println!("{least:.3} {length}");
    ExitCode::SUCCESS
}

/// Time on the processor, so that what else the machine does is not counted; where the system does not tell, the clock.
fn used(start: Instant) -> Duration {
    let told = std::fs::read_to_string("/proc/self/schedstat").ok();
    let nanos = told.and_then(|text| text.split(' ').next()?.parse().ok());
    nanos.map_or_else(|| start.elapsed(), Duration::from_nanos)
}
