//! A location that lets visitors out of its folder.

use super::Found;
use crate::{Config, Location, fix};

rule! {
    /// A location without a final `/` has an `alias` with one, so visitors can leave the folder.
    ///
    /// ## Why it matters
    /// `/static../secrets.py` is answered with the file beside the folder: source code and passwords leak.
    ///
    /// ## How to fix
    /// Let the location end in `/`.
    ///
    /// ```nginx fires
    /// location /static {
    ///     alias /srv/app/static/;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /static/ {
    ///     alias /srv/app/static/;
    /// }
    /// location = /favicon.ico {
    ///     alias /srv/app/static/favicon.ico;
    /// }
    /// location /docs {
    ///     alias /srv/docs;
    /// }
    /// ```
    RULE: "alias-traversal", severity: Failed, title: "Visitors can leave this folder",
        docs: "alias", seed: "B12 C10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for alias in config.all("alias") {
        let Some(block) = alias.parent() else { continue };
        let Some(location) = Location::of(block).filter(Location::is_prefix) else { continue };
        let value = alias.arg(0);
        if location.path.ends_with('/') || !value.ends_with('/') || location.path.is_empty() {
            continue;
        }
        let at = block.arg_count().saturating_sub(1);
        let text = config.files.text(block.arg_span(at));
        let text = match text.strip_suffix(['"', '\'']) {
            Some(inner) => format!("{inner}/{}", text.get(inner.len()..).unwrap_or_default()),
            None => format!("{text}/"),
        };
        found_here.add(
            block.found(format_args!("\"{}\" does not end in \"/\", and its alias {value} does.", location.path))
                .means(format_args!("A request for {}../app.py is answered with the file beside the folder.", location.path))
                .related(alias.head_span(), "the alias")
                .safe("Let the location end in \"/\".", fix::replace_arg(block, at, text)),
        );
    }
}
