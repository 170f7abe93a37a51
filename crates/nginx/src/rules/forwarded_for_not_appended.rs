//! A chain of proxies that is cut.

use super::Found;
use crate::{Config, fix};

rule! {
    /// `X-Forwarded-For` is set to something other than nginx's own list.
    ///
    /// ## Why it matters
    /// `$remote_addr` alone loses the visitor behind another proxy; `$http_x_forwarded_for` alone passes on whatever the
    /// client wrote and leaves out the address that nginx saw.
    ///
    /// ## How to fix
    /// Use `$proxy_add_x_forwarded_for`.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     proxy_set_header X-Forwarded-For $http_x_forwarded_for;
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    /// }
    /// ```
    RULE: "forwarded-for-not-appended", severity: Note, title: "The list of proxies is cut",
        docs: "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#var_proxy_add_x_forwarded_for", seed: "A17", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for header in config.all("proxy_set_header").filter(|header| header.arg(0).eq_ignore_ascii_case("x-forwarded-for")) {
        let value = header.arg(1);
        if !matches!(value, "$remote_addr" | "$http_x_forwarded_for" | "$http_x_real_ip") {
            continue;
        }
        found_here.add(
            header.found(format_args!("X-Forwarded-For is set to {value}."))
                .means(if value == "$remote_addr" {
                    "Behind another proxy the application sees that proxy, not the visitor. Right for an nginx that faces the internet alone."
                } else {
                    "The application gets what the client wrote, without the address that nginx saw."
                })
                .review("Append to the list instead.", fix::replace_arg(header, 1, "$proxy_add_x_forwarded_for")),
        );
    }
}
