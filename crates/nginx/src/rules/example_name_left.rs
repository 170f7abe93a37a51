//! A name from a guide.

use super::Found;
use crate::{Config, finding::found};

rule! {
    /// A name, or a certificate path, is still the guide's example.
    ///
    /// ## Why it matters
    /// Requests for your domain go to another server.
    ///
    /// ## How to fix
    /// Write your own domain.
    ///
    /// ```nginx fires
    /// server {
    ///     server_name yourdomain.com www.yourdomain.com;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     server_name app.test;
    /// }
    /// ```
    RULE: "example-name-left", severity: Note, title: "The guide's example name",
        docs: "server_name", seed: "A4 C3", run: run
}

const EXAMPLES: [&str; 9] = [
    "yourdomain.com", "your-domain.com", "your_domain.com", "your-domain", "yourdomain", "example.com", "example.org",
    "domain.com", "mydomain.com",
];

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let Some(name) = server.names.iter().find(|name| {
            let bare = name.name.strip_prefix("www.").unwrap_or(&name.name);
            EXAMPLES.contains(&bare)
        }) else {
            continue;
        };
        found_here.add(
            found(config.get(name.directive).arg_span(name.arg), format_args!("\"{}\" is a guide's example.", name.name))
                .means("Requests for your own domain go to another server.")
                .by_hand("Write your own domain, in the certificate's path as well."),
        );
    }
}
