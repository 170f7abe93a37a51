//! Which nginx the text is for: rules respect it, because nginx changed its mind over the years.

use serde::{Deserialize, Serialize};

use crate::{search::Search, words::port};

/// A release of nginx 1.x, comparable. 1.22.1 is `Version::new(22, 1)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version(u16);

/// Directives that tell a release, where nothing else does.
const NEW: [(&str, Version); 8] = [
    ("add_header_inherit", Version::MAINLINE),
    ("add_trailer_inherit", Version::MAINLINE),
    ("ssl_certificate_cache", Version::MAINLINE),
    ("ssl_certificate_compression", Version::MAINLINE),
    ("http2", Version::V1_26),
    ("http3", Version::V1_26),
    ("quic_retry", Version::V1_26),
    ("http3_hq", Version::V1_26),
];

impl Version {
    /// Ubuntu 20.04.
    pub const V1_18: Version = Version::new(18, 0);
    /// Debian 12.
    pub const V1_22: Version = Version::new(22, 1);
    /// Ubuntu 24.04.
    pub const V1_24: Version = Version::new(24, 0);
    /// The stable branch after it.
    pub const V1_26: Version = Version::new(26, 3);
    /// The newest that the tables know.
    pub const MAINLINE: Version = Version::new(31, 5);
    /// The choices of the page, oldest first.
    pub const ALL: [Version; 5] = [Version::V1_18, Version::V1_22, Version::V1_24, Version::V1_26, Version::MAINLINE];

    /// 1.`minor`.`patch`.
    pub const fn new(minor: u16, patch: u16) -> Version {
        Version(minor * 100 + patch)
    }

    /// From the tables: 1.22.1 is 2201, 0 is "always".
    pub(crate) const fn from_code(code: u16) -> Version {
        Version(code)
    }

    /// Reads `1.22`, `1.22.1`, `nginx/1.22.1` or `mainline`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Version> {
        let text = text.trim();
        let text = text.strip_prefix("nginx/").unwrap_or(text);
        if text.eq_ignore_ascii_case("mainline") {
            return Some(Version::MAINLINE);
        }
        let mut parts = text.split('.');
        if parts.next()? != "1" {
            return None;
        }
        let minor: u16 = port(parts.next()?).filter(|minor| *minor < 600)?;
        match parts.next() {
            Some(patch) => Some(Version::new(minor, port(patch).filter(|patch| *patch < 100)?)),
            None => Version::ALL.into_iter().find(|known| known.0 / 100 == minor).or(Some(Version::new(minor, 0))),
        }
    }

    /// Guesses from what the text uses: a directive or parameter that only newer releases know, or a version that the
    /// text names (a comment, a pasted `nginx -v`). 1.22, Debian 12's, when nothing tells.
    pub fn guess(text: &str) -> Version {
        if let Some(named) = text.place("nginx/1.").and_then(|at| {
            let rest = text.get(at + "nginx/".len()..)?;
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
            Version::parse(rest.get(..end)?.trim_end_matches('.'))
        }) {
            return named;
        }
        // As a directive, at the start of a statement or of a line: `listen 443 ssl http2` is of every release.
        let mut guess = Version::V1_22;
        for statement in text.as_bytes().split_inclusive(|byte| matches!(byte, b'\n' | b';' | b'{' | b'}')) {
            let statement = statement.trim_ascii_start();
            let end = statement.iter().position(u8::is_ascii_whitespace);
            let Some(name) = end.and_then(|end| statement.get(..end)) else { continue };
            // A list of names, and no `match`, which is code for each of them.
            if let Some((_, since)) = NEW.iter().find(|(new, _)| new.as_bytes() == name) {
                guess = guess.max(*since);
            }
        }
        guess
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}.{}", self.0 / 100, self.0 % 100)
    }
}

impl Default for Version {
    fn default() -> Version {
        Version::V1_22
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_and_ordered() {
        assert_eq!(Version::parse("1.22"), Some(Version::V1_22));
        assert_eq!(Version::parse("nginx/1.25.1"), Some(Version::new(25, 1)));
        assert_eq!(Version::parse("mainline"), Some(Version::MAINLINE));
        assert_eq!(Version::parse("2.0"), None);
        assert!(Version::V1_18 < Version::new(25, 1));
        assert_eq!(Version::V1_22.to_string(), "1.22.1");
    }

    #[test]
    fn the_text_tells_its_version() {
        assert_eq!(Version::guess("listen 443 ssl http2;"), Version::V1_22);
        assert_eq!(Version::guess("server { http2 on; }"), Version::V1_26);
        assert_eq!(Version::guess("listen 443 ssl http2\n    server_name a.test;"), Version::V1_22);
        assert_eq!(Version::guess("# made for nginx/1.18.0 (Ubuntu)\nhttp2 on;"), Version::V1_18);
        assert_eq!(Version::guess("add_header_inherit merge;"), Version::MAINLINE);
    }
}
