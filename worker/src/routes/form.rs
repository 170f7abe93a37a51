//! `GET /check?domain=…`: where the form leads when no script runs.

use domain::Target;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::visit::{self, Answer, Visit};

pub(crate) fn answer(visit: &Visit) -> Answer {
    let more: Vec<(&str, Option<String>)> =
        ["expect", "path", "subdomains"].into_iter().map(|name| (name, visit.query(name))).collect();
    visit::redirect(303, &place(&visit.query("domain").unwrap_or_default(), &more))
}

/// What a path segment or a query value cannot contain as it is.
const ESCAPED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The address of the check: with the name as understood, or else as it was typed, so that the page can say what is
/// wrong with it.
fn place(typed: &str, more: &[(&str, Option<String>)]) -> String {
    let typed = typed.trim();
    if typed.is_empty() {
        return "/".into();
    }
    let name = Target::parse(typed, None).map_or_else(|_| typed.to_owned(), |target| target.name.to_string());
    // A segment of dots alone would be resolved away; nothing that long is a name.
    let name: String = name.chars().take(1024).collect();
    let name = if name.bytes().all(|byte| byte == b'.') { "%2E".into() } else { escape(&name) };
    let given = more
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_deref().map(str::trim).filter(|it| !it.is_empty())?)));
    let query: Vec<String> = given.map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let mark = if query.is_empty() { "" } else { "?" };
    format!("/check/{name}{mark}{}", query.join("&"))
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_leads_to_the_check() {
        for (typed, expect, to) in [
            ("example.com", None, "/check/example.com"),
            (" HTTPS://Example.COM/path?q ", None, "/check/example.com"),
            ("münchen.de", Some(""), "/check/xn--mnchen-3ya.de"),
            ("example.com", Some("203.0.113.7, 2001:db8::7"), "/check/example.com?expect=203.0.113.7,%202001:db8::7"),
            ("localhost", None, "/check/localhost"),
            ("a/../b", None, "/check/a%2F..%2Fb"),
            ("x\r\nset-cookie: a=b", None, "/check/x%0D%0Aset-cookie:%20a=b"),
            ("//evil.example", Some("&x=1#"), "/check/%2F%2Fevil.example?expect=%26x=1%23"),
            ("..", None, "/check/%2E"),
            ("", None, "/"),
            ("  ", Some("203.0.113.7"), "/"),
        ] {
            assert_eq!(place(typed, &[("expect", expect.map(str::to_owned))]), to, "{typed:?}");
        }
        let more = [("expect", None), ("path", Some("/a=b, /c".into())), ("subdomains", Some("1".into()))];
        assert_eq!(place("example.com", &more), "/check/example.com?path=%2Fa=b,%20%2Fc&subdomains=1");
    }
}
