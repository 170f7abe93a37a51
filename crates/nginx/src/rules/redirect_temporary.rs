//! A redirect to HTTPS that browsers do not remember.

use super::Found;
use crate::{Config, fix};

rule! {
    /// The redirect to HTTPS is temporary.
    ///
    /// ## Why it matters
    /// Browsers ask port 80 again each time, and search engines keep the http address.
    ///
    /// ## How to fix
    /// Use 301 once HTTPS works.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 302 https://$host$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 308 https://$host$request_uri;
    /// }
    /// ```
    RULE: "redirect-temporary", severity: Note, title: "The redirect is temporary",
        docs: "return", seed: "A7", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers().iter().filter(|server| server.has_plain() && !server.has_tls()) {
        for redirect in server.redirects() {
            if !matches!(redirect.code, 302 | 303 | 307) || !redirect.target.starts_with("https://") {
                continue;
            }
            let directive = config.get(redirect.directive);
            if !directive.is("return") || directive.arg_count() != 2 {
                continue;
            }
            found_here.add(
                directive.found(format_args!("The redirect to HTTPS is a {}.", redirect.code))
                    .means("Browsers ask port 80 again each time. While HTTPS is being tried out, that is right.")
                    .safe("Use 301.", fix::replace_arg(directive, 0, "301")),
            );
        }
    }
}
