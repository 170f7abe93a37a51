//! A directive of a module that nginx does not bring along.

use super::{Found, is_judged};
use crate::{Config, finding::found};

rule! {
    /// A directive comes from a module that is not part of nginx itself.
    ///
    /// ## Why it matters
    /// Without the module nginx calls the directive unknown and refuses the configuration.
    ///
    /// ## How to fix
    /// Install the module's package and load it, or do without the directive.
    ///
    /// ```nginx fires
    /// server {
    ///     more_set_headers "Server: app";
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     add_header X-App "1";
    /// }
    /// ```
    RULE: "needs-module", severity: Note, title: "Needs a module of its own",
        docs: "load_module", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let rows = directive.name_id().rows();
        let Some(row) = rows.first().filter(|_| rows.iter().all(|row| row.third)) else { continue };
        let name = directive.name();
        let module = match row.module() {
            "nginx-plus" | "plus" => "NGINX Plus, the commercial product".to_owned(),
            module => format!("the module \"{module}\""),
        };
        found_here.add(
            found(directive.name_span(), format_args!("\"{name}\" comes from {module}."))
                .means(format_args!("An nginx without it says: unknown directive \"{name}\".")),
        );
    }
}
