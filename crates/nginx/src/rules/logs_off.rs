//! A log that is not off, and a log that is.

use super::Found;
use crate::{Config, directives::Context, fix};

rule! {
    /// `error_log off` writes a file called "off"; `access_log off` for a whole site leaves no trace of requests.
    ///
    /// ## Why it matters
    /// When something breaks, the log is the first place to look.
    ///
    /// ## How to fix
    /// Name a file: `error_log /var/log/nginx/error.log;`.
    ///
    /// ```nginx fires
    /// server {
    ///     error_log off;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     error_log /var/log/nginx/app.log warn;
    ///     location /health { access_log off; return 204; }
    /// }
    /// ```
    RULE: "logs-off", severity: Warning, title: "Logs are switched off",
        docs: "https://nginx.org/en/docs/ngx_core_module.html#error_log", seed: "B17 B-cause", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for log in config.all("error_log") {
        let null = log.arg_is(0, "/dev/null");
        if !log.arg_is(0, "off") && !null {
            continue;
        }
        found_here.add(
            log.found(if null { "Errors go to /dev/null." } else { "\"off\" is a file name here: nginx writes a file called off." })
                .means("When something breaks, there is no log to look at.")
                .safe("Log to the usual file.", fix::replace_arg(log, 0, "/var/log/nginx/error.log")),
        );
    }
    let wide = Context::HTTP.or(Context::SERVER);
    for log in config.all("access_log").filter(|log| log.arg_is(0, "off") && log.context().is(wide)) {
        // A server that only redirects needs none.
        if log.parent().is_some_and(|block| block.first("return").is_some()) {
            continue;
        }
        found_here.add(
            log.found("Requests of the whole site are not logged.")
                .means("Whether a request arrived, and what it was answered, cannot be seen afterwards.")
                .safe("Log to the usual file.", fix::replace_arg(log, 0, "/var/log/nginx/access.log")),
        );
    }
}
