//! The application is given a host name that the client may choose freely.

use super::{Found, short};
use crate::{Config, fix, search::Search};

rule! {
    /// The `Host` passed to the application is taken from what the client wrote, unchecked.
    ///
    /// ## Why it matters
    /// Whoever sends a request chooses the host name in the links that the application builds, in password mails too.
    ///
    /// ## How to fix
    /// Use `$host`.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     proxy_set_header Host $http_x_forwarded_host;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     proxy_set_header Host $host;
    /// }
    /// location /debian {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    /// }
    /// ```
    RULE: "host-from-client", severity: Note, title: "The client chooses the host",
        docs: "https://nginx.org/en/docs/http/ngx_http_core_module.html#var_host", seed: "A17 C9", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for header in config.all("proxy_set_header").filter(|header| !header.is_built_in()) {
        if !header.arg(0).eq_ignore_ascii_case("host") {
            continue;
        }
        let value = header.arg(1);
        let chosen = ["$http_", "${http_", "$arg_", "${arg_", "$cookie_", "${cookie_"].iter().any(|part| value.has(part));
        if chosen {
            found_here.add(
                header.found(format_args!("Host is set to {}, which the client writes.", short(value)))
                    .means("Whoever sends a request can choose the host in links that the application builds.")
                    .safe("Use $host: the name that nginx itself chose the server by.", fix::replace_arg(header, 1, "$host")),
            );
        }
    }
}
