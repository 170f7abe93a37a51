//! TLS versions that browsers have given up.

use super::{Found, list};
use crate::{Config};

rule! {
    /// TLS 1.1 or older is allowed.
    ///
    /// ## Why it matters
    /// Browsers no longer use these versions, and they have known weaknesses.
    ///
    /// ## How to fix
    /// `ssl_protocols TLSv1.2 TLSv1.3;`
    ///
    /// ```nginx fires
    /// server {
    ///     ssl_protocols TLSv1 TLSv1.1 TLSv1.2;
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     ssl_protocols TLSv1.2 TLSv1.3;
    /// }
    /// ```
    RULE: "weak-protocol", severity: Note, title: "Old TLS versions are allowed",
        docs: "ssl_protocols", seed: "A10", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for protocols in config.all("ssl_protocols").filter(|directive| !directive.is_built_in()) {
        let weak: Vec<String> = protocols
            .args()
            .filter(|value| ["SSLv2", "SSLv3", "TLSv1", "TLSv1.1"].iter().any(|weak| weak.eq_ignore_ascii_case(value)))
            .map(str::to_owned)
            .collect();
        if weak.is_empty() {
            continue;
        }
        let first = protocols.arg_span(0);
        let last = protocols.arg_span(protocols.arg_count().saturating_sub(1));
        found_here.add(
            protocols.found(format_args!("{} may be used.", list(&weak)))
                .means("Browsers no longer use them, and they have known weaknesses.")
                .safe("Allow TLS 1.2 and 1.3.", vec![(first.to(last), "TLSv1.2 TLSv1.3".into())]),
        );
    }
}
