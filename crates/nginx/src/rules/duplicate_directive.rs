//! The same directive twice in one block.

use crate::map::Map;

use super::{Found, is_judged, short};
use crate::{Config, ItemId, directives, directives::NameId, fix};

rule! {
    /// A directive that may stand once stands twice in the same block.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration. An included file counts as a part of the block.
    ///
    /// ## How to fix
    /// Keep the one that you mean.
    ///
    /// ```nginx fires
    /// server {
    ///     client_max_body_size 1m;
    ///     client_max_body_size 20m;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     client_max_body_size 1m;
    ///     location /uploads/ {
    ///         client_max_body_size 20m;
    ///     }
    ///     add_header A 1;
    ///     add_header B 2;
    /// }
    /// ```
    RULE: "duplicate-directive", severity: Failed, title: "The same directive twice",
        docs: "https://nginx.org/en/docs/dirindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut first: Map<(Option<ItemId>, NameId), ItemId> = Map::new();
    for directive in config.directives() {
        if !is_judged(&directive) && !directive.is_built_in() {
            continue;
        }
        let context = directive.context();
        let rows = directive.name_id().rows();
        let Some(row) = rows.iter().find(|row| row.contexts().is(context) && row.exists_in(config.version)) else { continue };
        if !row.duplicate_is_error || row.third {
            continue;
        }
        let key = (directive.parent().map(|parent| parent.id()), directive.name_id());
        let Some(earlier) = first.get(&key).map(|id| config.get(*id)) else {
            first.insert(key, directive.id());
            continue;
        };
        let name = directive.name();
        let same = earlier.args().eq(directive.args());
        // Point at the one that the visitor can edit.
        let (here, other) = if directive.is_built_in() { (earlier, directive) } else { (directive, earlier) };
        if here.is_built_in() {
            continue;
        }
        let place = if other.is_built_in() {
            format!("in {}", config.files.locate(other.span()).path)
        } else {
            format!("on line {}", config.line(other.span()))
        };
        let draft = here.found(format_args!("\"{}\" stands here, and \"{}\" {place}.", short(here.head()), short(other.head())))
            .related(other.head_span(), "the other one")
            .refused(format_args!("\"{name}\" directive is duplicate"))
            .doc(directives::doc(name, context));
        found_here.add(if same || other.is_built_in() {
            draft.safe("Take this one away.", fix::remove(here))
        } else {
            draft.review("Take this one away, or the other.", fix::remove(here))
        });
    }
}
