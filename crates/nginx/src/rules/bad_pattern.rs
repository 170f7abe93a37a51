//! A regular expression that nginx cannot compile.

use super::{Found, short};
use crate::{
    Config, Directive, Location,
    config::is_placeholder,
    directives::Context,
    finding::{Draft, found}, search::Search};

rule! {
    /// A regular expression has an unmatched bracket, or a repetition of nothing.
    ///
    /// ## Why it matters
    /// nginx refuses the whole configuration.
    ///
    /// ## How to fix
    /// Close the bracket, or put a backslash before a sign that is meant as such. A pattern with `{` or `;` needs quotes.
    ///
    /// ```nginx fires
    /// server {
    ///     location ~ \.(css|js$ { expires 7d; }
    /// }
    /// ```
    /// ```nginx fires
    /// server {
    ///     location ~ *.php$ { return 404; }
    /// }
    /// ```
    /// ```nginx quiet
    /// server {
    ///     location ~ "^/(?<year>\d{4})/[^/)(]+$" { return 404; }
    ///     location ~* "\.(?:css|js)$" { expires 7d; }
    ///     location ~ []a]*+$ { return 404; }
    ///     rewrite ^/a(.*)$ /b$1 last;
    ///     if ($uri ~ "\(") { return 404; }
    /// }
    /// ```
    RULE: "bad-pattern", severity: Failed, title: "nginx cannot read this pattern",
        docs: "location", seed: "A5 B8 C5", run: run
}

fn run(config: &Config<'_>, found_here: &mut Found) {
    let http = Context::HTTP.or(Context::SERVER).or(Context::LOCATION).or(Context::SERVER_IF).or(Context::LOCATION_IF);
    for directive in config.all("location") {
        if let Some(own) = Location::of(directive).filter(Location::is_regex) {
            let at = directive.arg_count().saturating_sub(1);
            judge(directive, at, &own.path, found_here);
        }
    }
    for directive in config.all("server_name").filter(|directive| directive.context().is(Context::SERVER)) {
        for (at, name) in directive.args().enumerate() {
            match name.strip_prefix('~') {
                Some("") => found_here.add(
                    directive.arg_found(at, "This server name is an empty regular expression.")
                        .refused("empty regex in server name \"~\""),
                ),
                Some(pattern) => judge(directive, at, pattern, found_here),
                None => {}
            }
        }
    }
    for directive in config.all("rewrite").filter(|directive| directive.context().is(http) && directive.arg_count() >= 2) {
        judge(directive, 0, directive.arg(0), found_here);
    }
    for directive in config.all("if").filter(|directive| directive.context().is(http)) {
        let words: Vec<_> = directive.args().collect();
        let Some(sign) = words.iter().position(|word| matches!(&**word, "~" | "~*" | "!~" | "!~*")) else { continue };
        let (Some(pattern), true) = (words.get(sign + 1), sign > 0) else { continue };
        // The condition's own parenthesis, unless it stands alone.
        let last = if sign + 2 == words.len() { pattern.strip_suffix(')').unwrap_or(pattern) } else { pattern };
        judge(directive, sign + 1, last, found_here);
    }
    for name in ["proxy_redirect", "proxy_cookie_path", "proxy_cookie_domain"] {
        for directive in config.all(name).filter(|directive| directive.arg_count() == 2) {
            if let Some(pattern) = directive.arg(0).strip_prefix('~').map(|rest| rest.strip_prefix('*').unwrap_or(rest)) {
                judge(directive, 0, pattern, found_here);
            }
        }
    }
    for block in config.all("map") {
        for entry in block.children() {
            if let Some(pattern) = entry.name().strip_prefix('~').map(|rest| rest.strip_prefix('*').unwrap_or(rest)) {
                judge_at(entry, entry.name_span(), pattern, found_here);
            }
        }
    }
}

fn judge(directive: Directive<'_>, at: usize, pattern: &str, found_here: &mut Found) {
    judge_at(directive, directive.arg_span(at), pattern, found_here);
}

fn judge_at(directive: Directive<'_>, span: crate::Span, pattern: &str, found_here: &mut Found) {
    found_here.drafts.extend(judged(directive, span, pattern).map(|draft| *draft));
}

fn judged(directive: Directive<'_>, span: crate::Span, pattern: &str) -> Option<Box<Draft>> {
    if is_placeholder(pattern) || directive.words().iter().any(|word| !word.closed) {
        return None;
    }
    let (fault, at) = fault(pattern)?;
    let place = pattern.get(at..).unwrap_or_default();
    let refused = if place.is_empty() {
        format!("pcre2_compile() failed: {fault} in \"{pattern}\"")
    } else {
        format!("pcre2_compile() failed: {fault} in \"{pattern}\" at \"{place}\"")
    };
    Some(
        found(span, format_args!("nginx cannot compile \"{}\": {fault}.", short(pattern)))
            .refused(refused),
    )
}

/// What PCRE says of a pattern, and where it stands then. Only what is sure: brackets, repetitions, the end.
fn fault(pattern: &str) -> Option<(&'static str, usize)> {
    let bytes = pattern.as_bytes();
    let mut depth = 0_usize;
    // Is there something that a repetition can repeat?
    let mut repeatable = false;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                match bytes.get(at + 1) {
                    None => return Some(("\\ at end of pattern", at + 1)),
                    Some(b'Q') => {
                        // Literally up to \E.
                        let rest = pattern.get(at + 2..).unwrap_or_default();
                        at += rest.place("\\E").map_or(rest.len(), |end| end + 2);
                        repeatable = true;
                    }
                    Some(b'p' | b'P') if !matches!(bytes.get(at + 2), Some(b'{' | b'C' | b'L' | b'M' | b'N' | b'P' | b'S' | b'Z')) => {
                        return Some(("unknown property after \\P or \\p", (at + 3).min(bytes.len())));
                    }
                    Some(b'o') if bytes.get(at + 2) != Some(&b'{') => {
                        return Some(("missing opening brace after \\o", (at + 2).min(bytes.len())));
                    }
                    Some(b'i' | b'I' | b'j' | b'J' | b'm' | b'M' | b'O' | b'q' | b'T' | b'y' | b'Y') => {
                        return Some(("unrecognized character follows \\", at + 1));
                    }
                    Some(_) => repeatable = true,
                }
                at += 2;
                continue;
            }
            b'[' => {
                let open = at;
                at = class_end(bytes, at)?;
                if let Some(range) = bytes.get(open + 1..at.saturating_sub(1)).and_then(backward_range) {
                    return Some(("range out of order in character class", open + 1 + range));
                }
                if at > bytes.len() {
                    return Some(("missing terminating ] for character class", bytes.len()));
                }
                repeatable = true;
                continue;
            }
            b'(' => {
                depth += 1;
                repeatable = false;
                let rest = bytes.get(at + 1..).unwrap_or_default();
                match rest {
                    // A comment has no inside.
                    [b'?', b'#', ..] => {
                        let end = rest.iter().position(|byte| *byte == b')');
                        let Some(end) = end else { return Some(("missing ) after (?# comment", bytes.len())) };
                        depth -= 1;
                        at += end + 2;
                        continue;
                    }
                    [b'?', b'<' | b'P' | b'\'', ..] if name_fault(rest).is_some() => {
                        let end = name_fault(rest).unwrap_or(0);
                        return Some(("syntax error in subpattern name (missing terminator?)", at + 1 + end));
                    }
                    [b'?', ..] => {
                        // The signs after `(?` are not repetitions.
                        let signs = rest.iter().take_while(|byte| matches!(byte, b'?' | b'P' | b'<' | b'>' | b'=' | b'!' | b':' | b'\'' | b'|')).count();
                        let named = rest.get(..signs).is_some_and(|signs| signs.ends_with(b"<") || signs.ends_with(b"'"));
                        let name = rest.get(signs..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
                        at += signs + 1 + if named { name + 1 } else { 0 };
                        continue;
                    }
                    [b'*', ..] => {
                        let skip = rest.iter().take_while(|byte| **byte != b')').count();
                        at += skip + 1;
                        continue;
                    }
                    _ => {}
                }
            }
            b')' => {
                if depth == 0 {
                    return Some(("unmatched closing parenthesis", at));
                }
                depth -= 1;
                repeatable = true;
            }
            b'*' | b'+' | b'?' => {
                if !repeatable {
                    return Some(("quantifier does not follow a repeatable item", at));
                }
                at += 1;
                // Lazy or possessive.
                if matches!(bytes.get(at), Some(b'?' | b'+')) {
                    at += 1;
                }
                repeatable = false;
                continue;
            }
            b'{' => match quantifier_end(bytes, at) {
                Some(end) => {
                    if !repeatable {
                        return Some(("quantifier does not follow a repeatable item", at));
                    }
                    at = end;
                    if matches!(bytes.get(at), Some(b'?' | b'+')) {
                        at += 1;
                    }
                    repeatable = false;
                    continue;
                }
                None => repeatable = true,
            },
            b'|' | b'^' | b'$' => repeatable = false,
            _ => repeatable = true,
        }
        at += 1;
    }
    (depth > 0).then_some(("missing closing parenthesis", bytes.len()))
}

/// Where the name of a group goes wrong: `?<na me>`. `None` for a good name, and for what is not a named group.
fn name_fault(rest: &[u8]) -> Option<usize> {
    let (from, close) = match rest {
        [b'?', b'P', b'<', ..] => (3, b'>'),
        [b'?', b'<', b'=' | b'!' | b'*', ..] => return None,
        [b'?', b'<', ..] => (2, b'>'),
        [b'?', b'\'', ..] => (2, b'\''),
        _ => return None,
    };
    let name = rest.get(from..).unwrap_or_default();
    let length = name.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (length > 0 && name.get(length) != Some(&close)).then_some(from + length)
}

/// Where a range of plain letters runs backward: `z-a`.
fn backward_range(class: &[u8]) -> Option<usize> {
    let mut at = usize::from(class.first() == Some(&b'^'));
    while let Some(&low) = class.get(at) {
        match (low, class.get(at + 1), class.get(at + 2)) {
            (b'\\', ..) => at += 2,
            (b'[', Some(b':' | b'.' | b'='), _) => return None,
            (_, Some(b'-'), Some(&high)) if high != b'\\' && high != b'[' => {
                if high < low {
                    return Some(at + 2);
                }
                at += 3;
            }
            _ => at += 1,
        }
    }
    None
}

/// One past the `]` of a class; more than the length when there is none.
fn class_end(bytes: &[u8], open: usize) -> Option<usize> {
    let mut at = open + 1;
    if bytes.get(at) == Some(&b'^') {
        at += 1;
    }
    // A `]` at the start stands for itself.
    if bytes.get(at) == Some(&b']') {
        at += 1;
    }
    loop {
        match bytes.get(at) {
            None => return Some(bytes.len() + 1),
            Some(b']') => return Some(at + 1),
            Some(b'\\') => at += 2,
            Some(b'[') if matches!(bytes.get(at + 1), Some(b':' | b'.' | b'=')) => {
                let sign = bytes.get(at + 1).copied()?;
                let rest = bytes.get(at + 2..).unwrap_or_default();
                match rest.windows(2).position(|pair| pair == [sign, b']']) {
                    Some(end) => at += end + 4,
                    None => at += 1,
                }
            }
            Some(_) => at += 1,
        }
    }
}

/// One past the `}` of `{2}`, `{2,}`, `{2,5}`.
fn quantifier_end(bytes: &[u8], open: usize) -> Option<usize> {
    let rest = bytes.get(open + 1..)?;
    let close = rest.iter().take(12).position(|byte| *byte == b'}')?;
    // Digits, with a comma behind the first of them or none.
    let mut commas = 0;
    let good = rest.iter().take(close).enumerate().all(|(at, byte)| {
        let comma = *byte == b',';
        commas += usize::from(comma);
        byte.is_ascii_digit() || (comma && at > 0 && commas == 1)
    });
    (good && close > 0).then_some(open + close + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_surely_wrong() {
        for good in [
            "^/a(b|c)*$", "[]a]", "[^]a]", "[[:alpha:]]+", "a{2}b{1,}c{,3}", "(?i)a", "(?<n>a)+", "(?:a)?", "(?=a)b", "(?!x)", "a++", "a*?", "\\(", "\\Q(*\\E", "x{", "(?#c()a", "(|a)", "a]", "(?>a)", "(?P<n>a)",
            "[\\]]", "{2}".trim_start_matches('{'),
        ] {
            assert_eq!(fault(good), None, "{good}");
        }
        assert_eq!(fault("(").map(|(words, _)| words), Some("missing closing parenthesis"));
        assert_eq!(fault("a)"), Some(("unmatched closing parenthesis", 1)));
        assert_eq!(fault("[a").map(|(words, _)| words), Some("missing terminating ] for character class"));
        assert_eq!(fault("*a"), Some(("quantifier does not follow a repeatable item", 0)));
        assert_eq!(fault("(?:*a)").map(|(words, _)| words), Some("quantifier does not follow a repeatable item"));
        assert_eq!(fault("a\\").map(|(words, _)| words), Some("\\ at end of pattern"));
    }
}
