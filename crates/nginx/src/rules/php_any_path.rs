//! PHP for files that do not exist.

use super::Found;
use crate::{Config, Location, fix, search::Search};

rule! {
    /// Requests for `.php` go to PHP without a look whether the file exists.
    ///
    /// ## Why it matters
    /// With `cgi.fix_pathinfo`, PHP runs the nearest file in the path: an uploaded picture, for instance.
    ///
    /// ## How to fix
    /// `try_files $uri =404;`, or Debian's `snippets/fastcgi-php.conf`.
    ///
    /// ```nginx fires
    /// server {
    ///     location ~ \.php$ {
    ///         fastcgi_pass unix:/run/php.sock;
    ///         include fastcgi_params;
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location ~ \.php$ {
    ///         try_files $uri =404;
    ///         fastcgi_pass unix:/run/php.sock;
    ///         include fastcgi_params;
    ///     }
    ///     location ~ \.phps$ {
    ///         include snippets/fastcgi-php.conf;
    ///         fastcgi_pass unix:/run/php.sock;
    ///     }
    /// }
    /// ```
    RULE: "php-any-path", severity: Note, title: "PHP runs for any path",
        docs: "fastcgi_pass", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("fastcgi_pass") {
        let Some(block) = directive.parent() else { continue };
        let Some(own) = Location::of(block).filter(Location::is_regex) else { continue };
        if !own.path.has("php") || block.first("try_files").is_some() || block.find("if").next().is_some() {
            continue;
        }
        if let Some(include) = block.unseen_include() {
            found_here.undecided(include);
            continue;
        }
        found_here.add(
            directive.found("PHP is asked whether or not the file exists.")
                .means("With cgi.fix_pathinfo it runs the nearest file in the path, an uploaded one for instance.")
                .review("Look for the file first.", fix::add_before(directive, &["try_files $uri =404;".into()])),
        );
    }
}
