//! A name that is also served in clear.

use super::Found;
use crate::{Config, finding::found, fix, search::Search};

rule! {
    /// A name that has HTTPS is also served in clear on port 80, without a redirect.
    ///
    /// ## Why it matters
    /// Whoever types the name without https stays on plain HTTP; logins travel in clear.
    ///
    /// ## How to fix
    /// `return 301 https://$host$request_uri;` in the port-80 server.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     if ($host = app.test) { return 301 https://$host$request_uri; }
    ///     return 404;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    RULE: "not-redirected-to-https", severity: Warning, title: "Also served without HTTPS",
        docs: "return", seed: "A7 A11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let tls: crate::map::Set<&str> =
        config.servers().iter().filter(|server| server.has_tls()).flat_map(|server| server.hosts()).collect();
    for server in config.servers() {
        if !server.listens.iter().any(|listen| !listen.ssl && listen.port == 80) {
            continue;
        }
        let block = config.get(server.block);
        let Some(host) = server.hosts().find(|host| tls.contains(host) && serves_in_clear(config, server, host)) else { continue };
        // Something that decides by a condition, or a variable, is left to the person.
        let undecided = server.redirects().iter().any(|redirect| redirect.condition == crate::Condition::Unknown);
        if undecided {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        // Behind another proxy port 80 may be all there is.
        let behind = block.scalar("real_ip_header").is_some() || block.descendants().any(|inner| inner.head().has("$http_x_forwarded_proto"));
        if behind {
            continue;
        }
        let at = server.names.first().map_or_else(|| block.head_span(), |name| config.get(name.directive).head_span());
        let draft = found(at, format_args!("{host} is served on port 80 without a redirect to HTTPS."))
            .means("Whoever types the name without https stays on plain HTTP; logins travel in clear.");
        let line = vec![if server.has_tls() {
            "if ($scheme = http) { return 301 https://$host$request_uri; }".to_owned()
        } else {
            "return 301 https://$host$request_uri;".to_owned()
        }];
        let edits = match server.names.first().map(|name| config.get(name.directive)) {
            Some(names) => fix::add_after(names, &line),
            None => Vec::new(),
        };
        found_here.add(draft.review("Redirect port 80 to HTTPS.", edits));
    }
}

fn serves_in_clear(config: &Config<'_>, server: &crate::Server, host: &str) -> bool {
    if server.redirect_for("http", host).is_some() {
        return false;
    }
    let block = config.get(server.block);
    // A server that refuses everything serves nothing.
    let refuses = block.first("return").is_some() || block.find("deny").any(|deny| deny.arg_is(0, "all"));
    let serves = block
        .descendants()
        .any(|inner| matches!(inner.name(), "proxy_pass" | "root" | "alias" | "fastcgi_pass" | "uwsgi_pass" | "try_files"));
    let only_challenge = block.find("location").count() > 0
        && block.find("location").all(|location| location.head().has("well-known"));
    !refuses && serves && !only_challenge
}
