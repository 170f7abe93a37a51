//! An entry of a `map` with too many or too few values.

use crate::map::Map;

use super::{Found, short};
use crate::{Config, Directive, directives};

rule! {
    /// An entry of a `map` or `geo` does not have two values, or stands there twice.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Write a value to look for and a result, with quotes around what holds spaces.
    ///
    /// ```nginx fires
    /// map $uri $new {
    ///     /old page /new;
    /// }
    /// ```
    /// ```nginx fires
    /// map $uri $new {
    ///     /old /new;
    ///     /old /new;
    /// }
    /// ```
    /// ```nginx quiet
    /// map $uri $new {
    ///     hostnames;
    ///     "/old page" /new;
    ///     default "";
    /// }
    /// geo $office {
    ///     ranges;
    ///     10.0.0.0-10.0.0.9 1;
    /// }
    /// ```
    RULE: "bad-map-entry", severity: Failed, title: "An entry without two values",
        docs: "map", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for name in ["map", "geo"] {
        for block in config.all(name) {
            let mut keys: Map<String, Directive<'_>> = Map::new();
            let mut told = 0;
            for entry in block.children() {
                let count = entry.words().len();
                if entry.words().iter().any(|word| !word.closed) || entry.is_block() || entry.has_placeholder() {
                    continue;
                }
                let own = entry.name();
                let alone = matches!((name, own), ("map", "hostnames" | "volatile") | ("geo", "ranges" | "proxy_recursive"));
                if alone && count == 1 {
                    if own == "ranges" && told > 0 {
                        found_here.add(
                            entry.found("\"ranges\" stands after other entries.")
                                .by_hand("Put it first.")
                                .refused("the \"ranges\" directive must be the first directive inside \"geo\" block"),
                        );
                    }
                    continue;
                }
                told += 1;
                if count != 2 {
                    found_here.add(
                        entry.found(format_args!("\"{}\" does not have two values.", short(entry.head())))
                            .by_hand("Put quotes around a value that holds spaces.")
                            .refused(format_args!("invalid number of the {name} parameters"))
                            .doc(directives::doc(name, block.context())),
                    );
                    continue;
                }
                if name == "geo" || own == "include" || own.starts_with('~') {
                    continue;
                }
                // `\default` is the word itself.
                let default = own == "default";
                let key = if default { "default".to_owned() } else { format!("={}", own.to_ascii_lowercase()) };
                let Some(earlier) = keys.get(&key) else {
                    keys.insert(key, entry);
                    continue;
                };
                let draft = entry.found(format_args!("\"{own}\" has a result on line {} already.", config.line(earlier.span())))
                    .related(earlier.head_span(), "the other entry")
                    .refused(if default { "duplicate default map parameter".to_owned() } else { format!("conflicting parameter \"{own}\"") });
                let same = earlier.arg(0) == entry.arg(0);
                found_here.add(if same {
                    draft.safe("Take this one away.", crate::fix::remove(entry))
                } else {
                    draft.review("Take one of the two away.", crate::fix::remove(entry))
                });
            }
        }
    }
}
