//! `root` and `alias` in one location.

use super::Found;
use crate::{Config, fix};

rule! {
    /// A location has both `root` and `alias`.
    ///
    /// ## Why it matters
    /// Only one of them can say where the files are: nginx refuses the configuration.
    ///
    /// ## How to fix
    /// Keep `alias` when the path of the location is not a part of the folder's name, else `root`.
    ///
    /// ```nginx fires
    /// location /static/ {
    ///     root /srv/app;
    ///     alias /srv/app/static/;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /static/ {
    ///     alias /srv/app/static/;
    /// }
    /// ```
    RULE: "root-and-alias", severity: Failed, title: "Both root and alias",
        docs: "alias", seed: "B12 C10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for alias in config.all("alias") {
        let Some(root) = alias.parent().and_then(|block| block.first("root")) else { continue };
        let (first, second) = if root.id() < alias.id() { (root, alias) } else { (alias, root) };
        found_here.add(
            second.found("This location has both \"root\" and \"alias\".")
                .related(first.head_span(), "the other one")
                .review("Keep \"alias\".", fix::remove(root))
                .refused(format_args!(
                    "\"{}\" directive is duplicate, \"{}\" directive was specified earlier",
                    second.name(),
                    first.name()
                )),
        );
    }
}
