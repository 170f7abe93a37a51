//! A renewal that meets a redirect or a refusal.

use super::Found;
use crate::{Condition, Config, Location, Modifier, fix};

rule! {
    /// Requests of the certificate authority do not reach the folder that answers them.
    ///
    /// ## Why it matters
    /// A location for `/.well-known/acme-challenge/` is there, and a redirect of the whole server or a refusal of dot
    /// files comes first: renewal fails, and the site goes dark when the certificate expires.
    ///
    /// ## How to fix
    /// Put the redirect into `location /`, and write `location ^~ /.well-known/acme-challenge/`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://$host$request_uri;
    ///     location /.well-known/acme-challenge/ { root /var/www/letsencrypt; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location /.well-known/acme-challenge/ { root /var/www/letsencrypt; }
    ///     location ~ /\. { deny all; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location ^~ /.well-known/acme-challenge/ { root /var/www/letsencrypt; }
    ///     location ~ /\. { deny all; }
    ///     location / { return 301 https://$host$request_uri; }
    /// }
    /// ```
    RULE: "challenge-swallowed", severity: Warning, title: "Renewal cannot reach its folder",
        docs: "location", seed: "A7 A14", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let block = config.get(server.block);
        let Some(challenge) = server.challenge_location(config) else { continue };
        let Some(own) = Location::of(challenge) else { continue };
        // nginx runs return and rewrite of the server before it looks for a location.
        let redirect = server.redirects().iter().find(|redirect| redirect.condition == Condition::Always && !redirect.in_location);
        if let Some(redirect) = redirect {
            let directive = config.get(redirect.directive);
            let mut edits = fix::remove(directive);
            edits.extend(fix::add_after(challenge, &[format!("location / {{ {}; }}", directive.head())]));
            let has_root = block.find("location").any(|location| Location::of(location).is_some_and(|own| own.is_prefix() && own.path == "/"));
            let follows = config.get(server.block).server().is_some() && redirect.target.starts_with("https://");
            found_here.add(
                directive.found("This redirect comes before every location, the one for renewal included.")
                    .means(if follows {
                        "The certificate authority is sent to HTTPS, where the folder may not be served: renewal may fail."
                    } else {
                        "The certificate authority is sent elsewhere: renewal fails."
                    })
                    .related(challenge.head_span(), "never reached")
                    .safe("Put the redirect into \"location /\".", if has_root { Vec::new() } else { edits }),
            );
            continue;
        }
        if own.modifier != Modifier::Prefix {
            continue;
        }
        let hides = block.find("location").find(|location| {
            Location::of(*location).is_some_and(|other| {
                other.is_regex() && matches!(other.path.as_str(), "/\\." | "/\\.+" | "^/\\." | "/\\..*" | "/\\.(.*)" | "(^|/)\\.")
            }) && location.children().any(|inner| matches!((inner.name(), inner.arg(0)), ("deny", "all") | ("return", "403" | "404" | "444")))
        });
        let Some(hides) = hides else { continue };
        let at = challenge.arg_count().saturating_sub(1);
        let text = config.files.text(challenge.arg_span(at));
        found_here.add(
            challenge.found("A regular expression that refuses dot files comes before this location.")
                .means("The certificate authority is refused: renewal fails.")
                .related(hides.head_span(), "this one answers")
                .safe("Write ^~: then no expression is tried for this path.", fix::replace_arg(challenge, at, format_args!("^~ {text}"))),
        );
    }
}
