//! What is kept and how often may be asked, in numbers. The pages about them are made of this file, and a test holds
//! `wrangler.toml` against it.

/// Checks that one client may have run in [`CLIENT_SECONDS`]: an IPv4 address, or an IPv6 network of 64 bits.
pub const CLIENT_CHECKS: u32 = 20;
/// The time over which checks of a client are counted.
pub const CLIENT_SECONDS: u32 = 60;

/// Checks of one registrable domain in [`TARGET_SECONDS`], whoever asks.
pub const TARGET_CHECKS: u32 = 10;
/// The time over which checks of a domain are counted.
pub const TARGET_SECONDS: u32 = 600;
/// The time over which the platform's own counter counts the same number: the longest that it knows.
pub const TARGET_BURST_SECONDS: u32 = 60;

/// How long a report answers whoever asks the same.
pub const REPORT_SECONDS: u32 = 60;
/// How long calendars and badges answer from the same look.
pub const GLANCE_SECONDS: u32 = 86_400;

/// Paths that are asked for in one check.
pub const PATHS: usize = 10;
/// Characters that are read of all of them.
pub const PATHS_LENGTH: usize = 2_000;
