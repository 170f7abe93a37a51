//! A redirect that leaves HTTPS.

use super::{Found, short};
use crate::{Condition, Config, fix, search::Search};

rule! {
    /// An HTTPS server redirects to plain HTTP.
    ///
    /// ## Why it matters
    /// Anyone on the way can read and change what follows; with a redirect back to HTTPS it never ends.
    ///
    /// ## How to fix
    /// Redirect to `https://`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 http://app.test$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 https://app.test$request_uri;
    /// }
    /// ```
    RULE: "https-to-http", severity: Failed, title: "A redirect leaves HTTPS",
        docs: "return", seed: "A11 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers().iter().filter(|server| server.has_tls() && !server.has_plain()) {
        for redirect in server.redirects() {
            if !redirect.target.starts_with("http://") || redirect.condition == Condition::PlainHttp {
                continue;
            }
            let directive = config.get(redirect.directive);
            let at = directive.arg_count().saturating_sub(1).min(1);
            let text = config.files.text(directive.arg_span(at)).swapped_once("http://", "https://");
            found_here.add(
                directive.found(format_args!("This HTTPS server redirects to {}.", short(&redirect.target)))
                    .means("Anyone on the way can read and change what follows.")
                    .review("Redirect to https://.", fix::replace_arg(directive, at, text)),
            );
        }
    }
}
