//! Regular expressions without an engine: what nginx hands to PCRE is put into words that the browser's `RegExp` and
//! native engines read alike, or said to be undecided.

use serde::{Deserialize, Serialize};

/// Runs regular expressions. On the page it is the browser's `RegExp`, natively [`Fancy`].
pub trait Patterns {
    /// Looks for the pattern anywhere in `text`. Each character of `text` stands for one byte, U+0000 to U+00FF, because
    /// nginx compares bytes.
    ///
    /// # Errors
    /// When the engine does not take the pattern, or gives up on it: in a few words for a person.
    fn find(&self, pattern: &Pattern, text: &str) -> Result<Option<Captures>, String>;
}

/// What matched: the whole first, then each group; `None` for a group that took no part.
pub type Captures = Vec<Option<String>>;

/// A regular expression in the dialect that JavaScript and Rust share.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pattern {
    /// For `new RegExp(source)`, without flag `u`.
    pub source: String,
    /// Flag `i`.
    pub any_case: bool,
    /// Names of groups and their numbers, from 1.
    pub names: Vec<(String, usize)>,
}

impl Pattern {
    /// Puts a PCRE pattern into the shared dialect.
    ///
    /// # Errors
    /// What in it has no counterpart: `an atomic group`.
    pub fn from_pcre(pattern: &str, any_case: bool) -> Result<Pattern, &'static str> {
        let mut translator = Translator {
            rest: pattern.as_bytes(),
            out: String::with_capacity(pattern.len() * 2),
            any_case,
            dot_all: false,
            groups: 0,
            open: 0,
            names: Vec::new(),
        };
        if pattern.len() > LONGEST {
            return Err("a very long pattern");
        }
        translator.run()?;
        if translator.any_case && !pattern.is_ascii() {
            return Err("letters beyond ASCII in any case");
        }
        Ok(Pattern { source: translator.out, any_case: translator.any_case, names: translator.names })
    }
}

/// The longest pattern that is tried, in bytes.
const LONGEST: usize = 4096;

struct Translator<'p> {
    rest: &'p [u8],
    out: String,
    any_case: bool,
    dot_all: bool,
    groups: usize,
    open: usize,
    names: Vec<(String, usize)>,
}

impl Translator<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, what: &[u8]) -> bool {
        self.rest.strip_prefix(what).is_some_and(|rest| {
            self.rest = rest;
            true
        })
    }

    fn run(&mut self) -> Result<(), &'static str> {
        if self.rest.starts_with(b"(*") {
            return Err("a verb");
        }
        self.leading_flags()?;
        // Can a quantifier follow?
        let mut something = false;
        while let Some(byte) = self.next() {
            let was = std::mem::replace(&mut something, true);
            match byte {
                b'\\' => something = self.escape()?,
                b'[' => self.class()?,
                b'(' => {
                    self.group()?;
                    something = false;
                }
                b')' => {
                    self.open = self.open.checked_sub(1).ok_or("a group that was not opened")?;
                    self.out.push(')');
                }
                b'|' => {
                    self.out.push('|');
                    something = false;
                }
                b'^' => {
                    self.out.push('^');
                    something = false;
                }
                // Before a last line feed too.
                b'$' => {
                    self.out.push_str("(?=\\n?$)");
                    something = false;
                }
                b'.' => self.out.push_str(if self.dot_all { "[\\x00-\\xff]" } else { "[^\\n]" }),
                b'*' | b'+' | b'?' if was => {
                    self.out.push(char::from(byte));
                    self.greed()?;
                    something = false;
                }
                b'{' if was && self.counted()? => something = false,
                b'*' | b'+' | b'?' => return Err("a quantifier with nothing before it"),
                _ => literal(&mut self.out, byte),
            }
        }
        if self.open > 0 { Err("a group that was not closed") } else { Ok(()) }
    }

    /// `(?i)` at the very start is a flag of the whole.
    fn leading_flags(&mut self) -> Result<(), &'static str> {
        while let Some(flags) = self.rest.strip_prefix(b"(?") {
            let Some(end) = flags.iter().position(|byte| *byte == b')') else { return Ok(()) };
            let Some((inner, rest)) = flags.split_at_checked(end) else { return Ok(()) };
            if inner.is_empty() || !inner.iter().all(u8::is_ascii_alphabetic) {
                return Ok(());
            }
            for flag in inner {
                match flag {
                    b'i' => self.any_case = true,
                    b's' => self.dot_all = true,
                    _ => return Err("an inline flag"),
                }
            }
            self.rest = rest.get(1..).unwrap_or_default();
        }
        Ok(())
    }

    /// Lazy is shared, possessive is not.
    fn greed(&mut self) -> Result<(), &'static str> {
        if self.take(b"?") {
            self.out.push('?');
        } else if self.rest.first() == Some(&b'+') {
            return Err("a possessive quantifier");
        }
        Ok(())
    }

    /// `{2}`, `{2,}`, `{2,3}`; anything else after a brace is the brace itself.
    fn counted(&mut self) -> Result<bool, &'static str> {
        let Some(end) = self.rest.iter().position(|byte| *byte == b'}') else { return Ok(false) };
        let Some(inner) = self.rest.get(..end).and_then(|inner| std::str::from_utf8(inner).ok()) else {
            return Ok(false);
        };
        let number = |text: &str| !text.is_empty() && text.len() <= 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        let good = match inner.split_once(',') {
            Some((least, most)) => number(least) && (most.is_empty() || number(most)),
            None => number(inner),
        };
        if !good {
            return Ok(false);
        }
        self.out.push('{');
        self.out.push_str(inner);
        self.out.push('}');
        self.rest = self.rest.get(end + 1..).unwrap_or_default();
        self.greed()?;
        Ok(true)
    }

    fn group(&mut self) -> Result<(), &'static str> {
        self.open += 1;
        if self.open > 50 {
            return Err("groups in groups in groups");
        }
        if self.rest.starts_with(b"*") {
            return Err("a verb");
        }
        if !self.take(b"?") {
            self.groups += 1;
            self.out.push('(');
            return Ok(());
        }
        if self.take(b"#") {
            while self.next().ok_or("a comment that was not closed")? != b')' {}
            self.open -= 1;
            return Ok(());
        }
        for plain in ["<=", "<!", ":", "=", "!"] {
            if self.take(plain.as_bytes()) {
                self.out.push_str("(?");
                self.out.push_str(plain);
                return Ok(());
            }
        }
        let end = if self.take(b"P<") || self.take(b"<") {
            b'>'
        } else if self.take(b"'") {
            b'\''
        } else if self.rest.starts_with(b">") {
            return Err("an atomic group");
        } else if self.rest.starts_with(b"|") {
            return Err("a branch reset");
        } else {
            return Err("an inline flag, a condition or a recursion");
        };
        let mut name = String::new();
        loop {
            match self.next().ok_or("a name that was not closed")? {
                byte if byte == end => break,
                byte if byte.is_ascii_alphanumeric() || byte == b'_' => name.push(char::from(byte)),
                _ => return Err("a group's name"),
            }
        }
        self.groups += 1;
        self.names.push((name, self.groups));
        self.out.push('(');
        Ok(())
    }

    /// Outside of a class. Says whether a quantifier can follow.
    fn escape(&mut self) -> Result<bool, &'static str> {
        let byte = self.next().ok_or("a backslash at the end")?;
        if let Some(set) = set(byte) {
            self.out.push('[');
            self.out.push_str(set);
            self.out.push(']');
            return Ok(true);
        }
        match byte {
            b'b' | b'B' => {
                let word = "[0-9A-Za-z\\x5f]";
                let (one, two) = if byte == b'b' { ("!", "=") } else { ("=", "!") };
                let at = format!("(?:(?<={word})(?{one}{word})|(?<!{word})(?{two}{word}))");
                self.out.push_str(&at);
                Ok(false)
            }
            b'A' => {
                self.out.push('^');
                Ok(false)
            }
            b'Z' => {
                self.out.push_str("(?=\\n?$)");
                Ok(false)
            }
            b'z' => {
                self.out.push('$');
                Ok(false)
            }
            b'Q' => {
                while !self.rest.is_empty() && !self.take(b"\\E") {
                    if let Some(byte) = self.next() {
                        literal(&mut self.out, byte);
                    }
                }
                Ok(true)
            }
            b'E' => Ok(false),
            b'1'..=b'9' | b'g' | b'k' => Err("a reference back to a group"),
            _ => {
                let value = self.code(byte)?;
                literal(&mut self.out, value);
                Ok(true)
            }
        }
    }

    /// The byte that an escape stands for, inside and outside of classes.
    fn code(&mut self, byte: u8) -> Result<u8, &'static str> {
        Ok(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'f' => 0x0c,
            b'a' => 0x07,
            b'e' => 0x1b,
            b'x' => {
                let (digits, end) = if self.take(b"{") {
                    let end = self.rest.iter().position(|byte| *byte == b'}').ok_or("an escape")?;
                    (end, 1)
                } else {
                    (self.rest.iter().take(2).take_while(|byte| byte.is_ascii_hexdigit()).count(), 0)
                };
                let text = self.rest.get(..digits).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
                let value = if text.is_empty() { Ok(0) } else { u8::from_str_radix(text, 16) };
                self.rest = self.rest.get(digits + end..).unwrap_or_default();
                value.map_err(|_| "a character beyond one byte")?
            }
            b'0' => {
                let digits = self.rest.iter().take(2).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                let text = self.rest.get(..digits).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default();
                let value = if text.is_empty() { 0 } else { u8::from_str_radix(text, 8).map_err(|_| "an escape")? };
                self.rest = self.rest.get(digits..).unwrap_or_default();
                value
            }
            byte if byte.is_ascii_alphanumeric() => return Err("an escape that only PCRE knows"),
            byte => byte,
        })
    }

    fn class(&mut self) -> Result<(), &'static str> {
        self.out.push('[');
        if self.take(b"^") {
            self.out.push('^');
        }
        let mut first = true;
        loop {
            let byte = self.next().ok_or("a class that was not closed")?;
            match byte {
                b']' if !first => break,
                b'[' if self.rest.starts_with(b":") && self.posix()? => {}
                b'[' if matches!(self.rest.first(), Some(b'.' | b'=')) => return Err("a collating element"),
                b'\\' => {
                    let byte = self.next().ok_or("a backslash at the end")?;
                    match (set(byte), byte) {
                        (Some(_), b'D' | b'W' | b'S' | b'H' | b'V' | b'N') => self.out.push_str(within(byte)?),
                        (Some(set), _) => self.out.push_str(set),
                        (None, b'b') => self.member(0x08)?,
                        (None, b'Q' | b'E') => return Err("a quotation in a class"),
                        (None, byte) => {
                            let value = self.code(byte)?;
                            self.member(value)?;
                        }
                    }
                }
                byte => self.member(byte)?,
            }
            first = false;
        }
        self.out.push(']');
        Ok(())
    }

    /// One member, or a range that it begins.
    fn member(&mut self, from: u8) -> Result<(), &'static str> {
        literal(&mut self.out, from);
        let [b'-', to, ..] = self.rest else { return Ok(()) };
        let to = *to;
        if to == b']' || (to == b'[' && self.rest.get(2) == Some(&b':')) {
            return Ok(());
        }
        self.rest = self.rest.get(2..).unwrap_or_default();
        let to = if to == b'\\' {
            let byte = self.next().ok_or("a backslash at the end")?;
            if set(byte).is_some() {
                return Err("a range that ends with a set");
            }
            if byte == b'b' { 0x08 } else { self.code(byte)? }
        } else {
            to
        };
        if to < from {
            return Err("a range that runs backwards");
        }
        self.out.push('-');
        literal(&mut self.out, to);
        Ok(())
    }

    /// `[:alpha:]`
    fn posix(&mut self) -> Result<bool, &'static str> {
        let Some(end) = self.rest.windows(2).position(|two| two == b":]") else { return Ok(false) };
        let members = match self.rest.get(1..end).unwrap_or_default() {
            b"alpha" => "A-Za-z",
            b"digit" => "0-9",
            b"alnum" => "0-9A-Za-z",
            b"upper" if self.any_case => "A-Za-z",
            b"lower" if self.any_case => "A-Za-z",
            b"upper" => "A-Z",
            b"lower" => "a-z",
            b"xdigit" => "0-9A-Fa-f",
            b"space" => "\\t-\\r\\x20",
            b"blank" => "\\t\\x20",
            b"punct" => "\\x21-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7e",
            b"word" => "0-9A-Za-z\\x5f",
            b"cntrl" => "\\x00-\\x1f\\x7f",
            b"print" => "\\x20-\\x7e",
            b"graph" => "\\x21-\\x7e",
            b"ascii" => "\\x00-\\x7f",
            name if name.strip_prefix(b"^").unwrap_or(name).iter().all(u8::is_ascii_alphabetic) => {
                return Err("a negated or unknown class");
            }
            _ => return Ok(false),
        };
        self.out.push_str(members);
        self.rest = self.rest.get(end + 2..).unwrap_or_default();
        Ok(true)
    }
}

/// What `\d` and its like stand for, as the inside of a class: ASCII, as in PCRE's own locale.
fn set(byte: u8) -> Option<&'static str> {
    Some(match byte {
        b'd' => "0-9",
        b'D' => "^0-9",
        b'w' => "0-9A-Za-z\\x5f",
        b'W' => "^0-9A-Za-z\\x5f",
        b's' => "\\t-\\r\\x20",
        b'S' => "^\\t-\\r\\x20",
        b'h' => "\\t\\x20\\xa0",
        b'H' => "^\\t\\x20\\xa0",
        b'v' => "\\n-\\r\\x85",
        b'V' => "^\\n-\\r\\x85",
        b'N' => "^\\n",
        _ => return None,
    })
}

/// A negated set as members of a class.
fn within(byte: u8) -> Result<&'static str, &'static str> {
    Ok(match byte {
        b'D' => "\\x00-\\x2f\\x3a-\\xff",
        b'W' => "\\x00-\\x2f\\x3a-\\x40\\x5b-\\x5e\\x60\\x7b-\\xff",
        b'S' => "\\x00-\\x08\\x0e-\\x1f\\x21-\\xff",
        _ => return Err("a set in a class"),
    })
}

/// A byte that stands for itself, in and out of classes, in both dialects.
fn literal(out: &mut String, byte: u8) {
    if byte.is_ascii_alphanumeric() {
        out.push(char::from(byte));
    } else {
        out.push_str("\\x");
        for half in [byte >> 4, byte & 15] {
            out.extend(char::from_digit(u32::from(half), 16));
        }
    }
}

/// The native engine.
#[cfg(feature = "fancy-regex")]
#[derive(Debug, Default)]
pub struct Fancy {
    compiled: std::cell::RefCell<std::collections::HashMap<Pattern, Option<fancy_regex::Regex>>>,
}

#[cfg(feature = "fancy-regex")]
impl Patterns for Fancy {
    fn find(&self, pattern: &Pattern, text: &str) -> Result<Option<Captures>, String> {
        let mut compiled = self.compiled.borrow_mut();
        let regex = compiled.entry(pattern.clone()).or_insert_with(|| {
            fancy_regex::RegexBuilder::new(&pattern.source)
                .case_insensitive(pattern.any_case)
                .backtrack_limit(200_000)
                .build()
                .ok()
        });
        let regex = regex.as_ref().ok_or("this pattern cannot be read here")?;
        let found = regex.captures(text).map_err(|_| "this pattern takes too long here")?;
        Ok(found.map(|groups| groups.iter().map(|group| group.map(|found| found.as_str().to_owned())).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_counterpart_is_undecided() {
        for pattern in [
            "(?>a)", "a++", "(?i:a)b", "(a)\\1", "(?|a|b)", "\\Ka", "\\p{L}", "(?R)", "(*UTF8)a", "(?x) a", "a(", "a)",
            "*a", "[a",
        ] {
            assert!(Pattern::from_pcre(pattern, false).is_err(), "{pattern}");
        }
        assert!(Pattern::from_pcre("é", true).is_err() && Pattern::from_pcre("é", false).is_ok());
    }

    #[test]
    fn names_are_counted_with_the_groups() {
        let pattern = Pattern::from_pcre("^(?:x)(a)(?<lang>[a-z]{2})(?P<rest>.*)(?'q'y)$", false).unwrap();
        let names: Vec<_> = pattern.names.iter().map(|(name, at)| (name.as_str(), *at)).collect();
        assert_eq!(names, [("lang", 2), ("rest", 3), ("q", 4)]);
    }
}
