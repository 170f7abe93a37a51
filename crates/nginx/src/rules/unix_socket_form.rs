//! A socket path that leads elsewhere.

use super::Found;
use crate::{Config, ProxyTarget, Span, finding::found, search::Search};

rule! {
    /// The path of the application's socket is relative, or in a folder that each service sees differently.
    ///
    /// ## Why it matters
    /// nginx finds no socket there and answers 502: `/tmp` is private to a service under systemd's PrivateTmp.
    ///
    /// ## How to fix
    /// Keep the socket under `/run`.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://unix:/tmp/gunicorn.sock;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://unix:run/gunicorn.sock;
    ///     include proxy_params;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://unix:/run/gunicorn.sock;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "unix-socket-form", severity: Warning, title: "nginx may miss this socket",
        docs: "proxy_pass", seed: "C8", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for pass in config.all("proxy_pass") {
        let value = pass.arg(0);
        let Some(path) = ProxyTarget::of(value).and_then(|target| target.unix) else { continue };
        if path.contains('$') {
            continue;
        }
        let span = pass.arg_span(0);
        if path.starts_with("/tmp/") || path.starts_with("/var/tmp/") {
            found_here.add(
                found(span, format_args!("The socket is {path}."))
                    .means("Under systemd each service may have a /tmp of its own: nginx then finds no socket and answers 502.")
                    .by_hand("Keep it under /run, in Gunicorn's --bind as well."),
            );
        } else if !path.starts_with('/') {
            let text = config.files.text(span);
            let at = text.place("unix:").map_or(0, |at| at + "unix:".len());
            let start = span.start.saturating_add(u32::try_from(at).unwrap_or(0));
            found_here.add(
                found(span, format_args!("The socket's path \"{path}\" does not begin with \"/\"."))
                    .means("nginx looks for it in the folder that it was started in, and answers 502.")
                    .review("Begin the path with \"/\".", vec![(Span::at(start), "/".into())]),
            );
        } else if path.ends_with('/') {
            found_here.add(
                found(span, format_args!("The socket's path \"{path}\" ends with \"/\"."))
                    .means("That is a folder; nginx answers 502.")
                    .by_hand("Take the last \"/\" away."),
            );
        }
    }
}
