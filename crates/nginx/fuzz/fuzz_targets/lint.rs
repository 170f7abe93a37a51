//! Any bytes: read, judged, explained and mended, without a panic and without a hang.

#![no_main]

use libfuzzer_sys::fuzz_target;
use nginx::{Options, Source, Version, apply, apply_safe, lint, lint_all};

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    // The length decides what the visitor says, so that each text stays what it is.
    let options = Options {
        version: (text.len() % 3 > 0).then(|| Version::ALL[text.len() % Version::ALL.len()]),
        everything: text.len() % 2 == 0,
    };
    let linted = lint(&text, &options);
    for finding in &linted.findings {
        if let Some(fix) = &finding.fix {
            apply(&text, &fix.edits);
        }
    }
    apply_safe(&text, &options);
    // The same as several files that may include each other.
    let parts: Vec<Source<'_>> = text
        .split("\n\n")
        .take(5)
        .zip(["nginx.conf", "a.conf", "conf.d/b.conf", "snippets/c.conf", "mime.types"])
        .map(|(text, name)| Source { name, text })
        .collect();
    lint_all(&parts, &options);
});
