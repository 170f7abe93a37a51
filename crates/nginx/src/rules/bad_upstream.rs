//! An upstream that nginx refuses.

use crate::map::Map;

use super::{Found, unreadable_value::is_time};
use crate::{Config, Directive, config::is_placeholder, directives::{Context, nearest}, finding::{Noticed, Step}, fix, words};

rule! {
    /// An upstream has no server, a name that is taken, or a parameter that nginx does not know.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// One upstream for each name, with at least one `server` in it: `server 127.0.0.1:8000 max_fails=3 fail_timeout=10s;`
    ///
    /// ```nginx fires
    /// upstream flask_app { keepalive 16; }
    /// ```
    /// ```nginx fires
    /// upstream flask_app { server 127.0.0.1:8000 wieght=2; }
    /// ```
    /// ```nginx fires
    /// upstream flask_app { server 127.0.0.1:8000; }
    /// upstream flask_app { server 127.0.0.1:8001; }
    /// ```
    /// ```nginx quiet
    /// upstream flask_app {
    ///     least_conn;
    ///     server 127.0.0.1:8000 weight=2 max_fails=3 fail_timeout=10s;
    ///     server unix:/run/gunicorn.sock backup;
    ///     keepalive 16;
    /// }
    /// ```
    RULE: "bad-upstream", severity: Failed, title: "nginx refuses this upstream",
        docs: "upstream", seed: "B7 C8", run: run
}

const NAMED: [&str; 8] = ["weight=", "max_conns=", "max_fails=", "fail_timeout=", "route=", "service=", "slow_start=", "id="];
const PLAIN: [&str; 4] = ["backup", "down", "resolve", "drain"];

fn run(config: &Config<'_>, found_here: &mut Found) {
    let mut first: Map<String, Directive<'_>> = Map::new();
    for upstream in config.upstreams() {
        let block = config.get(upstream.block);
        if block.arg_count() != 1 || is_placeholder(&upstream.name) {
            continue;
        }
        match first.get(&upstream.name.to_ascii_lowercase()) {
            None => drop(first.insert(upstream.name.to_ascii_lowercase(), block)),
            Some(earlier) => found_here.add(
                block.found(format_args!("\"{}\" is an upstream on line {} already.", upstream.name, config.line(earlier.span())))
                    .related(earlier.head_span(), "the other upstream")
                    .by_hand("Put the servers of both into one.")
                    .refused(format_args!("duplicate upstream \"{}\"", upstream.name)),
            ),
        }
        if upstream.servers.is_empty() && block.unseen_include().is_none() && block.close().is_some_and(|close| !close.is_empty()) {
            let close = block.close().map_or(0, |close| close.start);
            found_here.add(
                block.found(format_args!("The upstream \"{}\" has no server.", upstream.name))
                    .by_hand("Name the backend: server 127.0.0.1:8000;")
                    .refused("no servers are inside upstream")
                    .noticed(Noticed::Sign(close)),
            );
        }
        let backups = upstream.servers.iter().filter(|(id, _)| config.get(*id).args().any(|arg| arg == "backup")).count();
        if backups > 0 && backups == upstream.servers.len() {
            found_here.add(
                block.found(format_args!("Every server of \"{}\" is a backup.", upstream.name))
                    .means("nginx refuses the whole configuration: a backup needs somebody to stand in for.")
                    .by_hand("Take \"backup\" away from one of them.")
                    .refused(format_args!("no servers in upstream \"{}\"", upstream.name))
                    .noticed(Noticed::Together(Step::Inherited, Some(block.open().map_or(0, |open| open.start)))),
            );
        }
        for (id, _) in &upstream.servers {
            server(config, block, config.get(*id), found_here);
        }
    }
    for directive in config.all("keepalive").filter(|directive| directive.context().is(Context::UPSTREAM) && directive.arg_count() == 1) {
        let value = directive.arg(0);
        if !is_placeholder(value) && number(value).is_none_or(|count| count == 0) {
            found_here.add(
                directive.arg_found(0, format_args!("\"{value}\" is not a number of connections."))
                    .refused(format_args!("invalid value \"{value}\" in \"keepalive\" directive")),
            );
        }
    }
    for directive in config.all("zone").filter(|directive| directive.context().is(Context::UPSTREAM) && directive.arg_count() == 1) {
        let name = directive.arg(0);
        let sized = config.all("zone").any(|other| other.arg_count() == 2 && other.arg(0) == name);
        if !sized && !is_placeholder(name) && config.sees_all_servers() {
            found_here.add(
                directive.found(format_args!("The zone \"{name}\" has no size."))
                    .review("Give it one.", fix::add_arg(directive, "64k"))
                    .refused(format_args!("zero size shared memory zone \"{name}\""))
                    .noticed(Noticed::Together(Step::Started, None)),
            );
        }
    }
    for (name, known, at) in [("hash", "consistent", 1), ("random", "two", 0), ("random", "least_conn", 1)] {
        for directive in config.all(name).filter(|directive| directive.context().is(Context::UPSTREAM) && directive.arg_count() > at) {
            let value = directive.arg(at);
            if value == known || is_placeholder(value) {
                continue;
            }
            let draft = directive.arg_found(at, format_args!("\"{name}\" does not know \"{value}\"."))
                .refused(format_args!("invalid parameter \"{value}\""));
            found_here.add(match nearest(value, &[known]) {
                Some(meant) => draft.instead(directive, at, meant),
                None => draft,
            });
        }
    }
}

fn server(config: &Config<'_>, block: Directive<'_>, server: Directive<'_>, found_here: &mut Found) {
    for (at, parameter) in server.args().enumerate().skip(1) {
        let value = parameter.split_once('=').map_or("", |(_, value)| value);
        let good = match parameter.split_once('=').map_or(parameter, |(name, _)| name) {
            "weight" => number(value).is_some_and(|weight| weight > 0),
            "max_conns" | "max_fails" => number(value).is_some(),
            "fail_timeout" | "slow_start" => is_time(value, false),
            "backup" | "down" => !parameter.contains('='),
            // NGINX Plus, and newer releases.
            "resolve" | "service" | "route" | "drain" | "id" => config.version >= crate::Version::new(27, 3),
            _ => false,
        };
        if is_placeholder(parameter) {
            continue;
        }
        if good {
            let method = ["hash", "ip_hash", "random"].iter().find(|name| block.first(name).is_some_and(|own| own.span().start < server.span().start));
            if let (Some(method), "backup") = (method, parameter) {
                found_here.add(
                    server.arg_found(at, format_args!("With \"{method}\" no server can be a backup."))
                        .review("Take \"backup\" away.", fix::remove_arg(server, at))
                        .refused("balancing method does not support parameter \"backup\""),
                );
            }
            continue;
        }
        let draft = server.arg_found(at, format_args!("\"server\" cannot read \"{parameter}\"."))
            .refused(format_args!("invalid parameter \"{parameter}\""));
        let name = parameter.split_once('=').map(|(name, _)| format!("{name}="));
        let meant = match &name {
            Some(name) if NAMED.contains(&name.as_str()) => None,
            Some(name) => nearest(name, &NAMED).map(|known| format!("{known}{value}")),
            None => nearest(parameter, &PLAIN).map(str::to_owned),
        };
        found_here.add(match meant {
            Some(meant) => draft.instead(server, at, &meant),
            None => draft,
        });
    }
}

fn number(text: &str) -> Option<u32> {
    words::number(text)?.try_into().ok()
}
