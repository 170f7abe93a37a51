//! A pattern for origins that matches others.

use super::Found;
use crate::{Config, finding::found, search::Search};

rule! {
    /// A condition on `$http_origin` or `$http_referer` has a pattern without both ends.
    ///
    /// ## Why it matters
    /// `https://app.test.evil.example` matches `app.test` as well, and is then trusted.
    ///
    /// ## How to fix
    /// Begin with `^https://`, end with `$`, and put a backslash before each dot.
    ///
    /// ```nginx fires
    /// server {
    ///     location / {
    ///         if ($http_origin ~ app\.test) { set $cors $http_origin; }
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location / {
    ///         if ($http_origin ~ ^https://(www\.)?app\.test$) { set $cors $http_origin; }
    ///     }
    /// }
    /// ```
    RULE: "origin-pattern-open", severity: Warning, title: "Other origins match as well",
        docs: "if", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for block in config.all("if").filter(|block| block.arg_count() == 3) {
        let subject = block.arg(0);
        let origin = matches!(subject.trim_start_matches('('), "$http_origin" | "$http_referer");
        if !origin || !matches!(block.arg(1), "~" | "~*") {
            continue;
        }
        let pattern = block.arg(2);
        let pattern = pattern.strip_suffix(')').unwrap_or(pattern);
        let referer = subject.has("referer");
        let ends = pattern.ends_with('$') || (referer && (pattern.ends_with('/') || pattern.ends_with("(/|$)"))) || pattern.ends_with("$)");
        if (pattern.starts_with('^') && ends) || pattern == ".+" || pattern == ".*" {
            continue;
        }
        found_here.add(
            block.arg_found(2, "This pattern also matches in the middle of other origins.")
                .means("A site whose name merely contains yours is trusted as well.")
                .by_hand("Begin with ^https:// and end with $."),
        );
    }
    for block in config.all("map").filter(|block| matches!(block.arg(0), "$http_origin")) {
        for entry in block.children().filter(|entry| entry.arg_count() == 1 && !matches!(entry.arg(0), "" | "0")) {
            let key = entry.name();
            let Some(pattern) = key.strip_prefix("~*").or_else(|| key.strip_prefix('~')) else { continue };
            if pattern.starts_with('^') && (pattern.ends_with('$') || pattern.ends_with("$)")) {
                continue;
            }
            found_here.add(
                found(entry.name_span(), "This pattern also matches in the middle of other origins.")
                    .means("A site whose name merely contains yours is trusted as well.")
                    .by_hand("Begin with ^https:// and end with $."),
            );
        }
    }
}
