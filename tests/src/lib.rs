//! The practice network and what the tests over it share: real servers on loopback, one site per cause.
//!
//! `lab/sites/*.toml` says in a few lines what each site is, what a person would want to be told about it (`must`)
//! and what may be said besides (`may`). Everything else said about it is a fault of ours.

#![allow(clippy::disallowed_methods, reason = "the lab listens, has threads and reads the clock: it is the world")]

pub mod ask;
pub mod command;
pub mod expectation;
pub mod lab;
pub mod proof;
pub mod python;
pub mod relay;
pub mod soundness;
