//! A line for people that is no comment.

use super::{Found, short};
use crate::{Config, finding::found, search::Search, syntax::FaultKind};

rule! {
    /// A line is meant for people, and does not begin with `#`: `// …`, `...`, a sentence.
    ///
    /// ## Why it matters
    /// nginx reads it as a directive, and refuses the file.
    ///
    /// ## How to fix
    /// Begin it with `#`, or take it away.
    ///
    /// ```nginx fires
    /// server {
    ///     // the main site
    ///     listen 80;
    ///     ...
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     Then add this to the file
    ///     location / { return 204; }
    /// }
    /// ```
    /// ```nginx quiet
    /// map $request_uri $known {
    ///     default 0;
    ///     //twice 1;
    /// }
    /// ```
    RULE: "remark-without-hash", severity: Failed, title: "A comment begins with #",
        docs: "https://nginx.org/en/docs/beginners_guide.html#conf_structure", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for fault in config.faults_of(FaultKind::Remark) {
        let text = config.files.text(fault.span);
        let comment = match text.strip_prefix("//") {
            Some(rest) => ["#", rest].concat(),
            None => ["# ", &text.swapped("\n", "\n# ")].concat(),
        };
        // `/* … */ listen 80;`
        let after = config.files.source_text(fault.span.end).and_then(|(all, base)| all.get((fault.span.end - base) as usize..));
        let alone = after.and_then(|after| after.split('\n').next()).is_none_or(|after| after.trim().is_empty());
        let (what, new) = if alone { ("Make it a comment.", comment) } else { ("Take it away.", String::new()) };
        found_here.add(
            found(fault.span, format_args!("\"{}\" is no directive: nginx comments start with #.", short(text)))
                .means("nginx reads it as a directive, together with what follows.")
                .safe(what, vec![(fault.span, new)])
                .unread(format_args!("unknown directive \"{}\"", text.split_whitespace().next().unwrap_or_default())),
        );
    }
}
