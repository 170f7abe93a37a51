//! HTTP/2 as a parameter of `listen`.

use super::Found;
use crate::{Config, Version, directives::Context, fix};

rule! {
    /// `http2` stands in `listen`, which newer releases call deprecated.
    ///
    /// ## Why it matters
    /// From 1.25.1 on nginx warns at each start; it still works.
    ///
    /// ## How to fix
    /// `listen 443 ssl;` and `http2 on;` beside it.
    ///
    /// ```nginx fires 1.26
    /// server {
    ///     listen 443 ssl http2;
    ///     listen [::]:443 ssl http2;
    /// }
    /// ```
    /// ```nginx quiet 1.22
    /// server {
    ///     listen 443 ssl http2;
    ///     listen [::]:443 ssl http2;
    /// }
    /// ```
    /// ```nginx quiet 1.26
    /// server {
    ///     listen 443 ssl;
    ///     http2 on;
    /// }
    /// ```
    RULE: "listen-http2", severity: Note, title: "http2 in listen is deprecated",
        docs: "https://nginx.org/en/docs/http/ngx_http_v2_module.html#http2", seed: "A4", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if config.version < Version::new(25, 1) {
        return;
    }
    for server in config.servers() {
        let block = config.get(server.block);
        let with: Vec<_> = block
            .find("listen")
            .filter(|listen| listen.context() == Context::SERVER && listen.args().skip(1).any(|arg| arg == "http2"))
            .collect();
        let Some(first) = with.first() else { continue };
        let mut edits = Vec::new();
        for listen in &with {
            if let Some(at) = listen.args().position(|arg| arg == "http2") {
                edits.extend(fix::remove_arg(*listen, at));
            }
        }
        if block.scalar("http2").is_none()
            && let Some(last) = with.last()
        {
            edits.extend(fix::add_after(*last, &["http2 on;".into()]));
        }
        found_here.add(
            first.found("\"http2\" stands in \"listen\".")
                .means(format_args!("nginx {} warns about it at each start; it still works.", config.version))
                .warned("the \"listen ... http2\" directive is deprecated, use the \"http2\" directive instead")
                .safe("Write \"http2 on;\" instead.", edits),
        );
    }
}
