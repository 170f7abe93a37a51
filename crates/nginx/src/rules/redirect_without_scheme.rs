//! A redirect to a host without `https://`.

use super::{Found, short};
use crate::{Config, config::is_placeholder, finding::found};

rule! {
    /// A redirect names a host and no scheme.
    ///
    /// ## Why it matters
    /// Browsers take it for a path below the current page: visitors land on a page that does not exist.
    ///
    /// ## How to fix
    /// Write `https://` before the host.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 www.app.test$request_uri;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 $host$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://$host$request_uri;
    /// }
    /// server {
    ///     server_name b.test;
    ///     location /a { return 302 /login; }
    ///     location /b { return 301 $target; }
    ///     location /c { return 301 //app.test/x; }
    ///     location /d { return 200 app.test; }
    /// }
    /// ```
    RULE: "redirect-without-scheme", severity: Failed, title: "The redirect lacks https://",
        docs: "return", seed: "A11 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("return").filter(|directive| directive.arg_count() == 2) {
        let code = directive.arg(0);
        let target = directive.arg(1);
        if !matches!(code, "301" | "302" | "303" | "307" | "308") || is_placeholder(target) || !is_bare_host(target) {
            continue;
        }
        let span = directive.arg_span(1);
        let text = config.files.text(span);
        let quote = text.get(..1).filter(|first| matches!(*first, "\"" | "'")).unwrap_or_default();
        let rest = text.get(quote.len()..).unwrap_or_default();
        found_here.add(
            found(span, format_args!("This redirect leads to \"{}\", without a scheme.", short(target)))
                .means("Browsers take it for a path below the current page, which does not exist.")
                .safe("Put https:// in front.", vec![(span, format!("{quote}https://{rest}"))]),
        );
    }
}

/// `app.test…`, `$host…`: what can only be a host.
fn is_bare_host(target: &str) -> bool {
    for variable in ["$host", "$http_host", "$server_name", "${host}", "${http_host}", "${server_name}"] {
        if let Some(rest) = target.strip_prefix(variable) {
            return rest.is_empty() || rest.starts_with(['$', '/', ':']);
        }
    }
    let end = target.find(['/', '$', ':', '?']).unwrap_or(target.len());
    let host = target.get(..end).unwrap_or_default();
    let rest = target.get(end..).unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let ends_like_a_host = labels.last().is_some_and(|last| last.len() >= 2 && last.bytes().all(|b| b.is_ascii_alphabetic()));
    // `index.html` is a page: a host is followed by the request's path.
    labels.len() >= 2
        && ends_like_a_host
        && labels.iter().all(|label| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        && (rest.starts_with("$request_uri") || rest.starts_with("$uri") || rest.starts_with('/') || host.starts_with("www."))
}
