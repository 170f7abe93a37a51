//! An application that does not know that the visitor came over HTTPS.

use super::{
    Found,
    proxy_headers_missing::{add_headers, missing_headers},
};
use crate::{Config};

rule! {
    /// The application is not told whether the visitor came over HTTP or HTTPS.
    ///
    /// ## Why it matters
    /// Flask builds http:// links on an https site; if the app redirects to HTTPS by itself, it does so for ever.
    ///
    /// ## How to fix
    /// Pass `X-Forwarded-Proto $scheme`, and let Flask believe it with `ProxyFix`.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://unix:/run/gunicorn.sock;
    ///     proxy_set_header Host $host;
    ///     proxy_set_header X-Real-IP $remote_addr;
    ///     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://unix:/run/gunicorn.sock;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "forwarded-proto-missing", severity: Warning, title: "The app cannot see HTTPS",
        docs: "proxy_set_header", seed: "A17 C9 A-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for pass in config.all("proxy_pass") {
        // An unseen include is reported as undecided by this rule as well.
        let Some(missing) = missing_headers(config, pass, found_here) else { continue };
        if missing.len() != 1 || missing.first().is_none_or(|(name, _)| *name != "X-Forwarded-Proto") {
            continue;
        }
        let tls = pass.server().and_then(|block| config.server_of(block));
        let means = if tls.is_some_and(crate::Server::has_tls) {
            "On this HTTPS site Flask builds http:// links; an app that redirects to HTTPS by itself does so for ever."
        } else {
            "Once HTTPS is added, Flask builds http:// links, and an app that redirects to HTTPS by itself does so for ever."
        };
        found_here.add(
            pass.found("The application does not get X-Forwarded-Proto.")
                .absent()
                .means(means)
                .safe("Pass the scheme on.", add_headers(pass, &missing)),
        );
    }
}
