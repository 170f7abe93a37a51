//! A redirect to a redirect.

use super::Found;
use crate::{Config, config::Corners};

rule! {
    /// A name is redirected to another that is redirected again.
    ///
    /// ## Why it matters
    /// Visitors wait for two round trips, and HSTS preload lists refuse `http://name` → `http://www.name`.
    ///
    /// ## How to fix
    /// Send each name straight to its last address.
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
    ///     return 301 https://www.app.test$request_uri;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test www.app.test;
    ///     return 301 https://www.app.test$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name www.app.test;
    ///     ssl_certificate /a.pem;
    ///     ssl_certificate_key /a.key;
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
    ///     server_name app.test;
    ///     ssl_certificate /a.pem;
    ///     ssl_certificate_key /a.key;
    ///     return 301 https://www.app.test$request_uri;
    /// }
    /// ```
    RULE: "redirect-chain", severity: Note, title: "A redirect to a redirect",
        docs: "return", seed: "A11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let corners = Corners::new(config);
    let mut told = Vec::new();
    for start in corners.starts() {
        let Some((first, middle)) = corners.next(&start) else { continue };
        // First to HTTPS, then to another name: browsers with HSTS need it in this order.
        if !first.redirect.keeps_path() || (middle.host == start.host && !start.tls && middle.tls) {
            continue;
        }
        let Some((again, last)) = corners.next(&middle).filter(|(again, _)| again.redirect.keeps_path()) else { continue };
        let redirect = first.redirect;
        if told.contains(&redirect.directive) || corners.circle(start.clone()).is_some() {
            continue;
        }
        told.push(redirect.directive);
        found_here.add(
            config.get(redirect.directive).found(format_args!("{} → {} → {}.", start.words(), middle.words(), last.words()))
            .means("Visitors wait for one round trip more than they need to.")
            .related(config.get(again.redirect.directive).head_span(), "redirected again here")
            .by_hand(format_args!("Send them straight to {}.", last.words())),
        );
    }
}
