//! Who is asking: a browser or a terminal, for one document or for a stream.

/// The media type of a stream with one JSON value a line.
pub(crate) const NDJSON: &str = "application/x-ndjson";

/// Programs that show text, by the start of their `User-Agent`.
const TERMINALS: [&str; 4] = ["curl/", "Wget/", "HTTPie/", "xh/"];

/// Whether to answer in plain text: asked for by name, or by a terminal that did not ask for a page by name.
pub(crate) fn wants_text(accept: &str, user_agent: &str) -> bool {
    let (text, page) = (named(accept, "text/plain"), named(accept, "text/html"));
    match (text, page) {
        (Some(text), Some(page)) => text > page,
        (Some(text), None) => text > 0,
        (None, Some(page)) if page > 0 => false,
        (None, _) => TERMINALS.iter().any(|name| user_agent.starts_with(name)),
    }
}

/// Whether to stream: asked for by name, and not less than a single document.
pub(crate) fn wants_stream(accept: &str) -> bool {
    named(accept, NDJSON).is_some_and(|stream| stream > 0 && stream >= named(accept, "application/json").unwrap_or(0))
}

/// Whether a page was asked for by name, as browsers do when a person navigates.
pub(crate) fn is_navigation(accept: &str) -> bool {
    named(accept, "text/html").is_some_and(|page| page > 0)
}

/// Whether `Cache-Control` of a request asks for nothing that is kept.
pub(crate) fn wants_fresh(cache_control: &str) -> bool {
    cache_control.split(',').any(|directive| directive.trim().eq_ignore_ascii_case("no-cache"))
}

/// The weight in thousandths that `Accept` (RFC 9110 §12.5.1) gives a media type by its full name.
fn named(accept: &str, media_type: &str) -> Option<u16> {
    accept.split(',').find_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(media_type) {
            return None;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some(weight.map_or(1000, thousandths))
    })
}

/// `0.85` as 850 (RFC 9110 §12.4.2: at most three decimals, at most 1); what is no such number counts as nothing. In
/// whole numbers, because reading any decimal would take 13 kB of tables.
fn thousandths(weight: &str) -> u16 {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let digits = format!("{whole}{decimals:0<3}");
    if whole.len() != 1 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return 0;
    }
    digits.get(..4).and_then(|digits| digits.parse().ok()).map_or(0, |value: u16| value.min(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";

    #[test]
    fn browsers_get_pages_and_terminals_get_text() {
        let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        for (accept, user_agent, text) in [
            (BROWSER, firefox, false),
            ("*/*", firefox, false),
            ("", firefox, false),
            ("text/plain", firefox, true),
            ("text/plain;q=0", firefox, false),
            ("text/html;q=0.5, text/plain", firefox, true),
            ("text/plain, text/html", firefox, false),
            ("*/*", "curl/8.14.1", true),
            ("", "Wget/1.21.3", true),
            ("*/*", "HTTPie/3.2.4", true),
            ("text/html", "curl/8.14.1", false),
            ("*/*", "not-curl/1", false),
            ("*/*", "", false),
        ] {
            assert_eq!(wants_text(accept, user_agent), text, "{accept:?} {user_agent:?}");
        }
    }

    #[test]
    fn a_stream_is_asked_for_by_name() {
        for (accept, stream) in [
            ("application/x-ndjson", true),
            ("Application/X-NDJSON; q=0.9, */*;q=0.1", true),
            ("application/json, application/x-ndjson;q=0.5", false),
            ("application/json;q=0.5, application/x-ndjson", true),
            ("application/x-ndjson;q=0", false),
            ("application/x-ndjson;q=many", false),
            ("*/*", false),
            ("", false),
            (BROWSER, false),
        ] {
            assert_eq!(wants_stream(accept), stream, "{accept:?}");
        }
    }

    #[test]
    fn what_is_kept_is_refused_by_name() {
        for (cache_control, fresh) in [
            ("no-cache", true),
            ("max-age=0, No-Cache", true),
            ("max-age=0", false),
            ("no-cache-at-all", false),
            ("", false),
        ] {
            assert_eq!(wants_fresh(cache_control), fresh, "{cache_control:?}");
        }
    }

    #[test]
    fn odd_headers_are_nothing_special() {
        for accept in [";;;,,,", "q=1", "text/plain;q=NaN", "text/plain;q=-1e99", "\u{0}"] {
            assert!(!wants_text(accept, ""), "{accept:?}");
        }
    }
}
