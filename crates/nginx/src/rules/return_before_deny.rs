//! A `return` that comes before `deny`.

use super::Found;
use crate::{Config};

rule! {
    /// `return` stands beside `allow` and `deny`.
    ///
    /// ## Why it matters
    /// nginx answers with `return` before it looks at who is asking: the restriction has no effect.
    ///
    /// ## How to fix
    /// Put what is protected into a file, a `try_files` or a `proxy_pass`.
    ///
    /// ```nginx fires
    /// server {
    ///     location /admin {
    ///         allow 10.0.0.0/8;
    ///         deny all;
    ///         return 200 secret;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location /admin {
    ///         allow 10.0.0.0/8;
    ///         deny all;
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    ///     location /x { deny all; return 404; }
    /// }
    /// ```
    RULE: "return-before-deny", severity: Warning, title: "return comes before deny",
        docs: "deny", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("return") {
        let Some(block) = directive.parent() else { continue };
        let code = directive.arg(0);
        // Refusing everybody twice is no loophole, and a redirect tells nothing.
        if code.starts_with('4') || code.starts_with('3') || code.starts_with("http") {
            continue;
        }
        let Some(rule) = block.first("deny").or_else(|| block.first("allow")) else { continue };
        found_here.add(
            directive.found("nginx answers with this before it looks at who is asking.")
                .means("The restriction beside it has no effect.")
                .related(rule.head_span(), "never asked")
                .by_hand("Serve it as a file or through proxy_pass: those are asked after allow and deny."),
        );
    }
}
