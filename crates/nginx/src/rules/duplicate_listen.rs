//! One socket twice in one server.

use crate::map::Map;

use super::Found;
use crate::{Config, fix};

rule! {
    /// A server listens twice on the same address and port.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration: `80`, `*:80` and `0.0.0.0:80` are one socket.
    ///
    /// ## How to fix
    /// Take one of them away. For IPv6 write `[::]:80`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     listen 0.0.0.0:80;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     listen [::]:80;
    ///     listen 127.0.0.1:80;
    /// }
    /// ```
    RULE: "duplicate-listen", severity: Failed, title: "The same listen twice",
        docs: "listen", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let mut first = Map::new();
        for listen in &server.listens {
            let Some(here) = listen.directive.map(|id| config.get(id)) else { continue };
            let Some(earlier) = first.insert(listen.socket(), here) else { continue };
            let draft = here.found(format_args!("This server listens on {} on line {} already.", listen.words(), config.line(earlier.span())))
                .related(earlier.head_span(), "the other listen")
                .refused(format_args!("a duplicate listen {}", listen.nginx_words()));
            found_here.add(if here.args().skip(1).eq(earlier.args().skip(1)) {
                draft.safe("Take this one away.", fix::remove(here))
            } else {
                draft.review("Take one of the two away.", fix::remove(here))
            });
        }
    }
}
