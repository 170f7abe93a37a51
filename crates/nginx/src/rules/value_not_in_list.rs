//! A value that is not one of those that the directive knows.

use super::{Found, is_judged, list};
use crate::{
    Config, Version, config::is_placeholder,
    directives::{self, Kind, nearest},
    fix,
};

rule! {
    /// A directive has a value that is not on its list.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Use one of the values that the directive knows.
    ///
    /// ```nginx fires
    /// server {
    ///     ssl_protocols TLSv1.2 TLS1.3;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     ssl_protocols TLSv1.2 TLSv1.3;
    /// }
    /// ```
    RULE: "value-not-in-list", severity: Failed, title: "Not a value nginx knows",
        docs: "https://nginx.org/en/docs/dirindex.html", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.directives().filter(is_judged) {
        let context = directive.context();
        let mut rows = directive.name_id().rows().iter().filter(|row| row.contexts().is(context) && row.exists_in(config.version));
        let Some(row) = rows.next() else { continue };
        if !matches!(row.kind, Kind::Enum | Kind::Bitmask) || row.values().is_empty() || !row.takes(directive.arg_count()) {
            continue;
        }
        for (at, value) in directive.args().enumerate() {
            // nginx compares these without regard to case, and so do we.
            let later = directive.is("proxy_http_version") && value == "2" && config.version < Version::new(29, 4);
            if !later && row.values().iter().any(|known| known.eq_ignore_ascii_case(value)) || is_placeholder(value) {
                continue;
            }
            let name = directive.name();
            let draft = directive.arg_found(at, format_args!("\"{name}\" does not know \"{value}\"."))
                .means(if later {
                    "It does so since 1.29.4. nginx refuses the configuration.".to_owned()
                } else {
                    format!("It knows {}. nginx refuses the configuration.", list(row.values()))
                })
                .refused(match row.kind {
                    Kind::Enum => format!("invalid value \"{value}\""),
                    _ => format!("invalid value \"{value}\""),
                })
                .doc(directives::doc(name, context));
            found_here.add(match nearest(value, row.values()) {
                Some(meant) => draft.safe(format_args!("Did you mean \"{meant}\"?"), fix::replace_arg(directive, at, meant)),
                None => draft,
            });
        }
    }
}
