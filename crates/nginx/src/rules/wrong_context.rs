//! A directive in a place where nginx does not allow it.

use super::{Found, is_judged, list};
use crate::{
    Config,
    directives::{self, Context},
    finding::found,
};

rule! {
    /// A directive stands in a block where nginx does not allow it.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Move it to a block that allows it.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     proxy_pass http://127.0.0.1:8000;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     location / {
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    RULE: "wrong-context", severity: Failed, title: "Not allowed in this block",
        docs: "https://nginx.org/en/docs/dirindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let context = directive.context();
        let rows: Vec<_> = directive.name_id().rows().iter().filter(|row| row.exists_in(config.version)).collect();
        if rows.is_empty() || rows.iter().any(|row| row.contexts().is(context)) {
            continue;
        }
        let name = directive.name();
        let mut places: Vec<&str> = Vec::new();
        for place in rows.iter().flat_map(|row| row.contexts().each()).map(Context::name) {
            if !places.contains(&place) {
                places.push(place);
            }
        }
        let here = context.name();
        let draft = found(directive.name_span(), format_args!("\"{name}\" stands in {here}. It may stand in {}.", list(&places)))
            .unread(format_args!("\"{name}\" directive is not allowed here"))
            .doc(directives::doc(name, context));
        found_here.add(draft.by_hand(format_args!("Move it to {}.", places.first().copied().unwrap_or("another block"))));
    }
}
