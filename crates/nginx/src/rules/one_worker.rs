//! One worker for all processors.

use super::Found;
use crate::{Config, directives::Context, finding::found, fix};

rule! {
    /// Nothing says how many workers there are: it is one.
    ///
    /// ## Why it matters
    /// All requests share one processor, however many the machine has.
    ///
    /// ## How to fix
    /// `worker_processes auto;`
    ///
    /// ```nginx fires everything
    /// events { }
    /// http {
    ///     server { listen 80; }
    /// }
    /// ```
    /// ```nginx quiet everything
    /// worker_processes auto;
    /// events { }
    /// http {
    ///     server { listen 80; }
    /// }
    /// ```
    /// ```nginx quiet
    /// events { }
    /// http {
    ///     server { listen 80; }
    /// }
    /// ```
    RULE: "one-worker", severity: Note, title: "One worker for all processors",
        docs: "worker_processes", seed: "C11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if !config.everything || config.all("worker_processes").next().is_some() || !config.unresolved().is_empty() {
        return;
    }
    let whole = config.roots().find(|root| root.context() == Context::MAIN && root.first("events").is_some() && root.first("http").is_some());
    let Some(first) = whole.and_then(|root| root.children().next()) else { return };
    found_here.add(
        found(first.name_span(), "Nothing says how many workers there are, and then it is one.")
            .means("All requests share one processor, however many the machine has.")
            .safe("One for each processor.", fix::add_before(first, &["worker_processes auto;".into()])),
    );
}
