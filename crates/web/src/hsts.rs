//! `Strict-Transport-Security`, by the grammar of RFC 6797 §6.1.

use domain::Scheme;

use crate::{Corner, Observation};

/// A header that browsers obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hsts {
    /// For how many seconds the browser remembers it; 0 asks it to forget.
    pub max_age: u64,
    /// Whether subdomains are covered.
    pub include_subdomains: bool,
    /// Whether it asks to be put on the browsers' preload list (not in the RFC).
    pub preload: bool,
}

/// Why browsers ignore a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HstsError {
    /// A directive that is not `name` or `name=value`.
    Malformed(String),
    /// `max-age` is not there.
    MaxAgeMissing,
    /// `max-age` is not a number of seconds.
    MaxAgeNotANumber(String),
    /// A directive appears twice.
    Repeated(String),
    /// `includeSubDomains` with a value, which it does not take.
    UnexpectedValue(String),
}

impl HstsError {
    /// A clause for a person: `"max-age" is missing`.
    pub fn clause(&self) -> String {
        match self {
            HstsError::Malformed(part) => format!("the part \"{part}\" cannot be read"),
            HstsError::MaxAgeMissing => "\"max-age\" is missing".into(),
            HstsError::MaxAgeNotANumber(value) if value.is_empty() => "\"max-age\" has no value".into(),
            HstsError::MaxAgeNotANumber(value) => {
                format!("\"max-age\" is \"{value}\", which is not a number of seconds")
            }
            HstsError::Repeated(name) => format!("\"{name}\" appears more than once"),
            HstsError::UnexpectedValue(name) => format!("\"{name}\" takes no value"),
        }
    }
}

/// The entrances over https that send a header which browsers obey, and what it says.
pub fn sent(seen: &Observation) -> Vec<(&Corner, Hsts)> {
    let https = seen.corners.iter().filter(|corner| corner.scheme == Scheme::Https);
    https.filter_map(|corner| Some((corner, parse(corner.first.seen()?.hsts.first()?).ok()?))).collect()
}

/// Reads one header value.
///
/// # Errors
/// The first reason for which browsers ignore it (RFC 6797 §8.1).
pub fn parse(value: &str) -> Result<Hsts, HstsError> {
    let mut max_age = None;
    let mut names: Vec<String> = Vec::new();
    for part in split_directives(value) {
        let part = part.trim_matches(is_blank);
        if part.is_empty() {
            continue; // the grammar allows empty directives
        }
        let (name, value) = match part.split_once('=') {
            Some((name, value)) => (name.trim_end_matches(is_blank), Some(value.trim_start_matches(is_blank))),
            None => (part, None),
        };
        if !is_token(name) {
            return Err(HstsError::Malformed(short(part)));
        }
        let name = name.to_ascii_lowercase();
        let is_known = matches!(name.as_str(), "max-age" | "includesubdomains");
        let value = match value.map(|value| (unquote(value), value)) {
            Some((None, value)) if is_known || value.contains('"') => return Err(HstsError::Malformed(short(part))),
            Some((unquoted, value)) => Some(unquoted.unwrap_or(value)),
            None => None,
        };
        if names.contains(&name) {
            return Err(HstsError::Repeated(short(&name)));
        }
        match (name.as_str(), value) {
            ("max-age", value) => max_age = Some(seconds(value.unwrap_or_default())?),
            ("includesubdomains", Some(_)) => return Err(HstsError::UnexpectedValue("includeSubDomains".into())),
            _ => {} // unknown directives are ignored, §6.1
        }
        names.push(name);
    }
    let has = |name: &str| names.iter().any(|n| n == name);
    let max_age = max_age.ok_or(HstsError::MaxAgeMissing)?;
    Ok(Hsts { max_age, include_subdomains: has("includesubdomains"), preload: has("preload") })
}

/// Splits at semicolons that are not inside a quoted string.
fn split_directives(value: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    value.split(move |c| {
        let ends = c == ';' && !quoted;
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
        ends
    })
}

/// A token as it is, a quoted string without its quotes; `None` when it is neither (RFC 2616 §2.2).
fn unquote(value: &str) -> Option<&str> {
    match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"').filter(|inside| !inside.contains(['"', '\\'])),
        // A comma is how some proxies join two headers; it shows best as part of the value.
        None => (value.is_empty() || value.bytes().all(|b| is_token_byte(b) || b == b',' || is_blank(b.into())))
            .then_some(value),
    }
}

fn seconds(value: &str) -> Result<u64, HstsError> {
    if value.is_empty() || !value.bytes().all(|b| b.is_ascii_digit()) {
        return Err(HstsError::MaxAgeNotANumber(short(value)));
    }
    Ok(value.parse().unwrap_or(u64::MAX)) // digits only: what does not fit is longer than any life
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_rfcs_examples_and_their_kin_are_valid() {
        for (value, max_age, include_subdomains, preload) in [
            ("max-age=31536000", 31_536_000, false, false), // §6.2, all of its examples
            ("max-age=15768000 ; includeSubDomains", 15_768_000, true, false),
            ("max-age=\"31536000\"", 31_536_000, false, false),
            ("max-age=0", 0, false, false),
            ("max-age=0; includeSubDomains", 0, true, false),
            ("MAX-AGE=1; INCLUDESUBDOMAINS", 1, true, false), // names are case-insensitive
            ("includeSubDomains; max-age=1", 1, true, false), // order does not matter
            (";; max-age=1 ;;", 1, false, false),             // empty directives
            ("max-age = 1", 1, false, false),                 // implied white space
            ("\tmax-age=1\t", 1, false, false),
            ("max-age=1; preload", 1, false, true),
            ("max-age=1; unknown; other=\"a;b\"", 1, false, false), // unknown directives, a quoted semicolon
            ("max-age=1; report={x}", 1, false, false),             // browsers skip what they do not know, odd or not
            ("max-age=99999999999999999999999", u64::MAX, false, false),
            ("max-age=007", 7, false, false),
        ] {
            assert_eq!(parse(value), Ok(Hsts { max_age, include_subdomains, preload }), "{value}");
        }
    }

    #[test]
    fn what_browsers_ignore_is_an_error() {
        use HstsError::*;
        for (value, error) in [
            ("", MaxAgeMissing),
            (";", MaxAgeMissing),
            ("includeSubDomains", MaxAgeMissing),
            ("maxage=1", MaxAgeMissing),
            ("max-age", MaxAgeNotANumber(String::new())),
            ("max-age=", MaxAgeNotANumber(String::new())),
            ("max-age=\"\"", MaxAgeNotANumber(String::new())),
            ("max-age=-1", MaxAgeNotANumber("-1".into())),
            ("max-age=1y", MaxAgeNotANumber("1y".into())),
            ("max-age=1.5", MaxAgeNotANumber("1.5".into())),
            ("max-age=1, max-age=1", Malformed("max-age=1, max-age=1".into())),
            ("max-age=31536000,includeSubDomains", MaxAgeNotANumber("31536000,includeSubDomains".into())),
            ("max-age=1 includeSubDomains", MaxAgeNotANumber("1 includeSubDomains".into())),
            ("max-age=1; max-age=1", Repeated("max-age".into())),
            ("max-age=1; Preload; preload", Repeated("preload".into())),
            ("max-age=1; includeSubDomains=true", UnexpectedValue("includeSubDomains".into())),
            ("max-age=1; =x", Malformed("=x".into())),
            ("max-age=\"1", Malformed("max-age=\"1".into())),
            ("max-age=1; a b", Malformed("a b".into())),
            ("Strict-Transport-Security: max-age=1", Malformed("Strict-Transport-Security: max-age=1".into())),
        ] {
            assert_eq!(parse(value), Err(error), "{value}");
        }
    }

    /// The rules of hstspreload.org by their names (`chromium/hstspreload`, `header.go`), each with what browsers make of it:
    /// the list is stricter than the RFC, and we follow the RFC.
    #[test]
    fn the_preload_lists_rules_are_known() {
        use HstsError::*;
        for (rule, value, browsers) in [
            ("header.parse.empty", "", Err(MaxAgeMissing)),
            ("header.parse.empty_directive", "max-age=1;", Ok(1)),
            ("header.parse.unknown_directive", "max-age=1; whatever", Ok(1)),
            ("header.parse.repeated.max_age", "max-age=1; max-age=2", Err(Repeated("max-age".into()))),
            (
                "header.parse.repeated.include_sub_domains",
                "max-age=1; includeSubDomains; includesubdomains",
                Err(Repeated("includesubdomains".into())),
            ),
            ("header.parse.repeated.preload", "max-age=1; preload; preload", Err(Repeated("preload".into()))),
            (
                "header.parse.invalid.include_sub_domains",
                "max-age=1; includeSubDomains=1",
                Err(UnexpectedValue("includeSubDomains".into())),
            ),
            ("header.parse.invalid.preload", "max-age=1; preload=yes", Ok(1)),
            ("header.parse.max_age.leading_zero", "max-age=01", Ok(1)),
            ("header.parse.max_age.non_digit_characters", "max-age=1d", Err(MaxAgeNotANumber("1d".into()))),
            ("header.parse.max_age.parse_int_error", "max-age=18446744073709551616", Ok(u64::MAX)),
            ("header.parse.max_age.no_value", "max-age", Err(MaxAgeNotANumber(String::new()))),
        ] {
            assert_eq!(parse(value).map(|it| it.max_age), browsers, "{rule}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_an_answer(value in ".{0,80}") {
            let _ = parse(&value);
        }

        #[test]
        fn what_is_written_by_the_grammar_is_read(
            age in any::<u64>(), subdomains in any::<bool>(), preload in any::<bool>(), quoted in any::<bool>(),
            blank in "[ \t]{0,2}", first in any::<bool>(),
        ) {
            let age_text = if quoted { format!("\"{age}\"") } else { age.to_string() };
            let mut parts = vec![format!("max-age{blank}={blank}{age_text}")];
            if subdomains { parts.push("includeSubDomains".into()) }
            if preload { parts.push("preload".into()) }
            if first { parts.reverse() }
            let value = parts.join(&format!("{blank};{blank}"));
            prop_assert_eq!(parse(&value), Ok(Hsts { max_age: age, include_subdomains: subdomains, preload }));
        }

        #[test]
        fn saying_it_twice_is_never_obeyed(age in any::<u32>()) {
            let value = format!("max-age={age}; max-age={age}");
            prop_assert_eq!(parse(&value), Err(HstsError::Repeated("max-age".into())));
        }
    }
}
