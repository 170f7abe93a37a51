//! A second content type.

use super::Found;
use crate::{Config};

rule! {
    /// `add_header` sets `Content-Type`.
    ///
    /// ## Why it matters
    /// It is added beside the one that nginx or the application sends: browsers see two.
    ///
    /// ## How to fix
    /// Use `default_type`, or `types`, for files and `return`; leave it to the application otherwise.
    ///
    /// ```nginx fires
    /// server {
    ///     location /health {
    ///         add_header Content-Type text/plain;
    ///         return 200 ok;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location /health {
    ///         default_type text/plain;
    ///         return 200 ok;
    ///     }
    /// }
    /// ```
    RULE: "content-type-added", severity: Note, title: "A second Content-Type",
        docs: "default_type", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("add_header").filter(|directive| directive.arg(0).eq_ignore_ascii_case("content-type")) {
        let Some(block) = directive.parent() else { continue };
        let hidden = block.list("proxy_hide_header").iter().any(|other| other.arg(0).eq_ignore_ascii_case("content-type"));
        if hidden {
            continue;
        }
        let draft = directive.found("This Content-Type comes in addition to the one that is sent anyway.")
            .means("Browsers see two and take one of them.");
        let value = config.files.text(directive.arg_span(1));
        let returns = block.first("return").is_some() && block.first("default_type").is_none();
        found_here.add(if returns {
            draft.safe("Use default_type.", vec![(directive.head_span(), format!("default_type {value}"))])
        } else {
            draft.by_hand("Use default_type or types.")
        });
    }
}
