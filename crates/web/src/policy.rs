//! `Content-Security-Policy`, by the grammar of W3C CSP Level 3 §2.2 and §2.3.

use crate::{Response, words::short};

/// A value of this many characters was cut (`reading`), in the middle of a directive.
pub(crate) const CUT: usize = 4000;

/// One policy: its directives in order, names in lower case, each name once (later ones are ignored, §2.2.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Policy {
    directives: Vec<(String, Vec<String>)>,
    repeated: Vec<String>,
}

/// The policies in force; those that only report are left out.
pub(crate) fn of(response: &Response) -> Vec<Policy> {
    let whole = |value: &'_ str| -> Vec<Policy> {
        let is_cut = value.chars().count() >= CUT;
        parse(value.rsplit_once(';').filter(|_| is_cut).map_or(value, |(whole, _)| whole))
    };
    response.values("content-security-policy").flat_map(whole).collect()
}

/// Reads a header value: a list of policies.
pub(crate) fn parse(value: &str) -> Vec<Policy> {
    let policies = value.split(',').map(|policy| {
        let mut it = Policy::default();
        for directive in policy.split(';') {
            let mut words = directive.split_ascii_whitespace();
            let Some(name) = words.next() else { continue };
            let name = name.to_ascii_lowercase();
            if it.has(&name) {
                it.repeated.push(name);
            } else {
                it.directives.push((name, words.map(str::to_owned).collect()));
            }
        }
        it
    });
    policies.filter(|it| !it.directives.is_empty()).collect()
}

/// Directives whose values are sources.
const FETCH: [&str; 21] = [
    "base-uri",
    "child-src",
    "connect-src",
    "default-src",
    "fenced-frame-src",
    "font-src",
    "form-action",
    "frame-ancestors",
    "frame-src",
    "img-src",
    "manifest-src",
    "media-src",
    "object-src",
    "prefetch-src",
    "script-src",
    "script-src-attr",
    "script-src-elem",
    "style-src",
    "style-src-attr",
    "style-src-elem",
    "worker-src",
];

/// Directives with values of their own kind, or none.
const OTHER: [&str; 11] = [
    "block-all-mixed-content",
    "navigate-to",
    "plugin-types",
    "referrer",
    "report-to",
    "report-uri",
    "require-sri-for",
    "require-trusted-types-for",
    "sandbox",
    "trusted-types",
    "upgrade-insecure-requests",
];

/// Words that mean something in quotes only.
const KEYWORDS: [&str; 12] = [
    "none",
    "self",
    "unsafe-inline",
    "unsafe-eval",
    "strict-dynamic",
    "unsafe-hashes",
    "report-sample",
    "unsafe-allow-redirects",
    "wasm-unsafe-eval",
    "inline-speculation-rules",
    "trusted-types-eval",
    "report-sha256",
];

impl Policy {
    /// Whether it has this directive.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.directives.iter().any(|(known, _)| known == name)
    }

    fn sources(&self, name: &str) -> Option<&[String]> {
        self.directives.iter().find(|(known, _)| known == name).map(|(_, sources)| sources.as_slice())
    }

    /// What browsers ignore or take for something else than was meant, as clauses.
    pub(crate) fn mistakes(&self) -> Vec<String> {
        let mut mistakes: Vec<String> = Vec::new();
        for (name, words) in &self.directives {
            let takes_sources = FETCH.contains(&name.as_str());
            if !takes_sources && !OTHER.contains(&name.as_str()) {
                mistakes.push(format!("\"{}\" is no directive", short(name)));
                continue;
            }
            if !takes_sources {
                continue;
            }
            let is_none = |word: &String| word.eq_ignore_ascii_case("'none'");
            if words.len() > 1 && words.iter().any(is_none) {
                mistakes.push(format!("in {name}, 'none' is ignored beside other sources"));
            }
            mistakes.extend(words.iter().filter_map(|word| slip(word)).map(|slip| format!("in {name}, {slip}")));
        }
        mistakes.extend(
            self.repeated.iter().map(|name| format!("{} is there twice, and only the first counts", short(name))),
        );
        mistakes.truncate(8);
        mistakes
    }

    /// What lets foreign scripts through although the policy speaks of scripts: clauses; `None` when it does not speak of
    /// them.
    pub(crate) fn holes(&self) -> Option<Vec<&'static str>> {
        let sources = self.sources("script-src").or_else(|| self.sources("default-src"))?;
        let has = |word: &str| sources.iter().any(|it| it.eq_ignore_ascii_case(word));
        let starts = |prefix: &str| sources.iter().any(|it| it.to_ascii_lowercase().starts_with(prefix));
        // With a nonce, a hash or strict-dynamic, browsers do not count 'unsafe-inline'; with strict-dynamic no host either.
        let is_strict = has("'strict-dynamic'");
        let is_marked =
            is_strict || starts("'nonce-") || ["'sha256-", "'sha384-", "'sha512-"].iter().any(|it| starts(it));
        let mut holes = Vec::new();
        if has("'unsafe-inline'") && !is_marked {
            holes.push("scripts written into the page ('unsafe-inline')");
        }
        if !is_strict && (has("*") || has("http:") || has("https:") || has("https://*") || has("http://*")) {
            holes.push("scripts from every host");
        }
        if !is_strict && has("data:") {
            holes.push("scripts in data: URLs");
        }
        if has("'unsafe-eval'") {
            holes.push("text that is turned into code ('unsafe-eval')");
        }
        Some(holes)
    }
}

/// Why a word is no source (§2.3.1), as a clause.
fn slip(word: &str) -> Option<String> {
    let lower = word.to_ascii_lowercase();
    let shown = short(word);
    if let Some(inside) = lower.strip_prefix('\'') {
        let Some(inside) = inside.strip_suffix('\'') else { return Some(format!("{shown} lacks a quote")) };
        let is_base64 =
            |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/-_=".contains(&b));
        let is_value =
            ["nonce-", "sha256-", "sha384-", "sha512-"].iter().any(|it| inside.strip_prefix(it).is_some_and(is_base64));
        let known = is_value || KEYWORDS.contains(&inside) || matches!(inside, "report-sha384" | "report-sha512");
        return (!known).then(|| format!("{shown} is no keyword"));
    }
    if KEYWORDS.contains(&lower.as_str())
        || ["nonce-", "sha256-", "sha384-", "sha512-"].iter().any(|it| lower.starts_with(it))
    {
        return Some(format!("{shown} lacks its single quotes, so it is taken for a host"));
    }
    (!is_scheme(&lower) && !is_host(&lower)).then(|| format!("{shown} is no source"))
}

/// `https:`.
fn is_scheme(word: &str) -> bool {
    word.strip_suffix(':').is_some_and(is_scheme_name)
}

fn is_scheme_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
}

/// `https://*.example.com:443/path`: scheme, port and path may be missing.
fn is_host(word: &str) -> bool {
    let rest = match word.split_once("://") {
        Some((scheme, _)) if !is_scheme_name(scheme) => return false,
        Some((_, rest)) => rest,
        None => word,
    };
    let (place, path) = rest.split_once('/').map_or((rest, ""), |(place, path)| (place, path));
    if path.contains(['?', '#']) {
        return false;
    }
    let (host, port) = match place.rsplit_once(':') {
        Some((host, port)) if !place.ends_with(']') => (host, Some(port)),
        _ => (place, None),
    };
    let is_port = port.is_none_or(|port| port == "*" || (!port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())));
    let name = host.strip_prefix("*.").unwrap_or(host);
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    let is_literal = name.starts_with('[') && name.ends_with(']');
    is_port && (host == "*" || is_literal || name.trim_end_matches('.').split('.').all(is_label))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mistakes(value: &str) -> Vec<String> {
        parse(value).iter().flat_map(Policy::mistakes).collect()
    }

    fn holes(value: &str) -> Option<usize> {
        parse(value).first().and_then(Policy::holes).map(|holes| holes.len())
    }

    #[test]
    fn policies_by_the_grammar_have_no_mistake() {
        for value in [
            "",
            ";;",
            "default-src 'self'",
            "default-src 'self'; script-src 'nonce-r4nd0m+/=' 'strict-dynamic' https: 'unsafe-inline'; object-src 'none'",
            "DEFAULT-SRC 'SELF' https://*.example.com:443 http://a.example/path/x.js wss: data: blob: *",
            "img-src * data:; font-src 'self' fonts.gstatic.com; frame-ancestors 'none'; base-uri 'self'",
            "script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='",
            "upgrade-insecure-requests; block-all-mixed-content; report-uri /csp; report-to csp; sandbox allow-forms",
            "default-src 'self', script-src example.com:*",
            "connect-src http://[::1]:8000 http://127.0.0.1:*; worker-src 'self' blob:; require-trusted-types-for 'script'",
            "script-src my_host.example chrome-extension://abc 'wasm-unsafe-eval' 'report-sample'",
            "form-action",
        ] {
            assert_eq!(mistakes(value), Vec::<String>::new(), "{value}");
        }
    }

    #[test]
    fn what_browsers_ignore_is_a_mistake() {
        for (value, part) in [
            ("default-src self", "self lacks its single quotes"),
            ("script-src unsafe-inline", "lacks its single quotes"),
            ("script-src nonce-abc", "lacks its single quotes"),
            ("default-src 'none' https:", "'none' is ignored"),
            ("default-scr 'self'", "no directive"),
            ("Content-Security-Policy: default-src 'self'", "no directive"),
            ("default-src: 'self'", "no directive"),
            ("script-src 'unsafe_inline'", "no keyword"),
            ("script-src 'self", "lacks a quote"),
            ("script-src 'nonce-'", "no keyword"),
            ("script-src 'self'; script-src https:", "there twice"),
            ("img-src https://a.example?x", "no source"),
            ("img-src *.*", "no source"),
            ("img-src \"self\"", "no source"),
            ("img-src http://", "no source"),
        ] {
            let found = mistakes(value);
            assert!(found.len() == 1 && found[0].contains(part), "{value}: {found:?}");
        }
    }

    #[test]
    fn holes_are_what_lets_foreign_scripts_through() {
        for (value, expected) in [
            ("default-src 'self'", Some(0)),
            ("frame-ancestors 'none'", None),
            ("upgrade-insecure-requests", None),
            ("script-src 'unsafe-inline'", Some(1)),
            ("script-src 'unsafe-inline' 'nonce-a'", Some(0)),
            ("script-src 'unsafe-inline' https: 'strict-dynamic' 'nonce-a'", Some(0)),
            ("default-src *", Some(1)),
            ("default-src *; script-src 'self'", Some(0)),
            ("script-src https: data: 'unsafe-inline' 'unsafe-eval'", Some(4)),
            ("style-src 'unsafe-inline'; default-src 'self'", Some(0)),
            ("script-src 'none'", Some(0)),
            ("script-src https://*.example.com", Some(0)),
        ] {
            assert_eq!(holes(value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_value_is_read(value in "[ -~é\t]{0,80}") {
            let _ = mistakes(&value);
            let _ = holes(&value);
        }

        #[test]
        fn what_is_written_by_the_grammar_has_no_mistake(
            directives in proptest::sample::subsequence(FETCH.to_vec(), 1..5),
            hosts in proptest::collection::vec("(https?://)?(\\*\\.)?[a-z]{2,6}\\.example(:[0-9]{1,5})?(/[a-z/]{0,5})?", 0..3),
            quoted in proptest::sample::subsequence(vec!["'self'", "'unsafe-inline'", "'nonce-YQ=='", "data:"], 0..3),
        ) {
            let value: Vec<String> = directives.iter().map(|it| format!("{it} {} {}", quoted.join(" "), hosts.join("\t"))).collect();
            prop_assert_eq!(mistakes(&value.join(" ; ")), Vec::<String>::new());
            // One word in the wrong place is seen whatever stands around it.
            let found = mistakes(&format!("{}; media-sauce 'self'", value.join(";")));
            prop_assert_eq!(found.len(), 1);
        }
    }
}
