//! A pattern for endings that has no end.

use super::Found;
use crate::{Config, Location, finding::found, search::Search};

rule! {
    /// A location for files of a kind has no `$` at the end of its pattern.
    ///
    /// ## Why it matters
    /// It matches anywhere in the path: `/photo.php.jpg` counts as `.php`.
    ///
    /// ## How to fix
    /// Put a `$` at the end.
    ///
    /// ```nginx fires
    /// server {
    ///     location ~ \.php {
    ///         fastcgi_pass unix:/run/php.sock;
    ///     }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location ~* \.(css|js|png) { expires 7d; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location ~ \.php$ { return 404; }
    ///     location ~ /\. { deny all; }
    ///     location ~ /\.ht { deny all; }
    ///     location ~ /\.(git|env) { deny all; }
    ///     location ~ ^/a { return 404; }
    ///     location ~ \.php(/|$) { return 404; }
    /// }
    /// ```
    RULE: "pattern-end-open", severity: Note, title: "The pattern's end is open",
        docs: "location", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("location") {
        let Some(own) = Location::of(directive).filter(Location::is_regex) else { continue };
        let last = own.path.places("\\.").last().and_then(|at| own.path.split_at_checked(*at));
        let Some((before, ending)) = last.and_then(|(before, dot)| Some((before, dot.get(2..)?))) else { continue };
        // A name that begins with the dot, such as .htpasswd, goes on after it.
        if before.ends_with('/') {
            continue;
        }
        let alternatives = ending.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).unwrap_or(ending);
        let alternatives = alternatives.strip_prefix("?:").unwrap_or(alternatives);
        let plain = !alternatives.is_empty() && alternatives.split('|').all(|one| (2..6).contains(&one.len()) && one.bytes().all(|b| b.is_ascii_alphanumeric()));
        if !plain {
            continue;
        }
        let span = directive.arg_span(directive.arg_count().saturating_sub(1));
        let text = config.files.text(span);
        let edit = match text.strip_suffix(['"', '\'']) {
            Some(inner) => format!("{inner}${}", text.get(inner.len()..).unwrap_or_default()),
            None => format!("{text}$"),
        };
        found_here.add(
            found(span, "This pattern matches in the middle of a path, too.")
                .means("A file that only has such an ending somewhere in its name is treated the same.")
                .review("Put a $ at the end.", vec![(span, edit)]),
        );
    }
}
