//! A regular expression that takes the files of another location.

use super::{Found, short};
use crate::{Config, Location, Modifier, fix, search::Search};

rule! {
    /// A regular expression for file types beats the location of the static files.
    ///
    /// ## Why it matters
    /// nginx prefers regular expressions to prefixes: `/static/app.css` is looked for where the expression says, and is
    /// 404 or goes to the application.
    ///
    /// ## How to fix
    /// Write `location ^~ /static/`: then no expression is tried.
    ///
    /// ```nginx fires
    /// server {
    ///     location /static/ { alias /srv/app/static/; }
    ///     location ~* \.(css|js|png)$ { expires 7d; }
    ///     location / { proxy_pass http://127.0.0.1:8000; include proxy_params; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location ^~ /static/ { alias /srv/app/static/; }
    ///     location ~* \.(css|js|png)$ { expires 7d; }
    ///     location ~ \.php$ { return 404; }
    /// }
    /// ```
    RULE: "static-shadowed", severity: Warning, title: "Another location takes these files",
        docs: "location", seed: "B12 B-cause", run: run
}

const TYPES: [&str; 8] = ["css", "js", "png", "jpg", "jpeg", "gif", "svg", "woff"];

fn run(config: &Config<'_>, found_here: &mut Found) {
    for server in config.servers() {
        let block = config.get(server.block);
        let regex = block.find("location").find(|location| {
            Location::of(*location).is_some_and(|location| {
                location.is_regex() && location.path.ends_with('$') && location.path.has("\\.") && !location.path.starts_with('^')
                    && TYPES.iter().any(|kind| location.path.has(kind))
            })
        });
        let Some(regex) = regex else { continue };
        // Where the expression's own location serves the same folder, nothing is lost.
        if regex.first("alias").is_some() || regex.first("root").is_some_and(|root| root.arg(0).has("static")) {
            continue;
        }
        for location in block.find("location") {
            let Some(own) = Location::of(location) else { continue };
            let files = location.first("alias").is_some();
            if own.modifier != Modifier::Prefix || own.path.len() < 2 || !files {
                continue;
            }
            let kind = TYPES.iter().find(|kind| regex.args().any(|arg| arg.has(kind))).copied().unwrap_or_default();
            let slash = if own.path.ends_with('/') { "" } else { "/" };
            // A nested expression inside the location itself is asked first.
            let at = location.arg_count().saturating_sub(1);
            let text = config.files.text(location.arg_span(at));
            found_here.add(
                location.found(format_args!("Files such as {}{slash}app.{kind} go to \"{}\" instead.", own.path, short(regex.head())))
                    .means("They are looked for in another folder, or asked of the application: 404.")
                    .related(regex.head_span(), "this location wins")
                    .safe("Write ^~: then no expression is tried for this path.", fix::replace_arg(location, at, format_args!("^~ {text}"))),
            );
        }
    }
}
