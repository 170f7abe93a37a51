//! A zone or format that nothing defines.

use super::Found;
use crate::{
    Config,
    config::is_placeholder,
    directives::{Context, nearest},
    finding::{Noticed, Step, found}, search::Search};

rule! {
    /// A limit, a cache or an access log names a zone or a format that nothing defines.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Define it in `http`: `limit_req_zone $binary_remote_addr zone=login:10m rate=5r/s;`
    ///
    /// ```nginx fires everything
    /// limit_req_zone $binary_remote_addr zone=login:10m rate=5r/s;
    /// server {
    ///     location /login { limit_req zone=logn burst=5; }
    /// }
    /// ```
    /// ```nginx fires everything
    /// server {
    ///     access_log /var/log/nginx/access.log detailed;
    /// }
    /// ```
    /// ```nginx quiet everything
    /// limit_req_zone $binary_remote_addr zone=login:10m rate=5r/s;
    /// log_format detailed '$remote_addr $request';
    /// server {
    ///     access_log /var/log/nginx/access.log detailed;
    ///     access_log syslog:server=unix:/dev/log combined;
    ///     location /login { limit_req zone=login burst=5; }
    /// }
    /// ```
    RULE: "zone-undefined", severity: Failed, title: "Nothing defines this name",
        docs: "limit_req_zone", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let http = Context::HTTP.or(Context::SERVER).or(Context::LOCATION).or(Context::LOCATION_IF).or(Context::LIMIT_EXCEPT);
    let zones = |name: &str, prefix: &str| -> Vec<String> {
        config
            .all(name)
            .flat_map(|directive| directive.args().collect::<Vec<_>>())
            .filter_map(|arg| Some(arg.strip_prefix(prefix)?.split(':').next()?.to_owned()))
            .collect()
    };
    let unseen = config.unresolved().first().map(|include| config.get(include.include));
    let mut check = |directive: &crate::Directive<'_>, at: usize, name: &str, known: &[String], what: &str, refused: String, noticed: Noticed| {
        if name.is_empty() || known.iter().any(|own| own == name) || is_placeholder(name) || name.contains('$') {
            return;
        }
        let near = nearest(name, &known.iter().map(String::as_str).collect::<Vec<_>>());
        if let (Some(include), None) = (unseen, near) {
            found_here.undecided(include);
            return;
        }
        if near.is_none() && !config.sees_all_servers() {
            return; // zones and formats stand in "http", which is seldom pasted with a server
        }
        let span = directive.arg_span(at);
        let draft = found(span, format_args!("Nothing defines the {what} \"{name}\"."))
            .refused(refused)
            .noticed(noticed);
        found_here.add(match near {
            Some(near) => draft.safe(format_args!("Did you mean \"{near}\"?"), vec![(span, config.files.text(span).swapped_once(name, near))]),
            None => draft.by_hand("Define it in \"http\", or correct its name."),
        });
    };
    let requests = zones("limit_req_zone", "zone=");
    for directive in config.all("limit_req").filter(|directive| directive.context().is(http)) {
        for (at, arg) in directive.args().enumerate() {
            let Some(name) = arg.strip_prefix("zone=") else { continue };
            check(&directive, at, name, &requests, "zone", format!("zero size shared memory zone \"{name}\""), Noticed::Together(Step::Started, None));
        }
    }
    let connections = zones("limit_conn_zone", "zone=");
    for directive in config.all("limit_conn").filter(|directive| directive.context().is(http) && directive.arg_count() == 2) {
        let name = directive.arg(0);
        check(&directive, 0, name, &connections, "zone", format!("zero size shared memory zone \"{name}\""), Noticed::Together(Step::Started, None));
    }
    for (user, definer) in [("proxy_cache", "proxy_cache_path"), ("fastcgi_cache", "fastcgi_cache_path"), ("uwsgi_cache", "uwsgi_cache_path")] {
        let caches = zones(definer, "keys_zone=");
        for directive in config.all(user).filter(|directive| directive.context().is(http) && directive.arg_count() == 1) {
            let name = directive.arg(0);
            if name != "off" {
                check(&directive, 0, name, &caches, "cache", format!("\"{user}\" zone \"{name}\" is unknown"), Noticed::Together(Step::Started, None));
            }
        }
    }
    let mut formats: Vec<String> = config.all("log_format").filter(|directive| directive.context().is(Context::HTTP)).map(|directive| directive.arg(0).to_owned()).collect();
    formats.push("combined".into());
    for directive in config.all("access_log").filter(|directive| directive.context().is(http) && directive.arg_count() >= 2) {
        let name = directive.arg(1);
        let parameter = ["buffer=", "flush=", "if=", "gzip"].iter().any(|start| name.starts_with(start));
        if directive.arg_is(0, "off") || parameter {
            continue;
        }
        check(&directive, 1, name, &formats, "log format", format!("unknown log format \"{name}\""), Noticed::Directive);
    }
}
