//! An include whose file was not pasted.

use super::Found;
use crate::{Config};

rule! {
    /// An included file was not pasted, so what is in it is not known here.
    ///
    /// ## Why it matters
    /// Rules that depend on it say nothing rather than guess.
    ///
    /// ## How to fix
    /// Paste the output of `sudo nginx -T`: it holds every file that nginx reads.
    ///
    /// ```nginx fires
    /// server {
    ///     include snippets/ssl.conf;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     include proxy_params;
    ///     proxy_pass http://127.0.0.1:8000;
    /// }
    /// ```
    RULE: "include-not-pasted", severity: Note, title: "An included file was not pasted",
        docs: "include", seed: "C9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for unresolved in config.unresolved() {
        let include = config.get(unresolved.include);
        found_here.add(
            include.found(format_args!("The content of {} is not known here.", include.arg(0)))
                .means(if unresolved.brings_servers {
                    "Servers in it are not seen: two that claim the same name would go unnoticed."
                } else {
                    "Rules that depend on it stay undecided."
                })
                .by_hand("Paste the output of \"sudo nginx -T\", or that file as well."),
        );
    }
}
