//! Socket options for one socket in two servers.

use crate::map::Map;

use super::Found;
use crate::{Config, fix};

rule! {
    /// Two servers give options of the socket itself for the same address and port.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration: the socket is opened once, for all servers.
    ///
    /// ## How to fix
    /// Keep `reuseport`, `backlog=`, `ipv6only=` and the like in one of the servers.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl reuseport;
    ///     server_name a.test;
    /// }
    /// server {
    ///     listen 443 ssl reuseport;
    ///     server_name b.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80 reuseport;
    ///     listen [::]:80 ipv6only=on;
    ///     server_name a.test;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name b.test;
    /// }
    /// ```
    RULE: "listen-options-redefined", severity: Failed, title: "Socket options in two servers",
        docs: "listen", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut first = Map::new();
    for server in config.servers() {
        for listen in &server.listens {
            let Some(here) = listen.directive.map(|id| config.get(id)) else { continue };
            let options: Vec<usize> = here.args().enumerate().skip(1).filter(|(_, arg)| is_option(arg)).map(|(at, _)| at).collect();
            if options.is_empty() {
                continue;
            }
            let Some((block, earlier)) = first.insert(listen.socket(), (server.block, here)) else { continue };
            if block == server.block {
                continue; // the same socket twice in one server is another rule's
            }
            let edits = options.iter().flat_map(|at| fix::remove_arg(here, *at)).collect();
            found_here.add(
                here.found(format_args!("{} has options of its socket on line {} already.", listen.words(), config.line(earlier.span())))
                    .related(earlier.head_span(), "the other options")
                    .review("Take the options away here.", edits)
                    .refused(format_args!("duplicate listen options for {}", listen.nginx_words())),
            );
        }
    }
}

fn is_option(arg: &str) -> bool {
    matches!(arg, "bind" | "deferred" | "reuseport" | "multipath")
        || ["setfib=", "fastopen=", "backlog=", "rcvbuf=", "sndbuf=", "ipv6only=", "so_keepalive="].iter().any(|name| arg.starts_with(name))
}
