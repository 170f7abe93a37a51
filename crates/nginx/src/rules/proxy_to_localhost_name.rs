//! `localhost` may be IPv6.

use super::Found;
use crate::{Config, ProxyTarget, fix, search::Search};

rule! {
    /// The backend is called `localhost`, which is also an IPv6 address.
    ///
    /// ## Why it matters
    /// nginx tries 127.0.0.1 and ::1 in turn; Gunicorn usually listens on 127.0.0.1 alone, and the log fills with
    /// "connection refused" for ::1.
    ///
    /// ## How to fix
    /// Write `127.0.0.1`.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://localhost:8000;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "proxy-to-localhost-name", severity: Note, title: "localhost is two addresses",
        docs: "proxy_pass", seed: "B6 C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for pass in config.all("proxy_pass") {
        let value = pass.arg(0);
        if ProxyTarget::of(value).is_none_or(|target| target.host != "localhost") || config.upstream("localhost").is_some() {
            continue;
        }
        let text = config.files.text(pass.arg_span(0)).swapped_once("localhost", "127.0.0.1");
        found_here.add(
            pass.arg_found(0, "The backend is called localhost.")
                .means("nginx tries 127.0.0.1 and ::1 in turn; Gunicorn usually listens on 127.0.0.1 alone.")
                .safe("Write 127.0.0.1.", fix::replace_arg(pass, 0, text)),
        );
    }
}
