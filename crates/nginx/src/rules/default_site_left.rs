//! Debian's default site beside a real one.

use super::Found;
use crate::{Config};

rule! {
    /// Debian's default site is enabled beside a real one.
    ///
    /// ## Why it matters
    /// It is the default server: whoever asks for a name that no server has sees "Welcome to nginx".
    ///
    /// ## How to fix
    /// `sudo rm /etc/nginx/sites-enabled/default`, then reload.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80 default_server;
    ///     root /var/www/html;
    ///     server_name _;
    ///     location / { try_files $uri $uri/ =404; }
    /// }
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80 default_server;
    ///     server_name _;
    ///     return 444;
    /// }
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    RULE: "default-site-left", severity: Note, title: "The default site is enabled",
        docs: "https://nginx.org/en/docs/http/request_processing.html", seed: "A12 C4 C11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    if config.servers().len() < 2 {
        return;
    }
    for server in config.servers() {
        let block = config.get(server.block);
        let Some(root) = block.first("root").filter(|root| root.arg(0).trim_end_matches('/') == "/var/www/html") else { continue };
        if server.names.iter().any(|name| name.name != "_" && name.name != "localhost" && !name.name.is_empty()) {
            continue;
        }
        found_here.add(
            block.found("This is Debian's default site.")
                .means("It answers every name that no other server has, with \"Welcome to nginx\".")
                .related(root.head_span(), "its folder")
                .by_hand("Remove /etc/nginx/sites-enabled/default and reload."),
        );
    }
}
