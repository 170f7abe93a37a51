//! A redirect to the address that it answers.

use super::{Found, short};
use crate::{Condition, Config, fix};

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
    for server in config.servers() {
        // Both ports in one server is a rule of its own.
        if server.has_tls() == server.has_plain() {
            continue;
        }
        let scheme = if server.has_tls() { "https" } else { "http" };
        let own = if server.has_tls() { 443 } else { 80 };
        let ports: Vec<u16> = server.listens.iter().map(|listen| listen.port).collect();
        let name = server.names.first().map(|name| name.name.as_str());
        let mut hosts: Vec<&str> = server.hosts().collect();
        if hosts.is_empty() {
            hosts.push("any-name.invalid");
        }
        for redirect in server.redirects() {
            // A path of its own (`/` → `/app`) leads elsewhere.
            if redirect.condition == Condition::Unknown || !redirect.keeps_path() {
                continue;
            }
            let circle = hosts.iter().find(|host| {
                let met = server.redirect_for(scheme, host).is_some_and(|met| met.directive == redirect.directive);
                met && redirect.resolve(scheme, host, name).is_some_and(|target| {
                    target.scheme == scheme
                        && target.host == **host
                        && ports.contains(&target.port.unwrap_or(own))
                        && (target.rest.starts_with("$request_uri") || target.rest.starts_with("$uri") || matches!(target.rest.as_str(), "/$1" | "$1"))
                })
            });
            let Some(host) = circle else { continue };
            let directive = config.get(redirect.directive);
            let shown = if *host == "any-name.invalid" { "every name".to_owned() } else { format!("{scheme}://{host}/") };
            let draft = directive.found(format_args!("{shown} is redirected to itself: {}", short(directive.head())))
                .means("Browsers give up with \"too many redirects\".");
            let serves = config.get(server.block).find("location").any(|location| !config_is_redirect(&location));
            found_here.add(if serves {
                draft.review("Take the redirect out of this server.", fix::remove(directive))
            } else {
                draft.review("Pass requests to the application here instead of redirecting them.", fix::remove(directive))
            });
            break;
        }
    }
}

fn config_is_redirect(location: &crate::Directive<'_>) -> bool {
    location.first("return").is_some()
}
