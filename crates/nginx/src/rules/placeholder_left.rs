//! A placeholder of a template.

use super::{Found, is_judged, short};
use crate::{Config, config::is_placeholder};

rule! {
    /// A value is a placeholder that something else must fill in: `${PORT}`, `{{ name }}`, `<NAME>`.
    ///
    /// ## Why it matters
    /// nginx itself does not fill it in. Everything else here is read as if it were a good value.
    ///
    /// ## How to fix
    /// Fill it in, or run the template through the tool that it was made for.
    ///
    /// ```nginx fires
    /// server {
    ///     listen ${PORT};
    ///     server_name {{ domain }};
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     return 301 https://${host}$request_uri;
    /// }
    /// ```
    RULE: "placeholder-left", severity: Note, title: "A placeholder to fill in",
        docs: "https://nginx.org/en/docs/varindex.html", seed: "C3", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let Some(at) = directive.args().position(is_placeholder) else { continue };
        found_here.add(
            directive.arg_found(at, format_args!("{} is a placeholder.", short(directive.arg(at))))
                .means("It is taken for a good value here; nginx would take it literally."),
        );
        if found_here.drafts.len() > 20 {
            return; // a template: it is understood
        }
    }
}
