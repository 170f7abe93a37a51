//! The release of nginx in every answer.

use super::Found;
use crate::{Config, fix};

rule! {
    /// nginx is told to name its release in every answer.
    ///
    /// ## Why it matters
    /// Scanners pick servers by release. It is nginx's default, and no hole by itself.
    ///
    /// ## How to fix
    /// `server_tokens off;` in `http`.
    ///
    /// ```nginx fires
    /// server {
    ///     server_tokens on;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     server_tokens off;
    /// }
    /// ```
    RULE: "server-tokens-on", severity: Note, title: "nginx names its release",
        docs: "server_tokens", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for tokens in config.all("server_tokens").filter(|tokens| matches!(tokens.arg(0), "on" | "build")) {
        found_here.add(
            tokens.found("Every answer names the release of nginx.")
                .means("Scanners pick servers by release; nobody else needs it.")
                .safe("Turn it off.", fix::replace_arg(tokens, 0, "off")),
        );
    }
}
