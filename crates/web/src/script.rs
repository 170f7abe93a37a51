//! Requests that a script writes out with `http://`.

/// What stands before the URL of a request, blanks and quotes left out.
const BEFORE: &[&str] = &[
    "fetch(",
    "axios(",
    "axios.get(",
    "axios.post(",
    "axios.put(",
    "axios.patch(",
    "axios.delete(",
    "baseURL:",
    "$.get(",
    "$.post(",
    "$.ajax(",
    "$.ajax({url:",
    "$.getJSON(",
    "$.getScript(",
    "jQuery.get(",
    "jQuery.post(",
    "jQuery.getJSON(",
    ".open(GET,",
    ".open(POST,",
    ".open(PUT,",
    ".open(DELETE,",
    "EventSource(",
    "sendBeacon(",
    "importScripts(",
];

/// How far before a URL is looked, in characters.
const REACH: usize = 60;

/// The most of a URL that is read, in characters.
const LENGTH: usize = 300;

/// The URLs that are asked for by `http://`. Only what is written out in the call itself counts: a namespace or a link
/// in a text is no request.
pub(crate) fn calls(script: &str) -> Vec<&str> {
    script.match_indices("http://").filter_map(|(at, _)| call(script, at)).collect()
}

fn call(script: &str, at: usize) -> Option<&str> {
    let (before, from) = (script.get(..at)?, script.get(at..)?);
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let line = before.rsplit('\n').next().unwrap_or_default().trim_start();
    if line.starts_with("//") || line.starts_with('*') || line.starts_with("/*") {
        return None;
    }
    let near = before.char_indices().rev().nth(REACH).map_or(0, |(start, _)| start);
    let squeezed: String =
        before.get(near..)?.chars().filter(|c| !c.is_whitespace() && !matches!(c, '"' | '\'' | '`')).collect();
    if !BEFORE.iter().any(|word| squeezed.ends_with(word)) {
        return None;
    }
    // A variable in the middle ends what we know.
    let end = from.char_indices().take(LENGTH).find(|(_, c)| *c == quote || matches!(c, '$' | '\\' | '\n'))?.0;
    from.get(..end)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn written_out_requests_are_found() {
        for (script, expected) in [
            ("fetch('http://api.example/v1')", "http://api.example/v1"),
            ("await fetch( `http://api.example/${id}` )", "http://api.example/"),
            ("x.open('POST', \"http://api.example/\")", "http://api.example/"),
            ("$.ajax({ url: 'http://api.example/' })", "http://api.example/"),
            ("axios.create({baseURL:'http://api.example'})", "http://api.example"),
            ("é new EventSource(\"http://api.example/\")", "http://api.example/"),
        ] {
            assert_eq!(calls(script), [expected], "{script}");
        }
    }

    #[test]
    fn other_words_with_http_are_not_requests() {
        for script in [
            "const ns = 'http://www.w3.org/2000/svg'",
            "// fetch('http://api.example/')",
            "location.href = 'http://example.com/'",
            "prefetch = 'http://api.example/'",
            "fetch(http://x",
            "fetch('http://never ends",
        ] {
            assert_eq!(calls(script), Vec::<&str>::new(), "{script}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read(script in "(fetch\\(|http://|'|\"|`|\n|\\$|é|\\PC){0,60}") {
            let _ = calls(&script);
        }
    }
}
