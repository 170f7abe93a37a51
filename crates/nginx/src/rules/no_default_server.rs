//! Unknown names answered by chance.

use super::Found;
use crate::{Config, map::Map};

rule! {
    /// Several servers share a port, and none is its default.
    ///
    /// ## Why it matters
    /// The first in reading order answers every unknown name, also the bare address: which that is depends on file names.
    ///
    /// ## How to fix
    /// Add a server with `listen 80 default_server; return 444;`.
    ///
    /// ```nginx fires everything
    /// server { listen 80; server_name a.test; root /srv/a; }
    /// server { listen 80; server_name b.test; root /srv/b; }
    /// ```
    /// ```nginx quiet everything
    /// server { listen 80 default_server; return 444; }
    /// server { listen 80; server_name a.test; root /srv/a; }
    /// server { listen 80; server_name b.test; root /srv/b; }
    /// ```
    RULE: "no-default-server", severity: Note, title: "No server for unknown names",
        docs: "https://nginx.org/en/docs/http/request_processing.html", seed: "A12", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if !config.sees_all_servers() {
        return;
    }
    let mut sockets: Map<(String, bool), Vec<&crate::Server>> = Map::new();
    for server in config.servers() {
        for listen in &server.listens {
            sockets.change((listen.words(), listen.quic), Vec::new(), |servers| servers.push(server));
        }
    }
    for ((words, quic), servers) in sockets.iter() {
        let [first, _, ..] = servers.as_slice() else { continue };
        let has_default = servers.iter().any(|server| {
            server.listens.iter().any(|listen| listen.default_server && listen.words() == *words && listen.quic == *quic)
        });
        let mut sites: Vec<&str> = servers.iter().flat_map(|server| server.hosts()).map(|host| host.strip_prefix("www.").unwrap_or(host)).collect();
        crate::order::sort(&mut sites);
        sites.dedup();
        if has_default || sites.len() < 2 {
            continue;
        }
        found_here.add(
            config.get(first.block).found(format_args!("{} servers share {words}; unknown names get {}.", servers.len(), first.title()))
                .means("It is the default only because it is read first.")
                .by_hand(format_args!("Mark one as the default, or add \"server {{ listen {} default_server; return 444; }}\".", words.strip_prefix("port ").unwrap_or(words))),
        );
    }
}
