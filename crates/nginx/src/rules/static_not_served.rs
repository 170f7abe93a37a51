//! Static files that the application has to serve.

use super::Found;
use crate::{Config, Location};

rule! {
    /// A server passes everything to the application and has no location for static files.
    ///
    /// ## Why it matters
    /// Gunicorn then serves every style sheet and image: it works, and is slow.
    ///
    /// ## How to fix
    /// Add `location /static/ { alias /path/to/app/static/; }`, unless WhiteNoise or a CDN serves them.
    ///
    /// ```nginx fires everything
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    /// ```nginx quiet everything
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location /static/ { alias /srv/app/static/; }
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    RULE: "static-not-served", severity: Note, title: "No location for static files",
        docs: "alias", seed: "B12 C10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let block = config.get(server.block);
        let locations: Vec<_> = block.find("location").collect();
        let Some(pass) = locations
            .iter()
            .find(|location| Location::of(**location).is_some_and(|own| own.is_prefix() && own.path == "/"))
            .and_then(|root| root.first("proxy_pass"))
        else {
            continue;
        };
        let serves = block.descendants().any(|inner| matches!(inner.name(), "alias" | "root" | "try_files"));
        if serves || !server.hosts().any(|_| true) {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        found_here.add(
            pass.found(format_args!("{} passes everything to the application.", server.title()))
                .means("Gunicorn serves every style sheet and image as well, unless a CDN does.")
                .by_hand("Add \"location /static/ { alias /path/to/app/static/; }\"."),
        );
    }
}
