//! Uploaded files that browsers may run.

use super::Found;
use crate::{Config, Location, fix, search::Search};

rule! {
    /// Uploaded files are served without telling browsers not to guess their type.
    ///
    /// ## Why it matters
    /// A file that somebody uploaded may be shown as a page of your site, scripts included.
    ///
    /// ## How to fix
    /// Add `X-Content-Type-Options nosniff`, and `Content-Disposition attachment` where files are only downloaded.
    ///
    /// ```nginx fires
    /// location /uploads/ {
    ///     alias /srv/app/uploads/;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /uploads/ {
    ///     alias /srv/app/uploads/;
    ///     add_header X-Content-Type-Options nosniff always;
    /// }
    /// ```
    RULE: "uploads-executable", severity: Note, title: "Browsers may run uploads",
        docs: "add_header", seed: "B13", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for block in config.locations() {
        let Some(location) = Location::of(block) else { continue };
        let Some(files) = block.first("alias").or(block.first("root")) else { continue };
        if !location.path.has("upload") {
            continue;
        }
        let guarded = block.added_headers().iter().any(|header| {
            header.arg(0).eq_ignore_ascii_case("x-content-type-options") || header.arg(0).eq_ignore_ascii_case("content-disposition")
        });
        if guarded || block.unseen_include().is_some() {
            continue;
        }
        let line = "add_header X-Content-Type-Options nosniff always;".to_owned();
        // A first header here would drop those of the server: then a person decides.
        let drops = !block.added_headers().is_empty() && block.first("add_header").is_none();
        let draft = block.found("Uploaded files are served without X-Content-Type-Options.")
            .absent()
            .means("A browser may guess that an uploaded file is a page and run its scripts as yours.");
        let edits = fix::add_after(files, &[line]);
        found_here.add(if drops { draft.review("Add the header, and repeat the outer ones.", edits) } else { draft.safe("Add the header.", edits) });
    }
}
