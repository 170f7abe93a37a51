//! A redirect built from the decoded path.

use super::Found;
use crate::{Config, config::variables_in, finding::found, search::Search};

rule! {
    /// A redirect or header is built from `$uri`, which nginx has decoded.
    ///
    /// ## Why it matters
    /// A request with `%0d%0a` in its path puts line ends into the answer: others can add headers to it, cookies included.
    /// Names with spaces or accents come out broken, too.
    ///
    /// ## How to fix
    /// Use `$request_uri`, which is the request as it came (its query included).
    ///
    /// ```nginx fires
    /// server {
    ///     return 301 https://$host$uri;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location /old/ { add_header X-Path $uri; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     return 301 https://app.test$uri$is_args$args;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     return 301 https://$host$request_uri;
    ///     location /x { try_files $uri =404; }
    ///     location /y { return 200 $uri; }
    /// }
    /// ```
    RULE: "redirect-decoded", severity: Warning, title: "A redirect from the decoded path",
        docs: "return", seed: "A7 A11", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for (name, from) in [("return", 1), ("add_header", 1)] {
        for directive in config.all(name) {
            let redirects = matches!(directive.arg(0), "301" | "302" | "303" | "307" | "308");
            if name == "return" && !(redirects && directive.arg_count() == 2) {
                continue;
            }
            for at in from..directive.arg_count() {
                let span = directive.arg_span(at);
                let text = config.files.text(span);
                let Some((_, variable)) = variables_in(text).into_iter().find(|(_, variable)| matches!(*variable, "uri" | "document_uri")) else {
                    continue;
                };
                let draft = found(span, format_args!("\"${variable}\" is the path after decoding: it may hold line ends."))
                    .means(if name == "return" {
                        "A request with %0d%0a in its path adds headers to the answer, cookies included."
                    } else {
                        "A request with %0d%0a in its path adds headers of its own to the answer."
                    });
                let plain = ["$uri$is_args$args", "$uri?$args", "$uri?$query_string", "$document_uri", "$uri"];
                let edit = plain.iter().find(|old| text.has(old)).map(|old| text.swapped_once(old, "$request_uri"));
                found_here.add(match edit.filter(|_| name == "return") {
                    Some(edit) => draft.safe("Use $request_uri: the request as it came.", vec![(span, edit)]),
                    None => draft.by_hand("Use $request_uri: the request as it came."),
                });
                break;
            }
        }
    }
}
