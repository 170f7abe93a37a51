//! A name that nginx does not know.

use super::{Found, is_judged};
use crate::{
    Config, config::is_placeholder,
    directives::{self, nearest},
    finding::found,
    fix::Replace,
};

rule! {
    /// nginx does not know a directive of this name in this release.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration: a reload keeps the old one, a restart leaves the site down.
    ///
    /// ## How to fix
    /// Correct the name, or use what this release has instead.
    ///
    /// ```nginx fires
    /// server {
    ///     sever_name app.test;
    /// }
    /// ```
    /// ```nginx fires 1.22
    /// server {
    ///     listen 443 ssl;
    ///     http2 on;
    /// }
    /// ```
    /// ```nginx quiet 1.26
    /// server {
    ///     listen 443 ssl;
    ///     http2 on;
    ///     types { text/plain whatever; }
    /// }
    /// ```
    RULE: "unknown-directive", severity: Failed, title: "nginx does not know this directive",
        docs: "https://nginx.org/en/docs/dirindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let rows = directive.name_id().rows();
        if rows.iter().any(|row| row.exists_in(config.version)) {
            continue;
        }
        if found_here.drafts.len() > 500 {
            return; // looking for near names costs time, and nobody reads so many
        }
        let name = directive.name();
        if is_placeholder(name) || name.starts_with(['#', '{', '<']) {
            continue;
        }
        let refused = format!("unknown directive \"{name}\"");
        let draft = found(directive.name_span(), format_args!("nginx {} does not know \"{name}\".", config.version))
            .unread(refused);
        if let Some(row) = rows.first() {
            let why = match (row.since(), row.removed()) {
                (_, Some(removed)) if config.version >= removed => format!("It is gone since {removed}."),
                (Some(since), _) => format!("It exists since {since}."),
                _ => "It belongs to another release.".into(),
            };
            found_here.add(draft.review(why, version_edit(config, &directive)).doc(directives::doc(name, directive.context())));
            continue;
        }
        let context = directive.context();
        let here = directives::names().iter().copied().filter(|known| {
            directives::rows(known).iter().any(|row| {
                row.contexts().is(context)
                    && row.exists_in(config.version)
                    && row.takes(directive.arg_count())
                    && row.fits_terminator(directive.is_block())
            })
        });
        let lower = name.to_ascii_lowercase();
        let meant = if lower != *name && !directives::rows(&lower).is_empty() {
            directives::names().iter().copied().find(|known| *known == lower)
        } else {
            nearest(name, &here.collect::<Vec<_>>())
        };
        found_here.add(match meant {
            Some(meant) => draft.safe(format_args!("Did you mean \"{meant}\"?"), vec![(directive.name_span(), meant.into())]),
            None if name == "else" => draft.by_hand("nginx has no \"else\": use a map, or locations of their own."),
            None => draft.by_hand("Correct the name, or take the line away."),
        });
    }
}

/// `http2 on;` before 1.25.1 is a parameter of `listen`.
fn version_edit(config: &Config<'_>, directive: &crate::Directive<'_>) -> Vec<Replace> {
    if !directive.is("http2") || config.version >= crate::Version::new(25, 1) {
        return Vec::new();
    }
    let Some(block) = directive.parent() else { return Vec::new() };
    let mut edits = crate::fix::remove(*directive);
    for listen in block.find("listen").filter(|listen| listen.args().any(|arg| arg == "ssl")) {
        if directive.arg_is(0, "on") && !listen.args().any(|arg| arg == "http2") {
            edits.extend(crate::fix::add_arg(listen, "http2"));
        }
    }
    edits
}
