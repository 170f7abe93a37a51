//! A zone or a log format that is defined twice.

use crate::map::Map;

use super::Found;
use crate::{Config, Directive, config::is_placeholder, directives::Context, fix};

rule! {
    /// Two lines define a zone or a log format of the same name.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration. Files in `conf.d` and `sites-enabled` share one `http`.
    ///
    /// ## How to fix
    /// Keep one of them, or give the other another name.
    ///
    /// ```nginx fires
    /// limit_req_zone $binary_remote_addr zone=login:10m rate=5r/s;
    /// limit_req_zone $binary_remote_addr zone=login:10m rate=5r/s;
    /// ```
    /// ```nginx fires
    /// log_format main '$remote_addr $request';
    /// log_format main '$remote_addr $status';
    /// ```
    /// ```nginx quiet
    /// limit_req_zone $binary_remote_addr zone=login:10m rate=5r/s;
    /// limit_req_zone $binary_remote_addr zone=api:10m rate=50r/s;
    /// log_format main '$remote_addr $request';
    /// ```
    RULE: "defined-twice", severity: Failed, title: "Two definitions of one name",
        docs: "limit_req_zone", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for definer in ["limit_req_zone", "limit_conn_zone", "log_format", "proxy_cache_path", "fastcgi_cache_path"] {
        let mut first: Map<String, Directive<'_>> = Map::new();
        for directive in config.all(definer).filter(|directive| directive.context().is(Context::HTTP) && directive.arg_count() >= 2) {
            let key = if definer.ends_with("_path") { "keys_zone=" } else { "zone=" };
            let name = if definer == "log_format" {
                directive.arg(0).to_owned()
            } else {
                let zone = directive.args().find_map(|arg| Some(arg.strip_prefix(key)?.split(':').next()?.to_owned()));
                let Some(zone) = zone else { continue };
                zone
            };
            if is_placeholder(&name) {
                continue;
            }
            let Some(earlier) = first.get(&name) else {
                first.insert(name, directive);
                continue;
            };
            let refused = match definer {
                "log_format" => format!("duplicate \"log_format\" name \"{name}\""),
                "limit_req_zone" | "limit_conn_zone" => format!("{definer} \"{name}\" is already bound to key \"{}\"", earlier.arg(0)),
                _ => format!("duplicate zone \"{name}\""),
            };
            let draft = directive.found(format_args!("\"{name}\" is defined on line {} already.", config.line(earlier.span())))
                .related(earlier.head_span(), "the other definition")
                .refused(refused);
            found_here.add(if earlier.args().eq(directive.args()) {
                draft.safe("Take this one away.", fix::remove(directive))
            } else {
                draft.review("Keep one of the two.", fix::remove(directive))
            });
        }
    }
}
