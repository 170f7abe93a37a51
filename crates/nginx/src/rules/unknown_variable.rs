//! A variable that nobody defines.

use super::{Found, is_judged};
use crate::{
    Config, Directive, Span,
    config::variables_in,
    directives::{self, Context, nearest},
    finding::found,
};

rule! {
    /// A value uses a variable that nginx does not know and that nothing defines.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration, without saying on which line.
    ///
    /// ## How to fix
    /// Correct the name, or define the variable with `set` or `map`.
    ///
    /// ```nginx fires
    /// server {
    ///     return 301 https://$hots$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     set $target https://app.test;
    ///     location ~ ^/(?<page>.*)\.html$ {
    ///         return 301 $target/$page$is_args$args;
    ///     }
    /// }
    /// ```
    RULE: "unknown-variable", severity: Failed, title: "A variable nobody defines",
        docs: "https://nginx.org/en/docs/varindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let unseen = config.unresolved().first().map(|include| config.get(include.include));
    for directive in config.directives().filter(is_judged) {
        let Some(from) = reads_variables(&directive) else { continue };
        let stream = directive.context().is(Context::STREAM.or(Context::STREAM_SERVER).or(Context::STREAM_UPSTREAM));
        for at in from..directive.arg_count() {
            let span = directive.arg_span(at);
            let text = config.files.text(span);
            if !text.contains('$') {
                continue;
            }
            if let Some(offset) = nameless(text) {
                let start = span.start + u32::try_from(offset).unwrap_or(0);
                found_here.add(
                    found(Span::new(start, start + 1), "A \"$\" stands here without a name.")
                        .means("nginx refuses the whole configuration: it has no way to write a plain \"$\" here.")
                        .review("Take the \"$\" away, or name a variable.", Vec::new())
                        .refused("invalid variable name"),
                );
                continue;
            }
            for (offset, name) in variables_in(text) {
                if config.knows_variable(name, stream) || name.bytes().all(|byte| byte.is_ascii_digit()) {
                    continue;
                }
                // A template's `${PORT}` is filled in before nginx reads it: the placeholder rule speaks of it.
                let template = name.chars().all(|c| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit());
                if template || text.contains("{{") {
                    continue;
                }
                // A variable may be defined in a file that was not pasted; a plain slip of the pen may not.
                let known = directives::variables(stream).iter().copied().chain(config.defined_variables(stream));
                let meant = nearest(&name.to_ascii_lowercase(), known);
                if let (Some(include), None) = (unseen, meant) {
                    found_here.undecided(&include);
                    continue;
                }
                if meant.is_none() && !config.sees_all_servers() {
                    continue;
                }
                let braces = text.get(offset + 1..).is_some_and(|rest| rest.starts_with('{'));
                let start = span.start + u32::try_from(offset + 1 + usize::from(braces)).unwrap_or(0);
                let place = Span::new(start, start + u32::try_from(name.len()).unwrap_or(0));
                let draft = found(Span::new(place.start.saturating_sub(1), place.end), format!("Nothing defines \"${name}\"."))
                    .means("nginx refuses the whole configuration because of it, and names no line.")
                    .refused(format!("unknown \"{}\" variable", name.to_ascii_lowercase()));
                found_here.add(match meant {
                    Some(meant) => draft.safe(format!("Did you mean \"${meant}\"?"), vec![(place, meant.to_owned())]),
                    None => draft.review("Define it with \"set\" or \"map\", or correct its name.", Vec::new()),
                });
            }
        }
    }
}

/// Where a `$` has no name after it.
fn nameless(text: &str) -> Option<usize> {
    text.match_indices('$').map(|(at, _)| at).find(|at| {
        let next = text.get(at + 1..).and_then(|rest| rest.chars().next());
        next.is_none_or(|c| !(c.is_ascii_alphanumeric() || c == '_' || c == '{'))
    })
}

/// The first argument in which nginx looks for variables.
fn reads_variables(directive: &Directive<'_>) -> Option<usize> {
    Some(match &*directive.name() {
        "return" | "proxy_pass" | "fastcgi_pass" | "uwsgi_pass" | "scgi_pass" | "grpc_pass" | "root" | "alias" | "try_files"
        | "proxy_set_body" | "proxy_cache_key" | "proxy_method" | "proxy_ssl_name" | "auth_basic" | "index"
        | "proxy_cache_bypass" | "proxy_no_cache" | "limit_rate" | "sub_filter" => 0,
        "rewrite" | "set" | "proxy_set_header" | "add_header" | "add_trailer" | "log_format" | "fastcgi_param"
        | "uwsgi_param" | "scgi_param" | "grpc_set_header" => 1,
        _ => return None,
    })
}
