//! A `listen` that nginx cannot read.

use super::{Found, unreadable_value::{is_size, is_time}};
use crate::{
    Config, Version, config::{For, address_fault, is_placeholder, parse_address},
    directives::Context, fix,
};

rule! {
    /// `listen` has an address, a port or a parameter that nginx cannot read.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Write `listen 443 ssl;` or `listen [::]:443 ssl;`.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 443 h2;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     listen 70000;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 443 ssl http2 default_server;
    ///     listen [::]:443 ssl ipv6only=on;
    ///     listen unix:/run/nginx.sock;
    ///     listen 127.0.0.1:8080 backlog=511 reuseport;
    /// }
    /// ```
    RULE: "bad-listen", severity: Failed, title: "nginx cannot read this listen",
        docs: "listen", seed: "A5 B8 C5", run: run
}

const PLAIN: [&str; 9] =
    ["default_server", "default", "ssl", "http2", "proxy_protocol", "deferred", "reuseport", "bind", "quic"];
const NAMED: [&str; 8] = ["setfib=", "fastopen=", "backlog=", "rcvbuf=", "sndbuf=", "accept_filter=", "ipv6only=", "so_keepalive="];

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("listen").filter(|directive| directive.context().is(Context::SERVER)) {
        let value = directive.arg(0);
        if !is_placeholder(value) && !value.contains('$') && (parse_address(value).is_none() || address_fault(value, For::Listen).is_some()) && directive.arg_count() > 0 {
            let why = format!("{} in", address_fault(value, For::Listen).unwrap_or("host not found"));
            found_here.add(
                directive.arg_found(0, format_args!("\"{value}\" is not an address or a port."))
                    .refused(format_args!("{why} \"{value}\" of the \"listen\" directive")),
            );
        }
        for (at, parameter) in directive.args().enumerate().skip(1) {
            let known = PLAIN.contains(&parameter) || NAMED.iter().any(|name| parameter.starts_with(name)) || parameter == "multipath";
            let too_new = parameter == "quic" && config.version < Version::new(25, 0);
            if is_placeholder(parameter) {
                continue;
            }
            if known && !too_new {
                if let Some(refused) = unreadable(parameter) {
                    found_here.add(
                        directive.arg_found(at, format_args!("\"listen\" cannot read \"{parameter}\"."))
                            .refused(refused),
                    );
                }
                continue;
            }
            let draft = directive.arg_found(at, format_args!("\"listen\" does not know \"{parameter}\"."))
                .refused(format_args!("invalid parameter \"{parameter}\""));
            let meant = match parameter {
                "tls" | "SSL" | "https" => Some("ssl"),
                "h2" | "HTTP2" | "spdy" => Some("http2"),
                other => crate::directives::nearest(other, &PLAIN),
            };
            found_here.add(match meant {
                Some(meant) if !too_new => draft.instead(directive, at, meant),
                _ => draft.review("Take it away.", fix::remove_arg(directive, at)),
            });
        }
    }
}

/// What nginx says of a parameter that it knows, with a value that it does not.
fn unreadable(parameter: &str) -> Option<String> {
    let (name, value) = parameter.split_once('=')?;
    let number = |text: &str| !text.is_empty() && text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit());
    let positive = |text: &str| number(text) && text.bytes().any(|byte| byte != b'0');
    let refused = match name {
        "backlog" if !positive(value) => format!("invalid backlog \"{parameter}\""),
        "fastopen" if !number(value) => format!("invalid fastopen \"{parameter}\""),
        "rcvbuf" | "sndbuf" if !is_size(value, false) => format!("invalid {name} \"{parameter}\""),
        "ipv6only" if value != "on" && value != "off" => format!("invalid parameter \"{parameter}\""),
        "so_keepalive" if value != "on" && value != "off" => {
            let parts: Vec<&str> = value.split(':').collect();
            let good = match parts.as_slice() {
                [idle, interval, count] => {
                    let time = |text: &str| text.is_empty() || is_time(text, false);
                    time(idle) && time(interval) && (count.is_empty() || number(count)) && value != "::"
                }
                _ => false,
            };
            if good {
                return None;
            }
            format!("invalid so_keepalive value: \"{value}\"")
        }
        _ => return None,
    };
    Some(refused)
}
