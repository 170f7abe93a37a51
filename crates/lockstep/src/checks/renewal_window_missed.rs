use findings::{Verdict, check, found, pass};
use network::Saw;

use super::{and, is_moved_forward, suggested};
use crate::Observations;

check! {
    /// The time in which the authority suggests to renew has passed.
    ///
    /// ## Why it matters
    /// Renewal that works happens around two thirds of a certificate's life, which is when the authority suggests it.
    /// Some days later nothing is lost, but whatever should have renewed it has had its turn.
    ///
    /// ## How to fix
    /// `sudo certbot renew --dry-run` says what stands in the way, if anything does.
    CHECK: Check<Observations> = "renewal-window-missed",
        section: Renewal, severity: Note,
        title: "The suggested time has passed", healthy: "The suggested time has not passed",
        source: "RFC 9773 §4.2; seed A14", run: run
}

/// How long after the window a client may still be on its way: those that do not ask run once a day or once a week.
const GRACE: std::ops::RangeInclusive<i64> = 86_400..=7 * 86_400;

fn run(seen: &Observations) -> Vec<Verdict> {
    let Some(Saw::Seen(told)) = &seen.renewal.suggestion else { return Vec::new() };
    let Some((hosts, leaf, Some((start, end)))) = suggested(seen, told) else { return Vec::new() };
    let moved_forward = is_moved_forward(leaf, end, told);
    let lifetime = leaf.lifetime();
    let grace = (lifetime / 12).clamp(*GRACE.start(), *GRACE.end());
    // Of early windows and of renewal that is overdue by any measure, other checks speak.
    if moved_forward || seen.seen_at >= leaf.renewal_overdue() || seen.seen_at > leaf.not_after {
        return Vec::new();
    }
    if seen.seen_at <= end.plus(grace) {
        let said = format!("It is from {} to {}.", start.long_date(), end.long_date());
        return vec![pass(and(hosts), said)];
    }
    vec![
        found(
            and(&hosts),
            format!(
                "The authority suggested to renew between {} and {}; the certificate shown is still the old one.",
                start.long_date(),
                end.long_date()
            ),
        )
        .means(format!(
            "Everything works until {}. Renewal that runs by itself would have happened by now.",
            leaf.not_after.long_date()
        ))
        .fix_code(
            "Look whether the file on disk is newer than what is shown: then nginx only has to be reloaded. Otherwise the \
             dry run says what stands in the way.",
            "sudo certbot certificates\nsudo certbot renew --dry-run",
        )
        .evidence("Suggested", format!("{start} to {end}"))
        .evidence("Certificate shown", format!("{} to {}, {}", leaf.not_before, leaf.not_after, leaf.issuer))
        .into(),
    ]
}

#[cfg(test)]
mod tests {
    use super::{super::tests::said, CHECK};
    use crate::fixture::{chain, healthy, with_suggestion};

    fn at(age: i64, lifetime: i64, window: (i64, i64)) -> Vec<String> {
        let mut seen = healthy();
        seen.tls.chains = vec![chain("fine", &["example.com", "www.example.com"], -age, lifetime - age)];
        with_suggestion(&mut seen, window.0 - age, window.1 - age);
        said(CHECK, &seen)
    }

    const NOTE: [&str; 1] = ["note example.com and www.example.com"];
    const PASSED: [&str; 1] = ["passed example.com and www.example.com"];

    /// Windows as Let's Encrypt suggests them: a day before and after two thirds.
    #[test]
    fn every_day_of_a_life_has_its_verdict() {
        for lifetime in [45, 64, 90] {
            let usual = lifetime * 2 / 3;
            let grace = 7.min(lifetime / 12);
            for age in 0..lifetime {
                let told = at(age, lifetime, (usual - 1, usual + 1));
                if age >= (lifetime * 5 + 5) / 6 {
                    assert!(told.is_empty(), "day {age} of {lifetime}: {told:?}");
                } else if age > usual + 1 + grace {
                    assert_eq!(told, NOTE, "day {age} of {lifetime}");
                } else {
                    assert_eq!(told, PASSED, "day {age} of {lifetime}");
                }
            }
        }
    }

    #[test]
    fn short_lives_leave_a_day() {
        assert_eq!(at(4, 6, (2, 3)), PASSED, "a client that runs once a day is on its way");
        assert!(at(5, 6, (2, 3)).is_empty(), "overdue by any measure");
    }

    #[test]
    fn a_window_moved_forward_is_another_checks_business() {
        assert!(at(30, 90, (9, 11)).is_empty());
        assert!(said(CHECK, &healthy()).is_empty(), "nobody was asked");
    }
}
