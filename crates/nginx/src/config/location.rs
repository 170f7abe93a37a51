//! How a `location` is matched.

use super::Directive;

/// The sign before the path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Modifier {
    /// Nothing: the longest prefix wins, after regular expressions.
    Prefix,
    /// `^~`: like a prefix, and no regular expression is tried.
    PrefixFirst,
    /// `=`
    Exact,
    /// `~`
    Regex,
    /// `~*`
    RegexAnyCase,
    /// `@name`
    Named,
}

/// A location's condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The sign.
    pub modifier: Modifier,
    /// Path, pattern or name.
    pub path: String,
}

impl Location {
    /// `None` when it has no readable condition, or is not a `location`.
    pub fn of(directive: Directive<'_>) -> Option<Location> {
        if directive.arg_count() == 0 || !directive.is("location") {
            return None;
        }
        let first = directive.arg(0);
        let second = (directive.arg_count() >= 2).then(|| directive.arg(1).to_owned());
        let (modifier, path) = match (first, second) {
            ("=", Some(path)) => (Modifier::Exact, path),
            ("^~", Some(path)) => (Modifier::PrefixFirst, path),
            ("~", Some(path)) => (Modifier::Regex, path),
            ("~*", Some(path)) => (Modifier::RegexAnyCase, path),
            (_, Some(_)) => return None,
            (one, None) => match one {
                _ if one.starts_with('=') => (Modifier::Exact, one.get(1..).unwrap_or_default().to_owned()),
                _ if one.starts_with("^~") => (Modifier::PrefixFirst, one.get(2..).unwrap_or_default().to_owned()),
                _ if one.starts_with("~*") => (Modifier::RegexAnyCase, one.get(2..).unwrap_or_default().to_owned()),
                _ if one.starts_with('~') => (Modifier::Regex, one.get(1..).unwrap_or_default().to_owned()),
                _ if one.starts_with('@') => (Modifier::Named, one.to_owned()),
                _ => (Modifier::Prefix, one.to_owned()),
            },
        };
        Some(Location { modifier, path })
    }

    /// `~` or `~*`.
    pub fn is_regex(&self) -> bool {
        matches!(self.modifier, Modifier::Regex | Modifier::RegexAnyCase)
    }

    /// Nothing or `^~`.
    pub fn is_prefix(&self) -> bool {
        matches!(self.modifier, Modifier::Prefix | Modifier::PrefixFirst)
    }
}
