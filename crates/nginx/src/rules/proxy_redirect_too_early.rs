//! `proxy_redirect default` where it cannot be worked out.

use super::{Found, is_judged};
use crate::{Config, fix};

rule! {
    /// `proxy_redirect default` stands before its `proxy_pass`, without one, or beside one with variables.
    ///
    /// ## Why it matters
    /// nginx works the default out from the `proxy_pass` above it, and refuses the whole configuration when it cannot.
    ///
    /// ## How to fix
    /// Take it away: it is the default. Or put it below `proxy_pass`.
    ///
    /// ```nginx fires
    /// location /app/ {
    ///     proxy_redirect default;
    ///     proxy_pass http://127.0.0.1:8000/;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000$request_uri;
    ///     proxy_redirect default;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /app/ {
    ///     proxy_pass http://127.0.0.1:8000/;
    ///     proxy_redirect default;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "proxy-redirect-too-early", severity: Failed, title: "proxy_redirect default needs proxy_pass",
        docs: "proxy_redirect", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("proxy_redirect").filter(is_judged) {
        if !directive.arg_is(0, "default") || directive.arg_count() != 1 {
            continue;
        }
        let Some(pass) = directive.parent().map(|block| block.first("proxy_pass")) else { continue };
        let variables = |pass: &crate::Directive<'_>| pass.arg(0).contains('$');
        let (seen, words) = match pass {
            Some(pass) if pass.id() < directive.id() && !variables(&pass) => continue,
            Some(pass) if pass.id() < directive.id() => (
                "\"default\" cannot be worked out from a proxy_pass with variables.",
                "\"proxy_redirect default\" cannot be used with \"proxy_pass\" directive with variables",
            ),
            _ => (
                "\"default\" is worked out from a proxy_pass above it in the same block.",
                "\"proxy_redirect default\" should be placed after the \"proxy_pass\" directive",
            ),
        };
        let draft = directive.found(seen).refused(words);
        let mut edits = fix::remove(directive);
        found_here.add(match pass.filter(|pass| !variables(pass)) {
            Some(pass) => {
                edits.extend(fix::add_after(pass, &["proxy_redirect default;".into()]));
                draft.safe("Put it below proxy_pass.", edits)
            }
            None => draft.review("Take it away.", edits),
        });
    }
}
