//! The URLs that a stylesheet loads.

use crate::Use;

/// Every URL that this CSS loads, in order, as written: what a browser would fetch and for what.
///
/// Namespaces and the conditions of `@document` name URLs without loading them.
pub(crate) fn loads(css: &str) -> Vec<(Use, String)> {
    let mut found = Vec::new();
    let mut rest = css;
    let mut rule = Rule::Other;
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("/*") {
            rest = after.split_once("*/").map_or("", |(_, after)| after);
            continue;
        }
        if let Some(after) = strip_word(rest, "url(") {
            let (url, after) = url_token(after);
            if let Some(r#use) = rule.loads() {
                found.push((r#use, url));
            }
            rest = after;
            continue;
        }
        match c {
            '"' | '\'' => {
                let (text, after) = string(rest);
                if rule == Rule::Import {
                    found.push((Use::Style, text));
                    rule = Rule::Named;
                }
                rest = after;
                continue;
            }
            '@' => {
                rule = Rule::of(rest);
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            // The block of a font is a rule of its own; other blocks load images.
            '{' if rule != Rule::Font => rule = Rule::Other,
            '}' => rule = Rule::Other,
            ';' if rule != Rule::Font => rule = Rule::Other,
            _ => {}
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
    found
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Import,
    Font,
    /// Names a URL without loading it, or has loaded it already.
    Named,
    Other,
}

impl Rule {
    fn of(rest: &str) -> Rule {
        let is = |word| strip_word(rest, word).is_some();
        if is("@import") {
            Rule::Import
        } else if is("@font-face") {
            Rule::Font
        } else if is("@namespace") || is("@document") || is("@-moz-document") {
            Rule::Named
        } else {
            Rule::Other
        }
    }

    fn loads(&mut self) -> Option<Use> {
        match *self {
            Rule::Import => {
                *self = Rule::Named;
                Some(Use::Style)
            }
            Rule::Font => Some(Use::Font),
            Rule::Named => None,
            Rule::Other => Some(Use::Image),
        }
    }
}

fn strip_word<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    text.get(..word.len()).filter(|start| start.eq_ignore_ascii_case(word))?;
    text.get(word.len()..)
}

/// The URL after `url(`, and what follows the closing bracket.
fn url_token(text: &str) -> (String, &str) {
    let inner = text.trim_start();
    if inner.starts_with(['"', '\'']) {
        let (url, after) = string(inner);
        return (url, after.split_once(')').map_or("", |(_, after)| after));
    }
    let (url, after) = inner.split_once(')').unwrap_or((inner, ""));
    (url.trim().to_owned(), after)
}

/// The text of a quoted string, and what follows it. It ends with the line when its quote never comes.
fn string(text: &str) -> (String, &str) {
    let mut said = String::new();
    let mut characters = text.char_indices();
    let quote = characters.next().map(|(_, c)| c);
    while let Some((at, c)) = characters.next() {
        if Some(c) == quote {
            return (said, text.get(at + c.len_utf8()..).unwrap_or_default());
        }
        match c {
            '\\' => said.extend(characters.next().map(|(_, escaped)| escaped).filter(|c| *c != '\n')),
            '\n' => return (said, text.get(at..).unwrap_or_default()),
            _ => said.push(c),
        }
    }
    (said, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_loaded_is_found_with_its_use() {
        for (css, expected) in [
            ("a{background:url(http://x/a.png)}", &[(Use::Image, "http://x/a.png")][..]),
            (
                "a{background:URL( 'http://x/a b.png' ) no-repeat, url(\"b\")}",
                &[(Use::Image, "http://x/a b.png"), (Use::Image, "b")],
            ),
            ("@import 'a.css' screen; @import url(b.css); p{}", &[(Use::Style, "a.css"), (Use::Style, "b.css")]),
            (
                "@font-face{font-family:'X';src:url(a.woff2) format('woff2');src:url(b.woff)}b{c:url(d)}",
                &[(Use::Font, "a.woff2"), (Use::Font, "b.woff"), (Use::Image, "d")],
            ),
            ("@media print{a{b:url(c)}}", &[(Use::Image, "c")]),
            ("background-image:url(http://x/a.png)", &[(Use::Image, "http://x/a.png")]),
        ] {
            let found = loads(css);
            let found: Vec<(Use, &str)> = found.iter().map(|(r#use, url)| (*r#use, url.as_str())).collect();
            assert_eq!(found, expected, "{css}");
        }
    }

    #[test]
    fn names_and_comments_load_nothing() {
        for css in [
            "/* a{background:url(http://x/a.png)} */",
            "@namespace svg url(http://www.w3.org/2000/svg);",
            "@namespace \"http://www.w3.org/1999/xhtml\";",
            "@-moz-document url(http://www.w3.org/) {}",
            "a::after{content:'url(http://x/)'}",
        ] {
            assert_eq!(loads(css), [], "{css}");
        }
        // What is inside a data URL belongs to it.
        let found = loads("a{b:url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'\")}");
        assert_eq!(found.len(), 1);
        assert!(found[0].1.starts_with("data:"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(css in "(url\\(|\\)|@import|@font-face|'|\"|;|\\{|\\}|/\\*|\\*/|\\\\|é|\n|\\PC){0,60}") {
            let _ = loads(&css);
        }
    }
}
