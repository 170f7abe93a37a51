//! `lockstep compare`: two saved reports held against each other.

use std::{
    io::{self, Write},
    path::Path,
};

use lockstep::Report;
use view::comparison::{comparison, text};

use crate::{Outcome, read_file, read_reports};

/// Writes what is different between the report in one file and that of the same domain in another; a file with several
/// reports is compared domain by domain. Two files with one report each are compared whatever they are about.
///
/// The outcome is [`Outcome::Failures`] where something broke.
///
/// # Errors
/// When a file holds no reports, or none that can be compared.
pub fn compare(before: &Path, now: &Path) -> Result<Outcome, String> {
    let (before, now) = (read_file(before, read_reports)?, read_file(now, read_reports)?);
    let pairs = pairs(&before, &now);
    if pairs.is_empty() {
        return Err("the two files have no domain in common".into());
    }
    let all: Vec<_> = pairs.into_iter().map(|(before, now)| comparison(before, now)).collect();
    let texts: Vec<String> = all.iter().map(text).collect();
    // Nobody reads on: no reason to fail.
    let _ = io::stdout().write_all(texts.join("\n").as_bytes()).and_then(|()| io::stdout().flush());
    Ok(if all.iter().any(|it| !it.broke.is_empty()) { Outcome::Failures } else { Outcome::Clean })
}

fn pairs<'r>(before: &'r [Report], now: &'r [Report]) -> Vec<(&'r Report, &'r Report)> {
    if let ([before], [now]) = (before, now) {
        return vec![(before, now)];
    }
    let with = |now: &'r Report| before.iter().find(|before| before.domain == now.domain).map(|before| (before, now));
    now.iter().filter_map(with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(domain: &str) -> Report {
        let json = include_str!("../../view/tests/recordings/not-set-up.json");
        let seen = serde_json::from_str(&json.replace("not-set-up.test", domain)).unwrap();
        lockstep::report(seen, Default::default())
    }

    #[test]
    fn reports_find_their_like() {
        let (before, now) = ([report("a.test"), report("b.test")], [report("b.test"), report("c.test")]);
        let [a, b] = &before;
        assert_eq!(pairs(&before, &now), [(b, b)]);
        assert_eq!(pairs(&before[..1], &now[..1]), [(a, b)], "one each: whatever they are about");
        assert!(pairs(&before, &now[1..]).is_empty());
    }

    #[test]
    fn what_broke_is_a_failure_and_what_is_no_report_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let file = folder.path().join(name);
            std::fs::write(&file, text).unwrap();
            file
        };
        let before = report("a.test");
        let mut now = before.clone();
        let like = now.findings[0].clone();
        now.findings.push(findings::Finding { id: "x".into(), state: findings::State::Failed, ..like });
        let [before, now] = [("before", &before), ("now", &now)]
            .map(|(name, report)| file(name, &serde_json::to_string(report).unwrap()));
        assert_eq!(compare(&before, &now), Ok(Outcome::Failures));
        assert_eq!(compare(&now, &before), Ok(Outcome::Clean));
        let error = compare(&before, &file("other", "{}")).unwrap_err();
        assert!(error.contains("no report"), "{error}");
    }
}
