//! Should the certificate have been renewed by now?

use findings::{Verdict, found};

use crate::{
    Certificate, Observation,
    judging::{Answer, judge, of_certificate, span},
};

findings::check! {
    /// The certificate is older than one that renews itself ever gets.
    ///
    /// ## Why it matters
    /// Certbot renews after two thirds of a certificate's life (after half, below ten days) and tries twice a day. One
    /// that has passed five sixths (three quarters, below ten days) was either not renewed, and will expire, or was
    /// renewed on disk while nginx still shows the old file. Both can be mended calmly now; after the expiry date
    /// browsers warn every visitor.
    ///
    /// ## How to fix
    /// `sudo certbot certificates` shows the date of the file on disk. If it is later than the one seen here, reload
    /// nginx. Otherwise `sudo certbot renew --dry-run` says what stands in the way.
    CHECK: Check<Observation> = "certificate-renewal-overdue",
        section: Renewal, severity: Warning,
        title: "Renewal is overdue", healthy: "Renewal is not overdue",
        source: "certbot: renewal after 2/3 of the lifetime, 1/2 below 10 days", run: run
}

fn run(seen: &Observation) -> Vec<Verdict> {
    let ask = of_certificate(seen, |endpoint, _, leaf| {
        // Of an expired certificate, one that renews nowhere, or one of another site, other checks speak.
        if seen.seen_at > leaf.not_after || leaf.self_signed || !leaf.covers(&endpoint.host) {
            Answer::Moot
        } else if seen.seen_at >= leaf.renewal_overdue() {
            Answer::Problem(leaf)
        } else {
            Answer::Fine
        }
    });
    judge(
        seen,
        ask,
        |group| {
            let leaf: &Certificate = group.problem;
            let left = leaf.not_after.since(seen.seen_at);
            found(
                group.subject(),
                format!(
                    "The certificate at {} was due for renewal on {} and expires on {}, in {}.",
                    group.places(),
                    leaf.renewal_due().long_date(),
                    leaf.not_after.long_date(),
                    span(left)
                ),
            )
            .means(format!(
                "Everything works today. From {} browsers warn every visitor, unless it is renewed before.",
                leaf.not_after.long_date()
            ))
            .fix_code(
                "If `sudo certbot certificates` shows a later date than this, nginx only has to be reloaded. \
                 Otherwise the dry run says what stands in the way of renewal.",
                "sudo certbot certificates\nsudo systemctl reload nginx\nsudo certbot renew --dry-run",
            )
            .prove(
                group.show_certificate("-dates"),
                format!("notAfter= with a date after {}.", leaf.not_after.long_date()),
            )
            .evidence("Valid from", leaf.not_before.to_string())
            .evidence("Valid until", leaf.not_after.to_string())
            .evidence("Serial number", &leaf.serial)
        },
        |endpoints| {
            let leaves = endpoints.iter().filter_map(|endpoint| endpoint.chain(seen)?.leaf());
            match leaves.min_by_key(|leaf| leaf.renewal_due()) {
                Some(leaf) if leaf.renewal_due() > seen.seen_at => format!(
                    "Not due until {}; valid until {}.",
                    leaf.renewal_due().long_date(),
                    leaf.not_after.long_date()
                ),
                Some(leaf) => format!(
                    "Due since {} and not late yet; valid until {}.",
                    leaf.renewal_due().long_date(),
                    leaf.not_after.long_date()
                ),
                None => String::new(),
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use domain::Time;
    use proptest::prelude::*;

    use super::*;
    use crate::sample::{DAY, NOW, says, with_leaf};

    /// What the check says of a certificate of this lifetime at this fraction of it.
    fn at(days: i64, fraction: f64) -> Vec<String> {
        let lifetime = days * DAY;
        let age = (lifetime as f64 * fraction) as i64;
        says(
            &CHECK,
            &with_leaf(|leaf| {
                leaf.not_before = Time::from_unix(NOW - age);
                leaf.not_after = Time::from_unix(NOW - age + lifetime);
            }),
        )
    }

    const FOUND: [&str; 1] = ["! example.com and www.example.com"];
    const FINE: [&str; 1] = [". example.com, www.example.com"];

    proptest! {
        #[test]
        fn silent_before_firing_after_quiet_once_expired(
            days in prop::sample::select(vec![6i64, 45, 64, 90, 200]),
            part in 0.0f64..1.0,
        ) {
            let limit = if days < 10 { 3.0 / 4.0 } else { 5.0 / 6.0 };
            prop_assert_eq!(at(days, part * (limit - 0.001)), FINE);
            prop_assert_eq!(at(days, limit + 0.001 + part * (1.0 - limit - 0.002)), FOUND);
            prop_assert!(at(days, 1.001 + part).is_empty());
        }
    }

    /// Every day and every hour around the turns, with the certificate's age in hours: nothing before 5/6 (3/4 below ten
    /// days), the warning from then on to the last moment, nothing after it; and what passes says whether it is due.
    #[test]
    fn every_day_of_every_lifetime_has_its_verdict() {
        for (days, due, overdue) in
            [(6, 72, 108), (45, 720, 900), (64, 1_024, 1_280), (90, 1_440, 1_800), (200, 3_200, 4_000)]
        {
            for hour in 0..=days * 24 + 48 {
                let seen = with_leaf(|leaf| {
                    leaf.not_before = Time::from_unix(NOW - hour * 3_600);
                    leaf.not_after = leaf.not_before.plus(days * DAY);
                });
                let said = says(&CHECK, &seen);
                let place = format!("hour {hour} of {days} days: {said:?}");
                if hour > days * 24 {
                    assert!(said.is_empty(), "{place}");
                } else if hour >= overdue {
                    assert_eq!(said, FOUND, "{place}");
                } else {
                    assert_eq!(said, FINE, "{place}");
                    let words = crate::sample::text(&CHECK, &seen);
                    assert_eq!(words.contains("Due since"), hour >= due, "{place} {words}");
                }
            }
        }
    }

    #[test]
    fn certificates_that_do_not_renew_are_left_alone() {
        let old = |leaf: &mut Certificate| leaf.not_after = Time::from_unix(NOW + DAY);
        assert_eq!(says(&CHECK, &with_leaf(old)), FOUND);
        let self_signed = |leaf: &mut Certificate| {
            old(leaf);
            leaf.self_signed = true;
        };
        assert!(says(&CHECK, &with_leaf(self_signed)).is_empty());
        let foreign = |leaf: &mut Certificate| {
            old(leaf);
            leaf.names = vec!["other.example".into()];
        };
        assert!(says(&CHECK, &with_leaf(foreign)).is_empty());
    }
}
