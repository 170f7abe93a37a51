//! A name that only one of the two ports knows.

use super::{Found, list};
use crate::{Config, fix, words::joined};

rule! {
    /// A site's port 80 and port 443 do not know the same names: www, or the name without it, is missing in one.
    ///
    /// ## Why it matters
    /// Whoever types the forgotten name gets another site, or a certificate warning.
    ///
    /// ## How to fix
    /// Give both servers the same names.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     return 301 https://$host$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test www.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test www.app.test;
    ///     return 301 https://$host$request_uri;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test www.app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    /// }
    /// ```
    RULE: "www-forgotten", severity: Warning, title: "Ports know different names",
        docs: "server_name", seed: "A4 A11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if !config.sees_all_servers() && config.unresolved().iter().any(|include| include.brings_servers) {
        return;
    }
    let names = |tls: bool| -> crate::map::Set<&str> {
        config
            .servers()
            .iter()
            .filter(|server| server.listens.iter().any(|listen| listen.ssl == tls && (listen.port == 80 || listen.port == 443)))
            .flat_map(|server| server.names.iter().map(|name| name.name.as_str()))
            .collect()
    };
    let (plain, tls) = (names(false), names(true));
    // A wildcard is looked for by the host's own tails, so that many names do not cost many comparisons.
    let patterns = config.servers().iter().flat_map(|server| &server.names).any(|name| name.name.starts_with('~'));
    let covers = |set: &crate::map::Set<&str>, host: &str| {
        set.contains(host)
            || patterns
            || host.match_indices('.').any(|(at, _)| {
                let tail = host.get(at..).unwrap_or_default();
                set.contains(tail) || set.contains(format!("*{tail}").as_str())
            })
            || set.contains(format!(".{host}").as_str())
    };
    // A default server on the other port answers for every name.
    let catch_all = [false, true].map(|tls| {
        config.servers().iter().any(|server| {
            server.listens.iter().any(|listen| listen.ssl == tls && listen.default_server)
                && server.names.iter().all(|name| name.name == "_" || name.name.is_empty())
        })
    });
    let [catch_all_plain, catch_all_tls] = catch_all;
    for server in config.servers() {
        let is_tls = server.has_tls();
        if server.listens.is_empty() || (is_tls && server.has_plain()) {
            continue;
        }
        let (own, other) = if is_tls { (&tls, &plain) } else { (&plain, &tls) };
        if if is_tls { catch_all_plain } else { catch_all_tls } {
            continue;
        }
        // The twin of a name of this server that the other port has, and this port has not.
        let missing: Vec<String> = server
            .hosts()
            .filter(|host| covers(other, host))
            .filter_map(|host| {
                let twin = host.strip_prefix("www.").map_or_else(|| format!("www.{host}"), str::to_owned);
                (other.contains(twin.as_str()) && !covers(own, &twin)).then_some(twin)
            })
            .collect();
        let Some(names) = server.names.last().map(|name| config.get(name.directive)).filter(|_| !missing.is_empty()) else { continue };
        let port = if is_tls { "443" } else { "80" };
        let draft = names.found(format_args!("Port {port} does not know {}, the other port does.", list(&missing)))
            .absent()
            .means(if is_tls {
                "Whoever types that name gets the certificate of another server, and a warning."
            } else {
                "Whoever types that name without https gets another site, or an error."
            });
        let edits = fix::add_arg(names, &joined(&missing, " "));
        found_here.add(if is_tls {
            draft.review("Add the name; the certificate must have it too.", edits)
        } else {
            draft.safe("Add the name.", edits)
        });
    }
}
