//! A file test where `try_files` is meant.

use super::Found;
use crate::{Config};

rule! {
    /// `if (!-f $request_filename)` decides between a file and the application.
    ///
    /// ## Why it matters
    /// It asks the disk twice for each request, and `if` in a location has surprises of its own.
    ///
    /// ## How to fix
    /// `try_files $uri @app;` with a `location @app`.
    ///
    /// ```nginx fires
    /// server {
    ///     location / {
    ///         if (!-f $request_filename) { rewrite ^ /index.html last; }
    ///     }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location / { try_files $uri @app; }
    ///     location @app { proxy_pass http://127.0.0.1:8000; }
    ///     if (-f /srv/maintenance) { return 503; }
    /// }
    /// ```
    RULE: "if-file-exists", severity: Note, title: "try_files does this better",
        docs: "try_files", seed: "", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for block in config.all("if").filter(|block| block.arg_count() == 2) {
        let test = block.arg(0);
        let file = block.arg(1);
        let tests = matches!(test.trim_start_matches('('), "-f" | "!-f" | "-e" | "!-e" | "-d" | "!-d");
        let of_request = ["$request_filename", "$document_root$uri", "$document_root$request_uri", "$document_root$fastcgi_script_name"];
        if !tests || !of_request.contains(&file.trim_end_matches(')')) {
            continue;
        }
        found_here.add(
            block.found("This asks the disk whether the file exists, for each request.")
                .means("try_files asks once and then serves the file or goes on.")
                .by_hand("Write try_files $uri @app; and put the rest into location @app."),
        );
    }
}
