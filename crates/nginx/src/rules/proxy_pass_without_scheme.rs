//! A `proxy_pass` that does not begin with `http://`.

use super::Found;
use crate::{Config, config::is_placeholder, directives::Context};

rule! {
    /// The target of `proxy_pass` does not begin with `http://` or `https://`.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration. A Gunicorn socket is written `http://unix:/run/gunicorn.sock`.
    ///
    /// ## How to fix
    /// Put `http://` in front.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass unix:/run/gunicorn.sock;
    /// }
    /// ```
    /// ```nginx fires
    /// location / {
    ///     proxy_pass 127.0.0.1:8000;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://unix:/run/gunicorn.sock;
    /// }
    /// ```
    RULE: "proxy-pass-without-scheme", severity: Failed, title: "proxy_pass lacks http://",
        docs: "proxy_pass", seed: "B7 C8", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("proxy_pass") {
        let value = directive.arg(0);
        let lower = value.to_ascii_lowercase();
        let streams = Context::STREAM_SERVER;
        if lower.starts_with("http://") || lower.starts_with("https://") || value.contains('$') || is_placeholder(value) {
            continue;
        }
        if directive.context().is(streams) || directive.arg_count() != 1 {
            continue;
        }
        let (scheme, rest) = match lower.split_once(':') {
            Some(("http" | "htp" | "htttp" | "http//", _)) => ("http", value.split_once(':').map_or("", |(_, rest)| rest)),
            Some(("https" | "htps", _)) => ("https", value.split_once(':').map_or("", |(_, rest)| rest)),
            _ => ("http", value),
        };
        let rest = if scheme == "http" && rest.len() == value.len() { rest } else { rest.trim_start_matches('/') };
        // A socket's path alone.
        let meant = if rest.starts_with('/') { format!("http://unix:{rest}") } else { format!("{scheme}://{rest}") };
        found_here.add(
            directive.arg_found(0, format_args!("\"{value}\" does not begin with http:// or https://."))
                .instead(directive, 0, &meant)
                .refused("invalid URL prefix"),
        );
    }
}
