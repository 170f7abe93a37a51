//! A backend's address that nginx cannot read.

use super::{Found, without_scheme};
use crate::{
    Config,
    config::{For, address_fault, is_placeholder},
    directives::Context,
    finding::found, search::Search};

rule! {
    /// The address of a backend has no host, or a port that does not exist.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// `http://127.0.0.1:8000` or `http://unix:/run/gunicorn.sock`; in an upstream without `http://`.
    ///
    /// ```nginx fires
    /// server {
    ///     location / { proxy_pass http://127.0.0.1:80000; }
    /// }
    /// ```
    /// ```nginx fires
    /// upstream flask_app { server http://127.0.0.1:8000; }
    /// ```
    /// ```nginx fires
    /// upstream flask_app { server 127.0.0.1:8000; }
    /// server {
    ///     location / { proxy_pass http://flask_app:8000; }
    /// }
    /// ```
    /// ```nginx quiet
    /// upstream flask_app { server unix:/run/gunicorn.sock; server [::1]:8000; }
    /// server {
    ///     location / { proxy_pass http://flask_app; }
    ///     location /x/ { proxy_pass http://127.0.0.1:8000/; }
    /// }
    /// ```
    RULE: "bad-target", severity: Failed, title: "nginx cannot read this address",
        docs: "proxy_pass", seed: "B7 C8", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let proxies = ["proxy_pass", "fastcgi_pass", "uwsgi_pass", "scgi_pass", "grpc_pass", "memcached_pass"];
    let streams = Context::STREAM.or(Context::STREAM_SERVER).or(Context::STREAM_UPSTREAM);
    for name in proxies {
        for directive in config.all(name).filter(|directive| !directive.context().is(streams) && directive.arg_count() == 1) {
            let value = directive.arg(0);
            if value.contains('$') || is_placeholder(value) {
                continue;
            }
            let lower = value.to_ascii_lowercase();
            let schemes: &[&str] = match name {
                "proxy_pass" => &["http://", "https://"],
                "grpc_pass" => &["grpc://", "grpcs://"],
                "uwsgi_pass" => &["uwsgi://", "suwsgi://"],
                _ => &[],
            };
            let skip = schemes.iter().find(|scheme| lower.starts_with(*scheme)).map_or(0, |scheme| scheme.len());
            if skip == 0 && name == "proxy_pass" {
                continue; // another rule's
            }
            let Some(rest) = value.get(skip..) else { continue };
            let purpose = if name == "proxy_pass" { For::Target } else { For::Backend };
            if let Some(fault) = address_fault(rest, purpose) {
                found_here.add(
                    directive.arg_found(0, format_args!("nginx cannot read \"{value}\": {}.", plain(fault)))
                        .refused(format_args!("{fault} in upstream \"{rest}\"")),
                );
                continue;
            }
            let authority = rest.split(['/', '?']).next().unwrap_or_default();
            let Some((host, port)) = authority.split_once(':') else { continue };
            let Some(upstream) = config.upstream(host) else { continue };
            let block = config.get(upstream.block);
            // nginx notices at whichever of the two it reads later.
            let later = if block.head_span().start > directive.head_span().start { block.head_span() } else { directive.arg_span(0) };
            found_here.add(
                found(later, format_args!("\"{host}\" is an upstream, and an upstream has no port."))
                    .means("nginx refuses the whole configuration: the ports stand in the upstream's own lines.")
                    .related(directive.arg_span(0), "the port")
                    .related(block.head_span(), "the upstream")
                    .safe("Leave the port out.", {
                        let span = directive.arg_span(0);
                        vec![(span, config.files.text(span).swapped_once(&format!("{host}:{port}"), host))]
                    })
                    .refused(format_args!("upstream \"{host}\" may not have port {port}")),
            );
        }
    }
    for directive in config.all("server").filter(|directive| directive.context().is(Context::UPSTREAM) && directive.arg_count() > 0) {
        let value = directive.arg(0);
        if is_placeholder(value) {
            continue;
        }
        let Some(fault) = address_fault(value, For::Backend) else { continue };
        let draft = directive.arg_found(0, format_args!("nginx cannot read \"{value}\": {}.", plain(fault)))
            .refused(format_args!("{fault} in upstream \"{value}\""));
        let bare = without_scheme(value).trim_end_matches('/');
        found_here.add(if bare != value && address_fault(bare, For::Backend).is_none() {
            draft.instead(directive, 0, bare)
        } else {
            draft
        });
    }
}

fn plain(fault: &str) -> &str {
    match fault {
        "invalid port" => "the port is not a number from 1 to 65535",
        "no host" => "there is no host",
        "invalid host" => "it is more than a host and a port",
        other => other,
    }
}
