//! The same folder in every location.

use super::Found;
use crate::{Config, map::Map};

rule! {
    /// Several locations of one server repeat the same `root`.
    ///
    /// ## Why it matters
    /// A location without it, added later, serves from another folder.
    ///
    /// ## How to fix
    /// Put `root` into the server once.
    ///
    /// ```nginx fires
    /// server {
    ///     location / { root /srv/www; }
    ///     location /a/ { root /srv/www; }
    ///     location /b/ { root /srv/www; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     root /srv/www;
    ///     location /a/ { root /srv/other; }
    ///     location /b/ { expires 7d; }
    /// }
    /// ```
    RULE: "root-in-each-location", severity: Note, title: "The same root many times",
        docs: "root", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let block = config.get(server.block);
        if block.first("root").is_some() {
            continue;
        }
        let mut folders: Map<String, Vec<crate::Directive<'_>>> = Map::new();
        for location in block.find("location") {
            if let Some(root) = location.first("root") {
                folders.change(root.arg(0).to_owned(), Vec::new(), |roots| roots.push(root));
            }
        }
        let mut many: Vec<_> = folders.iter().filter(|(_, roots)| roots.len() >= 3).collect();
        crate::order::sort_by(&mut many, |a, b| a.0.cmp(&b.0));
        for (folder, roots) in many {
            let Some(first) = roots.first() else { continue };
            found_here.add(
                first.found(format_args!("{} locations repeat \"root {folder}\".", roots.len()))
                    .means("A location without it, added later, serves from another folder.")
                    .by_hand("Put it into the server once."),
            );
        }
    }
}
