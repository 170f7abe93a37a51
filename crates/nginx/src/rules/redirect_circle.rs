//! Servers that send visitors to each other.

use super::Found;
use crate::{Config, config::{Corners, Hop}, words::joined};

rule! {
    /// Servers redirect to each other in a circle.
    ///
    /// ## Why it matters
    /// Browsers give up with "too many redirects": one server adds www, the other takes it away.
    ///
    /// ## How to fix
    /// Decide for one name, and redirect only from the others.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 http://www.app.test$request_uri;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name www.app.test;
    ///     return 301 http://app.test$request_uri;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://www.app.test$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name *.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 http://app.test/;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test www.app.test;
    ///     return 301 https://app.test$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     return 301 https://app.test$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     root /srv/app;
    /// }
    /// ```
    RULE: "redirect-circle", severity: Failed, title: "Redirects go in a circle",
        docs: "return", seed: "A11 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for circle in Corners::new(config).circles() {
        // One that sends a name to itself is another rule's.
        let [Hop { from, redirect, .. }, _, ..] = circle.as_slice() else { continue };
        let mut names: Vec<String> = circle.iter().map(|hop| hop.from.words()).collect();
        names.push(from.words());
        let mut draft = config.get(redirect.directive).found(format_args!("{}.", joined(&names, " → ")))
            .means("Browsers give up with \"too many redirects\".")
            .by_hand("Decide for one name, and redirect only from the others.");
        for hop in circle.iter().skip(1).filter(|hop| hop.redirect.directive != redirect.directive) {
            draft = draft.related(config.get(hop.redirect.directive).head_span(), "and back from here");
        }
        found_here.add(draft);
    }
}
