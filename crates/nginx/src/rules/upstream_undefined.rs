//! A `proxy_pass` to an upstream that does not exist.

use super::Found;
use crate::{Config, ProxyTarget, config::is_placeholder, directives::nearest, search::Search};

rule! {
    /// `proxy_pass` names an upstream that nothing defines.
    ///
    /// ## Why it matters
    /// nginx then asks DNS for a host of that name, and refuses to start when there is none.
    ///
    /// ## How to fix
    /// Correct the name, or define the upstream.
    ///
    /// ```nginx fires
    /// upstream flask_app { server 127.0.0.1:8000; }
    /// server {
    ///     location / { proxy_pass http://flask_ap; }
    /// }
    /// ```
    /// ```nginx quiet
    /// upstream flask_app { server 127.0.0.1:8000; }
    /// server {
    ///     location / { proxy_pass http://flask_app; }
    ///     location /web { proxy_pass http://web:8000; }
    /// }
    /// ```
    RULE: "upstream-undefined", severity: Warning, title: "No upstream of this name",
        docs: "upstream", seed: "B7 C-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("proxy_pass").filter(|directive| directive.context().is(crate::directives::Context::LOCATION.or(crate::directives::Context::LOCATION_IF))) {
        let value = directive.arg(0);
        if is_placeholder(value) {
            continue;
        }
        let Some(target) = ProxyTarget::of(value) else { continue };
        let name = &target.host;
        if target.unix.is_some() || target.port.is_some() || name.contains(['.', ':', '[', '{']) || name == "localhost" || name.is_empty() {
            continue;
        }
        if config.upstream(name).is_some() {
            continue;
        }
        let known: Vec<&str> = config.upstreams().iter().map(|upstream| upstream.name.as_str()).collect();
        let near = nearest(name, &known);
        if near.is_none() && !config.sees_all_servers() {
            continue; // the upstream, or the host's name, may well be elsewhere
        }
        let draft = directive.arg_found(0, format_args!("Nothing defines the upstream \"{name}\"."))
            .absent()
            .means("nginx takes it for a host name; when DNS does not know it, nginx refuses to start.")
            .warned(format_args!("host not found in upstream \"{name}\""));
        found_here.add(match near {
            Some(near) => {
                let inner = directive.arg_span(0);
                let text = config.files.text(inner).swapped_once(name.as_str(), near);
                draft.safe(format_args!("Did you mean \"{near}\"?"), vec![(inner, text)])
            }
            None => draft.by_hand(format_args!("Define \"upstream {name}\", or write address and port.")),
        });
    }
}
