//! Fewer open files than connections.

use super::Found;
use crate::{Config, fix, words::number};

rule! {
    /// `worker_rlimit_nofile` is lower than what `worker_connections` needs.
    ///
    /// ## Why it matters
    /// Each proxied connection takes two files: "too many open files" comes before the limit of connections.
    ///
    /// ## How to fix
    /// Twice `worker_connections`, at least.
    ///
    /// ```nginx fires
    /// worker_rlimit_nofile 1024;
    /// events { worker_connections 4096; }
    /// http { }
    /// ```
    /// ```nginx quiet
    /// worker_rlimit_nofile 8192;
    /// events { worker_connections 4096; }
    /// http { }
    /// ```
    RULE: "open-files-too-few", severity: Note, title: "Too few files for connections",
        docs: "worker_rlimit_nofile", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let Some(limit) = config.all("worker_rlimit_nofile").next() else { return };
    let Some(connections) = config.all("worker_connections").next() else { return };
    let (Some(files), Some(wanted)) = (number(limit.arg(0)), number(connections.arg(0))) else { return };
    if files >= wanted.saturating_mul(2) {
        return;
    }
    let enough = wanted.saturating_mul(2);
    found_here.add(
        limit.found(format_args!("{files} open files for {wanted} connections: a proxied connection takes two."))
            .means("\"Too many open files\" comes before the limit of connections.")
            .related(connections.head_span(), "the connections")
            .safe(format_args!("Allow {enough}."), fix::replace_arg(limit, 0, enough.to_string())),
    );
}
