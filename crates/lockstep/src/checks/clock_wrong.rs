use std::net::IpAddr;

use domain::Time;
use findings::{Verdict, check, found, pass};

use crate::Observations;

check! {
    /// The server's clock is wrong by more than five minutes.
    ///
    /// ## Why it matters
    /// A certificate is requested, renewed and judged by the clock. One that is far off makes renewal fail, sets cookies
    /// that are over before they begin, and confuses every log.
    ///
    /// ## How to fix
    /// Switch time synchronisation on: `sudo timedatectl set-ntp true`.
    CHECK: Check<Observations> = "clock-wrong",
        section: Hardening, severity: Note,
        title: "The server's clock is wrong", healthy: "The server's clock is right",
        source: "RFC 9110 §6.6.1: Date", run: run
}

/// More than this is wrong; our own clock and the way of an answer take the rest.
const TOLERANCE: i64 = 300;

/// A check lasts at most this long, and knows only when it began.
const CHECK_LASTS: i64 = 120;

fn run(seen: &Observations) -> Vec<Verdict> {
    // Of each address the answer that is nearest to our clock: an older one may come from a cache.
    let mut clocks: Vec<(IpAddr, &str, i64)> = Vec::new();
    for corner in seen.web.corners.iter().filter(|corner| corner.via == web::Via::Socket) {
        let Some(first) = corner.first.seen() else { continue };
        if first.header("age").is_some() {
            continue;
        }
        let Some(date) = first.header("date").and_then(moment) else { continue };
        let off = date.since(seen.seen_at);
        let off = if off > 0 { (off - CHECK_LASTS).max(0) } else { off };
        match clocks.iter_mut().find(|(address, ..)| *address == corner.address) {
            Some(known) if off.abs() < known.2.abs() => *known = (corner.address, corner.host.as_str(), off),
            Some(_) => {}
            None => clocks.push((corner.address, corner.host.as_str(), off)),
        }
    }
    let wrong: Vec<&(IpAddr, &str, i64)> = clocks.iter().filter(|(_, _, off)| off.abs() > TOLERANCE).collect();
    let verdicts: Vec<Verdict> = wrong
        .into_iter()
        .map(|(address, host, off)| {
            let minutes = off.abs() / 60;
            let way = if *off > 0 { "fast" } else { "slow" };
            found(format!("{host} at {address}"), format!("Its clock is {minutes} minutes {way}."))
                .means("Renewal of the certificate may fail, and cookies end at the wrong time.")
                .fix_code("Let the machine keep time by itself.", "sudo timedatectl set-ntp true")
                .prove(format!("curl -sI https://{host}/ | grep -i '^date:'; date -u"), "Two times that are alike.")
                .evidence("Date in the answer", seen.seen_at.plus(*off).to_string())
                .into()
        })
        .collect();
    match (verdicts.is_empty(), clocks.first()) {
        (true, Some(_)) => {
            let addresses = clocks.iter().map(|(address, ..)| address.to_string()).collect::<Vec<_>>().join(", ");
            vec![pass(addresses, "The time in its answers is ours.")]
        }
        _ => verdicts,
    }
}

/// `Sat, 21 Nov 2026 06:30:00 GMT`, the one form that servers send (RFC 9110 §5.6.7).
fn moment(date: &str) -> Option<Time> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = date.split_once(", ")?.1.split(' ');
    let (day, month, year, clock) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let month = MONTHS.iter().position(|known| *known == month)? + 1;
    (words.next() == Some("GMT")).then_some(())?;
    Time::try_from(format!("{year}-{month:02}-{day}T{clock}Z")).ok()
}

#[cfg(test)]
mod tests {
    use network::Saw;

    use super::{super::tests::said, CHECK, moment};
    use crate::{Observations, fixture::healthy};

    /// The healthy site with this header in every answer.
    fn with(headers: &[(&str, &str)]) -> Observations {
        let mut seen = healthy();
        for corner in &mut seen.web.corners {
            if let Saw::Seen(first) = &mut corner.first {
                first.headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
            }
        }
        seen
    }

    #[test]
    fn a_clock_that_is_off_is_a_note_and_seconds_are_not() {
        for (date, states) in [
            ("Sat, 21 Nov 2026 06:24:00 GMT", vec!["note example.com at 9.9.9.9", "note example.com at 2a00::9"]),
            ("Sat, 21 Nov 2026 06:38:00 GMT", vec!["note example.com at 9.9.9.9", "note example.com at 2a00::9"]),
            ("Sat, 21 Nov 2026 06:30:12 GMT", vec!["passed 9.9.9.9, 2a00::9"]),
            ("Sat, 21 Nov 2026 06:26:00 GMT", vec!["passed 9.9.9.9, 2a00::9"]),
            ("yesterday", vec![]),
        ] {
            assert_eq!(said(CHECK, &with(&[("date", date)])), states, "{date}");
        }
    }

    #[test]
    fn a_cache_may_be_old() {
        let old = ("date", "Fri, 20 Nov 2026 06:30:00 GMT");
        assert!(said(CHECK, &with(&[old, ("age", "86400")])).is_empty());
        let mut seen = with(&[old]);
        for corner in seen.web.corners.iter_mut().filter(|corner| corner.scheme == domain::Scheme::Http) {
            if let Saw::Seen(first) = &mut corner.first {
                first.headers = vec![("date".into(), "Sat, 21 Nov 2026 06:30:01 GMT".into())];
            }
        }
        assert_eq!(said(CHECK, &seen), ["passed 9.9.9.9, 2a00::9"], "another answer of the same machine is fresh");
    }

    #[test]
    fn dates_are_read_or_left() {
        assert_eq!(moment("Sat, 21 Nov 2026 06:30:00 GMT").unwrap().to_string(), "2026-11-21T06:30:00Z");
        for bad in
            ["", "Sat, 21 Nov 2026 06:30:00", "Saturday, 21-Nov-26 06:30:00 GMT", "Sat, 41 Nov 2026 06:30:00 GMT"]
        {
            assert_eq!(moment(bad), None, "{bad}");
        }
    }
}
