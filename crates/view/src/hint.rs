//! What the one box understood, said while it is typed.

use domain::{Repaired, repair};

/// What to say under the box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Nothing: it is empty, or a name as it should be.
    Nothing,
    /// What was understood, when it differs from what was typed.
    Understood(String),
    /// nginx text, which the reader on `/nginx` takes.
    Nginx,
    /// The text is for another tool; it stays where it is.
    Elsewhere(&'static str),
}

/// Reads the box.
pub fn hint(typed: &str) -> Hint {
    match repair(typed) {
        Repaired::Host { host, changed: true } if !host.is_empty() => Hint::Understood(host),
        Repaired::Empty | Repaired::Host { .. } => Hint::Nothing,
        Repaired::NginxConfig => Hint::Nginx,
        Repaired::Terminal => Hint::Elsewhere(
            "This looks like what a command printed. It stays in this tab and is sent nowhere. The reader for it is not built \
             yet: type the domain instead, and the site is looked at from outside.",
        ),
    }
}

/// The host to check, if the box holds one.
pub fn host(typed: &str) -> Option<String> {
    match repair(typed) {
        Repaired::Host { host, .. } if !host.is_empty() => Some(host),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_said() {
        assert_eq!(hint("example.com"), Hint::Nothing);
        assert_eq!(hint(""), Hint::Nothing);
        assert_eq!(hint("htpps://Example,com/x"), Hint::Understood("example.com".into()));
        assert_eq!(hint("server { listen 80; }"), Hint::Nginx);
        assert!(matches!(hint("$ curl -I http://example.com"), Hint::Elsewhere(text) if text.contains("command")));
        assert_eq!(host("https://example.com/a"), Some("example.com".into()));
        assert_eq!(host("server { listen 80; }"), None);
    }
}
