//! A slash too many, or too few, between a location and its target.

use super::Found;
use crate::{Config, Location, ProxyTarget, fix, search::Search};

rule! {
    /// A location and the path in its `proxy_pass` do not both end in `/`.
    ///
    /// ## Why it matters
    /// nginx replaces the location's text with the path: `/api/x` becomes `//x`, or `/v1x`, and the application answers 404.
    ///
    /// ## How to fix
    /// Let both end in `/`, or neither.
    ///
    /// ```nginx fires
    /// location /api {
    ///     proxy_pass http://127.0.0.1:8000/;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx fires
    /// location /api/ {
    ///     proxy_pass http://127.0.0.1:8000/v1;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /api/ {
    ///     proxy_pass http://127.0.0.1:8000/;
    ///     include proxy_params;
    /// }
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    /// }
    /// location = /ping {
    ///     proxy_pass http://127.0.0.1:8000/health;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "proxy-slash-mismatch", severity: Warning, title: "The path loses a slash",
        docs: "proxy_pass", seed: "C3 C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for pass in config.all("proxy_pass") {
        let Some(block) = pass.parent() else { continue };
        let Some(location) = Location::of(block).filter(Location::is_prefix) else { continue };
        let value = pass.arg(0);
        let Some(uri) = ProxyTarget::of(value).and_then(|target| target.uri) else { continue };
        if value.contains('$') || uri.contains('?') || location.path.ends_with('/') == uri.ends_with('/') {
            continue;
        }
        let asked = if location.path.ends_with('/') { format!("{}x", location.path) } else { format!("{}/x", location.path) };
        let becomes = asked.swapped_once(&location.path, &uri);
        let draft = pass.arg_found(0, format_args!("A request for {asked} reaches the application as {becomes}."));
        found_here.add(if location.path.ends_with('/') {
            let text = config.files.text(pass.arg_span(0));
            let text = match text.strip_suffix(['"', '\'']) {
                Some(inner) => format!("{inner}/{}", text.get(inner.len()..).unwrap_or_default()),
                None => format!("{text}/"),
            };
            draft
                .means("The application most likely answers 404.")
                .safe("Let the target end in \"/\" too.", fix::replace_arg(pass, 0, text))
        } else {
            let at = block.arg_count().saturating_sub(1);
            let text = config.files.text(block.arg_span(at)).to_owned();
            draft
                .means("Flask takes \"//x\" for another path and answers 404.")
                .review("Let the location end in \"/\" too.", fix::replace_arg(block, at, format_args!("{text}/")))
        });
    }
}
