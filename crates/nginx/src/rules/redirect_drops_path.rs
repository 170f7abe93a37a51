//! A redirect that forgets which page was asked for.

use super::{Found, short};
use crate::{Condition, Config, fix};

rule! {
    /// The redirect to HTTPS forgets the path, or leads every name to the first one.
    ///
    /// ## Why it matters
    /// A link to a page ends at the start page.
    ///
    /// ## How to fix
    /// `https://$host$request_uri`
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://app.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://app.test$request_uri;
    /// }
    /// ```
    RULE: "redirect-drops-path", severity: Note, title: "The redirect drops the path",
        docs: "return", seed: "A7", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers().iter().filter(|server| server.has_plain() && !server.has_tls()) {
        for redirect in server.redirects() {
            if redirect.condition == Condition::Unknown || redirect.keeps_path() || !redirect.target.starts_with("https://") {
                continue;
            }
            let directive = config.get(redirect.directive);
            let rest = redirect.target.get("https://".len()..).unwrap_or_default();
            let bare = rest.trim_end_matches('/');
            // A fixed page, or a variable, may be meant.
            if bare.contains('/') || bare.contains('$') && !matches!(bare, "$host" | "$server_name") {
                continue;
            }
            let at = directive.arg_count().saturating_sub(1).min(1);
            found_here.add(
                directive.found(format_args!("Every page is redirected to {}.", short(&redirect.target)))
                    .means("A link to a page ends at the start page.")
                    .review("Keep the path.", fix::replace_arg(directive, at, format_args!("https://{bare}$request_uri"))),
            );
        }
    }
}
