//! An application that is not told who asked, and for what.

use super::{Found, list};
use crate::{Config, Directive, ProxyTarget, fix};

rule! {
    /// A location passes requests to the application without the headers that tell it host and visitor.
    ///
    /// ## Why it matters
    /// Flask builds links for the wrong host, and every visitor seems to come from 127.0.0.1.
    ///
    /// ## How to fix
    /// `include proxy_params;` (Debian, Ubuntu), or the four `proxy_set_header` lines.
    ///
    /// ```nginx fires
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     proxy_set_header X-Forwarded-Proto $scheme;
    ///     location / { proxy_pass http://127.0.0.1:8000; }
    /// }
    /// ```
    /// ```nginx quiet
    /// location / {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include proxy_params;
    /// }
    /// location /api/ {
    ///     proxy_pass http://127.0.0.1:8000;
    ///     include snippets/our-headers.conf;
    /// }
    /// location /maps/ { proxy_pass https://tiles.elsewhere.test/; }
    /// ```
    RULE: "proxy-headers-missing", severity: Warning, title: "Headers for the app are missing",
        docs: "proxy_set_header", seed: "A17 C9 C-cause", run: run
}

/// What the guides ask for, with the line that sets it.
pub(super) const WANTED: [(&str, &str); 4] = [
    ("Host", "$host"),
    ("X-Real-IP", "$remote_addr"),
    ("X-Forwarded-For", "$proxy_add_x_forwarded_for"),
    ("X-Forwarded-Proto", "$scheme"),
];

fn run(config: &Config<'_>, found_here: &mut Found) {
    for pass in config.all("proxy_pass") {
        let Some(missing) = missing_headers(config, pass, found_here) else { continue };
        let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
        // X-Forwarded-Proto alone has a rule of its own; X-Real-IP alone is missed by nobody.
        if names.is_empty() || names == ["X-Forwarded-Proto"] || names == ["X-Real-IP"] {
            continue;
        }
        found_here.add(
            pass.found(format_args!("The application does not get {}.", list(&names)))
                .absent()
                .means(if names.contains(&"Host") {
                    "Flask builds links and redirects for the wrong host, and takes nginx for the visitor."
                } else {
                    "Flask takes nginx for the visitor, in logs and in rate limits."
                })
                .safe("Pass them on.", add_headers(pass, &missing)),
        );
    }
}

/// The headers that the application behind this `proxy_pass` does not get; `None` when it is not ours to say.
pub(super) fn missing_headers(
    config: &Config<'_>,
    pass: Directive<'_>,
    found_here: &mut Found,
) -> Option<Vec<(&'static str, &'static str)>> {
    if !pass.context().is(crate::directives::Context::LOCATION.or(crate::directives::Context::LOCATION_IF)) {
        return None;
    }
    let target = ProxyTarget::of(pass.arg(0)).filter(|target| target.is_own(config))?;
    if target.tls && target.host.contains('.') {
        return None;
    }
    let block = pass.parent()?;
    let mut set = block.list("proxy_set_header");
    // What a line in this block drops is told there, once, with the way to have it back.
    if block.find("proxy_set_header").any(|own| !own.is_built_in()) {
        set.extend(block.parent().map(|outer| outer.list("proxy_set_header")).unwrap_or_default());
    }
    let missing: Vec<_> = WANTED
        .into_iter()
        .filter(|(name, _)| !set.iter().any(|header| header.arg(0).eq_ignore_ascii_case(name)))
        .collect();
    if !missing.is_empty()
        && let Some(include) = block.unseen_include()
    {
        found_here.undecided(include);
        return None;
    }
    Some(missing)
}

/// Lines that add them where the list in force stands, so that nothing is dropped.
pub(super) fn add_headers(pass: Directive<'_>, missing: &[(&str, &str)]) -> Vec<fix::Replace> {
    let Some(block) = pass.parent() else { return Vec::new() };
    let set = block.list("proxy_set_header");
    let lines: Vec<String> = missing.iter().map(|(name, value)| format!("proxy_set_header {name} {value};")).collect();
    match set.iter().rfind(|header| !header.is_built_in()) {
        Some(last) => fix::add_after(*last, &lines),
        None => fix::add_after(pass, &lines),
    }
}
