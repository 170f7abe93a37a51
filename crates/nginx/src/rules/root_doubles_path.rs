//! `root` where `alias` was meant.

use super::Found;
use crate::{Config, Location};

rule! {
    /// A location's `root` ends with the location's own path, so nginx looks in a folder inside itself.
    ///
    /// ## Why it matters
    /// nginx appends the whole path to `root`: `/static/app.css` is looked for in `…/static/static/app.css`, and is 404.
    ///
    /// ## How to fix
    /// Use `alias`, or take the last folder off `root`.
    ///
    /// ```nginx fires
    /// location /static/ {
    ///     root /srv/app/static/;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /static/ {
    ///     root /srv/app;
    /// }
    /// location /media/ {
    ///     alias /srv/app/media/;
    /// }
    /// ```
    RULE: "root-doubles-path", severity: Failed, title: "root where alias is meant",
        docs: "alias", seed: "B12 C10 B-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for root in config.all("root") {
        let Some(block) = root.parent() else { continue };
        let Some(location) = Location::of(block).filter(Location::is_prefix) else { continue };
        let value = root.arg(0);
        let path = location.path.trim_matches('/');
        let folder = value.trim_end_matches('/');
        let doubled = !path.is_empty() && folder.strip_suffix(path).is_some_and(|before| before.ends_with('/'));
        if !doubled || value.contains('$') {
            continue;
        }
        // ACME: `root /var/www/letsencrypt` under /.well-known/ never ends with it by accident, and needs no exception.
        let slash = if location.path.ends_with('/') { "/" } else { "" };
        found_here.add(
            root.found(format_args!("/{path}/app.css is looked for as {folder}/{path}/app.css."))
                .means("Every file of this location is 404, unless the folder really contains itself.")
                .related(block.head_span(), "the location")
                .safe(
                    "Use \"alias\".",
                    vec![(root.name_span(), "alias".into()), (root.arg_span(0), format!("{folder}{slash}"))],
                ),
        );
    }
}
