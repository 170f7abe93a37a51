//! The tags of an HTML page, as the tokenizer of browsers finds them with scripting on (HTML, "Tokenization"): what
//! stands in `<noscript>`, `<textarea>` or a comment is not markup.
//!
//! html5gum reads as browsers do to the last state, but takes 50 kB of the worker's 1 MB, half of it for the names of
//! 2,231 characters. For tags alone this is enough; a test holds it against html5gum, which is a dev-dependency.

use std::borrow::Cow;

/// The most attributes kept of one tag: those that we ask for are few, and looking one up takes time for each.
const ATTRIBUTES: usize = 64;

/// A piece of markup.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Token<'h> {
    Start(Tag<'h>),
    /// An end tag's name, in lower case.
    End(String),
    /// What stands between `<script>`, `<style>` or another element without markup, and its end.
    Raw(&'h [u8]),
}

/// A start tag.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Tag<'h> {
    /// In lower case.
    pub(crate) name: String,
    /// Names in lower case, values as written.
    attributes: Vec<(String, &'h [u8])>,
}

impl Tag<'_> {
    /// An attribute's value; empty where none is written. The first of one name counts.
    pub(crate) fn attribute(&self, name: &str) -> Option<String> {
        let (_, value) = self.attributes.iter().find(|(it, _)| it == name)?;
        Some(decoded(&String::from_utf8_lossy(value)).into_owned())
    }
}

/// The tags of a page, in its order. Linear in the page, whatever it contains.
pub(crate) fn tokens(html: &[u8]) -> Tokens<'_> {
    Tokens { rest: html, raw: None }
}

/// See [`tokens`].
pub(crate) struct Tokens<'h> {
    rest: &'h [u8],
    /// The element without markup whose text comes next.
    raw: Option<String>,
}

impl<'h> Iterator for Tokens<'h> {
    type Item = Token<'h>;

    fn next(&mut self) -> Option<Token<'h>> {
        if let Some(name) = self.raw.take() {
            let text = self.take(raw_text(self.rest, &name));
            return Some(Token::Raw(text));
        }
        loop {
            let start = self.rest.iter().position(|byte| *byte == b'<')?;
            self.take(start + 1);
            match self.rest {
                [b'!', b'-', b'-', ..] => {
                    self.take(3);
                    self.take(comment(self.rest));
                }
                [b'/', b'>', ..] => {}
                [b'/', letter, ..] if letter.is_ascii_alphabetic() => {
                    self.take(1);
                    return Some(Token::End(self.tag()?.name));
                }
                [b'!' | b'?' | b'/', _, ..] => {
                    self.take(past(self.rest, b'>'));
                }
                [letter, ..] if letter.is_ascii_alphabetic() => {
                    let tag = self.tag()?;
                    self.raw = is_raw(&tag.name).then(|| tag.name.clone());
                    return Some(Token::Start(tag));
                }
                _ => {}
            }
        }
    }
}

impl<'h> Tokens<'h> {
    /// The next bytes, which are then behind us; all that are left where there are fewer.
    fn take(&mut self, count: usize) -> &'h [u8] {
        let (taken, rest) = self.rest.split_at_checked(count).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    /// The next bytes up to one that ends them.
    fn until(&mut self, ends: impl Fn(u8) -> bool) -> &'h [u8] {
        self.take(self.rest.iter().position(|byte| ends(*byte)).unwrap_or(self.rest.len()))
    }

    /// From a tag's name to its `>`; none where the page ends before.
    fn tag(&mut self) -> Option<Tag<'h>> {
        let name = lower(self.until(|byte| is_blank(byte) || matches!(byte, b'/' | b'>')));
        let mut attributes: Vec<(String, &[u8])> = Vec::new();
        loop {
            self.until(|byte| !is_blank(byte) && byte != b'/');
            let (first, _) = self.rest.split_first()?;
            if *first == b'>' {
                self.take(1);
                return Some(Tag { name, attributes });
            }
            // A name may begin with `=`, and only begin with it.
            let from = self.rest;
            self.take(1);
            let length = 1 + self.until(|byte| is_blank(byte) || matches!(byte, b'/' | b'>' | b'=')).len();
            let name = lower(from.get(..length).unwrap_or_default());
            self.until(|byte| !is_blank(byte));
            let value = if self.rest.first() == Some(&b'=') {
                self.take(1);
                self.value()?
            } else {
                &[]
            };
            if attributes.len() < ATTRIBUTES && !attributes.iter().any(|(known, _)| *known == name) {
                attributes.push((name, value));
            }
        }
    }

    fn value(&mut self) -> Option<&'h [u8]> {
        self.until(|byte| !is_blank(byte));
        match self.rest.first()? {
            quote @ (b'"' | b'\'') => {
                self.take(1);
                let value = self.until(|byte| byte == *quote);
                (!self.take(1).is_empty()).then_some(value)
            }
            b'>' => Some(&[]),
            _ => Some(self.until(|byte| is_blank(byte) || byte == b'>')),
        }
    }
}

/// Whether an element contains no markup.
fn is_raw(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "title"
            | "textarea"
            | "noscript"
            | "iframe"
            | "xmp"
            | "noembed"
            | "noframes"
            | "plaintext"
    )
}

/// How long the text of such an element is: up to its end tag, or up to the end of the page.
fn raw_text(rest: &[u8], name: &str) -> usize {
    let tag = |at: usize, start: &str| {
        let from = rest.get(at..).and_then(|from| from.strip_prefix(start.as_bytes())).unwrap_or_default();
        let (it, after) = from.split_at_checked(name.len()).unwrap_or_default();
        it.eq_ignore_ascii_case(name.as_bytes())
            && after.first().is_some_and(|byte| is_blank(*byte) || matches!(byte, b'/' | b'>'))
    };
    // In a script a comment may contain a script: `<!-- <script> </script> --> </script>`.
    let (mut in_comment, mut in_script) = (false, false);
    for (at, byte) in rest.iter().enumerate() {
        let here = rest.get(at..).unwrap_or_default();
        match byte {
            b'<' if name == "plaintext" => {}
            b'<' if name == "script" && here.starts_with(b"<!--") && !in_comment => in_comment = true,
            b'<' if tag(at, "</") && in_script => in_script = false,
            b'<' if tag(at, "</") => return at,
            b'<' if in_comment && tag(at, "<") => in_script = true,
            b'>' if rest.get(..at).is_some_and(|before| before.ends_with(b"--")) => {
                (in_comment, in_script) = (false, false);
            }
            _ => {}
        }
    }
    rest.len()
}

/// How long a comment is, behind its `<!--`.
fn comment(rest: &[u8]) -> usize {
    if rest.starts_with(b">") {
        return 1;
    }
    if rest.starts_with(b"->") {
        return 2;
    }
    for (at, byte) in rest.iter().enumerate() {
        let before = rest.get(..at).unwrap_or_default();
        if *byte == b'>' && (before.ends_with(b"--") || before.ends_with(b"--!")) {
            return at + 1;
        }
    }
    rest.len()
}

/// The place behind the next such byte, or the end.
fn past(rest: &[u8], end: u8) -> usize {
    rest.iter().position(|byte| *byte == end).map_or(rest.len(), |at| at + 1)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\x0c' | b'\r')
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).to_ascii_lowercase()
}

/// A value with its character references replaced: numbers, and the names that stand in URLs. Others stay as written.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('&') {
        return value.into();
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        match reference(after) {
            Some((char, after)) => {
                out.push(char);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out.into()
}

/// The character that a reference behind its `&` means, and what follows it.
fn reference(from: &str) -> Option<(char, &str)> {
    if let Some(number) = from.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
        let (digits, after) = digits.split_at_checked(end)?;
        let char = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32).filter(|c| !c.is_control())?;
        return Some((char, after.strip_prefix(';').unwrap_or(after)));
    }
    const NAMES: &[(&str, char)] = &[
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos;", '\''),
        ("colon;", ':'),
        ("sol;", '/'),
        ("period;", '.'),
        ("quest;", '?'),
        ("equals;", '='),
        ("num;", '#'),
        ("comma;", ','),
    ];
    let (name, char) = NAMES.iter().find(|(name, _)| from.starts_with(name))?;
    let after = from.get(name.len()..)?;
    if let Some(after) = after.strip_prefix(';').filter(|_| !name.ends_with(';')) {
        return Some((*char, after));
    }
    // Without its semicolon a name may be the beginning of a parameter's: `?a=1&gt2=3`.
    let ends = name.ends_with(';') || !after.starts_with(|c: char| c == '=' || c.is_ascii_alphanumeric());
    ends.then_some((*char, after))
}

#[cfg(test)]
mod tests {
    use html5gum::{DefaultEmitter, Tokenizer};
    use proptest::prelude::*;

    use super::*;

    /// `script[src=a]`, `/script`, in order.
    fn ours(html: &str) -> Vec<String> {
        let written = |token: Token<'_>| match token {
            Token::Start(tag) => {
                let mut out = tag.name.clone();
                let mut names: Vec<&String> = tag.attributes.iter().map(|(name, _)| name).collect();
                names.sort();
                for name in names {
                    out += &format!("[{name}={}]", tag.attribute(name).unwrap());
                }
                Some(out)
            }
            Token::End(name) => Some(format!("/{name}")),
            Token::Raw(_) => None,
        };
        tokens(html.as_bytes()).filter_map(written).collect()
    }

    fn theirs(html: &str) -> Vec<String> {
        let mut emitter: DefaultEmitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let written = |token| match token {
            Ok(html5gum::Token::StartTag(tag)) => {
                let mut out = text(&tag.name);
                for (name, value) in &tag.attributes {
                    out += &format!("[{}={}]", text(name), text(&value.value));
                }
                Some(out)
            }
            Ok(html5gum::Token::EndTag(tag)) => Some(format!("/{}", text(&tag.name))),
            _ => None,
        };
        Tokenizer::new_with_emitter(html.as_bytes(), emitter).filter_map(written).collect()
    }

    #[test]
    fn tags_are_found_as_html5gum_finds_them() {
        for html in [
            "<a href=x>",
            "<A HREF='x y'>",
            "<a b=1 B=2 c>",
            "<a/b/c=d/>",
            "<a =b=c>",
            "<a b = 'c'd=e>",
            "<a b=>c>",
            "<a b=c",
            "<a b='c",
            "< a>",
            "<>",
            "</>",
            "</ a><b>",
            "<!doctype html><p>",
            "<?xml a><b>",
            "<![CDATA[<i>]]><b>",
            "<!--><b>-->",
            "<!---><b>",
            "<!-- <i> --!><b>",
            "<!-- <i> -- ><b>--><u>",
            "<!-- <i>",
            "</p class=x><b>",
            "<script>a<b></script ><i>",
            "<script><!-- <script></script> --></script><i>",
            "<script><!--></script><i>",
            "<script><!-- </script><i>--></script>",
            "<script><!-- <script> --></script><i>",
            "<script></scriptx></SCRIPT/><i>",
            "<style><i></style><b>",
            "<textarea></title><i></textarea><b>",
            "<title><i>",
            "<plaintext></plaintext><i>",
            "<noscript><img src=x></noscript><b>",
            "<iframe><i></iframe>",
            "<a b='&amp;&lt&gt;&#x41;&#66'>",
            "<a b=?x&amp=1&ampx&amp;y&colon;&colon>",
            "<a b='&nosuch;&&#;&#x;'>",
            "<a\tb\n=\x0cc>",
        ] {
            assert_eq!(ours(html), theirs(html), "{html}");
        }
    }

    #[test]
    fn raw_text_is_handed_on() {
        let found: Vec<Token<'_>> = tokens(b"<style>a{b:c}</style>").collect();
        assert_eq!(found.get(1), Some(&Token::Raw(b"a{b:c}".as_slice())));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_tag_of_many_attributes_takes_no_more_time_than_others() {
        let many = format!("<a {}>", (0..100_000).map(|n| format!("a{n}=b ")).collect::<String>());
        assert!(
            matches!(tokens(many.as_bytes()).next(), Some(Token::Start(tag)) if tag.attributes.len() == ATTRIBUTES)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn any_markup_is_read_as_html5gum_reads_it(
            html in "(<|>|/|=|!|-|--|<!--|-->|</|script|style|title|noscript|a|b|x=1| |\n|'|\"|&amp;|&lt|&#65;|é|\\?){0,30}"
        ) {
            prop_assert_eq!(ours(&html), theirs(&html));
        }
    }
}
