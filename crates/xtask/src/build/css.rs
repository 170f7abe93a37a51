//! Style sheets: comments and idle blanks taken out.

/// The same rules in fewer bytes. Strings and everything between the blanks stay as they are.
pub fn minified(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut blank = false;
    while let Some(char) = rest.next() {
        match char {
            '/' if rest.peek() == Some(&'*') => {
                rest.next();
                let mut before = ' ';
                for char in rest.by_ref() {
                    if before == '*' && char == '/' {
                        break;
                    }
                    before = char;
                }
                blank = true;
            }
            char if char.is_whitespace() => blank = true,
            _ => {
                if blank && !idle(out.chars().last(), char) {
                    out.push(' ');
                }
                blank = false;
                if char == '}' && out.ends_with(';') {
                    out.pop();
                }
                out.push(char);
                if char == '\\' {
                    out.extend(rest.next());
                } else if char == '"' || char == '\'' {
                    string(char, &mut rest, &mut out);
                }
            }
        }
    }
    out
}

/// A blank between these two says nothing.
fn idle(before: Option<char>, after: char) -> bool {
    before.is_none_or(|before| "{};,:".contains(before)) || "{};,".contains(after)
}

/// Copies a string to its end, escapes included.
fn string(quote: char, rest: &mut impl Iterator<Item = char>, out: &mut String) {
    while let Some(char) = rest.next() {
        out.push(char);
        if char == '\\' {
            out.extend(rest.next());
        } else if char == quote {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_keep_their_meaning() {
        for (text, expected) in [
            ("a { color : red ; }\n", "a{color :red}"),
            ("/* x */ a, b > c{ margin: 0 auto; }", "a,b > c{margin:0 auto}"),
            ("nav :hover { width: calc(1px + 2%) }", "nav :hover{width:calc(1px + 2%)}"),
            ("a::before { content: \"a  /* b */ ; }\" ; }", "a::before{content:\"a  /* b */ ; }\"}"),
            ("@media (width >= 40rem) and (hover) { a { b: c } }", "@media (width >= 40rem) and (hover){a{b:c}}"),
            ("a{b:'it\\'s  so'}", "a{b:'it\\'s  so'}"),
            ("a/**/b { }", "a b{}"),
            ("a[href=\"x\"] .b { --c: ; }", "a[href=\"x\"] .b{--c:}"),
            (".w\\:1 { x: y }", ".w\\:1{x:y}"),
        ] {
            assert_eq!(minified(text), expected, "{text}");
        }
    }
}
