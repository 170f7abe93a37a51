//! Two default servers on one socket.

use crate::map::Map;

use super::Found;
use crate::{Config, fix};

rule! {
    /// Two servers are the default of the same address and port.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration. Debian's own default site is one of them as long as it is enabled.
    ///
    /// ## How to fix
    /// Take `default_server` away from one of them.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80 default_server;
    ///     server_name app.test;
    /// }
    /// server {
    ///     listen 0.0.0.0:80 default_server;
    ///     server_name other.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80 default_server;
    ///     listen [::]:80 default_server;
    ///     server_name app.test;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name other.test;
    /// }
    /// ```
    RULE: "duplicate-default-server", severity: Failed, title: "Two default servers",
        docs: "listen", seed: "A12 C4", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut first = Map::new();
    for server in config.servers() {
        for listen in server.listens.iter().filter(|listen| listen.default_server) {
            let Some(here) = listen.directive.map(|id| config.get(id)) else { continue };
            let Some((block, earlier)) = first.get(&listen.socket()).copied() else {
                first.insert(listen.socket(), (server.block, here));
                continue;
            };
            if block == server.block {
                continue; // the same socket twice in one server is another rule's
            }
            let at = here.args().position(|arg| arg == "default_server" || arg == "default").unwrap_or(0);
            found_here.add(
                here.found(format_args!("{} has a default server on line {} already.", listen.words(), config.line(earlier.span())))
                    .related(earlier.head_span(), "the other default server")
                    .review("Take \"default_server\" away here, or there.", fix::remove_arg(here, at))
                    .refused(format_args!("a duplicate default server for {}", listen.nginx_words())),
            );
        }
    }
}
