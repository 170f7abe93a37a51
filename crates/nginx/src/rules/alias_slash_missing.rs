//! File names glued to the folder's name.

use super::Found;
use crate::{Config, Location, fix};

rule! {
    /// A location ends in `/` and its `alias` does not.
    ///
    /// ## Why it matters
    /// nginx replaces the one by the other: `/static/app.css` becomes `…/staticapp.css`, and every file is 404.
    ///
    /// ## How to fix
    /// Let the alias end in `/`.
    ///
    /// ```nginx fires
    /// location /static/ {
    ///     alias /srv/app/static;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /static/ {
    ///     alias /srv/app/static/;
    /// }
    /// location / {
    ///     alias /srv/www/$host;
    /// }
    /// ```
    RULE: "alias-slash-missing", severity: Failed, title: "The alias lacks its slash",
        docs: "alias", seed: "B12 C10 C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for alias in config.all("alias") {
        let Some(block) = alias.parent() else { continue };
        let Some(location) = Location::of(block).filter(Location::is_prefix) else { continue };
        let value = alias.arg(0);
        if !location.path.ends_with('/') || value.ends_with('/') || value.contains('$') || crate::is_placeholder(value) {
            continue;
        }
        // `alias /srv/index.html` for a folder: a file is meant, and its own matter.
        if value.rsplit('/').next().is_some_and(|last| last.contains('.')) {
            continue;
        }
        let text = config.files.text(alias.arg_span(0));
        let text = match text.strip_suffix(['"', '\'']) {
            Some(inner) => format!("{inner}/{}", text.get(inner.len()..).unwrap_or_default()),
            None => format!("{text}/"),
        };
        found_here.add(
            alias.found(format_args!("{}app.css is looked for as {value}app.css.", location.path))
                .means("Every file of this location is 404.")
                .related(block.head_span(), "the location ends in \"/\"")
                .safe("Let the alias end in \"/\".", fix::replace_arg(alias, 0, text)),
        );
    }
}
