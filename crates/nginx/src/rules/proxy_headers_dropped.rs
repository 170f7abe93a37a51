//! Headers set further out that a block drops.

use super::{Found, list};
use crate::{Config, fix};

rule! {
    /// A block sets one header for the application and thereby drops all that were set further out.
    ///
    /// ## Why it matters
    /// nginx inherits `proxy_set_header` (and `fastcgi_param`, `uwsgi_param`, …) only where a block has none of its own.
    ///
    /// ## How to fix
    /// Repeat the outer lines in the block.
    ///
    /// ```nginx fires
    /// server {
    ///     proxy_set_header Host $host;
    ///     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    ///     proxy_set_header X-Forwarded-Proto $scheme;
    ///     location /ws {
    ///         proxy_set_header Upgrade $http_upgrade;
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     proxy_set_header Host $host;
    ///     location /old { proxy_set_header X-Old 1; return 410; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     proxy_set_header Host $host;
    ///     location / {
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    ///     location /ws {
    ///         proxy_set_header Host $host;
    ///         proxy_set_header Upgrade $http_upgrade;
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    RULE: "proxy-headers-dropped", severity: Warning, title: "Outer headers are dropped here",
        docs: "proxy_set_header", seed: "A17 C9", run: run
}

const LISTS: [&str; 5] = ["proxy_set_header", "grpc_set_header", "fastcgi_param", "uwsgi_param", "scgi_param"];

fn run(config: &Config<'_>, found_here: &mut Found) {
    for name in LISTS {
        let mut last_block = None;
        for directive in config.all(name) {
            let Some(block) = directive.parent() else { continue };
            if last_block.replace(block.id()) == Some(block.id()) {
                continue;
            }
            // No such line counts in an `if`: adding more would only be refused as well.
            let Some(parent) = block.parent().filter(|_| block.name() != "if") else { continue };
            // A block that passes nothing on has nobody to send them to.
            if !block.descendants().any(|inner| inner.name().ends_with("_pass")) {
                continue;
            }
            let outer = parent.list(name);
            let own: Vec<_> = block.find(name).collect();
            let dropped: Vec<_> = outer
                .iter()
                .filter(|outer| !own.iter().any(|own| own.arg(0).eq_ignore_ascii_case(outer.arg(0))))
                .collect();
            // fastcgi_params at http level and a full set below is usual: a block that repeats most of it meant to.
            if dropped.is_empty() || (name != "proxy_set_header" && own.len() > dropped.len()) {
                continue;
            }
            let names: Vec<String> = dropped.iter().map(|outer| outer.arg(0).to_owned()).collect();
            let Some(here) = own.iter().find(|own| !own.is_built_in()).copied() else { continue };
            let lines: Vec<String> = dropped.iter().map(|outer| format!("{};", outer.head())).collect();
            let mut draft = here.found(format_args!("Because of this line, {} from further out no longer count here.", list(&names)))
                .means("nginx inherits these lines only where a block has none of its own.")
                .doc(crate::directives::doc(name, here.context()))
                .safe("Repeat the outer lines here.", fix::add_before(here, &lines));
            if let Some(first) = dropped.first() {
                draft = draft.related(first.head_span(), "dropped here");
            }
            found_here.add(draft);
        }
    }
}
