//! A host name as DNS and TLS want it: ASCII, lower case, without the final dot.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A host name of at least one label: ASCII letters, digits, hyphens and underscores, lower case, no final dot,
/// at most 253 bytes, labels of 1 to 63 bytes (RFC 1035 §2.3.4). International names are in their `xn--` form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
pub struct DomainName(String);

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// A label of 0 bytes.
    #[error("it has an empty part between two dots")]
    EmptyLabel,
    /// A label that starts or ends with a hyphen.
    #[error("the part \"{0}\" starts or ends with a hyphen")]
    Hyphen(String),
    /// A character that is not a letter, a digit, a hyphen, an underscore or a dot.
    #[error("it contains {0:?}, which a domain name cannot")]
    Character(char),
    /// More than 63 bytes in a label or 253 in the name.
    #[error("it is too long")]
    TooLong,
}

impl DomainName {
    /// The name as text, without the final dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The labels, leftmost first.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.0.split('.')
    }

    /// Whether this name is `other` or below it.
    pub fn is_within(&self, other: &DomainName) -> bool {
        self == other || self.0.strip_suffix(other.as_str()).is_some_and(|rest| rest.ends_with('.'))
    }

    /// `www.` in front of this name; `None` if it would be too long.
    pub fn with_www(&self) -> Option<DomainName> {
        format!("www.{}", self.0).parse().ok()
    }

    /// This name without a leading `www.`, if it has one.
    pub fn without_www(&self) -> Option<DomainName> {
        self.0.strip_prefix("www.").and_then(|rest| rest.parse().ok())
    }

    /// Whether a certificate's DNS name covers this host (RFC 9525 §6.3): equal, or a wildcard for exactly the
    /// leftmost label.
    pub fn is_covered_by(&self, pattern: &str) -> bool {
        let pattern = pattern.trim_end_matches('.').to_ascii_lowercase();
        match pattern.strip_prefix("*.") {
            Some(parent) => self.0.split_once('.').is_some_and(|(_, rest)| rest == parent && rest.contains('.')),
            None => self.0 == pattern,
        }
    }
}

impl FromStr for DomainName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<DomainName, NameError> {
        let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if text.len() > 253 {
            return Err(NameError::TooLong);
        }
        for label in text.split('.') {
            if label.is_empty() {
                return Err(NameError::EmptyLabel);
            }
            if label.len() > 63 {
                return Err(NameError::TooLong);
            }
            if label.starts_with('-') || label.ends_with('-') {
                return Err(NameError::Hyphen(label.chars().take(63).collect()));
            }
            if let Some(c) = label.chars().find(|c| !(c.is_ascii_alphanumeric() || *c == '-' || *c == '_')) {
                return Err(NameError::Character(c));
            }
        }
        Ok(DomainName(text))
    }
}

impl TryFrom<String> for DomainName {
    type Error = NameError;

    fn try_from(text: String) -> Result<DomainName, NameError> {
        text.parse()
    }
}

impl From<DomainName> for String {
    fn from(name: DomainName) -> String {
        name.0
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> DomainName {
        text.parse().unwrap()
    }

    #[test]
    fn names_are_lower_case_without_the_final_dot() {
        assert_eq!(name("WWW.Example.COM.").as_str(), "www.example.com");
    }

    #[test]
    fn hostile_names_are_errors() {
        for text in ["", ".", "a..b", "-a.com", "a-.com", "a b.com", "a/b", "é.com", &"a".repeat(64), &"a.".repeat(130)]
        {
            assert!(text.parse::<DomainName>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_wildcard_covers_exactly_one_label() {
        assert!(name("www.example.com").is_covered_by("*.example.com"));
        assert!(name("www.example.com").is_covered_by("WWW.EXAMPLE.COM"));
        assert!(!name("example.com").is_covered_by("*.example.com"));
        assert!(!name("a.b.example.com").is_covered_by("*.example.com"));
        assert!(!name("example.com").is_covered_by("*.com"));
        assert!(!name("www.example.com").is_covered_by("w*.example.com"));
    }

    #[test]
    fn within_stops_at_label_borders() {
        assert!(name("a.example.com").is_within(&name("example.com")));
        assert!(!name("badexample.com").is_within(&name("example.com")));
    }
}
