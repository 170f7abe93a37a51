//! Response headers set further out that a block drops.

use super::{Found, list};
use crate::{Config, fix};

rule! {
    /// A block adds a response header and thereby drops all that were added further out.
    ///
    /// ## Why it matters
    /// Security headers of the server vanish exactly where a location adds a Cache-Control of its own.
    ///
    /// ## How to fix
    /// Repeat the outer lines in the block; from 1.29.3 on `add_header_inherit merge;` does it.
    ///
    /// ```nginx fires
    /// server {
    ///     add_header X-Content-Type-Options nosniff always;
    ///     location /static/ {
    ///         add_header Cache-Control "public";
    ///         alias /srv/app/static/;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     add_header X-Content-Type-Options nosniff always;
    ///     location /static/ {
    ///         expires 7d;
    ///         alias /srv/app/static/;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet mainline
    /// server {
    ///     add_header X-Content-Type-Options nosniff always;
    ///     location /static/ {
    ///         add_header_inherit merge;
    ///         add_header Cache-Control "public";
    ///         alias /srv/app/static/;
    ///     }
    /// }
    /// ```
    RULE: "response-headers-dropped", severity: Note, title: "Outer response headers are dropped",
        docs: "add_header", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut last_block = None;
    for directive in config.all("add_header") {
        let Some(block) = directive.parent() else { continue };
        if last_block.replace(block.id()) == Some(block.id()) {
            continue;
        }
        let Some(parent) = block.parent() else { continue };
        let inherit = block.scalar("add_header_inherit").map(|inherit| inherit.arg(0));
        if matches!(inherit, Some("merge" | "off")) {
            continue;
        }
        let own: Vec<_> = block.find("add_header").collect();
        let outer = parent.added_headers();
        let dropped: Vec<_> = outer
            .iter()
            .filter(|outer| !own.iter().any(|own| own.arg(0).eq_ignore_ascii_case(outer.arg(0))))
            .collect();
        let Some(first) = dropped.first() else { continue };
        let names: Vec<String> = dropped.iter().map(|outer| outer.arg(0).to_owned()).collect();
        let lines: Vec<String> = dropped.iter().map(|outer| format!("{};", outer.head())).collect();
        let Some(here) = own.iter().find(|own| !own.is_built_in()).copied() else { continue };
        found_here.add(
            here.found(format_args!("Because of this line, {} from further out no longer count here.", list(&names)))
                .means("nginx inherits \"add_header\" only where a block has none of its own.")
                .related(first.head_span(), "dropped here")
                .safe("Repeat the outer lines here.", fix::add_before(here, &lines)),
        );
    }
}
