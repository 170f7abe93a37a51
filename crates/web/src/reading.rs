//! What is kept of a stranger's response: bounded, without control characters, without secrets.

use crate::{Brief, Response};

/// The most headers kept, and the most characters of each value.
const HEADERS: (usize, usize) = (60, 1000);

/// The most characters of a policy, which is longer than other headers.
const POLICY: usize = crate::policy::CUT;

/// The longest `Location` kept: what is longer is no URL that we would follow.
const LOCATION: usize = 8192;

/// The most characters of a title, and of the start of a body.
const TITLE: usize = 200;
const START: usize = 2000;

/// The most `Strict-Transport-Security` headers kept.
const HSTS: usize = 4;

/// Reads what the network brought.
pub(crate) fn read(raw: &network::Response, millis: u64) -> Response {
    let first = |name: &str| raw.header(name).map(clean);
    let body = String::from_utf8_lossy(&raw.body);
    let headers = raw.headers.iter().take(HEADERS.0).map(|(name, value)| {
        let value = if name == "set-cookie" { without_value(value) } else { value.clone() };
        let most = if name.ends_with("-policy") { POLICY } else { HEADERS.1 };
        (cut(&clean(name), 100), cut(&clean(&value), most))
    });
    Response {
        status: raw.status,
        location: first("location").filter(|location| !location.is_empty()).map(|location| cut(&location, LOCATION)),
        server: first("server").map(|server| cut(&server, TITLE)),
        hsts: raw
            .headers
            .iter()
            .filter(|(name, _)| name == "strict-transport-security")
            .take(HSTS)
            .map(|(_, value)| cut(&clean(value), HEADERS.1))
            .collect(),
        headers: headers.collect(),
        title: title(&body),
        start: cut(&clean(&body), START),
        length: raw.body.len(),
        millis,
    }
}

/// `session=abc; Path=/; Secure` becomes `session; Path=/; Secure`: what a cookie says is nobody's business.
fn without_value(cookie: &str) -> String {
    let (pair, attributes) = match cookie.split_once(';') {
        Some((pair, attributes)) => (pair, Some(attributes)),
        None => (cookie, None),
    };
    // Without "=" browsers take the whole for the value of a cookie without a name.
    let name = pair.split_once('=').map_or("", |(name, _)| name.trim());
    match attributes {
        Some(attributes) => format!("{name};{attributes}"),
        None => name.to_owned(),
    }
}

/// The text of the first `<title>` before the body, entities resolved, blanks joined.
fn title(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let open = lower.match_indices("<title").map(|(at, _)| at).find(|at| {
        // Not <titles>; attributes are allowed.
        lower.get(at + 6..).is_some_and(|rest| rest.starts_with(|c: char| c == '>' || c.is_ascii_whitespace()))
    })?;
    let before = lower.get(..open).unwrap_or_default();
    // A drawing has titles of its own.
    if before.contains("<svg") || before.contains("<body") {
        return None;
    }
    let start = open + lower.get(open..)?.find('>')? + 1;
    let rest = html.get(start..)?;
    let end = lower.get(start..)?.find("</title").unwrap_or(rest.len());
    let text = clean(&resolve(&cut(rest.get(..end)?, TITLE * 8)));
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then(|| cut(&text, TITLE))
}

/// Resolves the entities that titles use; what is not known stays as it is. The result is text, never markup.
pub(crate) fn resolve(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('&') {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let end = from.char_indices().take(12).find(|(_, c)| *c == ';').map(|(end, _)| end);
        let resolved = end.and_then(|end| Some((entity(from.get(1..end)?)?, from.get(end + 1..)?)));
        rest = match resolved {
            Some((character, after)) => {
                text.push(character);
                after
            }
            None => {
                text.push('&');
                from.get(1..).unwrap_or_default()
            }
        };
    }
    text.push_str(rest);
    text
}

fn entity(name: &str) -> Option<char> {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "apos" => Some('\''),
        "copy" => Some('©'),
        "gt" => Some('>'),
        "hellip" => Some('…'),
        "laquo" => Some('«'),
        "lt" => Some('<'),
        "mdash" => Some('—'),
        "middot" => Some('·'),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "quot" => Some('"'),
        "raquo" => Some('»'),
        "reg" => Some('®'),
        "rsquo" => Some('’'),
        _ => {
            let digits = name.strip_prefix('#')?;
            match digits.strip_prefix(['x', 'X']) {
                Some(hex) => number(hex, 16),
                None => number(digits, 10),
            }
        }
    }
}

/// Without control characters, and without the marks that turn the direction of the text around them.
fn clean(text: &str) -> String {
    let is_mark = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let kept = text.chars().filter(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_mark(*c)));
    kept.collect::<String>().trim().to_owned()
}

/// The few words kept of an answer that is not looked at itself.
pub(crate) fn brief(raw: &network::Response) -> Brief {
    let first = |name: &str| raw.header(name).map(|value| cut(&clean(value), TITLE));
    Brief {
        status: raw.status,
        content_type: first("content-type").filter(|it| !it.is_empty()),
        nosniff: raw.header("x-content-type-options").is_some_and(|it| it.trim().eq_ignore_ascii_case("nosniff")),
        server: first("server"),
    }
}

fn cut(text: &str, characters: usize) -> String {
    text.chars().take(characters).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn response(headers: &[(&str, &str)], body: &str) -> Response {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        read(&network::Response { status: 200, headers, body: body.to_owned().into() }, 5)
    }

    #[test]
    fn titles_are_text() {
        for (html, expected) in [
            ("<html><head><title>Plain</title>", Some("Plain")),
            ("<TITLE lang=en>\n Two\n  lines </TITLE>", Some("Two lines")),
            (
                "<title>a &amp;lt; b &lt;script&gt; &#39;&#x27; &eacute; &amp</title>",
                Some("a &lt; b <script> '' &eacute; &amp"),
            ),
            ("<title>&#0;&#x110000;&#8238;x</title>", Some("&#x110000;x")),
            ("<title>never closed", Some("never closed")),
            ("<titles>no</titles><title>yes</title>", Some("yes")),
            ("<title></title>", None),
            ("<body><svg><title>icon</title></svg>", None),
            ("no markup & no title", None),
            ("<title", None),
        ] {
            assert_eq!(response(&[], html).title.as_deref(), expected, "{html}");
        }
    }

    #[test]
    fn cookies_keep_their_name_and_attributes_only() {
        let it = response(
            &[("set-cookie", "session=s3cr=et; Path=/; Secure"), ("set-cookie", "s3cret"), ("set-cookie", "a=s3cret")],
            "",
        );
        let cookies: Vec<&str> = it.headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(cookies, ["session; Path=/; Secure", "", "a"]);
    }

    #[test]
    fn everything_is_bounded() {
        let long = "x".repeat(100_000);
        let many: Vec<(&str, &str)> = std::iter::repeat_n(("strict-transport-security", long.as_str()), 500).collect();
        let it = response(&many, &format!("<title>{long}</title>"));
        assert_eq!((it.headers.len(), it.headers[0].1.len(), it.hsts.len()), (60, 1000, 4));
        assert_eq!((it.title.unwrap().len(), it.start.len(), it.length), (200, 2000, 100_015));
        let it = response(&[("location", &long), ("server", &long)], "");
        assert_eq!((it.location.unwrap().len(), it.server.unwrap().len()), (8192, 200));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(body in proptest::collection::vec(any::<u8>(), 0..300), value in ".{0,50}") {
            let raw = network::Response { status: 200, headers: vec![("set-cookie".into(), value)], body: body.into() };
            let it = read(&raw, 0);
            prop_assert!(!it.start.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
        }

        #[test]
        fn any_markup_has_a_title_or_none(html in "(<|title|/|>|&|#|x|;|svg|body| |é|\\PC){0,40}") {
            let _ = title(&html);
        }
    }
}
