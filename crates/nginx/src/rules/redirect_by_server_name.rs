//! `$server_name` in a redirect of several names.

use super::Found;
use crate::{Config, search::Search};

rule! {
    /// A redirect uses `$server_name`, which is the server's first name whatever was asked for.
    ///
    /// ## Why it matters
    /// With several names all end at the first; with `_` visitors are sent to `https://_/`.
    ///
    /// ## How to fix
    /// Use `$host`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80 default_server;
    ///     server_name _;
    ///     return 301 https://$server_name$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://$server_name$request_uri;
    /// }
    /// ```
    RULE: "redirect-by-server-name", severity: Note, title: "The redirect uses one name",
        docs: "https://nginx.org/en/docs/http/ngx_http_core_module.html#var_server_name", seed: "A7 A11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        for redirect in server.redirects() {
            if !redirect.target.has("$server_name") && !redirect.target.has("${server_name}") {
                continue;
            }
            let first = server.names.first().map_or("", |name| name.name.as_str());
            if server.names.len() == 1 && server.names.first().is_some_and(crate::ServerName::is_host) {
                continue;
            }
            let directive = config.get(redirect.directive);
            let at = directive.arg_count().saturating_sub(1).min(1);
            let text = config.files.text(directive.arg_span(at)).swapped("$server_name", "$host").swapped("${server_name}", "${host}");
            let draft = directive.found(format_args!("$server_name is always \"{first}\" here."))
                .means(if first == "_" || first.is_empty() {
                    "Visitors are sent to an address that does not exist."
                } else {
                    "Every name of this server ends at its first."
                });
            let edits = crate::fix::replace_arg(directive, at, text);
            found_here.add(if first == "_" || first.is_empty() {
                draft.safe("Use $host.", edits)
            } else {
                draft.review("Use $host, unless one name is meant.", edits)
            });
        }
    }
}
