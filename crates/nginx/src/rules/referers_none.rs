//! A referer list that lets all in.

use super::Found;
use crate::{Config, fix};

rule! {
    /// `valid_referers` allows requests without a referer.
    ///
    /// ## Why it matters
    /// Anybody can leave the header out: the check keeps nobody away who does not want it.
    ///
    /// ## How to fix
    /// Take `none` away if the check is meant as protection; for hotlinks it is right.
    ///
    /// ```nginx fires
    /// server {
    ///     location /admin/ {
    ///         valid_referers none server_names;
    ///         if ($invalid_referer) { return 403; }
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location /images/ {
    ///         valid_referers none blocked server_names;
    ///         if ($invalid_referer) { return 403; }
    ///     }
    ///     location /a/ {
    ///         valid_referers server_names;
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    RULE: "referers-none", severity: Note, title: "Requests without referer pass",
        docs: "valid_referers", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("valid_referers") {
        let Some(at) = directive.args().position(|arg| arg == "none") else { continue };
        // Pictures may be opened by hand; it is the application that a referer is to protect.
        let guards = directive.parent().is_some_and(|block| block.descendants().any(|inner| inner.is("proxy_pass")));
        if guards {
            found_here.add(
                directive.arg_found(at, "Requests without a referer pass this check.")
                    .means("Whoever leaves the header out is let in.")
                    .review("Take \"none\" away.", fix::remove_arg(directive, at)),
            );
        }
    }
}
