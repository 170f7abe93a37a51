//! A host name in `listen`.

use super::Found;
use crate::{Address, Config, config::is_placeholder, fix};

rule! {
    /// `listen` names a host instead of an address.
    ///
    /// ## Why it matters
    /// nginx asks DNS for it when it starts: without an answer, at boot for instance, it does not start.
    /// Which names a server answers is said by `server_name`.
    ///
    /// ## How to fix
    /// Write the port alone, and the name in `server_name`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen app.test:80;
    ///     server_name app.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     listen 127.0.0.1:8080;
    ///     listen localhost:8081;
    ///     server_name app.test;
    /// }
    /// ```
    RULE: "host-name-in-listen", severity: Warning, title: "listen depends on DNS",
        docs: "listen", seed: "A4", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        for listen in &server.listens {
            let (Address::Host(host), Some(id)) = (&listen.address, listen.directive) else { continue };
            let directive = config.get(id);
            if is_placeholder(directive.arg(0)) || !host.contains('.') {
                continue;
            }
            found_here.add(
                directive.arg_found(0, format_args!("nginx asks DNS for \"{host}\" when it starts."))
                    .means("Without an answer, at boot for instance, nginx does not start.")
                    .review("Write the port alone; server_name says which names are answered.", fix::replace_arg(directive, 0, listen.port.to_string())),
            );
        }
    }
}
