//! Uploads of more than 1 MB are refused.

use super::Found;
use crate::{Config, Location, fix, search::Search};

rule! {
    /// A site that has uploads accepts no request body of more than 1 MB.
    ///
    /// ## Why it matters
    /// nginx answers a larger upload with 413 before the application sees it.
    ///
    /// ## How to fix
    /// Set `client_max_body_size` to what the application allows.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     location /uploads/ { alias /srv/app/uploads/; }
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     client_max_body_size 20m;
    ///     location /uploads/ { alias /srv/app/uploads/; }
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    RULE: "upload-size-default", severity: Note, title: "Uploads end at 1 MB",
        docs: "client_max_body_size", seed: "B13", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let block = config.get(server.block);
        let uploads = block.find("location").find(|location| {
            Location::of(*location).is_some_and(|own| own.path.has("upload") || own.path.has("media"))
        });
        let passes = block.find("location").find(|location| location.first("proxy_pass").is_some());
        let (Some(uploads), Some(passes)) = (uploads, passes) else { continue };
        if passes.scalar("client_max_body_size").is_some() || uploads.first("client_max_body_size").is_some() {
            continue;
        }
        if let Some(include) = passes.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        let edits = match block.find("server_name").last().or(block.find("listen").last()) {
            Some(line) => fix::add_after(line, &["client_max_body_size 20m;".into()]),
            None => fix::add_inside(block, &["client_max_body_size 20m;".into()]),
        };
        found_here.add(
            uploads.found("This site has uploads, and nothing sets their largest size.")
                .absent()
                .means("nginx refuses more than 1 MB with 413 before the application sees it.")
                .review("Set it to what the application allows.", edits),
        );
    }
}
