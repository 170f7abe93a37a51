//! Answers that are not buffered.

use super::Found;
use crate::{Config, Location};

rule! {
    /// `proxy_buffering off` counts for a whole server.
    ///
    /// ## Why it matters
    /// A slow visitor keeps a Gunicorn worker busy until the last byte is read: a few of them stop the application.
    ///
    /// ## How to fix
    /// Keep it in the location that streams, or send `X-Accel-Buffering: no` from there.
    ///
    /// ```nginx fires
    /// server {
    ///     proxy_buffering off;
    ///     location / { proxy_pass http://127.0.0.1:8000; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location / { proxy_pass http://127.0.0.1:8000; }
    ///     location /events {
    ///         proxy_buffering off;
    ///         proxy_pass http://127.0.0.1:8000;
    ///     }
    /// }
    /// ```
    RULE: "buffering-off", severity: Note, title: "Slow visitors hold workers",
        docs: "proxy_buffering", seed: "C8", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("proxy_buffering").filter(|directive| directive.arg_is(0, "off") && !directive.is_built_in()) {
        let Some(block) = directive.parent() else { continue };
        let everything = match Location::of(block) {
            Some(own) => own.is_prefix() && own.path == "/",
            None => true,
        };
        if everything {
            found_here.add(
                directive.found("No answer of the application is buffered here.")
                    .means("A slow visitor keeps a Gunicorn worker busy until the last byte is read.")
                    .by_hand("Keep it in the location that streams."),
            );
        }
    }
}
