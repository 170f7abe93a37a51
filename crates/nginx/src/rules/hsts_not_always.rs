//! HSTS that errors do not carry.

use super::Found;
use crate::{Config, fix};

rule! {
    /// Strict-Transport-Security lacks `always`.
    ///
    /// ## Why it matters
    /// nginx then leaves it out of 4xx and 5xx answers: who meets an error first is not protected.
    ///
    /// ## How to fix
    /// Put `always` at the end.
    ///
    /// ```nginx fires
    /// server {
    ///     add_header Strict-Transport-Security "max-age=31536000";
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     add_header Strict-Transport-Security "max-age=31536000" always;
    /// }
    /// ```
    RULE: "hsts-not-always", severity: Note, title: "Errors lack the HSTS header",
        docs: "add_header", seed: "A15", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for header in config.all("add_header").filter(|header| header.arg(0).eq_ignore_ascii_case("strict-transport-security")) {
        if header.arg_count() == 2 {
            found_here.add(
                header.found("Without \"always\" the header is left out of 4xx and 5xx answers.")
                    .means("Who meets an error first is not protected.")
                    .safe("Add \"always\".", fix::add_arg(header, "always")),
            );
        }
    }
}
