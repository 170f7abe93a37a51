//! Reads nginx configuration as people paste it: a lossless tree, what it means, what is wrong with it, and the edits
//! that put it right. No I/O, no clock; it never panics, and its time grows with the text and not faster.
//!
//! ```
//! let linted = nginx::lint("server {\n    listen 443\n    root /srv;\n}\n", &nginx::Options::default());
//! let gap = linted.findings.iter().find(|finding| finding.rule == "missing-semicolon").unwrap();
//! assert_eq!((gap.place.line, gap.fix.as_ref().unwrap().edits[0].text.as_str()), (2, ";"));
//! ```

mod against;
mod config;
pub mod directives;
mod finding;
mod fix;
mod generate;
mod input;
#[cfg(feature = "lessons")]
mod lesson;
mod lint;
mod map;
mod markdown;
mod order;
mod patterns;
mod redirects;
mod route;
pub mod rules;
mod sarif;
mod search;
pub mod syntax;
mod version;
mod words;

pub use against::{Difference, Live, against};
pub use config::{
    Address, Args, Condition, Config, Directive, Directives, ItemId, Listen, Location, Modifier, ProxyTarget, Redirect,
    Server, ServerName, Target, Unresolved, Upstream, is_placeholder, variables_in,
};
pub use finding::{Edit, FileRead, Finding, Fix, Linted, Related, Safety, Stops, Undecided};
pub use fix::{apply, apply_safe, apply_safe_all};
pub use generate::{Canonical, Site, Unusable, generate};
pub use input::{File, Files, Form, Place, Source};
#[cfg(feature = "lessons")]
pub use lesson::{Lesson, lesson};
pub use lint::{Options, lint, lint_all, lint_config};
pub use markdown::markdown;
#[cfg(feature = "fancy-regex")]
pub use patterns::Fancy;
pub use patterns::{Captures, Pattern, Patterns};
pub use redirects::{Answer, Corner, RedirectMap, redirect_map};
pub use route::{Assumption, Header, Outcome, Request, Route, Step, StepKind, route};
pub use sarif::{Sarif, sarif};
pub use syntax::{Span, parse};
pub use version::Version;
