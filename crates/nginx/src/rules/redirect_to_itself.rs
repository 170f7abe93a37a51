//! A redirect to the address that it answers.

use super::{Found, short};
use crate::{Condition, Config, Redirect, Server, config::{Corners, Hop}, fix};

rule! {
    /// A server redirects every request to the very address that it answers.
    ///
    /// ## Why it matters
    /// Browsers give up with "too many redirects". Often the redirect of port 80 was copied into the 443 server.
    ///
    /// ## How to fix
    /// Take the redirect out of the HTTPS server.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 https://$host$request_uri;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / { return 301 http://app.test$request_uri; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 /;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location = / { return 301 /start; }
    ///     location / { root /srv/app; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://$host$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 https://app.test$request_uri;
    /// }
    /// ```
    RULE: "redirect-to-itself", severity: Failed, title: "A redirect to itself",
        docs: "return", seed: "A7 A11 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for circle in Corners::new(config).circles() {
        let [Hop { from, server, redirect }] = circle.as_slice() else { continue };
        if is_both_ports(from.tls, server, redirect) {
            continue;
        }
        let directive = config.get(redirect.directive);
        let slash = if from.words().contains(':') { "/" } else { "" };
        let draft = directive.found(format_args!("{}{slash} is redirected to itself: {}", from.words(), short(directive.head())))
            .means("Browsers give up with \"too many redirects\".");
        let serves = config.get(server.block).find("location").any(|location| location.first("return").is_none());
        found_here.add(if serves {
            draft.review("Take the redirect out of this server.", fix::remove(directive))
        } else {
            draft.review("Pass requests to the application here instead of redirecting them.", fix::remove(directive))
        });
    }
}

/// One server for both ports that sends https to https: that is a rule of its own.
pub(super) fn is_both_ports(tls: bool, server: &Server, redirect: &Redirect) -> bool {
    tls && server.has_plain() && redirect.condition == Condition::Always
}
