//! Files where nginx may not look.

use super::Found;
use crate::{Config};

rule! {
    /// Files are served from a home folder, which other users may usually not enter.
    ///
    /// ## Why it matters
    /// nginx runs as www-data: without the right to enter `/home/…` it answers 403, "permission denied" in the log.
    ///
    /// ## How to fix
    /// Keep the files under `/var/www` or `/srv`, or let www-data enter each folder on the way (`chmod o+x`).
    ///
    /// ```nginx fires
    /// location /static/ {
    ///     alias /home/ubuntu/app/static/;
    /// }
    /// ```
    /// ```nginx quiet
    /// location /static/ {
    ///     alias /var/www/app/static/;
    /// }
    /// ```
    RULE: "files-in-home", severity: Note, title: "nginx may not enter here",
        docs: "alias", seed: "B12 B-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("alias").chain(config.all("root")) {
        let path = directive.arg(0);
        if path.starts_with("/home/") || path.starts_with("/root/") || path == "/root" {
            found_here.add(
                directive.arg_found(0, format_args!("{path} is in a home folder."))
                    .means("nginx runs as another user and usually may not enter it: 403, and \"permission denied\" in the log.")
                    .by_hand("Prove it with: sudo -u www-data ls followed by the path."),
            );
        }
    }
}
