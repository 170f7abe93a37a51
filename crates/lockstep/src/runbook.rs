//! The runbook: the checklist, what is known of a deployment from outside, and lines for what only its people know.

use domain::Time;
use web::Trail;

use crate::{Report, markdown, markdown::line};

/// Where somebody writes.
const BLANK: &str = "________";

/// What only the people of a site know, and what finds it on a server with systemd and nginx.
const UNSEEN: [(&str, &str); 9] = [
    ("Where the application lives", "systemctl show gunicorn --property=WorkingDirectory"),
    ("Services, and how each is restarted", "systemctl list-units --type=service --state=running"),
    ("Environment file", "systemctl show gunicorn --property=EnvironmentFiles"),
    ("Logs of the application", "sudo journalctl -u gunicorn -n 50 --no-pager"),
    ("Logs of nginx", "sudo nginx -T | grep -E 'access_log|error_log'"),
    (
        "What renews the certificate, and reloads nginx after it",
        "systemctl list-timers --all; sudo certbot certificates",
    ),
    ("Back to the release before", ""),
    ("Backups of database, uploads and configuration", ""),
    ("Last time a backup was restored, and how", ""),
];

/// The report as Markdown for the people who run the site: [`markdown()`], then the facts of operation, filled in as far
/// as they were seen. What was not seen is a line to fill in.
pub fn runbook(report: &Report) -> String {
    let mut out = markdown(report);
    let seen = &report.observed;
    out.push_str("\n## In operation\n\n");
    out.push_str(&format!(
        "Seen from outside on {} at {}. Fill in what is empty; write it anew after a move.\n\n",
        report.seen_at.long_date(),
        report.seen_at.clock()
    ));
    let names: Vec<String> = seen.target.names().map(ToString::to_string).collect();
    entry(&mut out, "Names", &names);
    for name in &seen.dns.names {
        let addresses: Vec<String> = name.visit.iter().map(ToString::to_string).collect();
        entry(&mut out, &format!("Addresses of {}", name.name), &addresses);
    }
    entry(&mut out, "Server", &servers(report));
    certificates(&mut out, report);
    entry(&mut out, "Where visitors end", &ends(report));
    entries(&mut out, "Redirects", &trails(report));
    entry(&mut out, "HTTPS only for browsers (Strict-Transport-Security)", &hsts(report));
    out.push_str("\n## To fill in\n\n");
    for (what, command) in UNSEEN {
        let found_by = if command.is_empty() { String::new() } else { format!(" (`{command}`)") };
        out.push_str(&format!("- **{what}**{found_by}: {BLANK}\n"));
    }
    out
}

/// One line: what was seen, or a place to write.
fn entry(out: &mut String, what: &str, values: &[String]) {
    let told = if values.is_empty() { BLANK.into() } else { line(&values.join(", ")) };
    out.push_str(&format!("- **{}**: {told}\n", line(what)));
}

/// The same with a line each.
fn entries(out: &mut String, what: &str, values: &[String]) {
    if values.len() < 2 {
        return entry(out, what, values);
    }
    out.push_str(&format!("- **{}**:\n", line(what)));
    for value in values {
        out.push_str(&format!("  - {}\n", line(value)));
    }
}

/// What answers call themselves.
fn servers(report: &Report) -> Vec<String> {
    let answers = report.observed.web.corners.iter().filter_map(|corner| corner.first.seen());
    distinct(answers.filter_map(|answer| answer.server.clone()))
}

/// Each certificate that is shown: where, whose, until when, and when the next is due.
fn certificates(out: &mut String, report: &Report) {
    let seen = &report.observed;
    let mut shown: Vec<(&tls::Certificate, Vec<String>)> = Vec::new();
    for (endpoint, leaf) in seen.tls.leaves() {
        let host = endpoint.host.to_string();
        match shown.iter_mut().find(|(other, _)| other.sha256 == leaf.sha256) {
            Some((_, hosts)) if hosts.contains(&host) => {}
            Some((_, hosts)) => hosts.push(host),
            None => shown.push((leaf, vec![host])),
        }
    }
    if shown.is_empty() {
        for what in ["Certificate", "Issued by", "Valid until", "Renewal due"] {
            entry(out, what, &[]);
        }
    }
    for (leaf, hosts) in shown {
        entry(out, &format!("Certificate at {}", hosts.join(" and ")), &leaf.names);
        entry(out, "Issued by", std::slice::from_ref(&leaf.issued_by));
        entry(out, "Valid until", &[leaf.not_after.long_date()]);
        entry(out, "Renewal due", &[due(report, leaf)]);
    }
}

/// What the authority suggests, or else the rule that clients go by.
fn due(report: &Report, leaf: &tls::Certificate) -> String {
    let suggestion = report.observed.renewal.suggestion.as_ref().and_then(|it| it.seen());
    match suggestion.filter(|it| it.sha256 == leaf.sha256).and_then(|it| it.window) {
        Some((from, until)) => format!("{}, as the authority suggests", between(from, until)),
        None => format!("from {} on", leaf.renewal_due().long_date()),
    }
}

fn between(from: Time, until: Time) -> String {
    let (from, until) = (from.long_date(), until.long_date());
    if from == until { format!("on {from}") } else { format!("between {from} and {until}") }
}

/// The origins that the entrances lead to: one where the canonical host was chosen.
fn ends(report: &Report) -> Vec<String> {
    let trails = report.observed.web.trails.iter();
    distinct(trails.filter_map(|trail| Some(trail.answer()?.0.origin().to_owned())))
}

/// Where each entrance leads.
fn trails(report: &Report) -> Vec<String> {
    distinct(report.observed.web.trails.iter().filter(|trail| !trail.hops.is_empty()).map(Trail::told))
}

/// What HTTPS answers say, and "none" where they were seen to say nothing.
fn hsts(report: &Report) -> Vec<String> {
    let secure = report.observed.web.corners.iter().filter(|corner| corner.scheme == domain::Scheme::Https);
    let answers = secure.filter_map(|corner| Some((corner, corner.first.seen()?)));
    distinct(answers.map(|(corner, answer)| match answer.hsts.first() {
        Some(value) => format!("{value} ({})", corner.host),
        None => format!("none ({})", corner.host),
    }))
}

/// Each once, in the order seen.
fn distinct(values: impl Iterator<Item = String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use network::{Saw, Unseen};

    use super::*;
    use crate::{
        Observations, Timing,
        fixture::{healthy, with_hsts, with_suggestion},
        report,
    };

    fn told(seen: Observations) -> String {
        let text = runbook(&report(seen, Timing::default()));
        text.split_once("\n## In operation\n").unwrap().1.to_owned()
    }

    #[test]
    fn what_was_seen_is_filled_in() {
        let text = told(healthy());
        for row in [
            "- **Names**: example.com, www.example.com\n",
            "- **Addresses of www.example.com**: 9.9.9.9, 2a00::9\n",
            "- **Server**: nginx\n",
            "- **Certificate at example.com and www.example.com**: example.com, www.example.com\n",
            "- **Issued by**: Let's Encrypt R13\n",
            "- **Valid until**: 9 February 2027\n",
            "- **Renewal due**: from 10 January 2027 on\n",
            "- **Where visitors end**: https://example.com\n",
            "  - http://www.example.com/ → https://example.com/ (301, then 200)\n",
            "  - https://example.com/ (200)\n",
            "(Strict-Transport-Security)**: none (example.com), none (www.example.com)\n",
        ] {
            assert!(text.contains(row), "{row}{text}");
        }
        let (seen, unseen) = text.split_once("\n## To fill in\n\n").unwrap();
        assert!(!seen.contains(BLANK), "{seen}");
        assert!(unseen.lines().all(|line| line.ends_with(&format!(": {BLANK}"))), "{unseen}");
        // What the guide has people record.
        for what in ["lives", "Services", "before", "Environment", "Logs", "Backups"] {
            assert!(unseen.contains(what), "{what}: {unseen}");
        }
    }

    #[test]
    fn what_was_not_seen_is_left_to_fill_in() {
        let mut seen = healthy();
        seen.tls.endpoints.clear();
        seen.web.trails.clear();
        for corner in &mut seen.web.corners {
            corner.first = Saw::Unseen(Unseen::Refused);
            corner.trail = None;
        }
        seen.dns.names[1].visit.clear();
        let text = told(seen);
        for what in [
            "Addresses of www.example.com",
            "Server",
            "Issued by",
            "Valid until",
            "Renewal due",
            "Where visitors end",
            "Redirects",
        ] {
            assert!(text.contains(&format!("- **{what}**: {BLANK}\n")), "{what}: {text}");
        }
        assert!(text.contains("- **Addresses of example.com**: 9.9.9.9"), "{text}");
    }

    #[test]
    fn the_authority_knows_better_when_renewal_is_due() {
        let mut seen = healthy();
        with_suggestion(&mut seen, 3, 5);
        let text = told(seen.clone());
        let row = "due**: between 24 November 2026 and 26 November 2026, as the authority suggests\n";
        assert!(text.contains(row), "{text}");
        // A suggestion about another certificate is none.
        if let Some(Saw::Seen(suggestion)) = &mut seen.renewal.suggestion {
            suggestion.sha256 = "other".into();
        }
        assert!(told(seen).contains("due**: from 10 January 2027 on\n"));
    }

    #[test]
    fn a_strangers_words_stay_words() {
        let mut seen = healthy();
        with_hsts(&mut seen, &["example.com"], "max-age=1; <b>\n# x `y`");
        for corner in &mut seen.web.corners {
            if let Saw::Seen(first) = &mut corner.first {
                first.server = Some("nginx\n- [x] **done** @all".into());
            }
        }
        seen.tls.chains[0].certificates[0].issued_by = "_evil_ <img src=x>".into();
        let text = told(seen);
        assert!(text.contains("- **Server**: nginx - \\[x\\] \\*\\*done\\*\\* \\@all\n"), "{text}");
        assert!(text.contains("- **Issued by**: \\_evil\\_ \\<img src=x\\>\n"), "{text}");
        assert!(text.contains("max-age=1; \\<b\\> \\# x \\`y\\` (example.com), none"), "{text}");
    }
}
