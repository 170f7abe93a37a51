//! A `proxy_pass` that leads back to nginx.

use super::Found;
use crate::{Address, Config, Listen, ProxyTarget, config::ip, words};

rule! {
    /// `proxy_pass` leads to a port on which nginx itself listens.
    ///
    /// ## Why it matters
    /// A request goes round until nginx runs out of connections; visitors get 500 or 502.
    ///
    /// ## How to fix
    /// Use the port or socket that Gunicorn is bound to.
    ///
    /// ```nginx fires
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / {
    ///         proxy_pass http://127.0.0.1:80;
    ///         include proxy_params;
    ///     }
    /// }
    /// ```
    /// ```nginx fires
    /// upstream app { server 127.0.0.1; }
    /// server {
    ///     listen 80;
    ///     location / {
    ///         proxy_pass http://app;
    ///         include proxy_params;
    ///     }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     listen 443 ssl;
    ///     server_name app.test;
    ///     ssl_certificate /a/fullchain.pem;
    ///     ssl_certificate_key /a/privkey.pem;
    ///     location / {
    ///         proxy_pass https://app.test;
    ///         include proxy_params;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     server_name app.test;
    ///     location / {
    ///         proxy_pass http://app.test:8000;
    ///         include proxy_params;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     listen 80;
    ///     location / {
    ///         proxy_pass http://127.0.0.1:8000;
    ///         include proxy_params;
    ///     }
    /// }
    /// server {
    ///     listen 127.0.0.1:8080;
    ///     server_name varnish;
    ///     location / {
    ///         proxy_pass http://127.0.0.1:8081;
    ///         include proxy_params;
    ///     }
    /// }
    /// ```
    RULE: "proxy-to-itself", severity: Failed, title: "nginx proxies to itself",
        docs: "proxy_pass", seed: "B7 B-cause C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for pass in config.all("proxy_pass") {
        let Some(target) = ProxyTarget::of(pass.arg(0)).filter(|target| target.unix.is_none()) else { continue };
        let Some(block) = pass.server() else { continue };
        let Some(server) = config.server_of(block) else { continue };
        let targets: Vec<(String, u16)> = match config.upstream(&target.host) {
            Some(upstream) => upstream.servers.iter().filter_map(|(_, address)| split(address)).collect(),
            None => vec![(target.host.clone(), target.effective_port())],
        };
        // The same socket as its own server: the request comes back to this very location. A port of another server is
        // a chain that somebody may want.
        // By its own name it comes back as well, unless this machine knows the name by another address.
        let by_name = |host: &str, port: u16| {
            config.upstream(&target.host).is_none()
                && server.hosts().any(|own| own == host)
                && server.listens.iter().any(|listen| listen.port == port && listen.ssl == target.tls)
        };
        let mut own = targets.iter().filter(|(host, port)| server.listens.iter().any(|listen| answers(listen, host, *port)) || by_name(host, *port));
        let Some((host, port)) = own.next() else { continue };
        // Another server may answer that name on the same socket.
        let named_elsewhere = pass.parent().is_some_and(|block| {
            block.list("proxy_set_header").iter().any(|header| {
                header.arg(0).eq_ignore_ascii_case("host") && !header.arg(1).contains('$')
            })
        });
        if named_elsewhere {
            continue;
        }
        found_here.add(
            pass.arg_found(0, format_args!("{host}:{port} is where this server itself listens."))
                .means(if by_name(host, *port) {
                    "Unless the name leads elsewhere from here (/etc/hosts), a request goes round until nginx runs out of connections."
                } else {
                    "A request goes round until nginx runs out of connections; visitors get 500 or 502."
                })
                .by_hand("Use the port or socket that Gunicorn is bound to: gunicorn --bind 127.0.0.1:8000."),
        );
    }
}

fn split(address: &str) -> Option<(String, u16)> {
    if address.starts_with("unix:") {
        return None;
    }
    match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => Some((host.to_ascii_lowercase(), words::port(port)?)),
        _ => Some((address.to_ascii_lowercase(), 80)),
    }
}

/// Would a connection from this machine to `host:port` arrive at this socket?
fn answers(listen: &Listen, host: &str, port: u16) -> bool {
    let v6 = host.starts_with('[');
    let local4 = matches!(host, "localhost" | "0.0.0.0") || host.starts_with("127.");
    let local6 = matches!(host, "localhost" | "[::1]" | "[::]");
    listen.port == port
        && match &listen.address {
            Address::Any4 => local4,
            Address::Any6 => local6,
            Address::V4(ip) => !v6 && (host == ip::v4_words(*ip) || (host == "localhost" && ip.is_loopback())),
            Address::V6(ip) => host == format!("[{}]", ip::v6_words(*ip)),
            Address::Host(name) => name == host,
            Address::Unix(_) => false,
        }
}
