//! A promise that the site does not keep yet.

use super::Found;
use crate::{Config, words::number};

rule! {
    /// Strict-Transport-Security promises more than the site keeps: preload without its conditions, or hardly any time.
    ///
    /// ## Why it matters
    /// Browsers remember the promise, and preload lists keep it for months: a name without HTTPS is then unreachable.
    ///
    /// ## How to fix
    /// Start with a short `max-age`, raise it to a year when all names work, add `includeSubDomains` and `preload` last.
    ///
    /// ```nginx fires
    /// server {
    ///     add_header Strict-Transport-Security "max-age=300; preload" always;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     add_header Strict-Transport-Security "max-age=63072000; includeSubDomains; preload" always;
    ///     location /a { add_header Strict-Transport-Security "max-age=86400" always; }
    /// }
    /// ```
    RULE: "hsts-premature", severity: Warning, title: "HSTS promises too much",
        docs: "add_header", seed: "A15", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for header in config.all("add_header").filter(|header| header.arg(0).eq_ignore_ascii_case("strict-transport-security")) {
        let value = header.arg(1).to_ascii_lowercase();
        let parts: Vec<&str> = value.split(';').map(str::trim).collect();
        let has = |name: &str| parts.contains(&name);
        let age = parts.iter().find_map(|part| number(part.strip_prefix("max-age=")?.trim_matches('"')));
        let seen = match age {
            _ if value.contains('$') => continue,
            None => "The header has no max-age, so browsers ignore it.".to_owned(),
            Some(age) if has("preload") && (age < 31_536_000 || !has("includesubdomains")) => {
                format!("\"preload\" needs includeSubDomains and a max-age of at least 31536000; here it is {age}.")
            }
            Some(_) => continue,
        };
        found_here.add(
            header.arg_found(1, seen)
                .means("Browsers keep such a promise; a name that has no HTTPS is then unreachable.")
                .by_hand("Start with a short max-age and add preload last, when every subdomain has HTTPS."),
        );
    }
}
