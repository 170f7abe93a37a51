//! Numbers, lists and anchors in words.

use findings::State;

/// `1 warning`, `3 warnings`.
pub fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// Small numbers as words, for the start of a sentence: `One`, `Nine`, `12`.
pub fn number(n: usize) -> String {
    const WORDS: [&str; 10] = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];
    WORDS.get(n).map_or_else(|| n.to_string(), |word| (*word).to_owned())
}

/// `A`, `A and B`, `A, B and C`.
pub fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// `2 failed`, `1 warning`, `6 passed`: a count of one state.
pub fn tally(state: State, n: usize) -> String {
    match state {
        State::Passed => format!("{n} passed"),
        State::NotTested => format!("{n} not tested"),
        State::Note => count(n, "note", "notes"),
        State::Warning => count(n, "warning", "warnings"),
        State::Failed => format!("{n} failed"),
    }
}

/// The counts of the urgent states first, empty ones left out: `2 failed, 1 warning, 26 passed`.
pub fn tallies(states: impl IntoIterator<Item = State>) -> String {
    let mut counts = [0_usize; 5];
    const ORDER: [State; 5] = [State::Failed, State::Warning, State::Note, State::NotTested, State::Passed];
    for state in states {
        for (slot, kind) in counts.iter_mut().zip(ORDER) {
            *slot += usize::from(kind == state);
        }
    }
    let said: Vec<String> =
        ORDER.into_iter().zip(counts).filter(|(_, n)| *n > 0).map(|(state, n)| tally(state, n)).collect();
    said.join(", ")
}

/// The class name of a state, the same word as on the wire.
pub fn class(state: State) -> &'static str {
    match state {
        State::Passed => "passed",
        State::NotTested => "not-tested",
        State::Note => "note",
        State::Warning => "warning",
        State::Failed => "failed",
    }
}

/// Anything as an anchor: letters, digits and single hyphens.
pub fn anchor(text: &str) -> String {
    let mut anchor = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            anchor.push(c.to_ascii_lowercase());
        } else if !anchor.ends_with('-') {
            anchor.push('-');
        }
    }
    anchor.trim_matches('-').to_owned()
}

/// `about 4 minutes`, `about 2 hours`: a span of seconds as a person would say it.
pub fn span(seconds: i64) -> String {
    let (n, one, many) = match seconds.max(0) {
        s if s < 90 => (s, "second", "seconds"),
        s if s < 90 * 60 => ((s + 30) / 60, "minute", "minutes"),
        s if s < 36 * 3600 => ((s + 1800) / 3600, "hour", "hours"),
        s => ((s + 43_200) / 86_400, "day", "days"),
    };
    count(usize::try_from(n).unwrap_or_default(), one, many)
}

/// `3.2 s`, `840 ms`: milliseconds, without float formatting.
pub fn millis(millis: u64) -> String {
    if millis < 1000 { format!("{millis} ms") } else { format!("{}.{} s", millis / 1000, millis % 1000 / 100) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lists_and_spans_read_well() {
        assert_eq!(count(1, "address", "addresses"), "1 address");
        assert_eq!(number(3), "Three");
        assert_eq!(number(12), "12");
        assert_eq!(list(&["Cloudflare", "Google", "AdGuard"]), "Cloudflare, Google and AdGuard");
        assert_eq!(list(&["Google"]), "Google");
        assert_eq!(
            (span(60), span(2700), span(7200), span(200_000)),
            ("60 seconds".into(), "45 minutes".into(), "2 hours".into(), "2 days".into())
        );
        assert_eq!((millis(840), millis(3250)), ("840 ms".into(), "3.2 s".into()));
    }

    #[test]
    fn tallies_start_with_the_urgent() {
        let states = [State::Passed, State::Failed, State::Passed, State::Warning];
        assert_eq!(tallies(states), "1 failed, 1 warning, 2 passed");
        assert_eq!(tallies([]), "");
    }

    #[test]
    fn anchors_hold_no_odd_character() {
        assert_eq!(
            anchor("plain-http-hop:http://www.example.com/ at 2001:db8::1"),
            "plain-http-hop-http-www-example-com-at-2001-db8-1"
        );
    }
}
