//! A path in `proxy_pass` where nginx cannot use one.

use super::Found;
use crate::{Config, Location, Modifier, ProxyTarget, Span, directives::Context};

rule! {
    /// `proxy_pass` has a path, and stands where nginx does not know which part of the request it replaces.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Take the path (even a lone `/`) away: the request is then passed on as it came.
    ///
    /// ```nginx fires
    /// location ~ ^/api {
    ///     proxy_pass http://127.0.0.1:8000/;
    /// }
    /// ```
    /// ```nginx quiet
    /// location ~ ^/api {
    ///     proxy_pass http://127.0.0.1:8000;
    /// }
    /// location /api/ {
    ///     proxy_pass http://127.0.0.1:8000/;
    /// }
    /// ```
    RULE: "proxy-pass-uri-in-regex", severity: Failed, title: "A path proxy_pass cannot use",
        docs: "proxy_pass", seed: "C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    for directive in config.all("proxy_pass") {
        let Some(block) = directive.parent() else { continue };
        let value = directive.arg(0);
        let Some(target) = ProxyTarget::of(value).filter(|target| target.uri.is_some() && !value.contains('$')) else { continue };
        let by_pattern = |block: &crate::Directive<'_>| {
            Location::of(*block).is_some_and(|location| location.is_regex() || location.modifier == Modifier::Named)
        };
        let inside = directive.context();
        if !(inside.is(Context::LOCATION_IF.or(Context::LIMIT_EXCEPT)) || (inside == Context::LOCATION && by_pattern(&block))) {
            continue;
        }
        let inner = directive.words().get(1).map(crate::syntax::Word::inner_span).unwrap_or_default();
        let from = inner.start.saturating_add(u32::try_from(target.uri_at).unwrap_or(0));
        found_here.add(
            directive.arg_found(0, format_args!("The path \"{}\" cannot be used here.", target.uri.unwrap_or_default()))
                .safe("Take the path away: the request is passed on as it came.", vec![(Span::new(from, inner.end), String::new())])
                .refused("\"proxy_pass\" cannot have URI part in location given by regular expression, or inside named location, or inside \"if\" statement, or inside \"limit_except\" block"),
        );
    }
}
