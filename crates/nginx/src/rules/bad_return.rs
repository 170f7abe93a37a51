//! A `return` or `rewrite` that nginx cannot read.

use super::Found;
use crate::{Config, config::is_placeholder, directives::{Context, nearest}, fix, words::number};

rule! {
    /// `return` has no status code, or `rewrite` a flag that nginx does not know.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// `return 301 https://…;`, `return 404;`, `rewrite ^/old$ /new permanent;`
    ///
    /// ```nginx fires
    /// server {
    ///     return app.test;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     rewrite ^/old$ /new 301;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     rewrite ^/old$ /new permanent;
    ///     location /a { return https://app.test; }
    ///     location /b { return 301 $scheme://app.test; }
    /// }
    /// ```
    RULE: "bad-return", severity: Failed, title: "nginx cannot read this redirect",
        docs: "return", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let here = Context::SERVER.or(Context::LOCATION).or(Context::SERVER_IF).or(Context::LOCATION_IF);
    for directive in config.all("return").filter(|directive| directive.context().is(here)) {
        let value = directive.arg(0);
        let count = directive.arg_count();
        let code = value.len() < 10 && !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
        let url = ["http://", "https://", "$scheme"].iter().any(|start| value.starts_with(start));
        let good = if code { number(value).is_some_and(|code| code <= 999) } else { url && count == 1 };
        if good || is_placeholder(value) || !(1..=2).contains(&count) {
            continue;
        }
        let draft = directive.arg_found(0, format_args!("\"{value}\" is not a status code."))
            .refused(format_args!("invalid return code \"{value}\""));
        found_here.add(if count == 1 && (value.starts_with('/') || value.starts_with('$')) {
            let text = config.files.text(directive.arg_span(0));
            draft.review("Write the code before the address.", fix::replace_arg(directive, 0, format_args!("302 {text}")))
        } else {
            draft.by_hand("Write a code first: return 301 https://…;")
        });
    }
    const FLAGS: [&str; 4] = ["last", "break", "redirect", "permanent"];
    for directive in config.all("rewrite").filter(|directive| directive.context().is(here)) {
        let flag = directive.arg(2);
        if directive.arg_count() == 2 && directive.arg(1).is_empty() {
            found_here.add(
                directive.found("This rewrite has nothing to put in place.")
                    .refused("empty replacement"),
            );
        }
        if directive.arg_count() != 3 || FLAGS.contains(&flag) || is_placeholder(flag) {
            continue;
        }
        let draft = directive.arg_found(2, format_args!("\"rewrite\" does not know \"{flag}\"."))
            .means("It knows last, break, redirect (302) and permanent (301). nginx refuses the configuration.")
            .refused(format_args!("invalid parameter \"{flag}\""));
        let meant = match flag {
            "301" | "R=301" | "[R=301]" | "[L,R=301]" | "[R=301,L]" => Some("permanent"),
            "302" | "R" | "[R]" => Some("redirect"),
            "[L]" | "L" => Some("last"),
            other => nearest(other, &FLAGS),
        };
        found_here.add(match meant {
            Some(meant) => draft.instead(directive, 2, meant),
            None => draft,
        });
    }
}
