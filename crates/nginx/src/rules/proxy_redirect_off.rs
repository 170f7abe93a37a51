//! The application's own address may show in redirects.

use super::Found;
use crate::{Config, fix};

rule! {
    /// `proxy_redirect off` stands where the application does not get the visitor's host name.
    ///
    /// ## Why it matters
    /// The application redirects to its own address (`http://127.0.0.1:8000/…`), and nothing corrects it.
    ///
    /// ## How to fix
    /// Pass `Host $host`, or take `proxy_redirect off` away.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     proxy_redirect off;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    ///     proxy_redirect off;
    /// }
    /// ```
    RULE: "proxy-redirect-off", severity: Note, title: "Redirects may show the backend",
        docs: "proxy_redirect", seed: "C3", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for off in config.all("proxy_redirect").filter(|directive| directive.arg_is(0, "off") && directive.arg_count() == 1) {
        let Some(block) = off.parent().filter(|block| block.first("proxy_pass").is_some()) else { continue };
        let host = block.list("proxy_set_header").into_iter().find(|header| header.arg(0).eq_ignore_ascii_case("host"));
        if host.is_some_and(|host| !host.arg_is(1, "$proxy_host")) {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        found_here.add(
            off.found("The application does not get the visitor's host, and nginx does not correct its redirects.")
                .absent()
                .means("Visitors may be sent to an address that only the server itself can reach.")
                .safe("Take it away: nginx then corrects such redirects.", fix::remove(off)),
        );
    }
}
