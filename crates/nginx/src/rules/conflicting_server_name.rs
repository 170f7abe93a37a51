//! Two servers for one name.

use crate::map::Map;

use super::Found;
use crate::{Config, finding::found};

rule! {
    /// Two servers claim the same name on the same address and port.
    ///
    /// ## Why it matters
    /// Only the first is ever asked; changes in the other have no effect. nginx warns without naming file or line.
    ///
    /// ## How to fix
    /// Delete or rename one of them: often an old file in `sites-enabled`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    /// }
    /// server {
    ///     listen *:80;
    ///     server_name www.app.test App.Test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    /// }
    /// ```
    RULE: "conflicting-server-name", severity: Failed, title: "Two servers claim this name",
        docs: "https://nginx.org/en/docs/http/server_names.html", seed: "A4 A5 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut first = Map::new();
    for server in config.servers() {
        let mut told = Vec::new();
        for listen in &server.listens {
            for name in server.names.iter().filter(|name| !name.name.is_empty() && !crate::is_placeholder(&name.name)) {
                let key = (listen.socket(), name.name.as_str());
                let Some((other, earlier)) = first.get(&key).copied() else {
                    first.insert(key, (server.block, (name.directive, name.arg)));
                    continue;
                };
                if other == server.block || told.contains(&name.name) {
                    continue;
                }
                told.push(name.name.clone());
                let (id, arg) = earlier;
                let here = config.get(name.directive).arg_span(name.arg);
                let there = config.get(id).arg_span(arg);
                let place = config.files.locate(there);
                let file = if place.path.is_empty() { String::new() } else { format!(" of {}", place.path) };
                found_here.add(
                    found(here, format_args!("\"{}\" on {} belongs to the server on line {}{file} already.", name.name, listen.words(), place.line))
                        .means("This server is never asked for that name: what you change here has no effect.")
                        .related(there, "the server that answers")
                        .by_hand("Delete or rename one of the two.")
                        .warned(format_args!("conflicting server name \"{}\" on {}, ignored",
                            name.name,
                            listen.nginx_words())),
                );
            }
        }
    }
}
