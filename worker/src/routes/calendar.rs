//! `GET /calendar/example.com.ics`: when renewal is due, when it is overdue and when the certificate ends, to subscribe to
//! (RFC 5545).

use std::time::Duration;

use domain::Time;

use crate::{
    error::ApiError,
    glance::{Glance, Life},
    limits::GLANCE_SECONDS,
    visit::{self, Answer, Visit},
};

/// Longer than a check takes: calendars ask in the background.
const PATIENCE: Duration = Duration::from_secs(60);

const TYPE: &str = "text/calendar; charset=utf-8";

pub(crate) async fn answer(visit: &Visit, name: &str) -> Answer {
    if visit.is_head() {
        domain::Target::parse(name, None)?;
        return visit::kept(TYPE, GLANCE_SECONDS, "", String::new());
    }
    let glance = Glance::at(visit, name, PATIENCE).await?;
    let glance = glance.ok_or_else(|| ApiError::Internal("the check ended without a report".into()))?;
    let tag = format!("\"{}\"", glance.seen_at.unix());
    if visit.has(&tag) {
        return visit::not_changed(&tag);
    }
    // From then on there is a newer look, for whoever asks.
    let left = GLANCE_SECONDS.saturating_sub(u32::try_from(glance.age()).unwrap_or(GLANCE_SECONDS));
    visit::kept(TYPE, left.max(60), &tag, calendar(&glance, &visit.origin()))
}

/// The calendar of what was seen.
fn calendar(glance: &Glance, origin: &str) -> String {
    let Glance { domain, seen_at, .. } = glance;
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", "-//Lockstep//Certificates//EN");
    lines.add("METHOD", "PUBLISH");
    for name in ["NAME", "X-WR-CALNAME"] {
        lines.text(name, &format!("HTTPS of {domain}"));
    }
    lines.add("LAST-MODIFIED", &stamp(*seen_at));
    lines.add("REFRESH-INTERVAL;VALUE=DURATION", "P1D");
    lines.add("X-PUBLISHED-TTL", "P1D");
    lines.add("SOURCE;VALUE=URI", &format!("{origin}/calendar/{domain}.ics"));
    for life in &glance.certificates {
        life_events(&mut lines, glance, life, origin);
    }
    if glance.certificates.is_empty() {
        // A calendar has at least one event (RFC 5545 §3.6), and whoever subscribed wants to know.
        let said = format!("No certificate was seen at {domain}");
        event(&mut lines, glance, origin, ("none", domain), *seen_at, (&said, &glance.headline), &[]);
    }
    lines.add("END", "VCALENDAR");
    lines.0
}

fn life_events(lines: &mut Lines, glance: &Glance, life: &Life, origin: &str) {
    let hosts = life.hosts.join(" and ");
    // Stable as long as the host is there: a renewal moves the events.
    let Some(first) = life.hosts.first() else { return };
    let by = format!("Issued by {}. ", life.issuer);
    let until = format!("It ends on {} at {}.", life.ends.long_date(), life.ends.clock());
    event(
        lines,
        glance,
        origin,
        ("renewal-due", first),
        life.due,
        (&format!("Renewal is due: {hosts}"), &format!("{by}Renewal that runs by itself happens from now on. {until}")),
        &["PT0S"],
    );
    event(
        lines,
        glance,
        origin,
        ("renewal-overdue", first),
        life.overdue,
        (
            &format!("Renewal is overdue: {hosts}"),
            &format!("{by}If this event is still here by now, renewal has not happened. {until}"),
        ),
        &["PT0S"],
    );
    event(
        lines,
        glance,
        origin,
        ("expiry", first),
        life.ends,
        (&format!("Certificate ends: {hosts}"), &format!("{by}From now on browsers warn every visitor.")),
        &["-P7D", "-P1D"],
    );
}

/// One event: its kind and host, when it is, what it is called and what it means, and when to remind of it.
fn event(
    lines: &mut Lines,
    glance: &Glance,
    origin: &str,
    (kind, host): (&str, &str),
    at: Time,
    (summary, description): (&str, &str),
    reminders: &[&str],
) {
    let Glance { domain, seen_at, .. } = glance;
    let seen = format!("Seen by Lockstep on {} at {}.", seen_at.long_date(), seen_at.clock());
    lines.add("BEGIN", "VEVENT");
    let place = origin.split("://").nth(1).unwrap_or_default();
    lines.add("UID", &format!("{kind}.{host}@{place}"));
    lines.add("DTSTAMP", &stamp(*seen_at));
    lines.add("DTSTART", &stamp(at));
    lines.text("SUMMARY", summary);
    lines.text("DESCRIPTION", &format!("{description} {seen}"));
    lines.add("URL", &format!("{origin}/check/{domain}"));
    lines.add("TRANSP", "TRANSPARENT");
    for before in reminders {
        lines.add("BEGIN", "VALARM");
        lines.add("ACTION", "DISPLAY");
        lines.add("TRIGGER", before);
        lines.text("DESCRIPTION", summary);
        lines.add("END", "VALARM");
    }
    lines.add("END", "VEVENT");
}

/// `20261121T063000Z` (RFC 5545 §3.3.5).
fn stamp(time: Time) -> String {
    time.to_string().chars().filter(|sign| !matches!(sign, '-' | ':')).collect()
}

/// Content lines, folded (RFC 5545 §3.1).
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A property whose value is no text, or has nothing in it that text has to escape.
    fn add(&mut self, name: &str, value: &str) {
        let mut length = 0;
        for sign in name.chars().chain([':']).chain(value.chars().filter(|sign| !sign.is_control())) {
            if length + sign.len_utf8() > 75 {
                self.0.push_str("\r\n ");
                length = 1;
            }
            self.0.push(sign);
            length += sign.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A property whose value is text (RFC 5545 §3.3.11).
    fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::new();
        for sign in value.chars() {
            match sign {
                '\\' | ';' | ',' => escaped.extend(['\\', sign]),
                '\n' => escaped.push_str("\\n"),
                _ => escaped.push(sign),
            }
        }
        self.add(name, &escaped);
    }
}

#[cfg(test)]
mod tests {
    use findings::State;

    use super::*;

    fn glance(certificates: Vec<Life>) -> Glance {
        Glance {
            seen_at: Time::from_unix(1_800_000_000),
            domain: "example.com".into(),
            state: State::Passed,
            short: "All right".into(),
            headline: "Everything visible from outside is right.".into(),
            certificates,
        }
    }

    fn life(hosts: &[&str], days: i64) -> Life {
        let at = |day: i64| Time::from_unix(1_800_000_000 + day * 86_400);
        Life {
            hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
            issuer: "A, B; C\\D\r\nBEGIN:VEVENT é".into(),
            due: at(days - 30),
            overdue: at(days - 15),
            ends: at(days),
        }
    }

    #[test]
    fn lines_are_folded_escaped_and_never_somebody_elses() {
        let text = calendar(&glance(vec![life(&["example.com", "www.example.com"], 60)]), "https://lockstep.example");
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "{text}");
        let whole = text.replace("\r\n ", "");
        assert_eq!(whole.matches("\r\nBEGIN:VEVENT\r\n").count(), 3, "{whole}");
        assert_eq!(whole.matches("\r\nBEGIN:VALARM\r\n").count(), 4, "{whole}");
        assert!(whole.contains("Issued by A\\, B\\; C\\\\D\\nBEGIN:VEVENT é. "), "{whole}");
        assert!(whole.contains("\r\nDTSTART:20270316T080000Z\r\n"), "{whole}");
    }

    #[test]
    fn a_renewal_moves_events_and_makes_no_new_ones() {
        let uids = |days| {
            let text = calendar(&glance(vec![life(&["example.com"], days)]), "https://lockstep.example");
            text.lines().filter(|line| line.starts_with("UID:")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(uids(60), uids(150));
        assert_eq!(uids(60).first().map(String::as_str), Some("UID:renewal-due.example.com@lockstep.example"));
    }

    #[test]
    fn without_a_certificate_it_says_so() {
        let text = calendar(&glance(Vec::new()), "https://lockstep.example");
        assert!(text.contains("SUMMARY:No certificate was seen at example.com\r\n"), "{text}");
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1);
    }
}
