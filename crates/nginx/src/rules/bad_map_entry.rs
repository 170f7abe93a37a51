//! An entry of a `map` with too many or too few values.

use super::{Found, short};
use crate::{Config, directives, finding::found};

rule! {
    /// An entry of a `map`, `geo` or `split_clients` does not have two values.
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
    for name in ["map", "geo", "split_clients"] {
        for block in config.all(name) {
            for entry in block.children() {
                let single = matches!(&*entry.name(), "hostnames" | "volatile" | "ranges" | "proxy_recursive");
                if entry.words().len() == 2 || (single && entry.words().len() == 1) || entry.is_block() {
                    continue;
                }
                found_here.add(
                    found(entry.head_span(), format!("\"{}\" does not have two values.", short(entry.head())))
                        .means("nginx refuses the whole configuration because of it.")
                        .review("Put quotes around a value that holds spaces.", Vec::new())
                        .refused(format!("invalid number of the {name} parameters"))
                        .doc(directives::doc(name, block.context())),
                );
            }
        }
    }
}
