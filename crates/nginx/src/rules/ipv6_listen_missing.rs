//! IPv6 visitors of one server that go to another.

use crate::map::Map;

use super::Found;
use crate::{Address, Config, Server, fix};

rule! {
    /// A server listens on IPv4 alone, while its name, or the same port, is served over IPv6 elsewhere.
    ///
    /// ## Why it matters
    /// Visitors who come over IPv6 get the other server, with its certificate.
    ///
    /// ## How to fix
    /// Add `listen [::]:443 ssl;` beside `listen 443 ssl;`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     listen [::]:80;
    ///     server_name a.test;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name b.test;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name a.test;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name b.test;
    /// }
    /// ```
    RULE: "ipv6-listen-missing", severity: Warning, title: "IPv6 visitors go elsewhere",
        docs: "listen", seed: "A4", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    // Two servers for each port are enough to find one that is another.
    let mut over_v6: Map<u16, Vec<&Server>> = Map::new();
    let mut v6_hosts: Map<&str, &Server> = Map::new();
    for server in config.servers() {
        for listen in server.listens.iter().filter(|listen| listen.address == Address::Any6 && !listen.quic) {
            for host in server.hosts() {
                v6_hosts.change(host, server, |_| {});
            }
            over_v6.change(listen.port, Vec::new(), |known| {
                if known.len() < 2 {
                    known.push(server);
                }
            });
        }
    }
    for server in config.servers() {
        for listen in server.listens.iter().filter(|listen| listen.address == Address::Any4) {
            let Some(directive) = listen.directive.map(|id| config.get(id)) else { continue };
            let own = server.listens.iter().any(|other| other.address == Address::Any6 && other.port == listen.port);
            let other = over_v6.get(&listen.port).into_iter().flatten().find(|other| other.block != server.block);
            if own || listen.quic {
                continue;
            }
            let named = server.hosts().find_map(|host| v6_hosts.get(host));
            let (text, means, other) = match (other, named) {
                (Some(other), _) => (
                    format!("{} answers {} over IPv4 alone; {} has the same port over IPv6.", server.title(), listen.words(), other.title()),
                    "Visitors who come over IPv6 get the other server, and its certificate.",
                    *other,
                ),
                (None, Some(other)) => (
                    format!("{} answers {} over IPv4 alone, and its name has another port over IPv6.", server.title(), listen.words()),
                    "Visitors who come over IPv6 find nobody on this port.",
                    *other,
                ),
                (None, None) => continue,
            };
            // Debian's default site has [::]:80 and is itself a finding; one more is noise when it is the only other.
            let parameters: Vec<_> = directive.args().skip(1).filter(|arg| *arg != "default_server").collect();
            let mut line = format!("listen [::]:{}", listen.port);
            for parameter in parameters {
                line.push(' ');
                line.push_str(parameter);
            }
            line.push(';');
            found_here.add(
                directive.found(text)
                    .means(means)
                    .related(config.get(other.block).head_span(), "answers over IPv6")
                    .safe(format_args!("Add \"{line}\"."), fix::add_after(directive, std::slice::from_ref(&line))),
            );
        }
    }
}
