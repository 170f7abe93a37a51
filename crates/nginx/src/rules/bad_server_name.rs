//! A `server_name` that cannot match.

use super::{Found, without_scheme};
use crate::{Config, config::is_placeholder, directives::Context, finding::{Noticed, Step}, search::Search};

rule! {
    /// A server name holds a scheme, a port, a path, or a wildcard in the middle.
    ///
    /// ## Why it matters
    /// Browsers send the host name alone: this name never matches, and another server answers.
    ///
    /// ## How to fix
    /// Write the bare host name.
    ///
    /// ```nginx fires
    /// server {
    ///     server_name https://app.test;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     server_name app.test:443;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     server_name app.test *.app.test app.* .app.test ~^www\d+\.app\.test$ "" _;
    /// }
    /// ```
    RULE: "bad-server-name", severity: Failed, title: "This name never matches",
        docs: "server_name", seed: "A4 C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut sockets = crate::map::Map::new();
    for listen in config.servers().iter().flat_map(|server| &server.listens) {
        sockets.change(listen.socket(), 0_u32, |count| *count += 1);
    }
    for directive in config.all("server_name").filter(|directive| directive.context().is(Context::SERVER)) {
        for (at, name) in directive.args().enumerate() {
            if name.starts_with('~') || is_placeholder(name) || name.contains('$') {
                continue;
            }
            let bare = without_scheme(name);
            let bare = bare.split('/').next().unwrap_or_default();
            let v6 = bare.starts_with('[');
            let bare = if v6 { bare } else { bare.split(':').next().unwrap_or_default() };
            let stars = name.matches('*').count();
            let first = name.starts_with('*') && (name.len() < 3 || !name.starts_with("*.")) || *name == *".";
            let inner = name.has("..") || stars > 1 || (stars == 1 && !name.starts_with('*') && !name.ends_with(".*"));
            let draft = if first {
                directive.arg_found(at, format_args!("\"{name}\" is not a name that nginx can match."))
                    .means("nginx refuses the whole configuration. A \"*\" may stand alone as the first or the last label.")
                    .refused(format_args!("server name \"{name}\" is invalid"))
            } else if inner {
                let draft = directive.arg_found(at, format_args!("\"{name}\" has a \"{}\" where nginx allows none.", if name.has("..") { ".." } else { "*" }));
                // nginx looks only where several servers share a socket.
                let shared = directive.parent().and_then(|block| config.server_of(block)).is_some_and(|server| {
                    server.listens.iter().any(|listen| sockets.get(&listen.socket()).is_some_and(|count| *count > 1))
                });
                if shared {
                    draft
                        .means("nginx refuses the whole configuration. A \"*\" may stand alone as the first or the last label.")
                        .refused(format_args!("invalid server name or wildcard \"{name}\""))
                        .noticed(Noticed::Together(Step::Names, None))
                } else {
                    draft.means("It never matches. A \"*\" may stand alone as the first or the last label.")
                }
            } else if bare != name {
                let draft = directive.arg_found(at, format_args!("\"{name}\" is more than a host name."))
                    .means("Browsers send the host name alone, so this name never matches and another server answers.");
                if name.contains('/') { draft.warned(format_args!("server name \"{name}\" has suspicious symbols")) } else { draft }
            } else {
                continue;
            };
            found_here.add(if bare != name && !bare.is_empty() && !bare.contains('*') && bare.contains('.') {
                draft.instead(directive, at, bare)
            } else {
                draft
            });
        }
    }
}
