//! Ciphers that are broken.

use super::{Found, list};
use crate::{Config, search::Search};

rule! {
    /// The list of ciphers allows one that is known to be broken.
    ///
    /// ## Why it matters
    /// A connection that uses it can be read or changed on its way.
    ///
    /// ## How to fix
    /// Take the name away, or put `!` before it.
    ///
    /// ```nginx fires
    /// server {
    ///     ssl_ciphers HIGH:RC4-SHA:DES-CBC3-SHA;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     ssl_ciphers HIGH:!aNULL:!MD5:!RC4:!3DES;
    /// }
    /// ```
    RULE: "weak-ciphers", severity: Note, title: "Broken ciphers are allowed",
        docs: "ssl_ciphers", seed: "A10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for ciphers in config.all("ssl_ciphers").filter(|directive| !directive.is_built_in()) {
        let value = ciphers.arg(0);
        let weak: Vec<&str> = value
            .split([':', ' ', ','])
            .filter(|name| !name.starts_with(['!', '-']))
            .filter(|name| ["RC4", "DES-CBC", "3DES", "NULL", "EXPORT", "EXP", "MD5", "ADH", "AECDH", "LOW"].iter().any(|weak| {
                name.split(['-', '+']).any(|part| part == *weak) || name.has("DES-CBC")
            }))
            .collect();
        if weak.is_empty() {
            continue;
        }
        found_here.add(
            ciphers.found(format_args!("{} may be used.", list(&weak)))
                .means("A connection that uses it can be read or changed on its way.")
                .by_hand("Take it away, or use Mozilla's intermediate list."),
        );
    }
}
