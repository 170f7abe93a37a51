//! One header in two lines of one block.

use super::{Found, short};
use crate::{Config, Directive, fix, map::Map};

rule! {
    /// A block sets the same header for the application twice.
    ///
    /// ## Why it matters
    /// nginx sends both lines. Two `Host` lines are refused by many applications, and others take the wrong one.
    ///
    /// ## How to fix
    /// Keep one. `include proxy_params;` sets `Host`, `X-Real-IP`, `X-Forwarded-For` and `X-Forwarded-Proto` already.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    ///     proxy_set_header Host $host;
    /// }
    /// ```
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     proxy_set_header X-App one;
    ///     proxy_set_header x-app two;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    ///     proxy_set_header X-Forwarded-Host $host;
    /// }
    /// location /a {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "header-set-twice", severity: Warning, title: "A header is sent twice",
        docs: "proxy_set_header", seed: "A17 C9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut seen: Map<String, Directive<'_>> = Map::new();
    for header in config.all("proxy_set_header") {
        let Some(block) = header.parent() else { continue };
        let Some(first) = seen.insert([&block.span().start.to_string(), &*header.arg(0).to_ascii_lowercase()].concat(), header) else { continue };
        // The line of proxy_params is nobody's to take away.
        let (extra, other) = if header.is_built_in() { (first, header) } else { (header, first) };
        if extra.is_built_in() {
            continue;
        }
        let draft = extra.found(format_args!("{} is set twice in this block.", short(header.arg(0))))
            .means("nginx sends both lines: the application refuses the request, or takes either.")
            .related(other.head_span(), "the other line");
        let edits = fix::remove(extra);
        found_here.add(if extra.arg(1) == other.arg(1) {
            draft.safe("Keep one.", edits)
        } else {
            draft.review("Keep one: which is right?", edits)
        });
    }
}
