//! A target that is not an address to connect to.

use super::Found;
use crate::{Config, Directive, directives::Context, fix, search::Search};

rule! {
    /// A backend's address is `0.0.0.0` or `[::]`: an address to listen on, not to connect to.
    ///
    /// ## Why it matters
    /// It works by accident on Linux, and suggests that Gunicorn listens on every address of the server, past nginx.
    ///
    /// ## How to fix
    /// Use `127.0.0.1`, and bind Gunicorn to it.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://0.0.0.0:8000;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "proxy-to-any-address", severity: Warning, title: "0.0.0.0 is not a target",
        docs: "proxy_pass", seed: "B6 C11 C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let upstreams = config.all("server").filter(|server| server.context().is(Context::UPSTREAM));
    for directive in config.all("proxy_pass").chain(upstreams) {
        add(config, directive, found_here);
    }
}

fn add(config: &Config<'_>, directive: Directive<'_>, found_here: &mut Found) {
    let value = directive.arg(0);
    let host = value.cut("://").map_or(value, |(_, rest)| rest);
    let (any, local) = if host == "0.0.0.0" || host.starts_with("0.0.0.0:") || host.starts_with("0.0.0.0/") {
        ("0.0.0.0", "127.0.0.1")
    } else if host.starts_with("[::]") {
        ("[::]", "[::1]")
    } else {
        return;
    };
    let text = config.files.text(directive.arg_span(0)).swapped_once(any, local);
    found_here.add(
        directive.arg_found(0, format_args!("The backend's address is {any}."))
            .means("That is an address to listen on. If Gunicorn is bound to it, the world reaches Gunicorn past nginx.")
            .safe(format_args!("Use {local}."), fix::replace_arg(directive, 0, text)),
    );
}
