//! An address takes long to answer.

use findings::{Verdict, found, pass};

use crate::{
    Observation, finals,
    words::{groups, list, quoted, short, subject},
};

findings::check! {
    /// The front page takes several seconds at an address.
    ///
    /// ## Why it matters
    /// Visitors wait that long before anything shows, and monitoring may give up earlier. One slow address among several
    /// hits a part of the visitors only, which is hard to notice at home.
    ///
    /// ## How to fix
    /// Look where the time goes: the application's log, the database, and how many workers Gunicorn has.
    CHECK: Check<Observation> = "answers-slowly",
        section: Hardening, severity: Note,
        title: "An answer takes long", healthy: "Answers come quickly",
        source: "seed B19", run: run
}

/// A connection was open already: what is left is the server's own time and one way there and back.
const SLOW: u64 = 3_000;

fn run(seen: &Observation) -> Vec<Verdict> {
    let ends: Vec<_> =
        finals::prefer_https(finals::of(seen)).into_iter().filter(|end| end.response.status < 500).collect();
    let times = |urls: &mut dyn Iterator<Item = &finals::Final<'_>>| {
        list(urls.filter_map(|end| Some(format!("{} in {}", end.address?, time(end.response.millis)))))
    };
    let by_url = groups(ends.iter().filter(|end| end.address.is_some()).map(|end| (end.url.as_str(), end)));
    let mut verdicts = Vec::new();
    for (url, ends) in &by_url {
        let mut slow = ends.iter().filter(|end| end.response.millis >= SLOW).copied();
        let places = times(&mut slow);
        if places.is_empty() {
            continue;
        }
        let said = found(*url, format!("{} answers slowly: {places}.", short(url)))
            .means("Visitors wait that long before anything shows. It was measured once, from one place.")
            .fix_code("Look where the time goes.", "sudo journalctl -u gunicorn -n 50 --no-pager")
            .prove(
                format!("curl -so /dev/null -w '%{{time_starttransfer}}\\n' {}", quoted(url)),
                "Less than one second",
            );
        verdicts.push(said.into());
    }
    if verdicts.is_empty() && !by_url.is_empty() {
        let sentences =
            by_url.iter().map(|(url, ends)| format!("{}: {}.", short(url), times(&mut ends.iter().copied())));
        verdicts.push(pass(subject(seen), sentences.collect::<Vec<_>>().join(" ")));
    }
    verdicts
}

fn time(millis: u64) -> String {
    match millis {
        0..SLOW => format!("{millis} ms"),
        _ => format!("{} seconds", millis / 1000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{fires, is_silent, passes};

    #[test]
    fn seconds_are_noted_with_their_address() {
        let finding =
            fires(CHECK, "https example.com 203.0.113.7 200 | millis: 4200\nhttps example.com 2001:db8::7 200");
        assert_eq!(finding.seen, "https://example.com/ answers slowly: 203.0.113.7 in 4 seconds.");
    }

    #[test]
    fn less_passes_and_errors_are_not_timed() {
        let finding =
            passes(CHECK, "https example.com 203.0.113.7 200 | millis: 2999\nhttps example.com 2001:db8::7 200");
        assert_eq!(finding.seen, "https://example.com/: 203.0.113.7 in 2999 ms and 2001:db8::7 in 12 ms.");
        is_silent(CHECK, "https example.com 203.0.113.7 504 | millis: 9000");
        is_silent(CHECK, "https example.com 203.0.113.7 refused");
    }
}
