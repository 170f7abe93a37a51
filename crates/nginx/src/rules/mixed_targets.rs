//! Two addresses for what looks like one application.

use super::Found;
use crate::{Config, ProxyTarget, search::Search};

rule! {
    /// The 80 and the 443 server of one name pass `/` to different backends.
    ///
    /// ## Why it matters
    /// One of the two is usually left over, and answers 502.
    ///
    /// ## How to fix
    /// Use the address that Gunicorn is bound to in both.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     location / { proxy_pass http://unix:/run/gunicorn.sock; include proxy_params; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    ///     location /other { proxy_pass http://127.0.0.1:9000; include proxy_params; }
    /// }
    /// ```
    RULE: "mixed-targets", severity: Warning, title: "Two backends for one site",
        docs: "proxy_pass", seed: "B7 C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut seen: crate::map::Map<&str, (String, crate::Directive<'_>)> = crate::map::Map::new();
    for server in config.servers() {
        let block = config.get(server.block);
        let Some(root) = block.find("location").find(|location| location.arg_count() == 1 && location.arg_is(0, "/")) else { continue };
        let Some(pass) = root.first("proxy_pass") else { continue };
        let Some(target) = ProxyTarget::of(pass.arg(0)) else { continue };
        let key = target.unix.clone().unwrap_or_else(|| format!("{}:{}", target.host.swapped("localhost", "127.0.0.1"), target.effective_port()));
        for host in server.hosts() {
            match seen.get(host) {
                None => {
                    seen.insert(host, (key.clone(), pass));
                }
                Some((other, earlier)) if *other != key => {
                    found_here.add(
                        pass.arg_found(0, format_args!("{host} is passed to {key} here and to {other} on line {}.", config.line(earlier.span())))
                            .means("One of the two is usually left over, and answers 502.")
                            .related(earlier.arg_span(0), "the other backend")
                            .by_hand("Use the address that Gunicorn is bound to in both: ss -ltnp or ss -lx shows it."),
                    );
                    break;
                }
                Some(_) => {}
            }
        }
    }
}
